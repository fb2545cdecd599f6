import { backoff } from '../protocol/backoff.ts';
import type { Emitter, Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { LiveEvents, TransportEnvironment, TransportState } from './transport.ts';

/** What a link tells of itself. */
type LinkEvents = Pick<LiveEvents, 'state' | 'error'>;

/** What a transport does when its link asks. */
export interface LinkHooks {
  /** One attempt. Rejects with what went wrong and then leaves nothing open. */
  open(signal: AbortSignal): Promise<void>;
  /** Closes what `open` opened. Never rejects. */
  close(): Promise<void>;
}

interface Attempt {
  readonly abort: AbortController;
  /** Started by a call, which hears of the failure; a retry's failure is told by the `error` event. */
  readonly requested: boolean;
  callers: number;
  done: Promise<void>;
}

/** A link that lasted this long was healthy: the next loss starts with the shortest wait again. */
const STABLE_MS = 30_000;

/**
 * The life of one connection: attempts, waits between them, and who wants it. The state is `waiting` only with
 * `reconnect`; a failure that no retry mends ends in `closed`, from which new credentials or `connect()` lead out.
 */
export class ReconnectingLink {
  readonly #environment: TransportEnvironment;
  readonly #reconnect: boolean;
  readonly #hooks: LinkHooks;
  readonly #events: Pick<Emitter<LinkEvents>, 'emit'>;

  #state: TransportState = 'idle';
  #wanted = false;
  #disposed = false;
  #current: Attempt | undefined;
  #cancelWait: Undo = () => {};
  /** What the last stop still closes: the next attempt begins after it. */
  #stopped: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #openedAt: number | undefined;
  /** A loss between the last answer of `open` and the state `open`. */
  #lostEarly: RealtimeError | undefined;
  /** Grows with every request of a caller, so that a slower one in progress knows that it was overtaken. */
  #epoch = 0;

  constructor(
    environment: TransportEnvironment,
    reconnect: boolean,
    events: Pick<Emitter<LinkEvents>, 'emit'>,
    hooks: LinkHooks,
  ) {
    this.#environment = environment;
    this.#reconnect = reconnect;
    this.#events = events;
    this.#hooks = hooks;
  }

  get state(): TransportState {
    return this.#state;
  }

  /** See `LiveTransport.connect`. While waiting, the attempt is made now. */
  connect(signal?: AbortSignal): Promise<void> {
    if (this.#disposed) return Promise.reject(closedError('The transport was disposed of.'));
    if (signal?.aborted) return Promise.reject(closedError('The call was cancelled.'));
    if (this.#state === 'open') return Promise.resolve();
    this.#wanted = true;
    this.#epoch++;
    return this.#join(this.#current ?? this.#begin(true), signal);
  }

  /** Closes and stays closed. */
  async disconnect(): Promise<void> {
    this.#epoch++;
    this.#wanted = false;
    await this.#stop();
    if (!this.#wanted && this.#state !== 'idle') this.#setState('closed');
  }

  /** Connects anew if a connection is wanted, for example with a new credential. */
  async restart(): Promise<void> {
    if (!this.#wanted) return;
    const epoch = ++this.#epoch;
    this.#setState('connecting');
    await this.#stop();
    if (epoch === this.#epoch) await this.connect();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.disconnect();
  }

  /** Told by the transport when an open link was lost. */
  lost(error: RealtimeError): void {
    if (this.#state === 'connecting') this.#lostEarly = error;
    // Lost on the way out: `disconnect()` says what became of it.
    if (this.#state !== 'open' || !this.#wanted) return;
    const lastedMs = this.#environment.monotonicNow() - (this.#openedAt ?? 0);
    if (lastedMs >= STABLE_MS) this.#failures = 0;
    this.#afterFailure(error);
    this.#events.emit('error', error);
  }

  #begin(requested: boolean): Attempt {
    this.#cancelWait();
    const attempt: Attempt = {
      abort: new AbortController(),
      requested,
      callers: 0,
      done: Promise.resolve(),
    };
    this.#current = attempt;
    // One microtask later, so that a listener of `connecting` which calls connect() joins this attempt.
    attempt.done = this.#stopped.then(() => this.#run(attempt));
    attempt.done.catch((error: RealtimeError) => {
      if (attempt.callers === 0 && !attempt.abort.signal.aborted) this.#events.emit('error', error);
    });
    return attempt;
  }

  async #run(attempt: Attempt): Promise<void> {
    const { signal } = attempt.abort;
    if (signal.aborted) throw closedError('The connection was given up.');
    this.#setState('connecting');
    this.#lostEarly = undefined;
    try {
      await this.#hooks.open(signal);
      if (this.#lostEarly) throw this.#lostEarly;
    } catch (reason) {
      // A loss says more than what it did to the rest of the attempt.
      const error =
        this.#lostEarly ?? RealtimeError.from(reason, 'network', 'The connection could not be opened.');
      if (this.#current === attempt) {
        this.#current = undefined;
        this.#afterFailure(error);
      }
      throw error;
    }
    if (this.#current !== attempt) throw closedError('The connection was given up.');
    this.#current = undefined;
    this.#openedAt = this.#environment.monotonicNow();
    this.#setState('open');
  }

  #afterFailure(error: RealtimeError): void {
    if (!this.#reconnect || !error.retryable) {
      // A refused credential stays wanted: an update of it connects again.
      this.#wanted = this.#wanted && this.#reconnect;
      this.#setState('closed', error);
      return;
    }
    const waitMs = backoff(this.#failures++, {
      random: () => this.#environment.random(),
      retryAfterMs: error.retryAfterMs,
    });
    this.#cancelWait = this.#environment.setTimer(() => void this.#begin(false), waitMs);
    this.#setState('waiting', error);
  }

  /** The caller's own promise: it can give up without stopping the others. */
  #join(attempt: Attempt, signal: AbortSignal | undefined): Promise<void> {
    attempt.callers++;
    if (!signal) return attempt.done;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        reject(closedError('The call was cancelled.'));
        attempt.callers--;
        if (attempt.callers === 0 && attempt.requested && this.#current === attempt) void this.disconnect();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      attempt.done.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  #stop(): Promise<unknown> {
    this.#cancelWait();
    const attempt = this.#current;
    this.#current = undefined;
    attempt?.abort.abort();
    const earlier = this.#stopped;
    this.#stopped = (async () => {
      await earlier;
      await this.#hooks.close();
      if (!attempt) return;
      // It may have opened something just before it noticed.
      await attempt.done.catch(() => 'its caller hears of it');
      await this.#hooks.close();
    })();
    return this.#stopped;
  }

  #setState(state: TransportState, error?: RealtimeError): void {
    const previous = this.#state;
    if (previous === state) return;
    this.#state = state;
    this.#events.emit('state', error ? { state, previous, error } : { state, previous });
  }
}

function closedError(message: string): RealtimeError {
  return new RealtimeError('closed', message);
}
