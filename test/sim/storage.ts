import { IDBDatabase, IDBFactory, IDBObjectStore, IDBTransaction } from 'fake-indexeddb';
import type { Random } from './random.ts';
import type { Process, VirtualTime } from './virtual-time.ts';

/** First parts of keys in the layout of the outbox: messages by place, and by id; what holds for an account. */
const QUEUED = 'o';
const BY_ID = 'i';
const META = 'm';

/** Faults of a browser's storage. Times are virtual milliseconds until which one holds. */
export class StorageFaults {
  /** Nothing more fits: transactions that write are undone. */
  quota = 0;
  /** One of three transactions fails. */
  failing = 0;
  /** Databases do not open, and do not fail to. */
  blocked = 0;
  /** Each step of the database takes long. */
  slow = 0;

  heal(): void {
    this.quota = this.failing = this.blocked = this.slow = 0;
  }
}

/** What the simulation keeps with a transaction of fake-indexeddb, and what it uses of its inside. */
interface Transaction extends IDBTransaction {
  process?: Process;
  willFail?: string;
  /** What it says about who sends, by account. */
  senders?: Map<string, string>;
  _state: string;
  _started: boolean;
  _requests: readonly unknown[];
  _start(): void;
  _abort(name: string): void;
  db: IDBDatabase & { process?: Process; _rawDatabase: { processTransactions(): void } };
}

/** Which tab the database calls the sender of an account. */
interface SenderOf {
  readonly owner: string;
  readonly process: Process | undefined;
  /** Virtual milliseconds. */
  readonly since: number;
}

/** A request to open that is filled in later. */
interface Shell extends EventTarget {
  result: unknown;
  error: unknown;
  transaction: unknown;
  onsuccess: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  onupgradeneeded: ((event: Event) => void) | null;
  onblocked: ((event: Event) => void) | null;
}

/** The databases of one browser, shared by its tabs, with what can go wrong with them. */
export class Storage {
  readonly factory = new IDBFactory();
  readonly faults = new StorageFaults();
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #databases = new Map<Process, Set<IDBDatabase>>();
  readonly #transactions = new Map<Process, Set<Transaction>>();
  readonly #senders = new Map<string, SenderOf>();
  /** Requests to open that wait for the end of a fault. */
  readonly #delayed = new Set<() => void>();
  /** Called with every key, or bound of a range, that a tab writes or deletes. */
  onWrite: (process: Process, key: unknown) => void = () => undefined;

