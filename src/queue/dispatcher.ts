import { backoff } from '../protocol/backoff.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { Outbox, OutboxRecord } from './outbox.ts';

/** Which way a message can leave now. `undefined`: none yet; the dispatcher waits for {@link Dispatcher.wake}. */
export type Route = 'hub' | 'rest' | undefined;

/** What the dispatcher needs from the client. */
export interface DispatcherPorts {
  readonly environment: {
    setTimer(callback: () => void, delayMs: number): Undo;
    monotonicNow(): number;
    random(): number;
  };
  route(record: OutboxRecord): Route;
  /** Resolves when the server has stored the message; rejects with a {@link RealtimeError} that says whether it may have. */
  send(record: OutboxRecord, route: 'hub' | 'rest'): Promise<unknown>;
  /** Whether history can be read now; if not, the dispatcher waits for {@link Dispatcher.wake}. */
  canVerify(): boolean;
  /** Whether the server's history holds the message. Rejects when history cannot be read. */
  isStored(record: OutboxRecord): Promise<boolean>;
  /** Called once before the same message is tried again after a refused credential. */
  renewCredential(): Promise<void>;
  /** A record changed, or left the outbox: `sent` with the server's copy certain, `failed` for the visitor to decide. */
  onChange(record: OutboxRecord, event: 'changed' | 'sent' | 'failed'): void;
}

/** Refusals after which a message fails. */
const MAX_ATTEMPTS = 3;
/** A message that breaks the connection every time must not do so for ever. */
const MAX_LOSSES = 10;
/** The server allows 100 requests a minute and address, shared by everybody behind it. */
const REST_GAP_MS = 1_000;

/**
 * Takes messages from the outbox to a server: one at a time and in order within a conversation, side by side across
 * conversations. After an outcome that leaves it open whether the server stored the message, it looks in history
 * before it sends again, because the server does not recognise a repeat.
 *
 * Nothing is retried without a delay or an outside event, and a lost transport never counts as an attempt.
 */
export class Dispatcher {
  readonly #outbox: Outbox;
  readonly #ports: DispatcherPorts;
  readonly #busy = new Set<string>();
  /** Conversation → undo of the timer that ends its pause. */
  readonly #pauses = new Map<string, Undo>();
  /** Undo of the timers that run inside a look in history. */
  readonly #sleeps = new Set<Undo>();
  #restFreeAt = 0;
  #disposed = false;

  constructor(outbox: Outbox, ports: DispatcherPorts) {
    this.#outbox = outbox;
    this.#ports = ports;
  }

