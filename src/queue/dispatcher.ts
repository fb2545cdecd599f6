import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { Courier, pauseMs } from './courier.ts';
import { Gate } from './gate.ts';
import { streamOf, type OutboxRecord } from './outbox-record.ts';
import { FencedError, type Outbox } from './outbox.ts';
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

/** Another sender's lease is asked about not more often, and not less often. */
const LEASE_MIN_MS = 250;
const LEASE_MAX_MS = 60_000;

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
  readonly #courier: Courier;
  readonly #gates: Readonly<Record<'hub' | 'rest', Gate>>;
  /** Stream → what is being done with its head. An abandoned attempt keeps its stream until it ends. */
  readonly #tasks = new Map<string, Promise<void>>();
  #shift: Shift | undefined;
  /** The one before, while it hands over. */
  #closing: Shift | undefined;
  #unwatch: Undo | undefined;
  #stopped: Promise<void> = Promise.resolve();
  #isWoken = false;
  #isDisposed = false;

  constructor(outbox: Outbox, ports: DispatcherPorts) {
    this.#outbox = outbox;
    this.#ports = ports;
    const { environment } = ports;
    const wake = () => this.wake();
    this.#pauses = new Pauses(environment, wake);
    this.#courier = new Courier(outbox, ports, this.#pauses);
    this.#gates = { hub: new Gate(environment, wake), rest: new Gate(environment, wake) };
  }

  /** This is the sender from now on. It takes the lead in the outbox when there is something to send. */
  start(): void {
    if (this.#shift || this.#isDisposed) return;
    this.#shift = new Shift(this.#ports.environment, (reason, failures) =>
      this.#onWriteFailure(reason, failures),
    );
    this.#unwatch = this.#outbox.on('change', ({ record }) => {
      // Where something is being done already, its end is what counts.
      if (!this.#tasks.has(streamOf(record))) this.wake();
    });
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
    this.#closing = shift;
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
    this.#closing?.end();
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
    for (const gate of Object.values(this.#gates)) gate.rest();
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
      } else if (this.#ports.canVerify(record)) {
        doubtful.push(record);
      }
    }
    if (shift.lead !== 'held') {
      if (doubtful.length + ready.hub.length + ready.rest.length > 0) void this.#takeLead(shift);
      return;
    }
    for (const record of doubtful) this.#begin(record, shift, () => this.#courier.verify(record, shift));
    for (const route of ['hub', 'rest'] as const) {
      const gate = this.#gates[route];
      const record = gate.next(ready[route]);
      if (record) this.#begin(record, shift, () => this.#courier.attempt(record, route, gate, shift));
    }
  }

  /** Takes the lead once there is a reason to; while another sender's lease runs, waits for its end. */
  async #takeLead(shift: Shift): Promise<void> {
    if (shift.lead !== 'none') return;
    shift.lead = 'asked';
    const leftMs = await this.#askForLead(shift);
    if (leftMs === 0) shift.lead = 'held';
    else {
      await shift.sleep(Math.min(Math.max(leftMs, LEASE_MIN_MS), LEASE_MAX_MS));
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
      return pauseMs(this.#ports.environment, 1);
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

  /** A write that keeps failing is tried again, ever more slowly; one that was refused to a former sender is not. */
  #onWriteFailure(reason: unknown, failures: number): number {
    if (reason instanceof FencedError) throw reason;
    this.#report(reason);
    return pauseMs(this.#ports.environment, failures);
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
    const held = this.#outbox.get(record.id);
    if (shift.isOpen && held) this.#pauses.ensure(held, pauseMs(this.#ports.environment, 1));
  }

  #report(reason: unknown): void {
    this.#ports.onError(RealtimeError.from(reason, 'storage', 'The waiting messages could not be written.'));
  }
}
