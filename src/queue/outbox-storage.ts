import { FencedError, type OutboxLimits } from './outbox-types.ts';
import type { OutboxDatabase } from './outbox-database.ts';
import { NO_PLACE, parsePlace, type Place } from './outbox-notes.ts';
import type { OutboxRecord } from './outbox-record.ts';
import type { Step } from './outbox-steps.ts';
import {
  count,
  EMPTY_META,
  fromRow,
  rowKey,
  Rows,
  type Meta,
  type RowKey,
  type RowKind,
} from './outbox-rows.ts';

/** Damaged rows kept for whoever wants to look; the oldest make room. */
const QUARANTINE_LIMIT = 100;

type Lead = { readonly until: number } | { readonly meta: Meta; readonly loaded: Loaded | true };

/** All that is stored of an account. */
export interface Loaded {
  readonly records: ReadonlyMap<string, OutboxRecord>;
  readonly places: ReadonlyMap<string, Place>;
  /** Damaged rows set aside so far, and rows of a later version. */
  readonly quarantined: number;
  /** Rows found to be damaged now. */
  readonly damaged: number;
}

/** What is written together. */
export interface Batch {
  /** Accepted before, while storage failed: never refused. */
  readonly unstored: readonly OutboxRecord[];
  readonly added: readonly OutboxRecord[];
  readonly places: ReadonlyMap<string, Partial<Place>>;
  /** Messages that left while storage failed. */
  readonly gone: ReadonlySet<string>;
}

export interface Written {
  /** As stored: with their places in the queue. */
  readonly unstored: readonly OutboxRecord[];
  /** As stored, or why not, in the order of {@link Batch.added}. */
  readonly added: readonly (OutboxRecord | 'known' | 'full')[];
  readonly places: ReadonlyMap<string, Place>;
}

export interface StorageOptions {
  readonly database: OutboxDatabase;
  readonly account: string;
  readonly limits: OutboxLimits;
  /** This outbox among all tabs. */
  readonly owner: string;
  readonly leaseMs: number | undefined;
  now(): number;
}

/**
 * One account in the database. Every method is one transaction, and every message in it touches a few keys, however
 * many there are.
 */
export class OutboxStorage {
  readonly account: string;
  readonly #options: StorageOptions;
  /** The epoch in which this outbox is the sender. */
  #epoch: number | undefined;
  #leaseUntil = 0;

  constructor(options: StorageOptions) {
    this.account = options.account;
    this.#options = options;
  }

  get isLeading(): boolean {
    return this.#epoch !== undefined;
  }

  /** `undefined` when there is no database yet. Rows of `gone` are removed instead. */
  load(gone: ReadonlySet<string>): Promise<Loaded | undefined> {
    return this.#run(async (rows) => this.#load(rows, await rows.meta(), gone), false);
  }

  /** Takes over as the sender and reads everything. `true`: it is already, or there is no database yet. */
  async lead(gone: ReadonlySet<string>): Promise<Loaded | { readonly until: number } | true> {
    const { leaseMs, owner, now } = this.#options;
    // A lease is renewed when half of it is over.
    if (this.isLeading && (!leaseMs || this.#leaseUntil - now() > leaseMs / 2)) return true;
    const answer = await this.#run<Lead>(async (rows) => {
      const meta = await rows.meta();
      const time = now();
      const isOwn = this.isLeading && this.#holds(meta);
      // A lease beyond what anybody asks for was written before the clock was set back.
      const isTaken = meta.owner !== '' && meta.leaseUntil > time && meta.leaseUntil <= time + (leaseMs ?? 0);
      if (!isOwn && isTaken && meta.owner !== owner) return { until: meta.leaseUntil };
      if (!isOwn) meta.epoch++;
      meta.owner = owner;
      meta.leaseUntil = leaseMs ? time + leaseMs : 0;
      const loaded = isOwn ? true : await this.#load(rows, meta, gone);
      rows.putMeta(meta);
      return { meta, loaded };
    }, false);
    if (!answer) return true;
    if ('until' in answer) {
      this.#epoch = undefined;
      return answer;
    }
    this.#epoch = answer.meta.epoch;
    this.#leaseUntil = answer.meta.leaseUntil;
    return answer.loaded;
  }