  /**
   * Something changed that may let messages go: one was added, a channel opened, a token was renewed. `now` also ends
   * the pauses of messages that wait after a failure.
   */
  wake(now = false): void {
    if (this.#disposed) return;
    if (now) {
      for (const cancel of this.#pauses.values()) cancel();
      this.#pauses.clear();
    }
    for (const record of this.#outbox.heads()) {
      if (this.#busy.has(record.conversation) || this.#pauses.has(record.conversation)) continue;
      this.#busy.add(record.conversation);
      void this.#work(record).then((progressed) => {
        this.#busy.delete(record.conversation);
        if (progressed) this.wake();
      });
    }
  }

  /** The server showed by other means (a reply, an echo in history) that it has the message. */
  confirm(id: string): void {
    const record = this.#outbox.remove(id);
    if (record) this.#ports.onChange(record, 'sent');
  }

  /** Sends a failed message again, under the same id. */
  retry(id: string): void {
    const record = this.#outbox.get(id);
    if (record?.state !== 'failed') return;
    // It may have been stored by its last attempt: look before sending.
    const stored = record.error?.stored === 'maybe';
    this.#change(record, {
      state: stored ? 'uncertain' : 'queued',
      attempts: 0,
      losses: 0,
      error: undefined,
    });
    this.wake(true);
  }

  /** Stops for good; what is in the outbox stays there. */
  dispose(): void {
    this.#disposed = true;
    for (const cancel of [...this.#pauses.values(), ...this.#sleeps]) cancel();
    this.#pauses.clear();
    this.#sleeps.clear();
  }

  /** Does one thing with the head of a conversation. `false`: nothing can be done until something changes. Never rejects. */
  async #work(record: OutboxRecord): Promise<boolean> {
    if (record.state !== 'queued') return this.#verify(record);
    const route = this.#ports.route(record);
    if (!route) return false;
    await this.#attempt(record, route);
    return true;
  }

  async #attempt(record: OutboxRecord, route: 'hub' | 'rest', renewed = false): Promise<void> {
    if (route === 'rest') {
      const waitMs = this.#restFreeAt - this.#ports.environment.monotonicNow();
      if (waitMs > 0) {
        this.#pause(record, waitMs);
        return;
      }
      this.#restFreeAt = this.#ports.environment.monotonicNow() + REST_GAP_MS;
    }
    const sending = this.#change(record, { state: 'sending', attempts: record.attempts + 1 });
    if (!sending) return;
    try {
      await this.#ports.send(sending, route);
      this.confirm(record.id);
    } catch (reason) {
      const error = RealtimeError.from(reason, 'network', 'The message could not be sent.', {
        stored: 'maybe',
      });
      await this.#afterFailure(sending, error, route, renewed);
    }
  }

  async #afterFailure(
    record: OutboxRecord,
    error: RealtimeError,
    route: 'hub' | 'rest',
    renewed: boolean,
  ): Promise<void> {
    if (this.#disposed) return;
    if (error.stored === 'yes') {
      this.confirm(record.id);
      return;
    }
    if (error.stored === 'maybe') {
      const uncertain = this.#change(record, { state: 'uncertain', error });
      if (uncertain) await this.#verify(uncertain);
      return;
    }
    if (error.code === 'unauthorized') {
      const waiting = this.#change(record, { state: 'queued', attempts: record.attempts - 1, error });
      if (!waiting) return;
      if (renewed) {
        this.#pause(waiting, this.#backoff(waiting.attempts, error));
        return;
      }
      try {
        await this.#ports.renewCredential();
      } catch (reason) {
        const refused = RealtimeError.from(reason, 'unauthorized', 'The sign-in could not be renewed.');
        const held = this.#change(waiting, { error: refused });
        if (held) this.#pause(held, this.#backoff(1, refused));
        return;
      }
      await this.#attempt(waiting, route, true);
      return;
    }
    if (!error.retryable) {
      this.#fail(record, error);
      return;
    }
    // Refused for now, or never left this machine: the message keeps its place and the lane pauses.
    const counts = error.code === 'server' || error.code === 'protocol';
    const attempts = counts ? record.attempts : record.attempts - 1;
    if (attempts >= MAX_ATTEMPTS) this.#fail(record, error);
    else {
      const waiting = this.#change(record, { state: 'queued', attempts, error });
      if (waiting) this.#pause(waiting, this.#backoff(attempts, error));
    }
  }

  /** Looks twice, some seconds apart, since the server's write and our read may cross. `false`: it cannot look now. */
  async #verify(record: OutboxRecord): Promise<boolean> {
    for (let look = 1; look <= 2; look++) {
      if (!this.#ports.canVerify()) {
        this.#change(record, { state: 'uncertain' });
        return false;
      }
      const verifying = this.#change(record, { state: 'verifying' });
      if (!verifying) return true;
      let stored: boolean;
      try {
        stored = await this.#ports.isStored(verifying);
      } catch (reason) {
        const error = RealtimeError.from(reason, 'network', 'The history could not be read.', {
          stored: 'maybe',
        });
        const unsure = this.#change(verifying, { state: 'uncertain' });
        if (unsure) this.#pause(unsure, this.#backoff(1, error));
        return true;
      }
      if (stored) {
        this.confirm(record.id);
        return true;
      }
      if (this.#disposed) return true;
      if (look === 1) await this.#sleep(2_000 + 3_000 * this.#ports.environment.random());
    }
    this.#afterLoss(record);
    return true;
  }

  /** The server does not have it. What the network lost is no refusal, and goes again. */
  #afterLoss(record: OutboxRecord): void {
    const { error } = record;
    const isLost = error?.code === 'network' || error?.code === 'timeout' || error?.code === 'closed';
    const attempts = isLost ? record.attempts - 1 : record.attempts;
    const losses = isLost ? record.losses + 1 : record.losses;
    if (attempts >= MAX_ATTEMPTS || losses >= MAX_LOSSES) {
      this.#fail(record, error ?? new RealtimeError('server', 'The server did not accept the message.'));
    } else {
      this.#change(record, { state: 'queued', attempts, losses });
    }
  }

  #fail(record: OutboxRecord, error: RealtimeError): void {
    const failed = this.#outbox.update(record.id, { state: 'failed', error });
    if (failed) this.#ports.onChange(failed, 'failed');
  }

  /** The changed record, or `undefined` when nothing may be done with it any more: it is gone, or this is disposed of. */
  #change(record: OutboxRecord, change: Partial<OutboxRecord>): OutboxRecord | undefined {
    if (this.#disposed) return undefined;
    const next = this.#outbox.update(record.id, change);
    if (next) this.#ports.onChange(next, 'changed');
    return next;
  }

  #backoff(attempt: number, error: RealtimeError): number {
    const { retryAfterMs } = error;
    return backoff(attempt, { random: () => this.#ports.environment.random(), retryAfterMs });
  }

  #pause(record: OutboxRecord, delayMs: number): void {
    if (this.#disposed) return;
    this.#pauses.get(record.conversation)?.();
    this.#pauses.set(
      record.conversation,
      this.#ports.environment.setTimer(() => {
        this.#pauses.delete(record.conversation);
        this.wake();
      }, delayMs),
    );
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.environment.setTimer(() => {
        this.#sleeps.delete(cancel);
        resolve();
      }, delayMs);
      this.#sleeps.add(cancel);
    });
  }
}
