import type { ReactiveControllerHost } from 'lit';

/** A reader this close to the end, in CSS pixels, is taken to be at the end and follows new messages. */
const NEAR_END = 64;

/**
 * Keeps a scrolling box where its reader is: at the end while they are near it, otherwise at what they look at, whatever
 * is added above or below. Call `before` and `after` around a change of its content.
 */
export class ChatScroll {
  readonly #host: ReactiveControllerHost;
  readonly #sizes = new ResizeObserver(() => this.#following && this.toEnd());
  #box: HTMLElement | undefined;
  #following = true;
  #seen: { place: Element; top: number } | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** Whether the reader is at the end, so that what arrives is seen. */
  get following(): boolean {
    return this.#following;
  }

  /** Watches `box`, whose only child is the content. The same box again changes nothing. */
  attach(box: HTMLElement | null): void {
    if (this.#box === (box ?? undefined)) return;
    this.detach();
    if (!box) return;
    this.#box = box;
    box.addEventListener('scroll', this.#onScroll, { passive: true });
    this.#sizes.observe(box);
    if (box.firstElementChild) this.#sizes.observe(box.firstElementChild);
    this.toEnd();
  }

  detach(): void {
    this.#box?.removeEventListener('scroll', this.#onScroll);
    this.#sizes.disconnect();
    this.#box = undefined;
  }

  /** Remembers the row at the top of the box. */
  before(): void {
    this.#seen = undefined;
    const box = this.#box;
    if (!box || this.#following) return;
    const { top } = box.getBoundingClientRect();
    for (const section of box.querySelectorAll('.section')) {
      if (section.getBoundingClientRect().bottom <= top) continue;
      for (const row of section.children) {
        const edge = row.getBoundingClientRect();
        // A day's heading goes up with the oldest message of its day.
        if (edge.bottom <= top || row.querySelector('.day')) continue;
        // What is read, and not the name above it, which goes when the message joins an earlier one.
        const place = row.querySelector('.bubble') ?? row;
        this.#seen = { place, top: place.getBoundingClientRect().top };
        return;
      }
    }
  }

  /** Puts that row where it was. Browsers do so themselves, but Safari not yet, and none while scrolled to the very top. */
  after(): void {
    const box = this.#box;
    if (!box) return;
    if (this.#following) return this.toEnd();
    if (!this.#seen?.place.isConnected) return;
    const moved = this.#seen.place.getBoundingClientRect().top - this.#seen.top;
    if (Math.abs(moved) > 1) box.scrollTop += moved;
  }

  /** Goes to the end and follows from there. */
  toEnd(): void {
    this.#following = true;
    if (this.#box) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #onScroll = () => {
    if (!this.#box) return;
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    const following = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (following === this.#following) return;
    this.#following = following;
    this.#host.requestUpdate();
  };
}
