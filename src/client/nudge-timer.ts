import type { Undo } from '../protocol/emitter.ts';
import type { Environment } from './environment.ts';

const GAP_MS = 3_000;
const SPREAD_MS = 300;

/**
 * Takes reasons to look now, of which one takes effect in 3 s: those in between join the next, which comes when that time is
 * over.
 */
export class NudgeTimer {
  readonly #environment: Environment;
  readonly #run: () => void;
  readonly #spreadMs: number;
  /** On the monotonic clock. */
  #lastAt = -Infinity;
  #cancel: Undo | undefined;

  /**
   * @param spreadMs Each is delayed by up to so much, so that pages that heard of the same event do not all come in the
   * same moment. 0 for what does not leave the browser.
   */
  constructor(environment: Environment, run: () => void, spreadMs = SPREAD_MS) {
    this.#environment = environment;
    this.#run = run;
    this.#spreadMs = spreadMs;
  }

  nudge(): void {
    if (this.#cancel) return;
    const environment = this.#environment;
    const waitMs = Math.max(0, this.#lastAt + GAP_MS - environment.monotonicNow());
    this.#cancel = environment.setTimer(
      () => {
        this.#cancel = undefined;
        this.#lastAt = environment.monotonicNow();
        this.#run();
      },
      waitMs + (this.#spreadMs && this.#spreadMs * environment.random()),
    );
  }

  /** Forgets the one that is on its way. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
