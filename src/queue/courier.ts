import { backoff } from '../protocol/backoff.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { errorDetails } from '../protocol/error-details.ts';
import type { DispatcherPorts, Route } from './dispatcher.ts';
import type { Gate } from './gate.ts';
import { afterFailure, afterLoss, lostOnTheWay, type Pause, type Verdict } from './outcome.ts';
import type { OutboxRecord } from './outbox-record.ts';
import type { Outbox, OutboxRelease } from './outbox.ts';
import type { Pauses } from './pauses.ts';
import type { Shift } from './shift.ts';

/** The server allows 100 requests a minute and address, shared by everybody behind it. */
const REST_GAP_MS = 1_000;
/** A claim that took longer came from a page that was frozen: another sender may have taken over since. */
const CLAIM_MAX_MS = 2_000;
/** History is looked at more than once before a message counts as lost, since its write and our read may cross. */
const LOOKS = 2;
const LOOK_GAP_MS = 2_000;
const LOOK_SPREAD_MS = 3_000;
/** So that no retry is immediate, whatever chance says. */
const PAUSE_MIN_MS = 250;

/** How long to wait before the next try: the shared policy, but never no time at all. */
export function pauseMs(environment: { random(): number }, attempt: number, retryAfterMs?: number): number {
  const random = () => environment.random();
  return Math.max(PAUSE_MIN_MS, backoff(attempt, { random, retryAfterMs }));
}

/**
 * Carries one message at a time through one attempt, or through the looks in history after an attempt whose outcome is
 * not known. Each step is in the outbox before the next one is taken. What rejects here is a failed write.
 */
export class Courier {
  readonly #outbox: Outbox;
  readonly #ports: DispatcherPorts;
  readonly #pauses: Pauses;
  /** Ids of messages for which a refused credential was renewed already. */
  readonly #renewed = new Set<string>();

  constructor(outbox: Outbox, ports: DispatcherPorts, pauses: Pauses) {
    this.#outbox = outbox;
    this.#ports = ports;
    this.#pauses = pauses;
  }

  /** One attempt through `gate`, which is free for the next as soon as that may go. */
  async attempt(record: OutboxRecord, route: 'hub' | 'rest', gate: Gate, shift: Shift): Promise<void> {
    const leave = gate.take();
    let claimed: OutboxRecord | undefined;
    let sending: Promise<RealtimeError | undefined>;
    try {
      claimed = await this.#claim(record, route, shift);
      if (!claimed) return;
      if (route === 'rest') gate.shut(REST_GAP_MS);
      sending = this.#send(claimed, route);
      // The hub runs one call after another anyway. Requests may overlap, so that one that hangs holds nobody up.
      if (route === 'hub') await sending;
    } finally {
      leave();
    }
    const error = await sending;
    if (route === 'rest' && error?.retryAfterMs !== undefined) gate.shut(error.retryAfterMs);
    const isRenewed = this.#renewed.delete(claimed.id);
    await this.#settle(claimed, error ? afterFailure(claimed, error, isRenewed) : { kind: 'stored' }, shift);
  }