  constructor(time: VirtualTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** Milliseconds that the next step of the database takes. */
  stepMs(): number {
    return this.#time.now < this.faults.slow ? 120 : this.#random.between(0.02, 0.6);
  }

  /** `indexedDB` of one tab. */
  of(process: Process, isDenied: () => boolean): IDBFactory {
    const open = (name: string, version?: number): IDBOpenDBRequest => {
      if (isDenied()) throw new DOMException('Storage is denied.', 'SecurityError');
      if (this.#time.now < this.faults.blocked) return this.#openLater(process, name, version);
      return this.#open(process, name, version);
    };
    const { factory } = this;
    return {
      open,
      databases: () => {
        if (isDenied()) return Promise.reject(new DOMException('Storage is denied.', 'SecurityError'));
        return factory.databases();
      },
      deleteDatabase: (name: string) => factory.deleteDatabase(name),
      cmp: (first: unknown, second: unknown) => factory.cmp(first, second),
    };
  }

  heal(): void {
    this.faults.heal();
    for (const openNow of [...this.#delayed]) openNow();
  }

  /** Messages that wait in the database for a sender. */
  get queued(): number {
    return this.rows().filter(([key]) => Array.isArray(key) && key[0] === QUEUED).length;
  }

  /** Whether the message with this id is in the database. */
  holds(id: string): boolean {
    // Rows of a transaction that is about to be undone are in sight until then.
    for (const transactions of this.#transactions.values()) {
      for (const { willFail } of transactions) if (willFail) return false;
    }
    return this.rows().some(([key]) => Array.isArray(key) && key[0] === BY_ID && key[2] === id);
  }

  /** Who may send the messages of `participant` that are in the database. */
  senderOf(participant: string): SenderOf | undefined {
    return [...this.#senders].find(([account]) => account.includes(`"${participant}"`))?.[1];
  }

  /** Databases that `process` holds open. */
  openedBy(process: Process): number {
    return this.#databases.get(process)?.size ?? 0;
  }

  /** The process is gone: what it had begun is undone. */
  kill(process: Process): void {
    for (const transaction of this.#transactions.get(process) ?? []) {
      if (transaction._state !== 'finished') transaction._abort('AbortError');
    }
    for (const database of this.#databases.get(process) ?? []) database.close();
    this.#databases.delete(process);
    this.#transactions.delete(process);
  }

  /** Rows of every database, as `[key, value]`. */
  rows(): (readonly [unknown, unknown])[] {
    type Raw = {
      rawObjectStores: Map<string, { records: { values(): Iterable<{ key: unknown; value: unknown }> } }>;
    };
    const databases = (this.factory as unknown as { _databases: Map<string, Raw> })._databases;
    return [...databases.values()].flatMap((database) =>
      [...database.rawObjectStores.values()].flatMap((store) =>
        [...store.records.values()].map(({ key, value }) => [key, value] as const),
      ),
    );
  }

  /** @internal */
  began(transaction: Transaction): void {
    const { process } = transaction;
    if (!process) return;
    let transactions = this.#transactions.get(process);
    if (!transactions) this.#transactions.set(process, (transactions = new Set()));
    transactions.add(transaction);
    if (this.#time.now < this.faults.failing && this.#random.chance(1 / 3))
      transaction.willFail = 'UnknownError';
  }

  /** @internal */
  ended(transaction: Transaction): void {
    const { process, senders = [], error } = transaction;
    if (process) this.#transactions.get(process)?.delete(transaction);
    if (error) return;
    for (const [account, owner] of senders) {
      if (owner !== this.#senders.get(account)?.owner) {
        this.#senders.set(account, {
          owner,
          process: owner === '' ? undefined : process,
          since: this.#time.now,
        });
      }
    }
  }

  /** @internal */
  wrote(transaction: Transaction, keys: readonly unknown[], value?: unknown): void {
    const [key] = keys;
    if (Array.isArray(key) && key[0] === META) {
      transaction.senders ??= new Map();
      const { owner } = (value ?? {}) as { readonly owner?: string };
      transaction.senders.set(String(key[1]), owner ?? '');
    }
    if (this.#time.now < this.faults.quota) transaction.willFail = 'QuotaExceededError';
    if (transaction.process) for (const key of keys) this.onWrite(transaction.process, key);
  }

  #open(process: Process, name: string, version: number | undefined): IDBOpenDBRequest {
    const request = version === undefined ? this.factory.open(name) : this.factory.open(name, version);
    const adopt = () => {
      const database = request.result as Transaction['db'];
      database.process = process;
      if (process.state === 'dead') return database.close();
      let databases = this.#databases.get(process);
      if (!databases) this.#databases.set(process, (databases = new Set()));
      databases.add(database);
      const close = database.close.bind(database);
      database.close = () => {
        this.#databases.get(process)?.delete(database);
        close();
      };
    };
    request.addEventListener('success', adopt);
    return request;
  }

  /** A request that opens once the fault is over. */
  #openLater(process: Process, name: string, version: number | undefined): IDBOpenDBRequest {
    const shell: Shell = Object.assign(new EventTarget(), {
      result: undefined,
      error: null,
      transaction: null,
      onsuccess: null,
      onerror: null,
      onupgradeneeded: null,
      onblocked: null,
    });
    const openNow = () => {
      this.#delayed.delete(openNow);
      cancel();
      if (process.state === 'dead') return;
      const request = this.#open(process, name, version);
      for (const type of ['upgradeneeded', 'success', 'error'] as const) {
        request.addEventListener(type, () => {
          shell.result = type === 'error' ? undefined : request.result;
          shell.error = request.error;
          shell.transaction = request.transaction;
          const event = new Event(type);
          shell[`on${type}`]?.(event);
          shell.dispatchEvent(event);
        });
      }
    };
    this.#delayed.add(openNow);
    const cancel = this.#time.schedule(openNow, this.faults.blocked - this.#time.now, process);
    return shell as unknown as IDBOpenDBRequest;
  }
}

/** Puts faults and ownership into fake-indexeddb, whose classes are shared, until the undo runs. */
export function instrument(time: VirtualTime, storage: Storage): () => void {
  const undos = [
    wrap(IDBDatabase.prototype, 'transaction', (database, original, args) => {
      const { process } = database as Transaction['db'];
      const made = original(...args) as Transaction;
      if (process) made.process = process;
      storage.began(made);
      return made;
    }),
    wrap(IDBTransaction.prototype, '_start', (self, original) => {
      const transaction = self as Transaction;
      if (transaction.process) time.current = transaction.process;
      const isOver = transaction._started && transaction._requests.length === 0;
      const { willFail } = transaction;
      if (isOver && willFail && transaction._state !== 'finished') transaction._abort(willFail);
      original();
      if (transaction._state === 'finished') storage.ended(transaction);
    }),
    wrap(IDBTransaction.prototype, 'dispatchEvent', (self, original, args) => {
      const transaction = self as Transaction;
      const { process } = transaction;
      const isCommitted = (args[0] as Event).type === 'complete';
      if (!isCommitted || process?.state !== 'frozen') return original(...args);
      // The tab hears of it when it goes on; the others need not wait for that.
      transaction.db._rawDatabase.processTransactions();
      time.schedule(() => original(...args), 0, process);
      return true;
    }),
    ...['put', 'add', 'delete', 'clear'].map((name) =>
      wrap(IDBObjectStore.prototype, name, (store, original, args) => {
        const keys = name === 'clear' ? [undefined] : keysOf(name === 'delete' ? args[0] : args[1]);
        const value = name === 'put' || name === 'add' ? args[0] : undefined;
        storage.wrote((store as IDBObjectStore).transaction as Transaction, keys, value);
        return original(...args);
      }),
    ),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

function keysOf(key: unknown): unknown[] {
  const isRange = typeof key === 'object' && key !== null && 'lower' in key && 'upper' in key;
  return isRange ? [key.lower, key.upper] : [key];
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Puts `wrapper` around a method until the undo runs. `self` is the object that the method is called on. */
function wrap(
  target: object,
  name: string,
  wrapper: (self: unknown, original: (...args: unknown[]) => unknown, args: unknown[]) => unknown,
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  const original = Reflect.get(target, name) as Method;
  Object.defineProperty(target, name, {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]) {
      return wrapper(this, (...given) => original.apply(this, given), args);
    },
  });
  return () => {
    if (own) Object.defineProperty(target, name, own);
    else Reflect.deleteProperty(target, name);
  };
}