  /** Lets others take over without waiting. */
  async yieldLead(): Promise<void> {
    if (!this.isLeading) return;
    try {
      await this.#run(async (rows) => {
        const meta = await rows.meta();
        if (this.#holds(meta)) rows.putMeta({ ...meta, owner: '', leaseUntil: 0 });
      }, false);
    } finally {
      this.#epoch = undefined;
    }
  }

  write(batch: Batch): Promise<Written | undefined> {
    const { limits } = this.#options;
    return this.#run(async (rows) => {
      const meta = await rows.meta();
      for (const id of batch.gone) rows.replace(meta, await rows.find(id), undefined);
      const unstored: OutboxRecord[] = [];
      for (const record of batch.unstored) {
        const known = await rows.find(record.id);
        // What a tab began with a message counts more than that another one stored it as it was.
        const isAhead = known && (record.state === 'queued' || known.state !== 'queued');
        const next = isAhead ? known : place(record, known?.seq ?? meta.seq + 1, known?.revision);
        if (!isAhead) rows.replace(meta, known, next);
        unstored.push(next);
      }
      const homes = await Promise.all(batch.added.map(({ id }) => rows.get(rows.key('i', id))));
      const ids = new Set<string>();
      const added = batch.added.map((record, index) => {
        if (homes[index] !== undefined || ids.has(record.id)) return 'known';
        if (meta.count >= limits.messages || meta.bytes + record.bytes > limits.bytes) return 'full';
        ids.add(record.id);
        const next = place(record, meta.seq + 1);
        rows.replace(meta, undefined, next);
        return next;
      });
      const places = new Map<string, Place>();
      for (const [conversation, change] of batch.places) {
        const known = (await rows.place(conversation)) ?? NO_PLACE;
        const { draft = known.draft, readThrough = 0 } = change;
        const next = { draft, readThrough: Math.max(readThrough, known.readThrough) };
        rows.put(rows.key('p', conversation), next);
        places.set(conversation, next);
      }
      if (unstored.length + added.length + batch.gone.size > 0) rows.putMeta(meta);
      return { unstored, added, places };
    }, true);
  }

  /**
   * Takes one step with a record, from the state in the database. `undefined`: it is not there. `after` is absent when
   * the step left it alone, or would have begun an attempt out of turn (`isBehind`).
   *
   * @throws {FencedError} `asSender` and another tab has taken over.
   */
  async change(
    id: string,
    step: Step,
    asSender: boolean,
  ): Promise<{ before: OutboxRecord; after?: OutboxRecord | 'gone'; isBehind?: true } | undefined> {
    const { leaseMs, now } = this.#options;
    const leaseUntil = asSender && leaseMs ? now() + leaseMs : undefined;
    try {
      const result = await this.#run(async (rows) => {
        const [meta, before] = await Promise.all([rows.meta(), rows.find(id)]);
        if (asSender && !this.#holds(meta)) throw new FencedError();
        const after = before && step(before);
        if (!before || !after) return before && { before };
        // Another tab wrote it, and this one has not heard: an attempt would break the order.
        const isAttempt = after !== 'gone' && after.state === 'sending' && before.state === 'queued';
        if (isAttempt && (await rows.isBehind(before))) return { before, isBehind: true as const };
        const { count: waiting, dead } = meta;
        rows.replace(meta, before, after === 'gone' ? undefined : after);
        const isCounted = meta.count !== waiting || meta.dead !== dead || after === 'gone';
        const hasGrown = after !== 'gone' && after.bytes !== before.bytes;
        if (leaseUntil !== undefined) meta.leaseUntil = leaseUntil;
        if (isCounted || hasGrown || leaseUntil !== undefined) rows.putMeta(meta);
        return { before, after };
      }, false);
      if (leaseUntil !== undefined && result?.after) this.#leaseUntil = leaseUntil;
      return result;
    } catch (error) {
      if (error instanceof FencedError) this.#epoch = undefined;
      throw error;
    }
  }

  /** Takes back what {@link write} has written, since the account was purged meanwhile. */
  async undo({ unstored, added, places }: Written): Promise<void> {
    await this.#run(async (rows) => {
      const meta = await rows.meta();
      for (const record of [...unstored, ...added]) {
        if (typeof record !== 'string') rows.replace(meta, await rows.find(record.id), undefined);
      }
      for (const conversation of places.keys()) rows.delete(rows.key('p', conversation));
      if (meta.count + meta.dead > 0) rows.putMeta(meta);
      else rows.delete(rows.key('m'));
    }, false);
  }

  /** Removes every row of the account. */
  async purge(): Promise<void> {
    await this.#run(async (rows) => {
      for (const kind of ['o', 'd', 'i', 'q', 'p', 'm'] satisfies RowKind[]) {
        await rows.scan(kind, (_row, key) => rows.delete(key));
      }
    }, false);
  }

  #holds(meta: Meta): boolean {
    return meta.epoch === this.#epoch && meta.owner === this.#options.owner;
  }

  #run<Result>(work: (rows: Rows) => Promise<Result>, create: boolean): Promise<Result | undefined> {
    const { database } = this.#options;
    return database.run(
      (store) => work(new Rows(store, this.account, (a, b) => database.compare(a, b))),
      create,
    );
  }

  /** Reads everything, sets aside what is damaged, and mends index and counters: those in `meta` too. */
  async #load(rows: Rows, meta: Meta, gone: ReadonlySet<string>): Promise<Loaded> {
    const records = new Map<string, OutboxRecord>();
    const homes = new Map<string, RowKey>();
    const later = new Set<string>();
    const damaged: { key: RowKey; value: unknown }[] = [];
    const stored = JSON.stringify(meta);
    meta.count = meta.bytes = meta.dead = 0;
    const same = (a: RowKey, b: RowKey) => JSON.stringify(a) === JSON.stringify(b);
    for (const kind of ['o', 'd'] as const) {
      await rows.scan(kind, (value, key) => {
        const record = fromRow(value);
        if (record === 'later') later.add(JSON.stringify(key));
        else if (!record || records.has(record.id) || !same(rowKey(this.account, record), key)) {
          damaged.push({ key, value });
        } else if (gone.has(record.id)) {
          rows.delete(key);
        } else {
          records.set(record.id, record);
          homes.set(record.id, key);
          count(meta, record, 1);
        }
      });
    }
    await rows.scan('i', (value, key) => {
      const home = homes.get(String(key[2]));
      if (home && Array.isArray(value) && same(value as RowKey, home)) homes.delete(String(key[2]));
      else if (!later.has(JSON.stringify(value))) rows.delete(key);
    });
    for (const [id, home] of homes) rows.put(rows.key('i', id), home);
    const places = new Map<string, Place>();
    await rows.scan('p', (value, key) => {
      const place = parsePlace(value);
      if (place) places.set(String(key[2]), place);
      else damaged.push({ key, value });
    });
    const aside: RowKey[] = [];
    await rows.scan('q', (_value, key) => void aside.push(key));
    for (const row of damaged) {
      const key = rows.key('q', this.#options.now(), aside.length);
      rows.put(key, row);
      rows.delete(row.key);
      aside.push(key);
    }
    for (const key of aside.splice(0, aside.length - QUARANTINE_LIMIT)) rows.delete(key);
    if (JSON.stringify(meta) !== stored && !isEmpty(meta)) rows.putMeta(meta);
    return { records, places, quarantined: aside.length + later.size, damaged: damaged.length };
  }
}

function place(record: OutboxRecord, seq: number, revision = 0): OutboxRecord {
  return { ...record, seq, revision: Math.max(record.revision, revision) + 1, persisted: true };
}

function isEmpty(meta: Meta): boolean {
  return JSON.stringify(meta) === JSON.stringify(EMPTY_META);
}
