import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { closed, full, isStorageError, OutboxKeeper } from './outbox-keeper.ts';
import type { OutboxMirror } from './outbox-mirror.ts';
import type { OutboxNote, Place } from './outbox-notes.ts';
import {
  createRecord,
  toDeadLetter,
  type DeadLetter,
  type NewRecord,
  type OutboxRecord,
} from './outbox-record.ts';
import {
  buryStep,
  claimStep,
  discardStep,
  dropStep,
  editStep,
  expireStep,
  isExpired,
  retryStep,
  type Step,
} from './outbox-steps.ts';
import type { OutboxEvents, OutboxOptions, OutboxRelease, OutboxStatus } from './outbox-types.ts';

export type { OutboxNote, Place } from './outbox-notes.ts';
export type { DeadLetter, NewRecord, OutboxRecord, QueuedState } from './outbox-record.ts';
export {
  FencedError,
  type OutboxEnvironment,
  type OutboxEvents,
  type OutboxLimits,
  type OutboxOptions,
  type OutboxRelease,
  type OutboxStatus,
} from './outbox-types.ts';

/**
 * What the visitor wrote, until a server has it: in IndexedDB, shared by all tabs of an account, and in this tab's memory
 * where that cannot be.
 *
 * Every change is committed first, then shown by `get`, `list` and `heads`, and then told as an event. Nothing is
 * created in the browser before the first message or draft.
 */
export class Outbox {
  readonly #keeper: OutboxKeeper;
  readonly #mirror: OutboxMirror;
  #opening: Promise<void> | undefined;
  #dropped = 0;

  constructor(options: OutboxOptions = {}) {
    this.#keeper = new OutboxKeeper(options);
    this.#mirror = this.#keeper.mirror;
  }

  /** The account that was opened. */
  get account(): string | undefined {
    return this.#keeper.account;
  }

  /** Whether storage works, or is expected to, and every message held is in it. */
  get persisted(): boolean {
    return this.#keeper.persisted;
  }

  /** Messages held, dead letters included. */
  get size(): number {
    return this.#mirror.size;
  }

  /** Dead letters. */
  get failed(): number {
    return this.#mirror.failed;
  }

  on<Name extends keyof OutboxEvents>(event: Name, listener: (value: OutboxEvents[Name]) => void): Undo {
    return this.#mirror.events.on(event, listener);
  }

  get(id: string): OutboxRecord | undefined {
    return this.#mirror.get(id);
  }

  /** In queue order, dead letters included; of one conversation or of all. */
  list(conversation?: string): readonly OutboxRecord[] {
    return this.#mirror.list(conversation);
  }

  /** The oldest message of each conversation and priority that is not failed: the only ones that may be worked on. */
  heads(): OutboxRecord[] {
    return this.#mirror.heads();
  }

  status(): OutboxStatus {
    const { waiting, failed, bytes, oldestAt } = this.#mirror;
    const { persisted } = this;
    return {
      waiting,
      failed,
      bytes,
      quarantined: this.#keeper.quarantined,
      dropped: this.#dropped,
      persisted,
      oldestAt,
    };
  }

  /** The messages that were given up, for a host that wants to keep or show them elsewhere. */
  exportDeadLetters(): DeadLetter[] {
    return this.#deadLetters().map(toDeadLetter);
  }

  /**
   * Loads what is stored for `account` and stores what was enqueued before an account was known. Never rejects: without
   * storage the outbox goes on in memory, says so by `persisted` and `error`, and moves into storage once that works.
   * Another account than before replaces it here and leaves its messages where they are stored.
   */
  open(account: string): Promise<void> {
    if (!this.#opening || account !== this.account) this.#opening = this.#load(account);
    return this.#opening;
  }

  /**
   * Takes a message; resolves once it is certain to survive, or with `persisted: false` when it cannot be stored.
   *
   * @throws {RealtimeError} `queue-full`; `input` for an id that was used before or a message that is not JSON; `closed`.
   */
  async enqueue(entry: NewRecord): Promise<OutboxRecord> {
    if (this.#keeper.isClosed) throw closed();
    const id = entry.id ?? entry.message.requestId ?? this.#keeper.uuid();
    const { ttlMs } = this.#keeper.limits;
    return this.#keeper.enqueue(createRecord(entry, { id, seq: 0, now: this.#keeper.now(), ttlMs }));
  }

  // The sender's side.

  /**
   * Takes over as the only sender and reads anew what is stored. Does nothing while this outbox is the sender, except to
   * renew its lease. `until`: another sender's lease runs that long.
   */
  lead(): Promise<true | { readonly until: number }> {
    return this.#keeper.lead();
  }

  /** Stops being the sender, so that another need not wait for the lease. */
  yieldLead(): Promise<void> {
    return this.#keeper.yieldLead();
  }

  /**
   * Records that an attempt begins. `undefined`: the message is gone, or not `queued`, or has lost the credential it needs.
   *
   * @throws {FencedError} This outbox is not the sender. @throws {RealtimeError} `storage`.
   */
  async claim(id: string): Promise<OutboxRecord | undefined> {
    const claimed = await this.#keeper.change(id, claimStep(this.#keeper.now(), this.#keeper.leadingSince), {
      asSender: true,
    });
    return claimed?.state === 'sending' ? claimed : undefined;
  }

  /** Records how a message under way stands. `undefined`: it is gone, or was given up. Throws as {@link claim}. */
  release(id: string, change: OutboxRelease): Promise<OutboxRecord | undefined> {
    const step: Step = (record) => (record.state === 'failed' ? undefined : { ...record, ...change });
    return this.#keeper.change(id, step, { asSender: true });
  }

