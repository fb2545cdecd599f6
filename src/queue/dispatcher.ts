import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { Lanes } from './lanes.ts';
import { afterFailure, afterLoss, lostOnTheWay, type Pause, type Verdict } from './outcome.ts';
import { streamOf, type OutboxRecord } from './outbox-record.ts';
import { FencedError, type Outbox, type OutboxRelease } from './outbox.ts';
import { Pauses } from './pauses.ts';
import { Shift } from './shift.ts';

/** Which way a message can leave now. `undefined`: none yet; the dispatcher waits for {@link Dispatcher.wake}. */
export type Route = 'hub' | 'rest' | undefined;

/** What the dispatcher needs from the client. */
export interface DispatcherPorts {
  readonly environment: {
    setTimer(callback: () => void, delayMs: number): Undo;
    monotonicNow(): number;
    now(): number;
    random(): number;
  };
  route(record: OutboxRecord): Route;
  /** Resolves when the server has stored the message; rejects with a {@link RealtimeError} that says whether it may have. */
  send(record: OutboxRecord, route: 'hub' | 'rest'): Promise<unknown>;
  /** Whether the history of this message can be read now; if not, the dispatcher waits for {@link Dispatcher.wake}. */
  canVerify(record: OutboxRecord): boolean;
  /** Whether the server's history holds the message. Rejects when history cannot be read. */
  isStored(record: OutboxRecord): Promise<boolean>;
  /** Called once before the same message is tried again after a refused credential. */
  renewCredential(): Promise<void>;
  /** The outbox could not write what the dispatcher did. It goes on, later. */
  onError(error: RealtimeError): void;
  /** Another sender took over; this dispatcher has stopped. */
  onFenced(): void;
}

/** The server allows 100 requests a minute and address, shared by everybody behind it. */
const REST_GAP_MS = 1_000;
/** A claim that took longer came from a page that was frozen: another sender may have taken over since. */
const CLAIM_MAX_MS = 2_000;
/** So that no retry is immediate, whatever chance says. */
const PAUSE_MIN_MS = 250;
/** Another sender's lease is asked about at least this often, and not more often than `PAUSE_MIN_MS`. */
const LEASE_MAX_MS = 60_000;

/** How often history is looked at, some seconds apart, before a message counts as lost: its write and our read may cross. */
const LOOKS = 2;
const LOOK_GAP_MS = 2_000;
const LOOK_SPREAD_MS = 3_000;

/** One of the two ways out of here: whose turn it is, and when the next one may go. */
class Gate {
  readonly lanes = new Lanes();
  isBusy = false;
  /** In monotonic milliseconds. */
  opensAt = 0;
  /** Undo of the timer that looks again at `opensAt`. */
  cancel: Undo | undefined;
}

/**
 * Takes messages from the outbox to a server, in order within a conversation and priority. It works between
 * {@link start} and {@link stop}, and while no other sender has taken over. Every attempt is recorded before it is made;
 * after an outcome that leaves it open whether the server stored the message, it looks in history before it sends again,
 * because the server does not recognise a repeat.
 *
 * Nothing is retried without a delay or an outside event, and a lost transport never counts as an attempt.
 */
export class Dispatcher {
  readonly #outbox: Outbox;
  readonly #ports: DispatcherPorts;
  readonly #pauses: Pauses;
  readonly #gates = { hub: new Gate(), rest: new Gate() };
  /** Stream → what is being done with its head. An abandoned attempt keeps its stream until it ends. */
  readonly #tasks = new Map<string, Promise<void>>();
  /** Ids of messages that the server has, while the outbox could not be told. */
  readonly #proven = new Set<string>();
  /** Ids of messages for which a refused credential was renewed already. */
  readonly #renewed = new Set<string>();
  #shift: Shift | undefined;
  #unwatch: Undo | undefined;
  #stopped: Promise<void> = Promise.resolve();
  #isWoken = false;
  #isDisposed = false;

  constructor(outbox: Outbox, ports: DispatcherPorts) {
    this.#outbox = outbox;
    this.#ports = ports;
    this.#pauses = new Pauses(ports.environment, () => this.wake());
  }

