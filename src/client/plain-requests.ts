import { RealtimeError } from '../protocol/errors.ts';
import { RestTransport } from '../transports/http-transports.ts';
import type { TransportOptions } from '../transports/transport.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { Environment } from './environment.ts';
import type { Metrics, Operation } from './metrics.ts';
import { type Pacer, sharedPacer } from './pacer.ts';

/** What {@link PlainRequests} works with. */
export interface PlainRequestsOptions {
  readonly transport: TransportOptions;
  readonly environment: Environment;
  readonly metrics: Metrics;
  readonly breaker: CircuitBreaker;
  /** A request succeeded, or failed with `error`. */
  onResult(error: RealtimeError | undefined): void;
}

/**
 * Requests over plain HTTP, for when the hub does not serve: each in its turn below the rate that the server allows, none
 * while requests failed again and again, all of them measured.
 */
export class PlainRequests {
  readonly #options: PlainRequestsOptions;
  readonly #rest: RestTransport;
  readonly #pacer: Pacer;
  /** Those that wait for their turn. */
  readonly #waiting = new Set<AbortController>();
  #isDisposed = false;

  constructor(options: PlainRequestsOptions) {
    this.#options = options;
    this.#rest = new RestTransport(options.transport);
    this.#pacer = sharedPacer(options.environment, options.transport);
  }

  /** Milliseconds until requests may go again; 0 for now. */
  get pausedMs(): number {
    return this.#pacer.waitMs;
  }

  /** Resolves when a request that is made elsewhere may go. Rejects with `rate-limited`, or `closed` for an aborted signal. */
  async take(signal?: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const abort = () => stop.abort();
    if (signal?.aborted || this.#isDisposed) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiting.add(stop);
    try {
      await this.#pacer.take(stop.signal);
    } finally {
      this.#waiting.delete(stop);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** One request. Rejects with `rate-limited` or `unavailable` where none was made. */
  async run<Result>(
    operation: Operation,
    work: (rest: RestTransport) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const { breaker, metrics, onResult } = this.#options;
    try {
      await this.take(signal);
      const attempt = () => metrics.measure('rest', operation, () => work(this.#rest));
      const result = await breaker.execute(attempt);
      onResult(undefined);
      return result;
    } catch (reason) {
      const error = RealtimeError.from(reason, 'network', 'The server cannot be reached.');
      // The server's own wish; the pacer's refusals carry what is left of it.
      if (error.status === 429 && error.retryAfterMs) this.#pacer.hold(error.retryAfterMs);
      // One that was given up says nothing, and one that was stored was answered.
      if (error.code !== 'closed') onResult(error.stored === 'yes' ? undefined : error);
      throw error;
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const stop of this.#waiting) stop.abort();
    this.#rest.dispose();
  }
}
