import { IDBFactory } from 'fake-indexeddb';
import { Outbox, type OutboxOptions } from '../../src/queue/outbox.ts';

export const ACCOUNT = JSON.stringify(['https://server.example', 'acme', 'ana']);
export const OTHER_ACCOUNT = JSON.stringify(['https://server.example', 'acme', 'bob']);

type Key = readonly unknown[];
interface Transaction extends IDBTransaction {
  /** What the browser does when a transaction fails for want of room. */
  _abort(name: string): void;
}

/** A database in memory that fails on demand and tells what was done with it. */
export class FaultyStorage {
  readonly real = new IDBFactory();
  /** Every attempt to open throws, as in a sandboxed frame. */
  denied = false;
  /** Attempts to open get no answer until {@link release}. */
  stuck = false;
  /** Writes fail for want of room. */
  full = false;
  /** Called in the middle of every transaction. */
  onRead: (() => void) | undefined;
  /** Keys that each transaction touched, in the order of the transactions. */
  readonly transactions: Set<string>[] = [];
  /** Transactions that were committed. */
  committed = 0;
  readonly connections: IDBDatabase[] = [];
  readonly #held: (() => void)[] = [];

  /** Stands for `indexedDB`. */
  readonly factory: IDBFactory = {
    cmp: (a, b) => this.real.cmp(a, b),
    databases: async () => {
      this.#allow();
      return this.real.databases();
    },
    deleteDatabase: (name) => this.real.deleteDatabase(name),
    open: (name, version) => this.#open(name, version),
  };

  /** Lets those who wait for the database have it. */
  release(): void {
    this.stuck = false;
    for (const open of this.#held.splice(0)) open();
  }

  /** Every row, as it is stored. */
  async rows(): Promise<{ key: Key; value: unknown }[]> {
    return this.#direct((store, rows) => {
      store.openCursor().onsuccess = (event) => {
        const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
        if (!cursor) return;
        rows.push({ key: cursor.key as Key, value: cursor.value });
        cursor.continue();
      };
    });
  }

  /** Writes a row past the outbox. */
  async put(key: Key, value: unknown): Promise<void> {
    await this.#direct((store) => store.put(value, key as IDBValidKey));
  }

  async #direct(
    work: (store: IDBObjectStore, rows: { key: Key; value: unknown }[]) => unknown,
  ): Promise<{ key: Key; value: unknown }[]> {
    const rows: { key: Key; value: unknown }[] = [];
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = this.real.open('xians-widgets');
      request.onupgradeneeded = () => request.result.createObjectStore('outbox');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('It does not open.'));
    });
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction('outbox', 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('It was taken back.'));
      work(transaction.objectStore('outbox'), rows);
    });
    database.close();
    return rows;
  }

  #allow(): void {
    if (this.denied) throw new DOMException('Storage is forbidden here.', 'SecurityError');
  }

  #open(name: string, version?: number): IDBOpenDBRequest {
    this.#allow();
    const request = this.real.open(name, version);
    request.addEventListener('success', (event) => {
      if (this.stuck) {
        event.stopImmediatePropagation();
        this.#held.push(() => request.onsuccess?.call(request, event));
      }
      this.#watch(request.result);
    });
    return request;
  }

  #watch(database: IDBDatabase): void {
    if (this.connections.includes(database)) return;
    this.connections.push(database);
    const begin = database.transaction.bind(database);
    database.transaction = (...args) => {
      const transaction = begin(...args) as Transaction;
      const keys = new Set<string>();
      this.transactions.push(keys);
      transaction.addEventListener('complete', () => this.committed++);
      const find = transaction.objectStore.bind(transaction);
      transaction.objectStore = (storeName) => {
        const store = find(storeName);
        const { get, put } = store;
        const remove = store.delete.bind(store);
        store.get = (key) => {
          keys.add(JSON.stringify(key));
          const request = get.call(store, key);
          this.onRead?.();
          return request;
        };
        store.put = (value, key) => {
          keys.add(JSON.stringify(key));
          const request = put.call(store, value, key);
          if (this.full) transaction._abort('QuotaExceededError');
          return request;
        };
        store.delete = (key) => {
          keys.add(JSON.stringify(key));
          return remove(key);
        };
        return store;
      };
      return transaction;
    };
  }
}

/** A clock and timers that move only by `pass`. */
export class OutboxTime {
  at = Date.UTC(2026, 10, 22);
  readonly #timers = new Set<{ due: number; callback: () => void }>();

  readonly now = () => this.at;
  readonly setTimer = (callback: () => void, delayMs: number) => {
    const timer = { due: this.at + delayMs, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  get timers(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    this.at += ms;
    for (const timer of [...this.#timers]) {
      if (timer.due > this.at || !this.#timers.delete(timer)) continue;
      timer.callback();
    }
  }
}

/** What an outbox told, in short. */
export interface Told {
  readonly changes: string[];
  readonly errors: string[];
  readonly notes: unknown[];
}

export interface Tab {
  readonly outbox: Outbox;
  readonly told: Told;
}

/** An outbox on `storage`, as one tab has it. */
export function tab(
  storage: FaultyStorage | undefined,
  time: OutboxTime = new OutboxTime(),
  options: Omit<OutboxOptions, 'environment'> = {},
): Tab {
  const outbox = new Outbox({
    ...options,
    environment: { indexedDB: storage?.factory, now: time.now, setTimer: time.setTimer },
  });
  const told: Told = { changes: [], errors: [], notes: [] };
  outbox.on('change', ({ record, event, here }) => {
    told.changes.push(`${record.message.text ?? record.id} ${event}${here ? '' : ' elsewhere'}`);
  });
  outbox.on('error', (error) => told.errors.push(error.message));
  outbox.on('note', (note) => told.notes.push(structuredClone(note)));
  return { outbox, told };
}

/** The same with an account open. */
export async function openTab(...args: Parameters<typeof tab>): Promise<Tab> {
  const opened = tab(...args);
  await opened.outbox.open(ACCOUNT);
  return opened;
}

/** Lets each of `tabs` hear the others from now on, as over a channel. */
export function connect(...tabs: readonly Tab[]): void {
  for (const from of tabs) {
    from.outbox.on('note', (note) => {
      for (const to of tabs) if (to !== from) to.outbox.receiveNote(structuredClone(note));
    });
  }
}

/** A message with nothing special about it. */
export function message(text: string, conversation = 'support') {
  return { id: text, conversation, workflow: 'acme:Support:Chat', message: { text } };
}
