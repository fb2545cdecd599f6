import type { Undo } from '../protocol/emitter.ts';
import type { Environment } from './environment.ts';
import type { AwaitingReply } from './types.ts';

const FIRST_LOOK_MS = 10_000;
const NEXT_LOOK_MS = 25_000;
const SLOW_MS = 30_000;

/**
 * Watches for the reply to what the visitor sent last. Live channels lose messages while they look healthy, so history
 * is read after 10 s and every 25 s from then on, until the reply is there or patience ends.
 */
export class ReplyWatch {
  /** After this nobody is said to be answering any more; a late reply is still shown. */
  static readonly PATIENCE_MS = 300_000;

  readonly #environment: Environment;
  readonly #on: { onChange(): void; onOverdue(): void };
  #awaiting: AwaitingReply | undefined;
  #startedAt = 0;
  #timers: Undo[] = [];

  constructor(environment: Environment, on: { onChange(): void; onOverdue(): void }) {
    this.#environment = environment;
    this.#on = on;
  }

  get awaiting(): AwaitingReply | undefined {
    return this.#awaiting;
  }

  /** The server has the request, `ageMs` ago. The newest request is the one that is shown. */
  expect(requestId: string, ageMs = 0): void {
    this.stop();
    this.#startedAt = this.#environment.monotonicNow() - ageMs;
    this.#awaiting = { requestId, since: this.#environment.now() - ageMs, slow: ageMs >= SLOW_MS };
    this.#after(FIRST_LOOK_MS, () => this.#look());
    this.#after(SLOW_MS - ageMs, () => this.#update({ slow: true }));
    this.#after(ReplyWatch.PATIENCE_MS - ageMs, () => this.stop());
    this.#on.onChange();
  }

  answered(requestId: string): void {
    if (this.#awaiting?.requestId === requestId) this.stop();
  }

  stop(): void {
    this.#cancel();
    if (!this.#awaiting) return;
    this.#awaiting = undefined;
    this.#on.onChange();
  }

  #look(): void {
    if (this.#environment.monotonicNow() - this.#startedAt >= ReplyWatch.PATIENCE_MS) return;
    this.#on.onOverdue();
    this.#after(NEXT_LOOK_MS, () => this.#look());
  }

  #update(change: Partial<AwaitingReply>): void {
    if (!this.#awaiting) return;
    this.#awaiting = { ...this.#awaiting, ...change };
    this.#on.onChange();
  }

  #after(delayMs: number, callback: () => void): void {
    if (delayMs <= 0) return;
    this.#timers.push(this.#environment.setTimer(callback, delayMs));
  }

  #cancel(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
  }
}
