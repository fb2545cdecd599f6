import { isServersWish } from '../protocol/error-details.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { IncidentCapabilities, IncidentDetails } from '../protocol/incident.ts';
import type {
  IncidentPage,
  IncidentQuery,
  IncidentsById,
  IncidentSource,
} from '../transports/incident-source.ts';
import type { BreakerStatus, CircuitBreaker } from './circuit-breaker.ts';
import type { Environment } from './environment.ts';
import type { Metrics, Operation } from './metrics.ts';

export interface RequestPorts {
  readonly environment: Pick<Environment, 'monotonicNow'>;
  readonly source: IncidentSource;
  readonly breaker: CircuitBreaker;
  readonly metrics: Metrics | undefined;
}

/**
 * Asks the source, unless that failed again and again a moment ago or the server asked to wait: then every call rejects at
 * once, with how long that will be.
 */
export class IncidentRequests {
  readonly #ports: RequestPorts;
  #held: { readonly error: RealtimeError; readonly until: number } | undefined;

  constructor(ports: RequestPorts) {
    this.#ports = ports;
  }

  /** Milliseconds for which nothing is worth asking, because it failed again and again; else 0. */
  get barredMs(): number {
    return this.#ports.breaker.waitMs;
  }

  get breaker(): BreakerStatus {
    return this.#ports.breaker.status();
  }

  /** There is a reason to try what failed again and again. */
  hasten(): void {
    this.#ports.breaker.hasten();
  }

  probe(signal: AbortSignal): Promise<IncidentCapabilities> {
    return this.#guard('query', () => this.#ports.source.probe(signal));
  }

  page(query: IncidentQuery): Promise<IncidentPage> {
    return this.#guard('query', () => this.#ports.source.page(query));
  }

  read(ids: readonly string[], signal?: AbortSignal): Promise<IncidentsById> {
    return this.#guard('query', () => this.#ports.source.read(ids, signal));
  }

  details(id: string, signal?: AbortSignal): Promise<IncidentDetails> {
    return this.#guard('details', () => this.#ports.source.details(id, signal));
  }

  async #guard<Result>(operation: Operation, work: () => Promise<Result>): Promise<Result> {
    const { environment, breaker, metrics } = this.#ports;
    const leftMs = (this.#held?.until ?? 0) - environment.monotonicNow();
    if (this.#held && leftMs > 0) {
      const { code, message } = this.#held.error;
      throw new RealtimeError(code, message, { retryAfterMs: leftMs });
    }
    try {
      return await breaker.execute(() => (metrics ? metrics.measure('incidents', operation, work) : work()));
    } catch (reason) {
      const error = RealtimeError.from(reason, 'bug', 'Asking for incidents failed.');
      if (isServersWish(error)) {
        this.#held = { error, until: environment.monotonicNow() + (error.retryAfterMs ?? 0) };
      }
      throw error;
    }
  }
}
