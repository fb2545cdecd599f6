import type { ConnectionStatus } from '../client/types.ts';
import { connectionWords, type ConnectionWords } from './connection-words.ts';
import type { Language } from './language.ts';

/** Milliseconds a worse state has to last before it is shown and announced: most interruptions are over by then. */
const SETTLE_MS = 600;
/** Milliseconds that a message may be on its way over a connection that works before it counts as one that waits. */
const PASSING_MS = 3_000;

/**
 * The words for a connection that comes and goes, so that nobody hears of what is over in a moment. Good news and new
 * countdowns show at once; anything else when it has lasted.
 */
export class SteadyWords {
  readonly #changed: () => void;
  #shown: ConnectionWords | undefined;
  #status: ConnectionStatus | undefined;
  #language: Language | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** The wait is over: the next call shows whatever the state is then. */
  #settled = false;
  #passing: ReturnType<typeof setTimeout> | undefined;
  /** Messages have waited for longer than it takes to send them. */
  #waits = false;

  /** @param changed Called when there are other words. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** What was last shown. */
  get shown(): ConnectionWords | undefined {
    return this.#shown;
  }

  /** What that was said of. */
  get status(): ConnectionStatus | undefined {
    return this.#status;
  }

  /** @param instead What to say in place of the state, and at once. */
  show(
    status: ConnectionStatus | undefined,
    language: Language,
    instead?: Partial<ConnectionWords>,
  ): ConnectionWords {
    const next = { ...connectionWords(status, Date.now(), language), ...instead };
    const isOther = language !== this.#language;
    this.#language = language;
    if (this.#settles(next, isOther || instead !== undefined || status?.state === 'live')) {
      this.#shown = next;
      this.#status = status;
    }
    const pending = this.#isPassing(status) ? undefined : next.pending;
    return (this.#shown = { ...(this.#shown ?? next), pending });
  }

  /** Forgets what was shown, and tells of no change any more. */
  rest(): void {
    this.#settle();
    this.#land();
    this.#shown = this.#status = undefined;
  }

  /** Whether `next` is to be shown by now. */
  #settles(next: ConnectionWords, now: boolean): boolean {
    const shown = this.#shown;
    if (!shown || this.#settled || now || next.label === shown.label) {
      this.#settle();
      return true;
    }
    this.#settling ??= setTimeout(() => {
      this.#settled = true;
      this.#changed();
    }, SETTLE_MS);
    return false;
  }

  /** Whether all that waits is what is just being sent. */
  #isPassing(status: ConnectionStatus | undefined): boolean {
    const isWorking = status?.state === 'live' || status?.state === 'degraded';
    if (!isWorking || status.failed > 0 || status.pending === 0) {
      this.#land();
      // What waits already, waits.
      this.#waits = (status?.pending ?? 0) > (status?.failed ?? 0);
      return false;
    }
    if (!this.#waits) {
      this.#passing ??= setTimeout(() => {
        this.#waits = true;
        this.#changed();
      }, PASSING_MS);
    }
    return !this.#waits;
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#settled = false;
  }

  #land(): void {
    clearTimeout(this.#passing);
    this.#passing = undefined;
    this.#waits = false;
  }
}
