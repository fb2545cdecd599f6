import { promisifyRequest } from 'idb-keyval';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';

/** One for all accounts of an origin; what belongs to whom is in the keys. */
export const DATABASE_NAME = 'xians-widgets';
const STORE_NAME = 'outbox';
/** A database that another page holds up opens some day; a visitor who sends a message does not wait for it. */
const OPEN_LIMIT_MS = 2_000;
/** A transaction that takes longer is taken back. */
const COMMIT_LIMIT_MS = 4_000;
/** The same after that has happened, until one is done in time: what waits in line must not wait as long again, each. */
const SLOW_LIMIT_MS = 500;

export interface DatabaseOptions {
  /** Asked at every attempt; may throw, as some browsers do where storage is forbidden. */
  factory(): IDBFactory | undefined;
  setTimer(callback: () => void, delayMs: number): Undo;
  /** The database opened after an attempt to use it was given up. */
  onLateOpen(): void;
}

/** The database, opened when it is first needed and again after the browser closed it. */
export class OutboxDatabase {
  readonly #options: DatabaseOptions;
  #database: IDBDatabase | undefined;
  /** An attempt to open it that is taking too long. */
  #isStuck = false;
  #isClosed = false;
  /** How long a transaction may take now. */
  #limitMs = COMMIT_LIMIT_MS;
  readonly #transactions = new Set<IDBTransaction>();
  /** Counts how often the page was frozen. */
  #sleeps = 0;
  /** Settles when the page is not frozen. */
  #awake: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Whether there is storage to try at all. */
  get isAvailable(): boolean {
    try {
      return this.#options.factory() !== undefined;
    } catch (error) {
      if (error instanceof Error) return false; // forbidden here
      throw error;
    }
  }

  /** The order of keys. */
  compare(a: IDBValidKey, b: IDBValidKey): number {
    return this.#options.factory()?.cmp(a, b) ?? 0;
  }

  /**
   * Runs `work` in one transaction and resolves with its result once that is committed. When `work` throws, nothing of
   * it happens. Without `create`, a database that does not exist is left so, and `work` does not run.
   *
   * @throws {RealtimeError} `storage`; or what `work` threw.
   */
  async run<Result>(
    work: (store: IDBObjectStore) => Promise<Result>,
    create: boolean,
  ): Promise<Result | undefined> {
    for (;;) {
      await this.#awake;
      const sleeps = this.#sleeps;
      let transaction: IDBTransaction | undefined;
      try {
        transaction = await this.#begin(create);
        if (!transaction) return undefined;
        return await this.#finish(transaction, work);
      } catch (reason) {
        if (reason instanceof RealtimeError) throw reason;
        // The page was frozen in the middle of it, so that nothing of it happened.
        if (sleeps === this.#sleeps) throw storageError(transaction?.error ?? reason);
      }
    }
  }

  /**
   * The page is about to be frozen: a transaction that stays open would hold up every other tab. What was not committed
   * is taken back, and begins anew after {@link resume}.
   */
  suspend(): void {
    if (this.#wake) return;
    this.#sleeps++;
    this.#awake = new Promise((resolve) => (this.#wake = resolve));
    for (const transaction of this.#transactions) abort(transaction);
    this.#database?.close();
    this.#database = undefined;
  }

  resume(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.resume();
    this.#database?.close();
    this.#database = undefined;
  }

  async #begin(create: boolean): Promise<IDBTransaction | undefined> {
    if (!this.#database) await this.#open(create);
    await this.#awake; // frozen while it opened
    try {
      return this.#database?.transaction(STORE_NAME, 'readwrite');
    } catch (error) {
      if ((error as Error | null)?.name !== 'InvalidStateError') throw error;
      // The browser closed it and did not say so.
      this.#database = undefined;
      return (await this.#open(create))?.transaction(STORE_NAME, 'readwrite');
    }
  }

  async #finish<Result>(
    transaction: IDBTransaction,
    work: (store: IDBObjectStore) => Promise<Result>,
  ): Promise<Result> {
    // Only "complete" promises that it is stored. An error ends in "abort", which alone has the reason.
    const committed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was taken back.'));
    });
    const cancelTimer = this.#options.setTimer(() => {
      this.#limitMs = SLOW_LIMIT_MS;
      abort(transaction);
    }, this.#limitMs);
    this.#transactions.add(transaction);
    try {
      const working = work(transaction.objectStore(STORE_NAME)).then((result) => {
        commit(transaction);
        return result;
      });
      const [, result] = await Promise.all([committed, working]);
      this.#limitMs = COMMIT_LIMIT_MS;
      return result;
    } catch (reason) {
      abort(transaction);
      throw reason;
    } finally {
      cancelTimer();
      this.#transactions.delete(transaction);
    }
  }

  /** Opens it within the limit. Later success counts for whoever comes next. */
  #open(create: boolean): Promise<IDBDatabase | undefined> {
    if (this.#isStuck) return Promise.reject(storageError('It still does not open.'));
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#options.setTimer(() => {
        this.#isStuck = true;
        reject(storageError('It does not open.'));
      }, OPEN_LIMIT_MS);
      const settle = (database: IDBDatabase | undefined): boolean => {
        cancelTimer();
        this.#keep(database);
        const wasStuck = this.#isStuck;
        this.#isStuck = false;
        return wasStuck;
      };
      this.#request(create).then(
        (database) => {
          const wasLate = settle(database);
          resolve(this.#database);
          if (wasLate && !this.#isClosed) this.#options.onLateOpen();
        },
        (reason: unknown) => {
          settle(undefined);
          reject(reason);
        },
      );
    });
  }

  async #request(create: boolean): Promise<IDBDatabase | undefined> {
    const factory = this.#options.factory();
    if (!factory) throw storageError('There is none.');
    // Where the browser can tell, not even an attempt leaves traces.
    if (!create && 'databases' in factory) {
      const known = await factory.databases();
      if (!known.some(({ name }) => name === DATABASE_NAME)) return undefined;
    }
    const request = factory.open(DATABASE_NAME);
    let isMissing = false;
    request.onupgradeneeded = () => {
      isMissing = !create;
      if (create) request.result.createObjectStore(STORE_NAME);
      else request.transaction?.abort();
    };
    try {
      return await promisifyRequest(request);
    } catch (error) {
      if (isMissing) return undefined;
      throw error;
    }
  }

  #keep(database: IDBDatabase | undefined): void {
    if (!database) return;
    if (this.#isClosed) return database.close();
    const forget = () => {
      if (this.#database === database) this.#database = undefined;
    };
    this.#database = database;
    database.onclose = forget;
    // Somebody deletes it or brings a later version: do not stand in the way.
    database.onversionchange = () => {
      database.close();
      forget();
    };
  }
}

/** All is asked for: it need not wait for this page to hear every answer, which may be busy or about to be frozen. */
function commit(transaction: IDBTransaction): void {
  unlessEnded(() => transaction.commit());
}

function abort(transaction: IDBTransaction): void {
  unlessEnded(() => transaction.abort());
}

function unlessEnded(end: () => void): void {
  try {
    end();
  } catch (error) {
    if ((error as Error | null)?.name !== 'InvalidStateError') throw error;
  }
}

function storageError(cause: unknown): RealtimeError {
  const isFull = (cause as Error | null | undefined)?.name === 'QuotaExceededError';
  return new RealtimeError(
    'storage',
    isFull ? 'The browser has no room left to keep messages.' : 'The browser could not store the messages.',
    { cause },
  );
}
