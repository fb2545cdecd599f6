import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { now, setTimer, uuid } from '../protocol/page.ts';
import { OutboxDatabase } from './outbox-database.ts';
import { OutboxMirror } from './outbox-mirror.ts';
import { parseNote, type OutboxNote, type Place } from './outbox-notes.ts';
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
import { OutboxStorage, type Loaded, type Written } from './outbox-storage.ts';
import {
  DEFAULT_LIMITS,
  FencedError,
  type OutboxEnvironment,
  type OutboxEvents,
  type OutboxLimits,
  type OutboxOptions,
  type OutboxRelease,
  type OutboxStatus,
} from './outbox-types.ts';

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

/** Drafts change with every key; those of the same moment are written together. */
const PLACE_DELAY_MS = 4;

interface ChangeOptions {
  /** Only the sender may do it. */
  readonly asSender?: boolean;
  readonly goneAs?: 'sent' | 'discarded';
}

interface Enqueue {
  readonly record: OutboxRecord;
  readonly resolve: (record: OutboxRecord) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * What the visitor wrote, until a server has it: in IndexedDB, shared by all tabs of an account, and in this tab's memory
 * where that cannot be.
 *
 * Every change is committed first, then shown by `get`, `list` and `heads`, and then told as an event. Nothing is
 * created in the browser before the first message or draft.
 */
export class Outbox {
  readonly #given: Partial<OutboxEnvironment>;
  readonly #limits: OutboxLimits;
  readonly #leaseMs: number | undefined;
  readonly #owner: string;
  readonly #database: OutboxDatabase;
  readonly #mirror = new OutboxMirror();

  #storage: OutboxStorage | undefined;
  #opening: Promise<void> | undefined;
  /** Whether all that is stored is known here. */
  #isLoaded = false;
  /** Whether the last use of the database failed. */
  #hasFailed = false;
  #isLeading = false;
  #leadingSince = 0;
  #isClosed = false;
  #quarantined = 0;
  #dropped = 0;

  /** The end of the line in which all work waits. */
  #tail: Promise<unknown> = Promise.resolve();
  #isCommitDue = false;
  #enqueues: Enqueue[] = [];
  readonly #unsavedPlaces = new Map<string, Partial<Place>>();
  #cancelPlaceTimer: Undo | undefined;
  /** Messages that left while the database could not be told. */
  readonly #unsavedGone = new Set<string>();
  /** Unstored messages that other tabs, if there are any, know of: one of them may have sent them in the meantime. */
  readonly #offered = new Set<string>();
  #hasPeers = false;

  constructor(options: OutboxOptions = {}) {
    const given = (this.#given = options.environment ?? {});
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#leaseMs = options.leaseMs;
    this.#owner = this.#uuid();
    this.#database = new OutboxDatabase({
      factory: () => ('indexedDB' in given ? given.indexedDB : globalThis.indexedDB),
      setTimer: (callback, delayMs) => this.#setTimer(callback, delayMs),
      onLateOpen: () => this.#refreshSoon(),
    });
  }

  /** The account that was opened. */
  get account(): string | undefined {
    return this.#storage?.account;
  }