  /** Gives a message up: it becomes a dead letter. Throws as {@link claim}. */
  async bury(id: string, error: RealtimeError): Promise<void> {
    await this.#keeper.change(id, buryStep(error, this.#keeper.now()), { asSender: true });
    await this.#makeRoom();
  }

  /**
   * The server has the message. Proof is proof: any tab may bring it, as often as it likes. Never rejects because of
   * storage: when the database cannot be told now, it is told with the next change.
   */
  async acknowledge(id: string): Promise<void> {
    try {
      await this.#keeper.change(id, () => 'gone', { goneAs: 'sent' });
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.#keeper.letGo(id);
      this.#keeper.report(error);
    }
  }

  // Anybody's side, in any tab.

  /** Sends a dead letter again, under its id and at its old place. Resolves to whether there was one. */
  async retry(id: string): Promise<boolean> {
    return (await this.#keeper.change(id, retryStep(this.#expiry()))) !== undefined;
  }

  /** How many dead letters are sent again. */
  async retryAll(): Promise<number> {
    const retried = await Promise.all(this.#deadLetters().map(({ id }) => this.retry(id)));
    return retried.filter(Boolean).length;
  }

  /** Removes a message that waits or was given up. `false`: it may be under way, or is gone. */
  async discard(id: string): Promise<boolean> {
    return (await this.#keeper.change(id, discardStep)) !== undefined;
  }

  /**
   * Changes the text of a message that no server can have; it keeps its id and place, and a dead letter goes again.
   * `false`: it may be under way or stored, or is gone.
   *
   * @throws {RealtimeError} `queue-full` when there is no room for the longer text; `storage`; `closed`.
   */
  async edit(id: string, text: string): Promise<boolean> {
    const edit = editStep(text, this.#expiry());
    const edited = await this.#keeper.change(id, (record) => {
      const next = edit(record);
      if (
        next &&
        next !== 'gone' &&
        this.#mirror.bytes - record.bytes + next.bytes > this.#keeper.limits.bytes
      ) {
        throw full();
      }
      return next;
    });
    return edited !== undefined;
  }

  /**
   * Turns what waited too long into dead letters, and forgets dead letters that are too old or too many: those are
   * counted in `status().dropped` and told as an `error`.
   */
  async expire(): Promise<void> {
    const time = this.#keeper.now();
    for (const { id } of this.#mirror.filter((record) => isExpired(record, time))) {
      await this.#keeper.change(id, expireStep(time));
    }
    await this.#makeRoom();
  }

  /**
   * Forgets the account, in the database and here, for example when the visitor signs out: the queue, dead letters, what
   * was set aside, drafts. No account is open afterwards. Rejects with `storage` when the database could not be cleared.
   */
  async purge(): Promise<void> {
    this.#mirror.events.emit('note', { kind: 'purged' });
    const purging = this.#keeper.purge();
    this.forget(); // at once, so that whoever comes next begins anew
    await purging;
  }

  /** Drops the account from memory and leaves the database alone: another tab purged it. */
  forget(): void {
    this.#opening = undefined;
    this.#keeper.forget();
  }

  /** What was left in a conversation besides messages. */
  place(conversation: string): Place {
    return this.#mirror.place(conversation);
  }

  /** Shown at once and stored soon, in one with a message that is enqueued at the same time. */
  setPlace(conversation: string, change: Partial<Place>): void {
    this.#keeper.setPlace(conversation, change);
  }

  /** The page is about to be frozen: storage is let go of until {@link resume}, for the other tabs. */
  suspend(): void {
    this.#keeper.suspend();
  }

  resume(): void {
    this.#keeper.resume();
  }

  /** Stores what is pending and lets go of the database. Nothing is left running. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  // Other tabs.

  /** Takes another tab's note. What is no note is ignored. */
  receiveNote(raw: unknown): void {
    if (!this.#keeper.receive(raw)) this.forget();
  }

  /** What only this tab has, to be offered to a new sender: messages that are not stored, and credentials. */
  unpersisted(): OutboxNote[] {
    const credentials = this.#mirror.filter(
      ({ persisted, message }) => persisted && message.authorization !== undefined,
    );
    return [...this.#keeper.offer(), ...credentials].map((record) => ({
      kind: 'record',
      event: 'changed',
      record,
    }));
  }

  /** Reads anew what is stored and tells the differences. Rejects with `storage` when that fails. */
  refresh(): Promise<void> {
    return this.#keeper.refresh();
  }

  async #load(account: string): Promise<void> {
    try {
      await this.#keeper.open(account);
      await this.expire();
    } catch (error) {
      if (!this.#keeper.isClosed) this.#keeper.report(error);
    }
  }

  #deadLetters(): OutboxRecord[] {
    return this.#mirror.filter(({ state }) => state === 'failed');
  }

  /** Forgets the oldest dead letters where there are too many, and those that are too old. Never rejects. */
  async #makeRoom(): Promise<void> {
    const { deadLetters, deadTtlMs } = this.#keeper.limits;
    const oldest = this.#keeper.now() - deadTtlMs;
    const surplus = this.#deadLetters()
      .sort((a, b) => (b.failedAt ?? 0) - (a.failedAt ?? 0))
      .filter(({ failedAt = 0 }, index) => index >= deadLetters || failedAt <= oldest);
    let dropped = 0;
    try {
      for (const { id } of surplus) if (await this.#keeper.change(id, dropStep)) dropped++;
    } catch (error) {
      this.#keeper.report(error);
    }
    if (dropped === 0) return;
    this.#dropped += dropped;
    this.#keeper.report(
      new RealtimeError('storage', `Messages that were given up are no longer kept: ${dropped}.`),
    );
  }

  #expiry(): number {
    return this.#keeper.now() + this.#keeper.limits.ttlMs;
  }
}
