import { RetryTimer } from './retry-timer.ts';

/** A part of the code that is fetched on first need, and again after a while when it could not be had. */
export class LazyPart<Part> {
  readonly #load: () => Promise<Part>;
  readonly #onLoad: (part: Part) => void;
  readonly #retry = new RetryTimer(() => this.#fetch());
  #wanted = false;
  #part: Part | undefined;
  #tell!: (part: Part) => void;
  /** Resolves when the part is there. */
  readonly loaded = new Promise<Part>((resolve) => (this.#tell = resolve));

  /**
   * @param load Fetches the part; what it rejects with is only a reason to try again.
   * @param onLoad Called once, when the part is there.
   */
  constructor(load: () => Promise<Part>, onLoad: (part: Part) => void) {
    this.#load = load;
    this.#onLoad = onLoad;
  }

  /** The part, once it is there. */
  get value(): Part | undefined {
    return this.#part;
  }

  /** Sees to it that the part comes. May be called as often as one likes. */
  want(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#fetch();
  }

  /** Stops trying until it is wanted again. */
  rest(): void {
    this.#wanted = this.#part !== undefined;
    this.#retry.reset();
  }

  #fetch(): void {
    this.#load().then(
      (part) => {
        if (this.#part) return;
        this.#part = part;
        this.#tell(part);
        this.#onLoad(part);
      },
      () => this.#wanted && this.#retry.schedule(),
    );
  }
}
