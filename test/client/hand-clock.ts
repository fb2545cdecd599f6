import type { Environment } from '../../src/client/environment.ts';
import type { Undo } from '../../src/protocol/emitter.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  /** Of the world around, not of what is tested. */
  readonly isForeign?: boolean;
}

/**
 * Two clocks and timers that a test turns by hand. Time passes only in `pass()`, and whatever a timer sets off, promises
 * included, has come to rest before the next one fires.
 */
export class HandClock {
  #monotonic = 1_000;
  #wall = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<Timer>();

  readonly monotonicNow = (): number => this.#monotonic;
  readonly now = (): number => this.#wall;
  readonly setTimer = (callback: () => void, delayMs: number): Undo => {
    const timer = { at: this.#monotonic + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** The part of an environment that is about time. */
  get environment(): Pick<Environment, 'now' | 'monotonicNow' | 'setTimer'> {
    const { now, monotonicNow, setTimer } = this;
    return { now, monotonicNow, setTimer };
  }

  /** What another machine does after `delayMs`; no timer of this one. */
  later(delayMs: number, callback: () => void): void {
    this.#timers.add({ at: this.#monotonic + delayMs, callback, isForeign: true });
  }

  /** Milliseconds until each timer is due, the next one first. */
  get pending(): number[] {
    const own = [...this.#timers].filter(({ isForeign }) => !isForeign);
    return own.map(({ at }) => at - this.#monotonic).sort((one, other) => one - other);
  }

  /** `ms` go by, timers and all. */
  async pass(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settled();
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.#move(Math.max(0, due.at - this.#monotonic));
      this.#timers.delete(due);
      due.callback();
      await settled();
    }
    this.#move(end - this.#monotonic);
  }

  /** The machine sleeps, or the page is too busy for its timers: those that are due fire late. */
  stall(ms: number, moves: { readonly wall?: boolean; readonly monotonic?: boolean } = {}): void {
    const { wall = true, monotonic = true } = moves;
    if (wall) this.#wall += ms;
    if (monotonic) this.#monotonic += ms;
  }

  /** Somebody sets the clock. */
  setWall(byMs: number): void {
    this.#wall += byMs;
  }

  #move(ms: number): void {
    this.#monotonic += ms;
    this.#wall += ms;
  }
}

/** Everything that only waits for promises has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