  /** Whether storage works, or is expected to, and every message held is in it. */
  get persisted(): boolean {
    return !this.#hasFailed && this.#mirror.unstored === 0 && this.#database.isAvailable;
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
      quarantined: this.#quarantined,
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
    if (this.#opening && account === this.account) return this.#opening;
    if (this.#storage) this.forget();
    this.#storage = new OutboxStorage({
      database: this.#database,
      account,
      limits: this.#limits,
      owner: this.#owner,
      leaseMs: this.#leaseMs,
      now: () => this.#now(),
    });
    return (this.#opening = this.#load());
  }

  /**
   * Takes a message; resolves once it is certain to survive, or with `persisted: false` when it cannot be stored.
   *
   * @throws {RealtimeError} `queue-full`; `input` for an id that was used before or a message that is not JSON; `closed`.
   */
  async enqueue(entry: NewRecord): Promise<OutboxRecord> {
    if (this.#isClosed) throw closed();
    const id = entry.id ?? entry.message.requestId ?? this.#uuid();
    const record = createRecord(entry, { id, seq: 0, now: this.#now(), ttlMs: this.#limits.ttlMs });
    return new Promise((resolve, reject) => {
      this.#enqueues.push({ record, resolve, reject });
      this.#commitSoon();
    });
  }

  // The sender's side.

  /**
   * Takes over as the only sender and reads anew what is stored. Does nothing while this outbox is the sender, except to
   * renew its lease. `until`: another sender's lease runs that long.
   */
  lead(): Promise<true | { readonly until: number }> {
    return this.#serial(() => this.#lead());
  }

  /** Stops being the sender, so that another need not wait for the lease. */
  yieldLead(): Promise<void> {
    return this.#serial(async () => {
      this.#isLeading = false;
      await this.#storage?.yieldLead();
    });
  }

  /**
   * Records that an attempt begins. `undefined`: the message is gone, or not `queued`, or has lost the credential it needs.
   *
   * @throws {FencedError} This outbox is not the sender. @throws {RealtimeError} `storage`.
   */
  async claim(id: string): Promise<OutboxRecord | undefined> {
    const claimed = await this.#change(id, claimStep(this.#now(), this.#leadingSince), { asSender: true });
    return claimed?.state === 'sending' ? claimed : undefined;
  }

  /** Records how a message under way stands. `undefined`: it is gone, or was given up. Throws as {@link claim}. */
  release(id: string, change: OutboxRelease): Promise<OutboxRecord | undefined> {
    const step: Step = (record) => (record.state === 'failed' ? undefined : { ...record, ...change });
    return this.#change(id, step, { asSender: true });
  }

  /** Gives a message up: it becomes a dead letter. Throws as {@link claim}. */
  async bury(id: string, error: RealtimeError): Promise<void> {
    await this.#change(id, buryStep(error, this.#now()), { asSender: true });
    await this.#makeRoom();
  }

  /**
   * The server has the message. Proof is proof: any tab may bring it, as often as it likes. Never rejects because of
   * storage: when the database cannot be told now, it is told with the next change.
   */
  async acknowledge(id: string): Promise<void> {
    try {
      await this.#change(id, () => 'gone', { goneAs: 'sent' });
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.#unsavedGone.add(id);
      this.#mirror.leave(id, 'sent', true);
      this.#report(error);
    }
  }

  // Anybody's side, in any tab.

  /** Sends a dead letter again, under its id and at its old place. Resolves to whether there was one. */
  async retry(id: string): Promise<boolean> {
    return (await this.#change(id, retryStep(this.#expiry()))) !== undefined;
  }

  /** How many dead letters are sent again. */
  async retryAll(): Promise<number> {
    const retried = await Promise.all(this.#deadLetters().map(({ id }) => this.retry(id)));
    return retried.filter(Boolean).length;
  }

  /** Removes a message that waits or was given up. `false`: it may be under way, or is gone. */
  async discard(id: string): Promise<boolean> {
    return (await this.#change(id, discardStep)) !== undefined;
  }

  /**
   * Changes the text of a message that no server can have; it keeps its id and place, and a dead letter goes again.
   * `false`: it may be under way or stored, or is gone.
   *
   * @throws {RealtimeError} `queue-full` when there is no room for the longer text; `storage`; `closed`.
   */
  async edit(id: string, text: string): Promise<boolean> {
    const edit = editStep(text, this.#expiry());
    const edited = await this.#change(id, (record) => {
      const next = edit(record);
      if (next && next !== 'gone' && this.#mirror.bytes - record.bytes + next.bytes > this.#limits.bytes) {
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
    const time = this.#now();
    for (const { id } of this.#mirror.filter((record) => isExpired(record, time))) {
      await this.#change(id, expireStep(time));
    }
    await this.#makeRoom();
  }

  /**
   * Forgets the account, in the database and here, for example when the visitor signs out: the queue, dead letters, what
   * was set aside, drafts. No account is open afterwards. Rejects with `storage` when the database could not be cleared.
   */
  async purge(): Promise<void> {
    try {
      await this.#serial(async () => this.#store?.purge());
    } finally {
      this.#mirror.events.emit('note', { kind: 'purged' });
      this.forget();
    }
  }

  /** Drops the account from memory and leaves the database alone: another tab purged it. */
  forget(): void {
    this.#storage = undefined;
    this.#opening = undefined;
    this.#isLoaded = this.#isLeading = this.#hasFailed = this.#hasPeers = false;
    // What is on its way into the queue is this account's too.
    for (const { reject } of this.#enqueues.splice(0)) reject(closed());
    this.#unsavedPlaces.clear();
    this.#unsavedGone.clear();
    this.#offered.clear();
    this.#mirror.clear();
  }

  /** What was left in a conversation besides messages. */
  place(conversation: string): Place {
    return this.#mirror.place(conversation);
  }

  /** Shown at once and stored soon, in one with a message that is enqueued at the same time. */
  setPlace(conversation: string, change: Partial<Place>): void {
    if (this.#isClosed) return;
    this.#mirror.setPlace(conversation, { ...this.place(conversation), ...change }, true);
    const unsaved = { ...this.#unsavedPlaces.get(conversation), ...change };
    const { readThrough } = this.place(conversation);
    this.#unsavedPlaces.set(conversation, unsaved.readThrough ? { ...unsaved, readThrough } : unsaved);
    this.#cancelPlaceTimer ??= this.#setTimer(() => this.#commitSoon(), PLACE_DELAY_MS);
  }

  /** The page is about to be frozen: storage is let go of until {@link resume}, for the other tabs. */
  suspend(): void {
    this.#database.suspend();
  }

  resume(): void {
    this.#database.resume();
  }

  /** Stores what is pending and lets go of the database. Nothing is left running. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.resume();
    this.#commitSoon();
    this.#isClosed = true;
    await this.#tail;
    this.#database.close();
    this.#mirror.events.clear();
  }

  // Other tabs.

  /** Takes another tab's note. What is no note is ignored. */
  receiveNote(raw: unknown): void {
    const note = parseNote(raw);
    if (!note || !this.#storage || this.#isClosed) return;
    this.#hasPeers = true;
    if (note.kind === 'record') this.#receiveRecord(note.record);
    else if (note.kind === 'gone') this.#mirror.leave(note.id, note.event, false);
    else if (note.kind === 'place') this.#mirror.setPlace(note.conversation, note.place, false);
    else this.forget();
  }

  /** What only this tab has, to be offered to a new sender: messages that are not stored, and credentials. */
  unpersisted(): OutboxNote[] {
    const unstored = this.#unstored();
    for (const { id } of unstored) this.#offered.add(id);
    const credentials = this.#mirror.filter(
      ({ persisted, message }) => persisted && message.authorization !== undefined,
    );
    return [...unstored, ...credentials].map((record) => ({ kind: 'record', event: 'changed', record }));
  }

  /** Reads anew what is stored and tells the differences. Rejects with `storage` when that fails. */
  refresh(): Promise<void> {
    return this.#serial(async () => {
      const storage = this.#store;
      if (!storage) return;
      const gone = new Set(this.#unsavedGone);
      const loaded = await this.#using(() => storage.load(gone));
      if (storage !== this.#storage) return;
      this.#adopt(loaded, gone);
      this.#isLoaded = true;
      if (this.#mirror.unstored + this.#unsavedPlaces.size > 0) this.#commitSoon();
    });
  }

  /** The account's storage, where there is a database to try. */
  get #store(): OutboxStorage | undefined {
    return this.#database.isAvailable ? this.#storage : undefined;
  }

  async #load(): Promise<void> {
    try {
      await this.refresh();
      await this.expire();
      await this.#tail;
    } catch (error) {
      if (!this.#isClosed) this.#report(error);
    }
  }

  #refreshSoon(): void {
    void this.refresh().catch((error: unknown) => this.#report(error));
  }

  async #lead(): Promise<true | { readonly until: number }> {
    const storage = this.#store;
    if (storage) {
      const gone = new Set(this.#unsavedGone);
      try {
        const answer = await this.#using(() => storage.lead(gone));
        if (storage !== this.#storage) throw closed();
        if (answer !== true && 'until' in answer) {
          this.#isLeading = false;
          return answer;
        }
        if (answer !== true) this.#adopt(answer, gone);
      } catch (error) {
        // Without the database, only what this tab alone has can be sent.
        if (this.#mirror.size > this.#mirror.unstored || !isStorageError(error)) throw error;
      }
    }
    if (!this.#isLeading) this.#leadingSince = this.#now();
    const unsure = this.#isLeading ? [] : this.#unstored();
    this.#isLeading = true;
    for (const record of unsure) {
      if (this.get(record.id)?.state === record.state) continue;
      this.#mirror.show({ ...record, revision: record.revision + 1 }, 'changed');
    }
    return true;
  }

  /** Takes one step with a record and shows the outcome. Resolves to the changed record, or the one that is gone. */
  #change(
    id: string,
    step: Step,
    { asSender = false, goneAs = 'discarded' }: ChangeOptions = {},
  ): Promise<OutboxRecord | undefined> {
    const next: Step = (record) => {
      const after = step(this.#mirror.withCredential(record));
      return after && after !== 'gone' ? { ...after, revision: record.revision + 1 } : after;
    };
    return this.#serial(async () => {
      if (asSender && !this.#isLeading) throw new FencedError();
      const held = this.get(id);
      const storage = this.#store;
      if (!storage || held?.persisted === false) {
        const after = held && next(held);
        return held && after && this.#showStep(held, after, goneAs);
      }
      if (asSender && !storage.isLeading && (await this.#lead()) !== true) throw new FencedError();
      const result = await this.#using(() => storage.change(id, next, asSender));
      if (storage !== this.#storage) return undefined;
      if (this.#mirror.unstored + this.#unsavedGone.size > 0) this.#commitSoon(); // there may be room now
      if (result?.after) return this.#showStep(result.before, result.after, goneAs);
      if (result) this.#mirror.learn(result.before);
      else if (held) this.#mirror.vanish(held);
      return undefined;
    });
  }

  #showStep(before: OutboxRecord, after: OutboxRecord | 'gone', goneAs: 'sent' | 'discarded'): OutboxRecord {
    if (after === 'gone') {
      this.#mirror.leave(before.id, goneAs, true, before);
      return before;
    }
    const hasFailed = after.state === 'failed' && before.state !== 'failed';
    this.#mirror.show(after, hasFailed ? 'failed' : 'changed');
    return after;
  }

  #commitSoon(): void {
    if (this.#isCommitDue || this.#isClosed) return;
    this.#isCommitDue = true;
    void this.#serial(() => this.#commit());
  }

  /** Writes everything that has gathered in one transaction, so that a burst costs little more than one message. */
  async #commit(): Promise<void> {
    this.#isCommitDue = false;
    this.#cancelPlaceTimer?.();
    this.#cancelPlaceTimer = undefined;
    const account = this.#storage;
    const storage = this.#store;
    const enqueues = this.#enqueues.splice(0).filter((enqueue) => this.#isNew(enqueue));
    const added = enqueues.map(({ record }) => record);
    const unstored = this.#unstored();
    const places = new Map(this.#unsavedPlaces);
    const gone = new Set(this.#unsavedGone);
    let written: Written | undefined;
    if (storage && added.length + unstored.length + places.size + gone.size > 0) {
      const wasWorking = !this.#hasFailed;
      try {
        written = await this.#using(() => storage.write({ unstored, added, places, gone }));
      } catch (error) {
        if (wasWorking) this.#report(error);
      }
    }
    if (account !== this.#storage) {
      // Signed out meanwhile: it is not shown to whoever came next.
      for (const { reject } of enqueues) reject(closed());
    } else if (written) {
      for (const id of gone) this.#unsavedGone.delete(id);
      for (const [conversation, change] of places) {
        // Unless it has changed again.
        if (this.#unsavedPlaces.get(conversation) === change) this.#unsavedPlaces.delete(conversation);
      }
      this.#showWritten(written, enqueues);
    } else {
      for (const enqueue of enqueues) this.#keepInMemory(enqueue);
      for (const conversation of places.keys()) this.#tellPlace(conversation);
    }
  }

  #showWritten(written: Written, enqueues: readonly Enqueue[]): void {
    for (const record of written.unstored) {
      this.#offered.delete(record.id);
      const held = this.get(record.id);
      if (held && held.revision <= record.revision) {
        this.#mirror.show(this.#mirror.withCredential(record), 'changed');
      }
      if (!held) this.#unsavedGone.add(record.id); // it left while it was being written
    }
    for (const [index, { record, resolve, reject }] of enqueues.entries()) {
      const outcome = written.added[index];
      if (outcome === 'full') reject(full());
      else if (outcome === 'known' || !outcome) reject(usedBefore());
      else {
        // As it was given: what was stored lacks the credential.
        const stored = { ...outcome, message: record.message };
        this.#mirror.show(stored, 'queued');
        resolve(stored);
      }
    }
    for (const [conversation, { readThrough }] of written.places) {
      this.#mirror.setPlace(conversation, { ...this.place(conversation), readThrough }, false);
      this.#tellPlace(conversation);
    }
    if (this.#unsavedGone.size > 0) this.#commitSoon();
    if (!this.#isLoaded) this.#refreshSoon();
  }

  #tellPlace(conversation: string): void {
    const place = this.place(conversation);
    this.#mirror.events.emit('note', { kind: 'place', conversation, place });
  }

  #isNew({ record: { id }, reject }: Enqueue): boolean {
    const isNew = !this.get(id) && !this.#mirror.goneAs(id);
    if (!isNew) reject(usedBefore());
    return isNew;
  }

  #keepInMemory(enqueue: Enqueue): void {
    const { waiting, bytes, lastSeq } = this.#mirror;
    const record = { ...enqueue.record, seq: lastSeq + 1 };
    if (!this.#isNew(enqueue)) return; // another one of the same moment has its id
    if (waiting >= this.#limits.messages || bytes + record.bytes > this.#limits.bytes) {
      return enqueue.reject(full());
    }
    if (!this.#isLeading && this.#storage) this.#offered.add(record.id);
    this.#mirror.show(record, 'queued');
    enqueue.resolve(record);
  }

  /** What is still to be stored. A message that others were told of may be under way there: it is looked up first. */
  #unstored(): OutboxRecord[] {
    if (this.#mirror.unstored === 0) return [];
    return this.#mirror
      .filter(({ persisted }) => !persisted)
      .map((record) =>
        record.state === 'queued' && this.#hasPeers && this.#offered.has(record.id)
          ? { ...record, state: 'uncertain' }
          : record,
      );
  }

  /** Takes over what is stored, where the ids in `gone` were removed on that occasion. */
  #adopt(loaded: Loaded | undefined, gone: ReadonlySet<string>): void {
    if (!loaded) return;
    const { quarantined, damaged } = loaded;
    this.#quarantined = quarantined;
    if (damaged > 0) {
      this.#report(
        new RealtimeError('storage', `Stored messages are damaged and were set aside: ${damaged}.`),
      );
    }
    this.#mirror.adopt(loaded, this.#unsavedPlaces);
    for (const id of gone) this.#unsavedGone.delete(id);
  }

  #receiveRecord(record: OutboxRecord): void {
    const { id, persisted } = record;
    const event = this.#mirror.goneAs(id);
    // The other tab slept through it.
    if (event) this.#mirror.events.emit('note', { kind: 'gone', event, id });
    else if (this.#mirror.learn(record) && !persisted) {
      if (this.#isLeading) this.#commitSoon();
      else this.#offered.add(id);
    }
  }

  #deadLetters(): OutboxRecord[] {
    return this.#mirror.filter(({ state }) => state === 'failed');
  }

  /** Forgets the oldest dead letters where there are too many, and those that are too old. Never rejects. */
  async #makeRoom(): Promise<void> {
    const { deadLetters, deadTtlMs } = this.#limits;
    const oldest = this.#now() - deadTtlMs;
    const surplus = this.#deadLetters()
      .sort((a, b) => (b.failedAt ?? 0) - (a.failedAt ?? 0))
      .filter(({ failedAt = 0 }, index) => index >= deadLetters || failedAt <= oldest);
    let dropped = 0;
    try {
      for (const { id } of surplus) if (await this.#change(id, dropStep)) dropped++;
    } catch (error) {
      this.#report(error);
    }
    if (dropped === 0) return;
    this.#dropped += dropped;
    this.#report(new RealtimeError('storage', `Messages that were given up are no longer kept: ${dropped}.`));
  }

  /** Notes whether storage works, and that another tab has taken over. */
  async #using<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      this.#hasFailed = false;
      return result;
    } catch (error) {
      if (error instanceof FencedError) this.#isLeading = false;
      else if (isStorageError(error)) this.#hasFailed = true;
      throw error;
    }
  }

  #report(reason: unknown): void {
    this.#mirror.events.emit('error', RealtimeError.from(reason, 'storage', 'The outbox failed.'));
  }

  #expiry(): number {
    return this.#now() + this.#limits.ttlMs;
  }

  #now(): number {
    return (this.#given.now ?? now)();
  }

  #uuid(): string {
    return (this.#given.uuid ?? uuid)();
  }

  #setTimer(callback: () => void, delayMs: number): Undo {
    return (this.#given.setTimer ?? setTimer)(callback, delayMs);
  }

  /** One thing after another, so that what a step finds in memory is still so when it writes. */
  #serial<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(closed());
    const result = this.#tail.then(job);
    this.#tail = result.catch(() => undefined); // whoever asked for the job hears of it
    return result;
  }
}

function isStorageError(error: unknown): boolean {
  return error instanceof RealtimeError && error.code === 'storage';
}

function closed(): RealtimeError {
  return new RealtimeError('closed', 'The outbox is closed.');
}

function full(): RealtimeError {
  return new RealtimeError('queue-full', 'Too many messages wait to be sent.');
}

function usedBefore(): RealtimeError {
  return new RealtimeError('input', 'A message with this request id was sent before.');
}