  /** Looks for the message in history. Until the looks are done it stays uncertain, whatever happens here. */
  async verify(record: OutboxRecord, shift: Shift): Promise<void> {
    // Whoever sent it does not do so any more, and did not learn what became of it.
    const error = record.state === 'sending' ? errorDetails(lostOnTheWay()) : record.error;
    const verifying = await this.#release(record, { state: 'verifying', error }, shift);
    for (let look = 1; verifying && look <= LOOKS; look++) {
      let isStored: boolean;
      try {
        isStored = await this.#ports.isStored(verifying);
      } catch (reason) {
        const why = RealtimeError.from(reason, 'network', 'The history could not be read.');
        await this.#release(verifying, { state: 'uncertain' }, shift, { attempt: 1, error: why });
        return;
      }
      if (isStored) return this.#settle(verifying, { kind: 'stored' }, shift);
      if (look === LOOKS) return this.#settle(verifying, afterLoss(verifying), shift);
      await shift.sleep(LOOK_GAP_MS + LOOK_SPREAD_MS * this.#ports.environment.random());
      if (!shift.isOpen || !this.#outbox.get(record.id)) return;
      if (!this.#ports.canVerify(verifying)) {
        await this.#release(verifying, { state: 'uncertain' }, shift);
        return;
      }
    }
  }

  /** Records the attempt. `undefined` when it must not be made: the message is gone, or the moment has passed. */
  #claim(record: OutboxRecord, route: Route, shift: Shift): Promise<OutboxRecord | undefined> {
    const { environment } = this.#ports;
    const wall = environment.now();
    const monotonic = environment.monotonicNow();
    return shift.write(async () => {
      const claimed = await this.#outbox.claim(record.id);
      if (!claimed) {
        this.#leaveAlone(record.id, shift);
        return undefined;
      }
      // By both clocks, since either may stand still while the machine sleeps.
      const tookMs = Math.max(environment.now() - wall, environment.monotonicNow() - monotonic);
      if (shift.isOpen && tookMs <= CLAIM_MAX_MS && this.#ports.route(claimed) === route) return claimed;
      await this.#outbox.release(claimed.id, { state: 'queued', attempts: claimed.attempts - 1 });
      return undefined;
    });
  }

  /** Why the message was not stored, or perhaps not. Never rejects. */
  async #send(record: OutboxRecord, route: 'hub' | 'rest'): Promise<RealtimeError | undefined> {
    try {
      await this.#ports.send(record, route);
      return undefined;
    } catch (reason) {
      return RealtimeError.from(reason, 'network', 'The message could not be sent.', { stored: 'maybe' });
    }
  }

  /** Writes down what became of an attempt, and does what follows from it. */
  async #settle(record: OutboxRecord, verdict: Verdict, shift: Shift): Promise<void> {
    switch (verdict.kind) {
      case 'stored':
        // Worth telling even when the attempt was abandoned.
        await shift.insist(() => this.#outbox.acknowledge(record.id));
        return;
      case 'bury':
        if (!shift.isOver) await shift.insist(() => this.#outbox.bury(record.id, verdict.error));
        return;
      case 'wait':
        await this.#release(record, verdict.change, shift, verdict.pause);
        return;
      case 'renew':
        await this.#renew(record, verdict.error, shift);
    }
  }

  async #renew(record: OutboxRecord, error: RealtimeError, shift: Shift): Promise<void> {
    const change = { state: 'queued', attempts: record.attempts - 1, error: errorDetails(error) } as const;
    const waiting = await this.#release(record, change, shift);
    if (!waiting) return;
    try {
      await this.#ports.renewCredential();
      this.#renewed.add(record.id);
    } catch (reason) {
      const refused = RealtimeError.from(reason, 'unauthorized', 'The sign-in could not be renewed.');
      await this.#release(waiting, { error: errorDetails(refused) }, shift, { attempt: 1, error: refused });
    }
  }

  /** The changed record, held for the time that `pause` means; `undefined` when it is gone or the shift is over. */
  async #release(
    record: OutboxRecord,
    change: OutboxRelease,
    shift: Shift,
    pause?: Pause,
  ): Promise<OutboxRecord | undefined> {
    if (shift.isOver) return undefined;
    const { environment } = this.#ports;
    const delayMs = pause && pauseMs(environment, pause.attempt, pause.error.retryAfterMs);
    const nextAttemptAt = delayMs && environment.now() + delayMs;
    const released = await shift.insist(() => this.#outbox.release(record.id, { ...change, nextAttemptAt }));
    if (!released) this.#leaveAlone(record.id, shift);
    else if (delayMs !== undefined && shift.isOpen) {
      this.#pauses.start(released, delayMs, pause?.error.retryAfterMs !== undefined);
    }
    return released;
  }

  /** The outbox refused a step. If the message waits all the same, that is no reason to ask again at once. */
  #leaveAlone(id: string, shift: Shift): void {
    const record = this.#outbox.get(id);
    if (!shift.isOpen || !record || record.state === 'failed') return;
    this.#pauses.ensure(record, pauseMs(this.#ports.environment, 1));
  }
}
