import type { ChatScroll } from './chat-scroll.ts';
import type { ChatTranscript } from './chat-transcript.ts';
import type { TranscriptItem } from './transcript.ts';

/** Sections this close to the box, in shares of its height, are drawn: who scrolls meets no stand-ins. */
const NEARNESS = '200%';
/** So many sections before the end are drawn without being near: 1,000 messages and about as many kilobytes of DOM. */
const DRAWN_AHEAD = 20;
/** A browser that does not tell how long it is idle may be held up this long at a time. */
const SLICE_MS = 6;
/** For a guess at the height of a row: what is around the text, and its lines. */
const ROW_HEIGHT = 48;
const LINE_HEIGHT = 22;
const LINE_LENGTH = 42;
/** So much of the idle time is left to what may come meanwhile. */
const RESERVE_MS = 2;

type Idle = Pick<IdleDeadline, 'timeRemaining'>;

/**
 * Draws what the transcript has put off: sections that come near the reader at once, others, newest first, while the
 * browser is idle, so that find-in-page and screen readers soon have the messages themselves, as far back as anybody
 * usually goes. Older ones remain stand-ins, with their text, until somebody comes near: all of 10,000 messages drawn
 * are a million nodes, and the next message took 380 ms to paint (measured; test/bench/results/chat.md has it as it is).
 */
export class FarSections {
  readonly #transcript: ChatTranscript;
  readonly #scroll: ChatScroll;
  readonly #keys = new Map<Element, number>();
  #box: HTMLElement | undefined;
  #watcher: IntersectionObserver | undefined;
  #waiting = false;

  constructor(transcript: ChatTranscript, scroll: ChatScroll) {
    this.#transcript = transcript;
    this.#scroll = scroll;
  }

  /** To be called after the transcript was drawn. */
  update(): void {
    this.#watch();
    if (this.#due.length > 0) this.#wait();
  }

  /** Stops until the next {@link update}. */
  rest(): void {
    this.#watcher?.disconnect();
    this.#box = undefined;
    this.#keys.clear();
    this.#transcript.near.clear();
  }

  #watch(): void {
    const { box } = this.#scroll;
    if (box !== this.#box) {
      this.rest();
      this.#box = box;
      this.#watcher =
        box && new IntersectionObserver(this.#onSeen, { root: box, rootMargin: `${NEARNESS} 0px` });
    }
    const { sections, near } = this.#transcript;
    const there = new Set<Element>();
    for (const [key, { element, items }] of sections) {
      there.add(element);
      if (this.#keys.get(element) === key) continue;
      this.#keys.set(element, key);
      // Until the browser has seen how high it is.
      element.style.containIntrinsicBlockSize = `auto ${items.reduce((sum, item) => sum + heightOf(item), 0)}px`;
      this.#watcher?.observe(element);
    }
    for (const [element, key] of this.#keys) {
      if (there.has(element)) continue;
      this.#watcher?.unobserve(element);
      this.#keys.delete(element);
      near.delete(key);
    }
  }

  #onSeen = (entries: readonly IntersectionObserverEntry[]) => {
    const { near, due } = this.#transcript;
    const coming: number[] = [];
    for (const { target, isIntersecting } of entries) {
      const key = this.#keys.get(target);
      if (key === undefined) continue;
      if (!isIntersecting) near.delete(key);
      else {
        near.add(key);
        if (due.has(key)) coming.push(key);
      }
    }
    if (coming.length > 0)
      this.#scroll.keep(() => coming.forEach((key) => this.#transcript.drawSection(key)));
  };

  #wait(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    // Safari has no such thing yet.
    if ('requestIdleCallback' in window) requestIdleCallback(this.#onIdle);
    else setTimeout(() => this.#onIdle(slice()), 50);
  }

  /** Nothing is remembered of where the reader is: what is drawn here is far away and has kept its size. */
  #onIdle = (idle: Idle) => {
    this.#waiting = false;
    if (!this.#box?.isConnected) return;
    const enough = () => idle.timeRemaining() < RESERVE_MS;
    for (const key of this.#due) {
      if (enough()) break;
      this.#transcript.drawSection(key, enough);
    }
    if (this.#due.length > 0) this.#wait();
  };

  /** Newest first. */
  get #due(): number[] {
    const { sections, due } = this.#transcript;
    return [...sections.keys()]
      .slice(-DRAWN_AHEAD)
      .filter((key) => due.has(key))
      .reverse();
  }
}

/** About how high a row is, in CSS pixels. */
function heightOf(item: TranscriptItem): number {
  if (item.kind !== 'message') return 48;
  return ROW_HEIGHT + LINE_HEIGHT * Math.ceil((item.message.text?.length ?? 0) / LINE_LENGTH);
}

function slice(): Idle {
  const until = performance.now() + SLICE_MS;
  return { timeRemaining: () => until - performance.now() };
}
