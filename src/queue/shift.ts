import type { Timers } from '../protocol/deadline.ts';

/**
 * Called after a write failed for the `failures`th time in a row. Returns the milliseconds to wait before the next try;
 * throws what makes another one useless.
 */
export type OnWriteFailure = (reason: unknown, failures: number) => number;

/** How long a shift that closes waits for the attempts under way. */
const GRACE_MS = 1_000;

/**
 * One stretch of a dispatcher's work, from its start to its stop. It is open while new work may begin, and over when
 * nothing may be recorded any more; in between, attempts under way have a second to end.
 */
export class Shift {
  isOpen = true;
  isOver = false;
  /** Whether the outbox has accepted this shift as the only sender. */
  lead: 'none' | 'asked' | 'held' = 'none';
  readonly #timers: Timers;
  readonly #onWriteFailure: OnWriteFailure;
  readonly #writes = new Set<Promise<unknown>>();
  readonly #wakers = new Set<() => void>();

  constructor(timers: Timers, onWriteFailure: OnWriteFailure) {
    this.#timers = timers;
    this.#onWriteFailure = onWriteFailure;
  }

  /** Resolves after `delayMs`, and at once when the shift closes. */
  async sleep(delayMs: number): Promise<void> {
    if (this.isOpen) await this.#timer(delayMs);
  }

  /** Does `write`, for which {@link close} waits. */
  async write<Result>(write: () => Promise<Result>): Promise<Result> {
    const running = write();
    this.#writes.add(running);
    try {
      return await running;
    } finally {
      this.#writes.delete(running);
    }
  }

  /**
   * Does `write` until it succeeds: what became of an attempt is known only here. Rejects when another try is no use, or
   * when the shift closes.
   */
  async insist<Result>(write: () => Promise<Result>): Promise<Result> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.write(write);
      } catch (reason) {
        if (this.isOpen) await this.sleep(this.#onWriteFailure(reason, failures));
        if (!this.isOpen) throw reason;
      }
    }
  }

  /** Closes the shift; resolves when it is over: `tasks` have settled or had their grace, and no write is under way. */
  async close(tasks: Iterable<Promise<void>>): Promise<void> {
    this.isOpen = false;
    this.#wakeAll();
    const settled = Promise.allSettled(tasks);
    await Promise.race([settled, this.#timer(GRACE_MS)]);
    this.end();
    await Promise.allSettled(this.#writes);
  }

  /** Ends the shift here and now. */
  end(): void {
    this.isOpen = false;
    this.isOver = true;
    this.#wakeAll();
  }

  #timer(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const cancel = this.#timers.setTimer(wake, delayMs);
      this.#wakers.add(wake);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
