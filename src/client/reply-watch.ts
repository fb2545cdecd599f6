import type { Undo } from '../protocol/emitter.ts';
import type { Environment } from './environment.ts';
import type { AwaitingReply } from './types.ts';

const FIRST_LOOK_MS = 10_000;
const NEXT_LOOK_MS = 25_000;
const SLOW_MS = 30_000;

/**
 * Watches for the replies to what the visitor sent. Live channels lose messages while they look healthy, so history is
 * read 10 s after a request and every 25 s from then on, until every request is answered or patience ends; and once more
 * after the last answer, since one request can have several and none says that it is the last.
 */
export class ReplyWatch {
  /** After this nobody is said to be answering any more; a late reply is still shown. */
  static readonly PATIENCE_MS = 300_000;

  readonly #environment: Environment;
  readonly #on: { onChange(): void; onOverdue(): void };
  /** Requests without an answer, oldest first; the values undo their timers. */
  readonly #open = new Map<
    string,
    { readonly since: number; readonly startedAt: number; slow: boolean; readonly undos: readonly Undo[] }
  >();
  #cancelLook: Undo | undefined;
  #awaiting: AwaitingReply | undefined;

  constructor(environment: Environment, on: { onChange(): void; onOverdue(): void }) {
    this.#environment = environment;
    this.#on = on;
  }

  /** The newest request that waits for an answer. */
  get awaiting(): AwaitingReply | undefined {
    return this.#awaiting;
  }

  /** The server has the request, since `ageMs`. */
  expect(requestId: string, ageMs = 0): void {
    this.#forget(requestId);
    const slow = ageMs >= SLOW_MS;
    const undos = [
      this.#environment.setTimer(() => void this.answered(requestId), ReplyWatch.PATIENCE_MS - ageMs),
    ];
    if (!slow) undos.push(this.#environment.setTimer(() => this.#slowDown(requestId), SLOW_MS - ageMs));
    this.#open.set(requestId, {
      since: this.#environment.now() - ageMs,
      startedAt: this.#environment.monotonicNow() - ageMs,
      slow,
      undos,
    });
    this.#planLook(FIRST_LOOK_MS);
    this.#update();
  }

  /** Returns how long it took, in milliseconds; `undefined` for a request that was not waited for. */
  answered(requestId: string): number | undefined {
    const startedAt = this.#open.get(requestId)?.startedAt;
    if (startedAt === undefined) return undefined;
    this.#forget(requestId);
    this.#planLook(FIRST_LOOK_MS);
    this.#update();
    return this.#environment.monotonicNow() - startedAt;
  }

  /** Waits for nothing any more, but for one last look: what comes late shall show. */
  giveUp(): void {
    if (this.#open.size === 0) return;
    for (const requestId of [...this.#open.keys()]) this.#forget(requestId);
    this.#planLook(NEXT_LOOK_MS);
    this.#update();
  }

  stop(): void {
    for (const requestId of [...this.#open.keys()]) this.#forget(requestId);
    this.#cancelLook?.();
    this.#update();
  }

  #planLook(delayMs: number): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#environment.setTimer(() => {
      this.#on.onOverdue();
      if (this.#open.size > 0) this.#planLook(NEXT_LOOK_MS);
    }, delayMs);
  }

  #slowDown(requestId: string): void {
    const request = this.#open.get(requestId);
    if (request) request.slow = true;
    this.#update();
  }

  #forget(requestId: string): void {
    for (const undo of this.#open.get(requestId)?.undos ?? []) undo();
    this.#open.delete(requestId);
  }

  #update(): void {
    const newest = [...this.#open].at(-1);
    const awaiting = newest && { requestId: newest[0], since: newest[1].since, slow: newest[1].slow };
    const before = this.#awaiting;
    if (awaiting?.requestId === before?.requestId && awaiting?.slow === before?.slow) return;
    this.#awaiting = awaiting;
    this.#on.onChange();
  }
}
