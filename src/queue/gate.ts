import type { Undo } from '../protocol/emitter.ts';
import { Lanes } from './lanes.ts';
import type { OutboxRecord } from './outbox-record.ts';

interface GateEnvironment {
  setTimer(callback: () => void, delayMs: number): Undo;
  monotonicNow(): number;
}

/** One of the ways out of here: whose turn it is, and when the next one may go. */
export class Gate {
  readonly #environment: GateEnvironment;
  /** The gate opened again for somebody who was kept waiting. */
  readonly #onOpen: () => void;
  readonly #lanes = new Lanes();
  #isTaken = false;
  /** In monotonic milliseconds. */
  #opensAt = 0;
  #cancelTimer: Undo | undefined;

  constructor(environment: GateEnvironment, onOpen: () => void) {
    this.#environment = environment;
    this.#onOpen = onOpen;
  }

  /** Which of `ready` goes now. `undefined` while the gate is taken or shut: there will be a call when that is over. */
  next(ready: readonly OutboxRecord[]): OutboxRecord | undefined {
    const now = this.#environment.monotonicNow();
    this.#lanes.see(ready, now);
    if (ready.length === 0 || this.#isTaken) return undefined;
    if (now >= this.#opensAt) return this.#lanes.next(ready, now);
    this.#cancelTimer ??= this.#environment.setTimer(() => {
      this.#cancelTimer = undefined;
      this.#onOpen();
    }, this.#opensAt - now);
    return undefined;
  }

  /** Keeps everybody else out until the returned undo is called. */
  take(): Undo {
    this.#isTaken = true;
    return () => {
      this.#isTaken = false;
      this.#onOpen();
    };
  }

  /** Lets nobody through for `delayMs` from now. A longer time that runs already stays. */
  shut(delayMs: number): void {
    this.#opensAt = Math.max(this.#opensAt, this.#environment.monotonicNow() + delayMs);
  }

  /** Stops the timer; the time until which it is shut stays. */
  rest(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