  /** This is the sender from now on. It takes the lead in the outbox when there is something to send. */
  start(): void {
    if (this.#shift || this.#isDisposed) return;
    this.#shift = new Shift({
      setTimer: this.#ports.environment.setTimer,
      onWriteFailure: (reason, failures) => this.#onWriteFailure(reason, failures),
    });
    this.#unwatch = this.#outbox.on('change', () => this.wake());
    this.wake();
  }

  /**
   * Lets go, for another sender to take over: starts nothing more, gives attempts under way a second to end, and yields
   * the lead. What had no answer by then stays `sending`, and whoever comes next looks for it in history.
   */
  stop(): Promise<void> {
    const shift = this.#shift;
    if (!shift) return this.#stopped;
    this.#leave();
    return (this.#stopped = this.#handOver(shift));
  }

  /**
   * Something changed that may let messages go: a channel opened, a token was renewed. Changes in the outbox it sees by
   * itself. `now` also ends the pauses of messages that wait after a failure, except where the server asked for them.
   */
  wake(now = false): void {
    if (now) this.#pauses.skip();
    if (this.#isWoken || !this.#shift) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      if (this.#shift) this.#look(this.#shift);
    });
  }

  /** Stops for good, at once; what is in the outbox stays there. */
  dispose(): void {
    this.#isDisposed = true;
    this.#shift?.end();
    this.#leave();
  }

  async #handOver(shift: Shift): Promise<void> {
    await shift.close(this.#tasks.values());
    if (shift.lead === 'none' || this.#isDisposed) return;
    try {
      await this.#outbox.yieldLead();
    } catch (reason) {
      if (!(reason instanceof FencedError)) this.#report(reason);
    }
  }

  /** From here on nothing new begins. */
  #leave(): void {
    this.#shift = undefined;
    this.#unwatch?.();
    for (const gate of Object.values(this.#gates)) {
      gate.cancel?.();
      gate.cancel = undefined;
    }
    this.#pauses.clear();
  }

  /** Starts whatever can be done now. */
  #look(shift: Shift): void {
    this.#pauses.prune((id) => this.#outbox.get(id));
    const doubtful: OutboxRecord[] = [];
    const ready: Record<'hub' | 'rest', OutboxRecord[]> = { hub: [], rest: [] };
    for (const record of this.#outbox.heads()) {
      if (this.#tasks.has(streamOf(record)) || this.#pauses.holds(record)) continue;
      if (record.state === 'queued') {
        const route = this.#ports.route(record);
        if (route) ready[route].push(record);
      } else if (this.#proven.has(record.id) || this.#ports.canVerify(record)) {
        doubtful.push(record);
      }
    }
    if (shift.lead !== 'held') {
      if (doubtful.length + ready.hub.length + ready.rest.length > 0) void this.#takeLead(shift);
      return;
    }
    for (const record of doubtful) this.#begin(record, shift, () => this.#verify(record, shift));
    this.#pass('hub', ready.hub, shift);
    this.#pass('rest', ready.rest, shift);
  }

  /** Lets one of `ready` through the gate of `route`, if it is open. */
  #pass(route: 'hub' | 'rest', ready: readonly OutboxRecord[], shift: Shift): void {
    const gate = this.#gates[route];
    const { monotonicNow, setTimer } = this.#ports.environment;
    const now = monotonicNow();
    gate.lanes.see(ready, now);
    if (ready.length === 0 || gate.isBusy) return;
    if (now < gate.opensAt) {
      gate.cancel ??= setTimer(() => {
        gate.cancel = undefined;
        this.wake();
      }, gate.opensAt - now);
      return;
    }
    const record = gate.lanes.next(ready, now);
    if (record) this.#begin(record, shift, () => this.#attempt(record, route, shift));
  }

  /** Takes the lead once there is a reason to; while another sender's lease runs, waits for its end. */
  async #takeLead(shift: Shift): Promise<void> {
    if (shift.lead !== 'none') return;
    shift.lead = 'asked';
    const leftMs = await this.#askForLead(shift);
    if (leftMs === 0) shift.lead = 'held';
    else {
      await shift.sleep(Math.min(Math.max(leftMs, PAUSE_MIN_MS), LEASE_MAX_MS));
      shift.lead = 'none';
    }
    this.wake();
  }

  /** Milliseconds after which to ask again; 0 when it has the lead. Never rejects. */
  async #askForLead(shift: Shift): Promise<number> {
    try {
      await this.#stopped; // an earlier shift of this dispatcher may still be handing over
      if (!shift.isOpen) return Infinity;
      const answer = await shift.write(() => this.#outbox.lead());
      return answer === true ? 0 : Math.max(1, answer.until - this.#ports.environment.now());
    } catch (reason) {
      this.#report(reason);
      return this.#backoff(1);
    }
  }

  /** Does one thing with the head of a stream, and keeps everything else from it meanwhile. */
  #begin(record: OutboxRecord, shift: Shift, work: () => Promise<void>): void {
    const stream = streamOf(record);
    const task = work()
      .catch((reason: unknown) => this.#onTrouble(record, reason, shift))
      .then(() => {
        this.#tasks.delete(stream);
        this.wake();
      });
    this.#tasks.set(stream, task);
  }

  async #attempt(record: OutboxRecord, route: 'hub' | 'rest', shift: Shift): Promise<void> {
    const gate = this.#gates[route];
    gate.isBusy = true;
    let claimed: OutboxRecord | undefined;
    let sending: Promise<RealtimeError | undefined>;
    try {
      claimed = await this.#claim(record, route, shift);
      if (!claimed) return;
      if (route === 'rest') this.#keepShut(gate, REST_GAP_MS);
      sending = this.#send(claimed, route);
      // The hub runs one call after another anyway. Requests may overlap, so that one that hangs holds nobody up.
      if (route === 'hub') await sending;
    } finally {
      gate.isBusy = false;
      this.wake();
    }
    const error = await sending;
    // Nobody waits for the outcome of an abandoned attempt any more; that it went well is worth telling all the same.
    if (shift.isOver && error && error.stored !== 'yes') return;
    const isRenewed = this.#renewed.delete(claimed.id);
    const verdict: Verdict = error ? afterFailure(claimed, error, isRenewed) : { kind: 'stored' };
    if (route === 'rest' && error?.retryAfterMs !== undefined) this.#keepShut(gate, error.retryAfterMs);
    await this.#settle(claimed, verdict, shift);
  }

  /** Records the attempt. `undefined` when it must not be made: the message is gone, or the moment has passed. */
  #claim(record: OutboxRecord, route: Route, shift: Shift): Promise<OutboxRecord | undefined> {
    const { now, monotonicNow } = this.#ports.environment;
    const wall = now();
    const monotonic = monotonicNow();
    return shift.write(async () => {
      const claimed = await this.#outbox.claim(record.id);
      if (!claimed) return undefined;
      // By both clocks, since either may stand still while the machine sleeps.
      const tookMs = Math.max(now() - wall, monotonicNow() - monotonic);
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

  /** Looks for the message in history. Until the looks are done it stays uncertain, whatever happens here. */
  async #verify(record: OutboxRecord, shift: Shift): Promise<void> {
    if (this.#proven.has(record.id)) return this.#settle(record, { kind: 'stored' }, shift);
    // Whoever sent it does not do so any more, and did not learn what became of it.
    const error = record.state === 'sending' ? lostOnTheWay().details() : record.error;
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

  /** Writes down what became of an attempt, and does what follows from it. */
  async #settle(record: OutboxRecord, verdict: Verdict, shift: Shift): Promise<void> {
    switch (verdict.kind) {
      case 'stored':
        // From here on it is not sent again, whether or not the outbox can be told.
        this.#proven.add(record.id);
        await shift.insist(() => this.#outbox.acknowledge(record.id));
        this.#proven.delete(record.id);
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
    const change = { state: 'queued', attempts: record.attempts - 1, error: error.details() } as const;
    const waiting = await this.#release(record, change, shift);
    if (!waiting) return;
    try {
      await this.#ports.renewCredential();
      this.#renewed.add(record.id);
    } catch (reason) {
      const refused = RealtimeError.from(reason, 'unauthorized', 'The sign-in could not be renewed.');
      await this.#release(waiting, { error: refused.details() }, shift, { attempt: 1, error: refused });
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
    const delayMs = pause && this.#backoff(pause.attempt, pause.error);
    const nextAttemptAt = delayMs && this.#ports.environment.now() + delayMs;
    const released = await shift.insist(() => this.#outbox.release(record.id, { ...change, nextAttemptAt }));
    if (released && delayMs !== undefined && shift.isOpen) {
      this.#pauses.start(released, delayMs, pause?.error.retryAfterMs !== undefined);
    }
    return released;
  }

  #backoff(attempt: number, error?: RealtimeError): number {
    const random = () => this.#ports.environment.random();
    return Math.max(PAUSE_MIN_MS, backoff(attempt, { random, retryAfterMs: error?.retryAfterMs }));
  }

  #keepShut(gate: Gate, delayMs: number): void {
    gate.opensAt = Math.max(gate.opensAt, this.#ports.environment.monotonicNow() + delayMs);
  }

  /** A write that keeps failing is tried again, ever more slowly; one that was refused to a former sender is not. */
  #onWriteFailure(reason: unknown, failures: number): number {
    if (reason instanceof FencedError) throw reason;
    this.#report(reason);
    return this.#backoff(failures);
  }

  #onTrouble(record: OutboxRecord, reason: unknown, shift: Shift): void {
    if (reason instanceof FencedError) {
      if (shift !== this.#shift) return;
      shift.end();
      this.#leave();
      this.#ports.onFenced();
      return;
    }
    if (this.#isDisposed) return; // nobody is left to tell, and storage is as the next sender needs it
    this.#report(reason);
    if (shift.isOpen) this.#pauses.start(this.#outbox.get(record.id) ?? record, this.#backoff(1), false);
  }

  #report(reason: unknown): void {
    this.#ports.onError(RealtimeError.from(reason, 'storage', 'The waiting messages could not be written.'));
  }
}
