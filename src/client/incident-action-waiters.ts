import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';
import type { ActionReceipt } from './incident-types.ts';

/** Nobody watches a button for longer; the action goes on by itself. */
const PATIENCE_MS = 15_000;

interface Waiter {
  readonly promise: Promise<ActionReceipt>;
  readonly resolve?: (receipt: ActionReceipt) => void;
  readonly reject?: (reason: unknown) => void;
  readonly cancelTimer: Undo;
}

/** Those who asked for an action and want to hear what became of it. They hear it once. */
export class ActionWaiters {
  readonly #environment: Pick<Environment, 'setTimer'>;
  readonly #waiters = new Map<string, Waiter>();

  constructor(environment: Pick<Environment, 'setTimer'>) {
    this.#environment = environment;
  }

  /** Ids of the actions that somebody waits for. */
  get ids(): string[] {
    return [...this.#waiters.keys()];
  }

  /** Settles with the first outcome of the action, and with `queued` when that takes too long. */
  wait(id: string): Promise<ActionReceipt> {
    const known = this.#waiters.get(id);
    if (known) return known.promise;
    const settle: Partial<Pick<Waiter, 'resolve' | 'reject'>> = {};
    const promise = new Promise<ActionReceipt>((resolve, reject) =>
      Object.assign(settle, { resolve, reject }),
    );
    const cancelTimer = this.#environment.setTimer(() => this.settle(id, 'queued'), PATIENCE_MS);
    this.#waiters.set(id, { promise, cancelTimer, ...settle });
    return promise;
  }

  settle(id: string, outcome: ActionReceipt['outcome']): void {
    this.#take(id)?.resolve?.({ id, outcome });
  }

  fail(id: string, error: RealtimeError): void {
    this.#take(id)?.reject?.(error);
  }

  #take(id: string): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    waiter?.cancelTimer();
    this.#waiters.delete(id);
    return waiter;
  }
}
