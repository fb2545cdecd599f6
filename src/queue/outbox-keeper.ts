import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { now, setTimer, uuid } from '../protocol/page.ts';
import { OutboxDatabase } from './outbox-database.ts';
import { OutboxMirror } from './outbox-mirror.ts';
import { parseNote, type Place } from './outbox-notes.ts';
import type { OutboxRecord } from './outbox-record.ts';
import type { Step } from './outbox-steps.ts';
import { OutboxStorage, type Loaded, type Written } from './outbox-storage.ts';
import {
  DEFAULT_LIMITS,
  FencedError,
  type OutboxEnvironment,
  type OutboxLimits,
  type OutboxOptions,
} from './outbox-types.ts';

/** Drafts change with every key; those of the same moment are written together. */
const PLACE_DELAY_MS = 4;

export interface ChangeOptions {
  /** Only the sender may do it. */
  readonly asSender?: boolean;
  /** How a record left that the step removed. Default `'discarded'`. */
  readonly goneAs?: 'sent' | 'discarded';
}

interface Enqueue {
  readonly record: OutboxRecord;
  readonly resolve: (record: OutboxRecord) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Keeps the records of one outbox: in the database, and in memory where that does not work, until it does. Everything
 * goes one after another, and is shown in the {@link mirror} once it is certain.
 */
export class OutboxKeeper {
  readonly limits: OutboxLimits;
  readonly mirror = new OutboxMirror();
  readonly #given: Partial<OutboxEnvironment>;
  readonly #leaseMs: number | undefined;
  readonly #owner: string;
  readonly #database: OutboxDatabase;

