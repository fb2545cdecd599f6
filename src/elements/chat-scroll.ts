import type { ReactiveControllerHost } from 'lit';

/** A reader this close to the end, in CSS pixels, is taken to be at the end and follows new messages. */
const NEAR_END = 64;
/** So often a row is looked at again after it was scrolled to: what is drawn on the way there changes its place. */
const SETTLING_FRAMES = 6;
/** In pages that are not shown there are no frames. */
const FRAME_LIMIT_MS = 100;

/**
 * Keeps a scrolling box where its reader is: at the end while they are near it, otherwise at what they look at, whatever
 * is added above or below, or changes its height. Call `before` and `after` around a change of its content.
 */
export class ChatScroll {
  readonly #host: ReactiveControllerHost;
  readonly #nearStart: () => void;
  readonly #sizes = new ResizeObserver(() => this.after());
  #box: HTMLElement | undefined;
  #following = true;
  /** Where the box was scrolled to when that was last looked at. */
  #top = 0;
  #seen: { place: Element; top: number } | undefined;
  /** Counts where the reader was taken: the last one counts. */
  #shows = 0;

  /** @param nearStart Called while the reader scrolls within one screen of the start. */
  constructor(host: ReactiveControllerHost, nearStart: () => void = () => undefined) {
    this.#host = host;
    this.#nearStart = nearStart;
  }

  /** Whether the reader is at the end, so that what arrives is seen. */
  get following(): boolean {
    return this.#following;
  }

  /** What scrolls, while it is watched. */
  get box(): HTMLElement | undefined {
    return this.#box;
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
    this.#seen = undefined;
  }

  /** Remembers the row at the top of the box. */
  before(): void {
    const box = this.#box;
    if (!box) return;
    const isStill = box.scrollTop === this.#top;
    this.#look();
    // Something may have changed its height a moment ago.
    if (isStill && this.#seen?.place.isConnected) return this.after();
    this.#seen = undefined;
    if (this.#following) return;
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
    if (this.#following) this.#look();
    if (this.#following) return this.#keepToEnd();
    if (!this.#seen?.place.isConnected) return;
    const moved = this.#seen.place.getBoundingClientRect().top - this.#seen.top;
    if (Math.abs(moved) <= 1) return;
    box.scrollTop += moved;
    this.#top = box.scrollTop;
  }

  /** Changes the content while the reader's place stays. */
  keep(change: () => void): void {
    this.before();
    change();
    this.after();
  }

  /** Goes to the end and follows from there. */
  toEnd(): void {
    this.#shows++;
    this.#following = true;
    this.#keepToEnd();
  }

  /**
   * Scrolls `row` to the middle of the box, or to its start. Of what surrounds the box nothing moves. Resolves when the
   * row stands still, or the reader is taken elsewhere.
   */
  async show(row: HTMLElement, at: 'middle' | 'start' = 'middle'): Promise<void> {
    const run = ++this.#shows;
    for (let frame = 0; frame < SETTLING_FRAMES; frame++) {
      const box = this.#box;
      if (!box || !row.isConnected || run !== this.#shows) return;
      this.#following = false;
      const view = box.getBoundingClientRect();
      const { top, height } = row.getBoundingClientRect();
      const room = at === 'start' ? 0 : Math.max(0, view.height - height) / 2;
      const before = box.scrollTop;
      box.scrollTop += top - view.top - room;
      this.before();
      if (Math.abs(box.scrollTop - before) < 1 && frame > 0) break;
      await nextFrame();
    }
    this.#onScroll();
  }

  #keepToEnd(): void {
    if (!this.#box) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#top = this.#box.scrollTop;
  }

  /** Takes note of where the box is scrolled to, which may have changed before its event comes. */
  #look(): void {
    if (!this.#box) return;
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    // Only who scrolls back leaves the end: otherwise it went away from the reader, as more turned out to be above it.
    const following = isAtEnd || (this.#following && scrollTop >= this.#top);
    this.#top = scrollTop;
    if (following === this.#following) return;
    this.#following = following;
    this.#seen = undefined;
    this.#host.requestUpdate();
  }

  #onScroll = () => {
    const box = this.#box;
    if (!box) return;
    this.before();
    if (this.#following) this.#keepToEnd();
    else if (box.scrollTop < box.clientHeight) this.#nearStart();
  };
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, FRAME_LIMIT_MS);
    const frame = requestAnimationFrame(done);
    function done(): void {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      resolve();
    }
  });
}
