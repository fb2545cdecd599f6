import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { now, setTimer, uuid } from '../protocol/page.ts';
import { OutboxDatabase } from './outbox-database.ts';
import { OutboxMirror } from './outbox-mirror.ts';
import { NO_PLACE, parseNote, type OutboxNote, type Place } from './outbox-notes.ts';
import {
  createRecord,
  toDeadLetter,
  withText,
  type DeadLetter,
  type NewRecord,
  type OutboxRecord,
} from './outbox-record.ts';
import { OutboxStorage, type Loaded, type Step, type Written } from './outbox-storage.ts';
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
/** How long a new sender waits for another tab to bring the credential of a message that was loaded without. */
const CREDENTIAL_GRACE_MS = 2_000;

const LOST_CREDENTIAL = 'The sign-in that the message was written with is no longer known.';

interface Change {
  readonly step: Step;
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
  readonly #places = new Map<string, Place>();
  readonly #events = new Emitter<OutboxEvents>();

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
  #commitDue = false;
  #enqueues: Enqueue[] = [];
  #placeChanges = new Map<string, Partial<Place>>();
  #cancelPlaceTimer: Undo | undefined;
  /** Messages that left while the database could not be told. */
  #gone = new Set<string>();
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
      setTimer: (callback, delayMs) => (given.setTimer ?? setTimer)(callback, delayMs),
      onLateOpen: () => void this.refresh().catch((error: unknown) => this.#report(error)),
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
    return this.#events.on(event, listener);
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
    const claimed = await this.#change(id, {
      asSender: true,
      step: (record) => {
        if (record.state !== 'queued') return undefined;
        if (!record.needsAuthorization || record.message.authorization !== undefined) {
          return { ...record, state: 'sending', attempts: record.attempts + 1, nextAttemptAt: undefined };
        }
        const patience = this.#leadingSince + CREDENTIAL_GRACE_MS;
        if (this.#now() < patience) return { ...record, nextAttemptAt: patience };
        return this.#dead(record, new RealtimeError('unauthorized', LOST_CREDENTIAL, { stored: 'no' }));
      },
    });
    return claimed?.state === 'sending' ? claimed : undefined;
  }

  /** Records how a message under way stands. `undefined`: it is gone, or was given up. Throws as {@link claim}. */
  release(id: string, change: OutboxRelease): Promise<OutboxRecord | undefined> {
    return this.#change(id, {
      asSender: true,
      step: (record) => (record.state === 'failed' ? undefined : { ...record, ...change }),
    });
  }

  /** Gives a message up: it becomes a dead letter. Throws as {@link claim}. */
  async bury(id: string, error: RealtimeError): Promise<void> {
    await this.#change(id, {
      asSender: true,
      step: (record) => (record.state === 'failed' ? undefined : this.#dead(record, error)),
    });
    await this.#makeRoom();
  }

  /**
   * The server has the message. Proof is proof: any tab may bring it, as often as it likes. Never rejects: when the
   * database cannot be told now, it is told with the next change.
   */
  async acknowledge(id: string): Promise<void> {
    try {
      await this.#change(id, { step: () => 'gone', goneAs: 'sent' });
    } catch (error) {
      this.#gone.add(id);
      this.#leave(id, 'sent', true);
      this.#report(error);
    }
  }

  // Anybody's side, in any tab.

  /** Sends a dead letter again, under its id and at its old place. Resolves to whether there was one. */
  async retry(id: string): Promise<boolean> {
    const changed = await this.#change(id, {
      step: (record) =>
        record.state === 'failed'
          ? // It may have been stored by its last attempt: look before sending.
            this.#fresh(record, record.error?.stored === 'maybe' ? 'uncertain' : 'queued')
          : undefined,
    });
    return changed !== undefined;
  }

  /** How many dead letters are sent again. */
  async retryAll(): Promise<number> {
    const retried = await Promise.all(this.#deadLetters().map(({ id }) => this.retry(id)));
    return retried.filter(Boolean).length;
  }

  /** Removes a message that waits or was given up. `false`: it may be under way, or is gone. */
  async discard(id: string): Promise<boolean> {
    const step: Step = ({ state }) => (state === 'queued' || state === 'failed' ? 'gone' : undefined);
    return (await this.#change(id, { step })) !== undefined;
  }

  /**
   * Changes the text of a message that no server can have; it keeps its id and place, and a dead letter goes again.
   * `false`: it may be under way or stored, or is gone.
   */
  async edit(id: string, text: string): Promise<boolean> {
    const edited = await this.#change(id, {
      step: (record) => {
        const isRefused = record.state === 'failed' && record.error?.stored === 'no';
        if (record.state !== 'queued' && !isRefused) return undefined;
        const changed = withText(record, text);
        const next = isRefused ? this.#fresh(changed, 'queued') : changed;
        if (this.#mirror.bytes - record.bytes + next.bytes > this.#limits.bytes) throw full();
        return next;
      },
    });
    return edited !== undefined;
  }

  /**
   * Turns what waited too long into dead letters, and forgets dead letters that are too old or too many: those are
   * counted in `status().dropped` and told as an `error`.
   */
  async expire(): Promise<void> {
    const time = this.#now();
    const isOver = ({ expiresAt, state }: OutboxRecord) =>
      expiresAt <= time && (state === 'queued' || state === 'uncertain');
    for (const { id } of this.list().filter(isOver)) {
      await this.#change(id, {
        step: (record) => {
          const stored = record.state === 'queued' ? 'no' : 'maybe';
          const error = new RealtimeError('expired', 'It could not be sent for too long.', { stored });
          return isOver(record) ? this.#dead(record, error) : undefined;
        },
      });
    }
    await this.#makeRoom();
  }

  /**
   * Forgets the account, in the database and here, for example when the visitor signs out: the queue, dead letters, what
   * was set aside, drafts. No account is open afterwards.
   */
  async purge(): Promise<void> {
    try {
      await this.#serial(async () => this.#store?.purge());
    } finally {
      this.#events.emit('note', { kind: 'purged' });
      this.forget();
    }
  }

  /** Drops the account from memory and leaves the database alone: another tab purged it. */
  forget(): void {
    const records = this.list();
    this.#storage = undefined;
    this.#opening = undefined;
    this.#isLoaded = this.#isLeading = this.#hasFailed = false;
    this.#mirror.clear();
    this.#places.clear();
    this.#placeChanges.clear();
    this.#gone.clear();
    this.#offered.clear();
    for (const record of records) this.#events.emit('change', { record, event: 'discarded', here: false });
  }

  /** What was left in a conversation besides messages. */
  place(conversation: string): Place {
    return this.#places.get(conversation) ?? NO_PLACE;
  }

  /** Shown at once and stored soon, in one with a message that is enqueued at the same time. */
  setPlace(conversation: string, change: Partial<Place>): void {
    if (this.#isClosed) return;
    this.#showPlace(conversation, { ...this.place(conversation), ...change }, true);
    const { readThrough } = this.place(conversation);
    const pending = { ...this.#placeChanges.get(conversation), ...change };
    this.#placeChanges.set(conversation, pending.readThrough ? { ...pending, readThrough } : pending);
    this.#cancelPlaceTimer ??= (this.#given.setTimer ?? setTimer)(() => this.#commitSoon(), PLACE_DELAY_MS);
  }

  /** Stores what is pending and lets go of the database. Nothing is left running. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#commitSoon();
    this.#isClosed = true;
    await this.#tail;
    this.#database.close();
    this.#events.clear();
  }

  // Other tabs.

  /** Takes another tab's note. What is no note is ignored. */
  receiveNote(raw: unknown): void {
    const note = parseNote(raw);
    if (!note || !this.#storage || this.#isClosed) return;
    this.#hasPeers = true;
    if (note.kind === 'record') this.#receiveRecord(note.record, note.event);
    else if (note.kind === 'gone') this.#leave(note.id, note.event, false);
    else if (note.kind === 'place') this.#showPlace(note.conversation, note.place, false);
    else this.forget();
  }

  /** What only this tab has, to be offered to a new sender: messages that are not stored, and credentials. */
  unpersisted(): OutboxNote[] {
    const unstored = this.#unstored();
    for (const { id } of unstored) this.#offered.add(id);
    const credentials = this.list().filter(
      ({ persisted, message }) => persisted && message.authorization !== undefined,
    );
    return [...unstored, ...credentials].map((record) => ({ kind: 'record', event: 'changed', record }));
  }

  /** Reads anew what is stored and tells the differences. Rejects with `storage` when that fails. */
  refresh(): Promise<void> {
    return this.#serial(async () => {
      const storage = this.#store;
      if (!storage) return;
      const loaded = await this.#using(() => storage.load(this.#gone));
      if (storage !== this.#storage) return;
      if (loaded) this.#adopt(loaded);
      this.#isLoaded = true;
      if (this.#mirror.unstored > 0) this.#commitSoon();
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

  async #lead(): Promise<true | { readonly until: number }> {
    const storage = this.#store;
    if (storage) {
      try {
        const answer = await this.#using(() => storage.lead(this.#gone));
        if (storage !== this.#storage) throw closed();
        if (answer !== true && 'until' in answer) {
          this.#isLeading = false;
          return answer;
        }
        if (answer !== true) this.#adopt(answer);
      } catch (error) {
        // Without the database, only what this tab alone has can be sent.
        if (this.#mirror.size > this.#mirror.unstored || !isStorageError(error)) throw error;
      }
    }
    if (!this.#isLeading) {
      this.#isLeading = true;
      this.#leadingSince = this.#now();
      for (const record of this.#unstored()) {
        if (record.state === 'uncertain' && this.#mirror.get(record.id)?.state === 'queued') {
          this.#show({ ...record, revision: record.revision + 1 }, 'changed');
        }
      }
    }
    return true;
  }

  /** Takes one step with a record and shows the outcome. Resolves to the changed record, or the one that is gone. */
  #change(
    id: string,
    { step, asSender = false, goneAs = 'discarded' }: Change,
  ): Promise<OutboxRecord | undefined> {
    const next: Step = (record) => {
      const after = step(this.#withCredential(record));
      return after && after !== 'gone' ? { ...after, revision: record.revision + 1 } : after;
    };
    return this.#serial(async () => {
      if (asSender && !this.#isLeading) throw new FencedError();
      const held = this.#mirror.get(id);
      const storage = this.#store;
      if (!storage || held?.persisted === false) {
        const after = held && next(held);
        return held && after && this.#told(held, after, goneAs);
      }
      if (asSender && !storage.isLeading && (await this.#lead()) !== true) throw new FencedError();
      const result = await this.#using(() => storage.change(id, next, asSender));
      if (storage !== this.#storage) return undefined;
      if (!result) {
        if (held) this.#vanish(held);
        return undefined;
      }
      if (this.#mirror.unstored + this.#gone.size > 0) this.#commitSoon(); // there may be room now
      const { before, after } = result;
      if (after) return this.#told(before, after, goneAs);
      if (before.revision !== held?.revision) this.#learn(before);
      return undefined;
    });
  }

  #told(before: OutboxRecord, after: OutboxRecord | 'gone', goneAs: 'sent' | 'discarded'): OutboxRecord {
    if (after === 'gone') {
      this.#leave(before.id, goneAs, true, before);
      return before;
    }
    const hasFailed = after.state === 'failed' && before.state !== 'failed';
    this.#show(after, hasFailed ? 'failed' : 'changed');
    return after;
  }

  #commitSoon(): void {
    if (this.#commitDue || this.#isClosed) return;
    this.#commitDue = true;
    void this.#serial(() => this.#commit());
  }

  /** Writes everything that has gathered in one transaction, so that a burst costs little more than one message. */
  async #commit(): Promise<void> {
    this.#commitDue = false;
    this.#cancelPlaceTimer?.();
    this.#cancelPlaceTimer = undefined;
    const enqueues = this.#enqueues.filter((enqueue) => this.#isNew(enqueue));
    const places = this.#placeChanges;
    const gone = new Set(this.#gone);
    const unstored = this.#unstored();
    this.#enqueues = [];
    this.#placeChanges = new Map();
    if (enqueues.length + places.size + gone.size + unstored.length === 0) return;

    const storage = this.#store;
    const account = this.#storage;
    let written: Written | undefined;
    if (storage) {
      const added = enqueues.map(({ record }) => record);
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
      this.#showWritten(written, enqueues, gone);
    } else {
      for (const enqueue of enqueues) this.#keepInMemory(enqueue);
      for (const [conversation, change] of places) {
        if (storage)
          this.#placeChanges.set(conversation, { ...change, ...this.#placeChanges.get(conversation) });
        this.#events.emit('note', { kind: 'place', conversation, place: this.place(conversation) });
      }
    }
  }

  #showWritten(written: Written, enqueues: readonly Enqueue[], gone: ReadonlySet<string>): void {
    for (const id of gone) this.#gone.delete(id);
    for (const record of written.unstored) {
      this.#offered.delete(record.id);
      const known = this.#mirror.get(record.id);
      if (known && known.revision <= record.revision) this.#show(this.#withCredential(record), 'changed');
      // It left while it was being written.
      if (!known) this.#gone.add(record.id);
    }
    for (const [index, { record, resolve, reject }] of enqueues.entries()) {
      const outcome = written.added[index];
      if (outcome === 'full') reject(full());
      else if (outcome === 'known' || !outcome) reject(known());
      else {
        const { authorization } = record.message;
        const message = authorization === undefined ? outcome.message : { ...outcome.message, authorization };
        const stored = { ...outcome, message };
        this.#show(stored, 'queued');
        resolve(stored);
      }
    }
    for (const [conversation, place] of written.places) {
      if (place.readThrough > this.place(conversation).readThrough) {
        this.#showPlace(conversation, { ...this.place(conversation), readThrough: place.readThrough }, false);
      }
      this.#events.emit('note', { kind: 'place', conversation, place: this.place(conversation) });
    }
    if (this.#gone.size > 0) this.#commitSoon();
    if (!this.#isLoaded) void this.refresh().catch((error: unknown) => this.#report(error));
  }

  #isNew({ record: { id }, reject }: Enqueue): boolean {
    const isNew = !this.#mirror.get(id) && !this.#mirror.goneAs(id);
    if (!isNew) reject(known());
    return isNew;
  }

  #keepInMemory(enqueue: Enqueue): void {
    const { waiting, bytes, lastSeq } = this.#mirror;
    const record = { ...enqueue.record, seq: lastSeq + 1 };
    if (!this.#isNew(enqueue)) return;
    if (waiting >= this.#limits.messages || bytes + record.bytes > this.#limits.bytes) {
      return enqueue.reject(full());
    }
    if (!this.#isLeading && this.#storage) this.#offered.add(record.id);
    this.#show(record, 'queued');
    enqueue.resolve(record);
  }

  /** What is still to be stored. A message that others were told of may be under way there: it is looked up first. */
  #unstored(): OutboxRecord[] {
    if (this.#mirror.unstored === 0) return [];
    return this.#mirror
      .list()
      .filter(({ persisted }) => !persisted)
      .map((record) =>
        record.state === 'queued' && this.#hasPeers && this.#offered.has(record.id)
          ? { ...record, state: 'uncertain' as const }
          : record,
      );
  }

  /** Shows what is stored, and tells how it differs from what was known. */
  #adopt({ records, places, quarantined, damaged }: Loaded): void {
    this.#quarantined = quarantined;
    if (damaged > 0) {
      this.#report(
        new RealtimeError('storage', `Stored messages are damaged and were set aside: ${damaged}.`),
      );
    }
    for (const record of this.list()) {
      if (record.persisted && !records.has(record.id)) this.#vanish(record);
    }
    for (const record of records.values()) {
      const known = this.#mirror.get(record.id);
      if (!known || known.revision < record.revision || !known.persisted) this.#learn(record);
    }
    for (const [conversation, place] of places) {
      const pending = this.#placeChanges.get(conversation);
      this.#showPlace(conversation, { ...place, ...pending }, false);
    }
    this.#gone.clear();
  }

  #receiveRecord(record: OutboxRecord, event: 'queued' | 'changed' | 'failed'): void {
    const goneAs = this.#mirror.goneAs(record.id);
    if (goneAs) {
      // The other tab slept through it.
      this.#events.emit('note', { kind: 'gone', event: goneAs, id: record.id });
      return;
    }
    const known = this.#mirror.get(record.id);
    const { authorization } = record.message;
    if (known && known.revision >= record.revision) {
      if (authorization !== undefined) {
        this.#mirror.put({ ...known, message: { ...known.message, authorization } });
      }
      return;
    }
    this.#mirror.put(this.#withCredential(record));
    this.#events.emit('change', { record: this.#mirror.get(record.id) ?? record, event, here: false });
    if (record.persisted) return;
    if (this.#isLeading) this.#commitSoon();
    else this.#offered.add(record.id);
  }

  #show(record: OutboxRecord, event: 'queued' | 'changed' | 'failed'): void {
    this.#mirror.put(record);
    this.#events.emit('change', { record, event, here: true });
    this.#events.emit('note', { kind: 'record', event, record });
  }

  /** Shows what another tab did. */
  #learn(stored: OutboxRecord): void {
    const record = this.#withCredential(stored);
    const known = this.#mirror.get(record.id);
    this.#mirror.put(record);
    const isNewlyFailed = record.state === 'failed' && known?.state !== 'failed';
    const event = isNewlyFailed ? 'failed' : known ? 'changed' : 'queued';
    this.#events.emit('change', { record, event, here: false });
  }

  #leave(id: string, event: 'sent' | 'discarded', here: boolean, last = this.#mirror.get(id)): void {
    this.#mirror.remove(id, event);
    this.#offered.delete(id);
    if (!last) return;
    this.#events.emit('change', { record: last, event, here });
    if (here) this.#events.emit('note', { kind: 'gone', event, id });
  }

  /** The database does not have it, and no tab said why. */
  #vanish(record: OutboxRecord): void {
    this.#mirror.remove(record.id);
    this.#events.emit('change', { record, event: 'missing', here: false });
  }

  #showPlace(conversation: string, { draft, readThrough }: Place, here: boolean): void {
    const known = this.place(conversation);
    const place = { draft, readThrough: Math.max(readThrough, known.readThrough) };
    if (place.draft === known.draft && place.readThrough === known.readThrough) return;
    this.#places.set(conversation, place);
    this.#events.emit('place', { conversation, place, here });
  }

  #deadLetters(): OutboxRecord[] {
    return this.#mirror.list().filter(({ state }) => state === 'failed');
  }

  async #makeRoom(): Promise<void> {
    const time = this.#now();
    const surplus = this.#deadLetters()
      .sort((a, b) => (b.failedAt ?? 0) - (a.failedAt ?? 0))
      .filter(
        ({ failedAt = 0 }, index) =>
          index >= this.#limits.deadLetters || failedAt + this.#limits.deadTtlMs <= time,
      );
    if (surplus.length === 0) return;
    const step: Step = ({ state }) => (state === 'failed' ? 'gone' : undefined);
    let dropped = 0;
    try {
      for (const { id } of surplus) if (await this.#change(id, { step })) dropped++;
    } catch (error) {
      this.#report(error);
    }
    if (dropped === 0) return;
    this.#dropped += dropped;
    this.#report(new RealtimeError('storage', `Messages that were given up are no longer kept: ${dropped}.`));
  }

  #dead(record: OutboxRecord, error: RealtimeError): OutboxRecord {
    const failedAt = this.#now();
    return { ...record, state: 'failed', nextAttemptAt: undefined, failedAt, error: error.details() };
  }

  /** The record as if it had never been tried. */
  #fresh(record: OutboxRecord, state: 'queued' | 'uncertain'): OutboxRecord {
    return {
      ...record,
      state,
      attempts: 0,
      losses: 0,
      nextAttemptAt: undefined,
      failedAt: undefined,
      error: undefined,
      expiresAt: this.#now() + this.#limits.ttlMs,
    };
  }

  /** The database never has the credential; this tab may. */
  #withCredential(record: OutboxRecord): OutboxRecord {
    const authorization = this.#mirror.get(record.id)?.message.authorization;
    return authorization === undefined || record.message.authorization !== undefined
      ? record
      : { ...record, message: { ...record.message, authorization } };
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
    this.#events.emit('error', RealtimeError.from(reason, 'storage', 'The outbox failed.'));
  }

  #now(): number {
    return (this.#given.now ?? now)();
  }

  #uuid(): string {
    return (this.#given.uuid ?? uuid)();
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

function known(): RealtimeError {
  return new RealtimeError('input', 'A message with this request id was sent before.');
}