  #storage: OutboxStorage | undefined;
  /** Whether all that is stored is known here. */
  #isLoaded = false;
  /** Whether the last use of the database failed. */
  #hasFailed = false;
  #isLeading = false;
  /** When this tab became the sender. */
  leadingSince = 0;
  #isClosed = false;
  /** Damaged records set aside, and records of a later version left alone. */
  quarantined = 0;

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
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#leaseMs = options.leaseMs;
    this.#owner = this.uuid();
    this.#database = new OutboxDatabase({
      factory: () => ('indexedDB' in given ? given.indexedDB : globalThis.indexedDB),
      setTimer: (callback, delayMs) => this.#setTimer(callback, delayMs),
      onLateOpen: () => this.#refreshSoon(),
    });
  }

  /** The account that is open. */
  get account(): string | undefined {
    return this.#storage?.account;
  }

  /** Whether storage works, or is expected to, and every message held is in it. */
  get persisted(): boolean {
    return !this.#hasFailed && this.mirror.unstored === 0 && this.#database.isAvailable;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  now(): number {
    return (this.#given.now ?? now)();
  }

  uuid(): string {
    return (this.#given.uuid ?? uuid)();
  }

  /** Loads what is stored for `account`, and stores what has gathered. Rejects with `storage`. */
  async open(account: string): Promise<void> {
    if (this.#storage) this.forget();
    this.#storage = new OutboxStorage({
      database: this.#database,
      account,
      limits: this.limits,
      owner: this.#owner,
      leaseMs: this.#leaseMs,
      now: () => this.now(),
    });
    await this.refresh();
    await this.#tail;
  }

  /** Adds a record at the end of the queue. Resolves to it as it is kept; rejects with `queue-full`, `input`, `closed`. */
  enqueue(record: OutboxRecord): Promise<OutboxRecord> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#enqueues.push({ record, resolve, reject });
      this.#commitSoon();
    });
  }

  /** Takes one step with a record and shows the outcome. Resolves to the changed record, or the one that is gone. */
  change(
    id: string,
    step: Step,
    { asSender = false, goneAs = 'discarded' }: ChangeOptions = {},
  ): Promise<OutboxRecord | undefined> {
    const next: Step = (record) => {
      const after = step(this.mirror.withCredential(record));
      return after && after !== 'gone' ? { ...after, revision: record.revision + 1 } : after;
    };
    return this.#serial(async () => {
      if (asSender && !this.#isLeading) throw new FencedError();
      const held = this.mirror.get(id);
      const storage = this.#store;
      // The database may not know yet, or never: what has left has left.
      if (!held && this.mirror.goneAs(id)) return undefined;
      if (!storage || held?.persisted === false) {
        const after = held && next(held);
        return held && after && this.#showStep(held, after, goneAs);
      }
      if (asSender && !storage.isLeading && (await this.#lead()) !== true) throw new FencedError();
      const result = await this.#using(() => storage.change(id, next, asSender));
      if (storage !== this.#storage) return undefined;
      if (this.mirror.unstored + this.#unsavedGone.size > 0) this.#commitSoon(); // there may be room now
      if (result?.isBehind) void this.refresh().catch((error: unknown) => this.report(error));
      if (result?.after) return this.#showStep(result.before, result.after, goneAs);
      if (result) this.mirror.learn(result.before);
      else if (held) this.mirror.vanish(held);
      return undefined;
    });
  }

  /** The server has the message, and the database could not be told: it will be. */
  letGo(id: string): void {
    this.#unsavedGone.add(id);
    this.mirror.leave(id, 'sent', true);
  }

  /** See `Outbox.lead`. */
  lead(): Promise<true | { readonly until: number }> {
    return this.#serial(() => this.#lead());
  }

  yieldLead(): Promise<void> {
    return this.#serial(async () => {
      this.#isLeading = false;
      await this.#storage?.yieldLead();
    });
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
      if (this.mirror.unstored + this.#unsavedPlaces.size > 0) this.#commitSoon();
    });
  }

  setPlace(conversation: string, change: Partial<Place>): void {
    if (this.#isClosed) return;
    this.mirror.setPlace(conversation, { ...this.mirror.place(conversation), ...change }, true);
    const unsaved = { ...this.#unsavedPlaces.get(conversation), ...change };
    const { readThrough } = this.mirror.place(conversation);
    this.#unsavedPlaces.set(conversation, unsaved.readThrough ? { ...unsaved, readThrough } : unsaved);
    this.#cancelPlaceTimer ??= this.#setTimer(() => this.#commitSoon(), PLACE_DELAY_MS);
  }

  /** Removes the account's rows. */
  purge(): Promise<void> {
    const storage = this.#store;
    return this.#serial(async () => storage?.purge());
  }

  /** Drops the account from memory. */
  forget(): void {
    this.#storage = undefined;
    this.#isLoaded = this.#isLeading = this.#hasFailed = this.#hasPeers = false;
    // What is on its way into the queue is this account's too.
    for (const { reject } of this.#enqueues.splice(0)) reject(closed());
    this.#unsavedPlaces.clear();
    this.#unsavedGone.clear();
    this.#offered.clear();
    this.mirror.clear();
  }

  suspend(): void {
    this.#database.suspend();
  }

  resume(): void {
    this.#database.resume();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.resume();
    this.#commitSoon();
    this.#isClosed = true;
    await this.#tail;
    this.#database.close();
    this.mirror.events.clear();
  }

  /** Takes another tab's note. Returns `false` for a sign-out, which is for the outbox to follow. */
  receive(raw: unknown): boolean {
    const note = parseNote(raw);
    if (!note || !this.#storage || this.#isClosed) return true;
    this.#hasPeers = true;
    if (note.kind === 'record') this.#receiveRecord(note.record);
    else if (note.kind === 'gone') this.mirror.leave(note.id, note.event, false);
    else if (note.kind === 'place') this.mirror.setPlace(note.conversation, note.place, false);
    return note.kind !== 'purged';
  }

  /** What is still to be stored, for another tab to take on. */
  offer(): OutboxRecord[] {
    const unstored = this.#unstored();
    for (const { id } of unstored) this.#offered.add(id);
    return unstored;
  }

  /** Tells of a failure that no caller hears of. */
  report(reason: unknown): void {
    this.mirror.events.emit('error', RealtimeError.from(reason, 'storage', 'The outbox failed.'));
  }

  /** The account's storage, where there is a database to try. */
  get #store(): OutboxStorage | undefined {
    return this.#database.isAvailable ? this.#storage : undefined;
  }

  #refreshSoon(): void {
    void this.refresh().catch((error: unknown) => this.report(error));
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
        if (this.mirror.size > this.mirror.unstored || !isStorageError(error)) throw error;
      }
    }
    if (!this.#isLeading) this.leadingSince = this.now();
    const unsure = this.#isLeading ? [] : this.#unstored();
    this.#isLeading = true;
    for (const record of unsure) {
      if (this.mirror.get(record.id)?.state === record.state) continue;
      this.mirror.show({ ...record, revision: record.revision + 1 }, 'changed');
    }
    return true;
  }

  #showStep(before: OutboxRecord, after: OutboxRecord | 'gone', goneAs: 'sent' | 'discarded'): OutboxRecord {
    if (after === 'gone') {
      this.mirror.leave(before.id, goneAs, true, before);
      return before;
    }
    const hasFailed = after.state === 'failed' && before.state !== 'failed';
    this.mirror.show(after, hasFailed ? 'failed' : 'changed');
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
        if (wasWorking) this.report(error);
      }
    }
    if (account !== this.#storage) {
      // Signed out meanwhile: nothing of it stays, or is shown to whoever came next.
      for (const { reject } of enqueues) reject(closed());
      if (written) await account?.undo(written).catch((error: unknown) => this.report(error));
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
      if (!this.#database.isAvailable) this.#unsavedPlaces.clear(); // memory is all there is
    }
  }

  #showWritten(written: Written, enqueues: readonly Enqueue[]): void {
    for (const record of written.unstored) {
      this.#offered.delete(record.id);
      const held = this.mirror.get(record.id);
      if (held && held.revision <= record.revision) {
        this.mirror.show(this.mirror.withCredential(record), 'changed');
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
        this.mirror.show(stored, 'queued');
        resolve(stored);
      }
    }
    for (const [conversation, { readThrough }] of written.places) {
      this.mirror.setPlace(conversation, { ...this.mirror.place(conversation), readThrough }, false);
      this.#tellPlace(conversation);
    }
    if (this.#unsavedGone.size > 0) this.#commitSoon();
    if (!this.#isLoaded) this.#refreshSoon();
  }

  #tellPlace(conversation: string): void {
    const place = this.mirror.place(conversation);
    this.mirror.events.emit('note', { kind: 'place', conversation, place });
  }

  #isNew({ record: { id }, reject }: Enqueue): boolean {
    const isNew = !this.mirror.get(id) && !this.mirror.goneAs(id);
    if (!isNew) reject(usedBefore());
    return isNew;
  }

  #keepInMemory(enqueue: Enqueue): void {
    const { waiting, bytes, lastSeq } = this.mirror;
    const record = { ...enqueue.record, seq: lastSeq + 1 };
    if (!this.#isNew(enqueue)) return; // another one of the same moment has its id
    if (waiting >= this.limits.messages || bytes + record.bytes > this.limits.bytes) {
      return enqueue.reject(full());
    }
    if (!this.#isLeading && this.#storage) this.#offered.add(record.id);
    this.mirror.show(record, 'queued');
    enqueue.resolve(record);
  }

  /** What is still to be stored. A message that others were told of may be under way there: it is looked up first. */
  #unstored(): OutboxRecord[] {
    if (this.mirror.unstored === 0) return [];
    return this.mirror
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
    this.quarantined = quarantined;
    if (damaged > 0) {
      this.report(
        new RealtimeError('storage', `Stored messages are damaged and were set aside: ${damaged}.`),
      );
    }
    this.mirror.adopt(loaded, this.#unsavedPlaces);
    for (const id of gone) this.#unsavedGone.delete(id);
  }

  #receiveRecord(record: OutboxRecord): void {
    const { id, persisted } = record;
    const event = this.mirror.goneAs(id);
    // The other tab slept through it.
    if (event) this.mirror.events.emit('note', { kind: 'gone', event, id });
    else if (this.mirror.learn(record) && !persisted) {
      if (this.#isLeading) this.#commitSoon();
      else this.#offered.add(id);
    }
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

export function isStorageError(error: unknown): boolean {
  return error instanceof RealtimeError && error.code === 'storage';
}

export function closed(): RealtimeError {
  return new RealtimeError('closed', 'The outbox is closed.');
}

export function full(): RealtimeError {
  return new RealtimeError('queue-full', 'Too many messages wait to be sent.');
}

function usedBefore(): RealtimeError {
  return new RealtimeError('input', 'A message with this request id was sent before.');
}
