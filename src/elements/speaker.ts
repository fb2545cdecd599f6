/** What comes within this time is read out together: each change of a live region may cut off the one before. */
const GATHER_MS = 300;
/** Longer texts are not read out to their end, nor more than two of them at once, in UTF-16 units. */
const SPOKEN_LENGTH = 2_000;

/** Collects what assistive technology is to read out next, for a live region that shows {@link words}. */
export class Speaker {
  readonly #changed: () => void;
  #next: (() => string)[] = [];
  #timer: number | undefined;
  #words = '';

  /** @param changed Called when there are other words. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The content of the live region. */
  get words(): string {
    return this.#words;
  }

  /** Has `text` read out; it is asked for at the last moment. */
  say(text: () => string): void {
    this.#next.push(text);
    this.#timer ??= window.setTimeout(this.#speak, GATHER_MS);
  }

  /** Says nothing more, and forgets what was said. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = [];
    this.#words = '';
  }

  #speak = () => {
    const before = this.#words;
    const texts = this.#next.map((text) => text().slice(0, SPOKEN_LENGTH));
    this.clear();
    this.#words = texts.join('\n').slice(0, 2 * SPOKEN_LENGTH);
    // The same words again are news only if something about them differs.
    if (this.#words === before) this.#words += '\u00a0';
    this.#changed();
  };
}
