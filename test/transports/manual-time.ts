import type { TransportEnvironment } from '../../src/transports/transport.ts';

/** Time that stands still until `advance`, and timers that can be counted. */
export class ManualTime {
  now = 0;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();
  #next = 0;

  readonly setTimer: TransportEnvironment['setTimer'] = (callback, delayMs) => {
    const id = this.#next++;
    this.#timers.set(id, { at: this.now + delayMs, callback });
    return () => void this.#timers.delete(id);
  };
  readonly monotonicNow = () => this.now;

  /** Milliseconds from now at which the pending timers are due, in order. */
  get pending(): number[] {
    return [...this.#timers.values()].map(({ at }) => at - this.now).sort((a, b) => a - b);
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.now = due[1].at;
      this.#timers.delete(due[0]);
      due[1].callback();
    }
    this.now = end;
  }
}

/** A server and transports to it, all of which end with the test. */
