import { AsyncDirective } from 'lit/async-directive.js';
import { type ChildPart, directive, type PartInfo } from 'lit/directive.js';
import { shortDuration } from './short-duration.ts';

/** The time since then, counting up second by second while it is in the document. */
class Elapsed extends AsyncDirective {
  readonly #part: ChildPart;
  #since = 0;
  #tag: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(part: PartInfo) {
    super(part);
    this.#part = part as ChildPart;
  }

  override render(since: number, tag?: string): string {
    this.#since = since;
    this.#tag = tag;
    this.#timer ??= setInterval(this.#tick, 1_000);
    return this.#text;
  }

  protected override disconnected(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get #text(): string {
    return shortDuration(Math.floor((Date.now() - this.#since) / 1_000) * 1_000, this.#tag);
  }

  /** Rows are not told when their element leaves the document with its host. */
  #tick = () => {
    if (this.#part.parentNode.isConnected) this.setValue(this.#text);
    else this.disconnected();
  };
}

/** `elapsed(since, tag)`: seconds since `since`, in milliseconds since 1970; `tag` as for `Intl`. */
export const elapsed = directive(Elapsed);
