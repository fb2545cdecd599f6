import { Emitter } from '../protocol/emitter.ts';
import { NO_PLACE, type Place } from './outbox-notes.ts';
import { byPlace, streamOf, type OutboxRecord } from './outbox-record.ts';
import type { Loaded } from './outbox-storage.ts';
import type { OutboxEvents } from './outbox-types.ts';

/** Messages that left, remembered so that late news of another tab does not bring them back. */
const GONE_LIMIT = 1_000;

type GoneAs = 'sent' | 'discarded';

/**
 * The records and places as this tab knows them: read at once, never from the disk. Whatever changes here is told as an
 * event, and what this tab did also as a note for the others.
 */
export class OutboxMirror {
  readonly events = new Emitter<OutboxEvents>();
  readonly #records = new Map<string, OutboxRecord>();
  readonly #places = new Map<string, Place>();
  readonly #gone = new Map<string, GoneAs>();
  /** Not failed. */
  waiting = 0;
  failed = 0;
  /** Of those that wait. */
  bytes = 0;
  /** Records that only tabs have, not the database. */
  unstored = 0;
  /** The highest place given so far. */
  lastSeq = 0;

  get size(): number {
    return this.#records.size;
  }

  /** `createdAt` of the oldest message that waits. */
  get oldestAt(): number | undefined {
    let oldestAt: number | undefined;
    for (const { state, createdAt } of this.#records.values()) {
      if (state !== 'failed') oldestAt = Math.min(oldestAt ?? createdAt, createdAt);
    }
    return oldestAt;
  }

  get(id: string): OutboxRecord | undefined {
    return this.#records.get(id);
  }

  /** How a message left, if that was a short while ago. */
  goneAs(id: string): GoneAs | undefined {
    return this.#gone.get(id);
  }

  /** In queue order, dead letters included. */
  list(conversation?: string): OutboxRecord[] {
    return this.filter((record) => conversation === undefined || record.conversation === conversation);
  }

  /** In queue order. */
  filter(isWanted: (record: OutboxRecord) => boolean): OutboxRecord[] {
    return [...this.#records.values()].filter(isWanted).sort(byPlace);
  }

  /** The oldest record of each conversation and priority that is not failed: the only ones that may be worked on. */
  heads(): OutboxRecord[] {
    const heads = new Map<string, OutboxRecord>();
    for (const record of this.#records.values()) {
      if (record.state === 'failed') continue;
      const stream = streamOf(record);
      const head = heads.get(stream);
      if (!head || byPlace(record, head) < 0) heads.set(stream, record);
    }
    return [...heads.values()].sort(byPlace);
  }

  /** The record with the credential that the database never has and this tab may have. */
  withCredential(record: OutboxRecord): OutboxRecord {
    const authorization = record.message.authorization ?? this.get(record.id)?.message.authorization;
    return authorization === undefined
      ? record
      : { ...record, message: { ...record.message, authorization } };
  }

  /** This tab changed a record. */
  show(record: OutboxRecord, event: 'queued' | 'changed' | 'failed'): void {
    this.#put(record);
    this.events.emit('change', { record, event, here: true });
    this.events.emit('note', { kind: 'record', event, record });
  }

  /** Another tab changed a record. `false`: that is known here, or out of date. */
  learn(news: OutboxRecord): boolean {
    const known = this.get(news.id);
    const record = this.withCredential(news);
    // What this tab began with a message that is not stored counts more than that another one stored it as it was.
    const isStored = known?.persisted === false && news.persisted;
    const isOld = isStored
      ? known.state !== 'queued' && news.state === 'queued'
      : known && known.revision >= news.revision;
    if (known && isOld) {
      // The credential may be news none the less.
      const { authorization } = news.message;
      if (authorization !== undefined) this.#put({ ...known, message: { ...known.message, authorization } });
      return false;
    }
    this.#put(record);
    const hasFailed = record.state === 'failed' && known?.state !== 'failed';
    this.events.emit('change', {
      record,
      event: hasFailed ? 'failed' : known ? 'changed' : 'queued',
      here: false,
    });
    return true;
  }

  /** A message left for good. */
  leave(id: string, event: GoneAs, here: boolean, record = this.get(id)): void {
    this.#remove(id);
    this.#gone.set(id, event);
    for (const oldest of this.#gone.keys()) {
      if (this.#gone.size <= GONE_LIMIT) break;
      this.#gone.delete(oldest);
    }
    if (!record) return;
    this.events.emit('change', { record, event, here });
    if (here) this.events.emit('note', { kind: 'gone', event, id });
  }

  /** The database does not have the record, and no tab said why. */
  vanish(record: OutboxRecord): void {
    this.#remove(record.id);
    this.events.emit('change', { record, event: 'missing', here: false });
  }

  place(conversation: string): Place {
    return this.#places.get(conversation) ?? NO_PLACE;
  }

  setPlace(conversation: string, { draft, readThrough }: Place, here: boolean): void {
    const known = this.place(conversation);
    const place = { draft, readThrough: Math.max(readThrough, known.readThrough) };
    if (place.draft === known.draft && place.readThrough === known.readThrough) return;
    this.#places.set(conversation, place);
    this.events.emit('place', { conversation, place, here });
  }

  /** Takes over what is stored, and tells how it differs from what was known. */
  adopt({ records, places }: Loaded, unsaved: ReadonlyMap<string, Partial<Place>>): void {
    for (const record of this.filter(({ id, persisted }) => persisted && !records.has(id)))
      this.vanish(record);
    // As they were written: whoever shows them adds one after another.
    for (const record of [...records.values()].sort(byPlace)) this.learn(record);
    for (const [conversation, place] of places) {
      this.setPlace(conversation, { ...place, ...unsaved.get(conversation) }, false);
    }
  }

  /** Forgets everything. */
  clear(): void {
    const records = this.list();
    this.#records.clear();
    this.#places.clear();
    this.#gone.clear();
    this.waiting = this.failed = this.bytes = this.unstored = 0;
    for (const record of records) this.events.emit('change', { record, event: 'discarded', here: false });
  }

  #put(record: OutboxRecord): void {
    this.#remove(record.id);
    this.#records.set(record.id, record);
    this.#count(record, 1);
    this.lastSeq = Math.max(this.lastSeq, record.seq);
  }

  #remove(id: string): void {
    const record = this.get(id);
    if (record) this.#count(record, -1);
    this.#records.delete(id);
  }

  #count(record: OutboxRecord, by: 1 | -1): void {
    if (record.state === 'failed') this.failed += by;
    else {
      this.waiting += by;
      this.bytes += by * record.bytes;
    }
    if (!record.persisted) this.unstored += by;
  }
}
