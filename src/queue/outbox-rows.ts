import { promisifyRequest } from 'idb-keyval';
import { parsePlace, type Place } from './outbox-notes.ts';
import { parseRecord } from './outbox-parse.ts';
import { LANES, type OutboxRecord } from './outbox-record.ts';

/**
 * The layout. Every key begins with its kind and the account:
 * `o` a message that waits, by conversation, lane and place; `d` a dead letter, by time; `i` where the record of an id
 * is; `q` what could not be understood; `p` the place in a conversation; `m` the account's counters.
 */
export type RowKind = 'o' | 'd' | 'i' | 'q' | 'p' | 'm';
export type RowKey = readonly (string | number)[];

/** Counters of an account, and who sends for it. */
export interface Meta {
  readonly v: 1;
  /** The last place given. */
  seq: number;
  /** Messages that wait, and their size. */
  count: number;
  bytes: number;
  dead: number;
  /** Raised by each new sender, so that one that was overtaken can change nothing. */
  epoch: number;
  owner: string;
  leaseUntil: number;
}

/** Layout version of a stored record. */
const VERSION = 1;

export const EMPTY_META: Meta = {
  v: 1,
  seq: 0,
  count: 0,
  bytes: 0,
  dead: 0,
  epoch: 0,
  owner: '',
  leaseUntil: 0,
};

/** Where a record belongs: its state and place decide. */
export function rowKey(account: string, record: OutboxRecord): RowKey {
  const { state, failedAt = 0, id, conversation, priority, seq } = record;
  return state === 'failed'
    ? ['d', account, failedAt, id]
    : ['o', account, conversation, LANES.indexOf(priority), seq];
}

/** What is written: without the credential, which never reaches the disk. */
export function toRow(record: OutboxRecord): unknown {
  const { authorization: _credential, ...message } = record.message;
  const { persisted: _memoryOnly, ...row } = record;
  return { ...row, message, v: VERSION };
}

/** The record in a row; `'later'` for a version this code does not know; `undefined` for what is damaged. */
export function fromRow(row: unknown): OutboxRecord | 'later' | undefined {
  const version = (row as { v?: unknown } | null | undefined)?.v;
  if (typeof version === 'number' && version > VERSION) return 'later';
  if (version !== VERSION) return undefined;
  const record = parseRecord(row);
  return record && { ...record, persisted: true };
}

/** The rows of one account inside one transaction. */
export class Rows {
  readonly store: IDBObjectStore;
  readonly account: string;
  readonly #compare: (a: IDBValidKey, b: IDBValidKey) => number;

  constructor(store: IDBObjectStore, account: string, compare: (a: IDBValidKey, b: IDBValidKey) => number) {
    this.store = store;
    this.account = account;
    this.#compare = compare;
  }

  key(kind: RowKind, ...rest: (string | number)[]): RowKey {
    return [kind, this.account, ...rest];
  }

  async get(key: RowKey): Promise<unknown> {
    return promisifyRequest<unknown>(this.store.get(key as IDBValidKey));
  }

  put(key: RowKey, value: unknown): void {
    this.store.put(value, key as IDBValidKey);
  }

  delete(key: RowKey): void {
    this.store.delete(key as IDBValidKey);
  }

  /**
   * Shows every row of a kind in the order of their keys. A cursor that jumps, since ranges would need a second global
   * beside the factory.
   */
  scan(kind: RowKind, visit: (value: unknown, key: RowKey) => void): Promise<void> {
    const first = [kind, this.account];
    return new Promise((resolve, reject) => {
      const request = this.store.openCursor();
      request.onerror = () => reject(request.error ?? new Error('The rows cannot be read.'));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return resolve();
        const key = cursor.key as RowKey;
        if (this.#compare(cursor.key, first) < 0) return cursor.continue(first);
        if (key[0] !== kind || key[1] !== this.account) return resolve();
        visit(cursor.value, key);
        cursor.continue();
      };
    });
  }

  /** The counters; counted anew when there are none or they are damaged, so that no place is given twice. */
  async meta(): Promise<Meta> {
    const stored = parseMeta(await this.get(this.key('m')));
    if (stored) return stored;
    const meta = { ...EMPTY_META };
    for (const kind of ['o', 'd'] as const) {
      await this.scan(kind, (row, key) => {
        const record = fromRow(row);
        if (record && record !== 'later') count(meta, record, 1);
        // Rows that cannot be read here keep their places too.
        else if (kind === 'o' && typeof key[4] === 'number') meta.seq = Math.max(meta.seq, key[4]);
      });
    }
    return meta;
  }

  putMeta(meta: Meta): void {
    this.put(this.key('m'), meta);
  }

  /** The record with this id, wherever it is. */
  async find(id: string): Promise<OutboxRecord | undefined> {
    const key = await this.get(this.key('i', id));
    if (!Array.isArray(key)) return undefined;
    const record = fromRow(await this.get(key as RowKey));
    return record === 'later' ? undefined : record;
  }

  /** Puts `after` in the place of `before`, in one step whichever way it moves, and counts. */
  replace(meta: Meta, before: OutboxRecord | undefined, after: OutboxRecord | undefined): void {
    const from = before && rowKey(this.account, before);
    const to = after && rowKey(this.account, after);
    const hasMoved = !from || !to || this.#compare(from as IDBValidKey, to as IDBValidKey) !== 0;
    if (before) count(meta, before, -1);
    if (after) count(meta, after, 1);
    if (from && hasMoved) this.delete(from);
    if (after && to) {
      this.put(to, toRow(after));
      if (hasMoved) this.put(this.key('i', after.id), to);
    } else if (before) {
      this.delete(this.key('i', before.id));
    }
  }

  /** Whether another message of its conversation and priority stands before `record`. */
  isBehind(record: OutboxRecord): Promise<boolean> {
    const own = rowKey(this.account, record) as IDBValidKey;
    const first = rowKey(this.account, { ...record, seq: 0 }) as IDBValidKey;
    return new Promise((resolve, reject) => {
      const request = this.store.openCursor();
      request.onerror = () => reject(request.error ?? new Error('The rows cannot be read.'));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor || this.#compare(cursor.key, own) >= 0) resolve(false);
        else if (this.#compare(cursor.key, first) < 0) cursor.continue(first);
        // What cannot be read here holds nobody up.
        else if (typeof fromRow(cursor.value) === 'object') resolve(true);
        else cursor.continue();
      };
    });
  }

  async place(conversation: string): Promise<Place | undefined> {
    return parsePlace(await this.get(this.key('p', conversation)));
  }
}

export function count(meta: Meta, record: OutboxRecord, by: 1 | -1): void {
  meta.seq = Math.max(meta.seq, record.seq);
  if (record.state === 'failed') meta.dead += by;
  else {
    meta.count += by;
    meta.bytes += by * record.bytes;
  }
}

function parseMeta(raw: unknown): Meta | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const meta = raw as Record<keyof Meta, unknown>;
  const isSound = (Object.keys(EMPTY_META) as (keyof Meta)[]).every(
    (name) => typeof meta[name] === typeof EMPTY_META[name],
  );
  return isSound && meta.v === 1 ? { ...(meta as Meta) } : undefined;
}
