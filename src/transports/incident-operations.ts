import { backoff } from '../protocol/backoff.ts';
import { orAborted, startDeadline } from '../protocol/deadline.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { graphqlError, incidentError } from './incident-errors.ts';
import { isQuery } from './incident-http.ts';
import type { IncidentSession } from './incident-session.ts';
import type { GraphqlOperation, GraphqlResult } from './incident-source.ts';
import type { TransportEnvironment } from './transport.ts';

/** Who hears what a subscription brings. What a method throws is told by the transport's `error` event, and stops nothing. */
export interface OperationSink {
  /** One result. `data` can be `null` beside `errors`. */
  next(result: GraphqlResult): void;
  /** The server will never take it. The subscription is gone; other failures are retried and told by the `error` event. */
  error?(error: RealtimeError): void;
  /** The server ended it. It is asked for again after a pause, until the undo runs. */
  complete?(): void;
}

export interface OperationPorts {
  readonly environment: TransportEnvironment;
  readonly onError: (error: RealtimeError) => void;
  /** A subscription was refused for want of a credential: the connection is of no use. */
  readonly onRefused: (error: RealtimeError) => void;
}

interface Entry {
  readonly operation: () => GraphqlOperation;
  readonly sink: OperationSink;
  /** Ends the run, or the wait for the next one. */
  stop: Undo;
  /** On the monotonic clock. */
  startedAt: number;
  failures: number;
  /** What the last result said, in servers that end a subscription that way. */
  failure: RealtimeError | undefined;
}

/** A subscription that lasted this long was healthy. */
const STABLE_MS = 10_000;
const REQUEST_MS = 10_000;

/** The subscriptions that are wanted: started on every connection under fresh ids, and each by itself when it fails. */
export class Operations {
  readonly #ports: OperationPorts;
  readonly #entries = new Set<Entry>();
  #session: IncidentSession | undefined;

  constructor(ports: OperationPorts) {
    this.#ports = ports;
  }

  /** How many are wanted. */
  get size(): number {
    return this.#entries.size;
  }

  /** Kept until the undo runs. `operation` is called for every start. */
  add(operation: () => GraphqlOperation, sink: OperationSink): Undo {
    const entry: Entry = { operation, sink, stop: () => {}, startedAt: 0, failures: 0, failure: undefined };
    this.#entries.add(entry);
    this.#run(entry);
    return () => this.#remove(entry);
  }

  /** Starts all of them on `session`. */
  attach(session: IncidentSession): void {
    this.detach();
    this.#session = session;
    for (const entry of [...this.#entries]) this.#run(entry);
  }

  /** Nothing is started and nothing waits until the next {@link attach}. */
  detach(): void {
    this.#session = undefined;
    for (const { stop } of this.#entries) stop();
  }

  clear(): void {
    this.detach();
    this.#entries.clear();
  }

  #run(entry: Entry): void {
    const session = this.#session;
    if (!session) return;
    const { environment, onRefused, onError } = this.#ports;
    const { sink } = entry;
    let isFirst = true;
    entry.failure = undefined;
    entry.startedAt = environment.monotonicNow();
    entry.stop = session.run(entry.operation(), {
      next: (result) => {
        const failure = (entry.failure = failureIn(result));
        if (failure?.code === 'unauthorized') return onRefused(failure);
        // The way of async-graphql to refuse: only the next frame says that this was the end.
        const isRefusal = isFirst && !failure?.retryable && (result.data ?? undefined) === undefined;
        isFirst = false;
        if (failure && isRefusal) return this.#failed(entry, failure, true);
        if (failure?.retryable) onError(failure);
        this.#tell(() => sink.next(result));
      },
      error: (errors) => this.#failed(entry, graphqlError(errors), true),
      complete: () => {
        if (entry.failure) return this.#failed(entry, entry.failure, false);
        this.#tell(() => sink.complete?.());
        this.#later(entry, undefined);
      },
      lost: () => undefined, // the next connection starts it again
    });
  }

  /** `isNews`: nobody was told of it yet. */
  #failed(entry: Entry, error: RealtimeError, isNews: boolean): void {
    const { onRefused, onError } = this.#ports;
    if (error.code === 'unauthorized') return onRefused(error);
    if (error.retryable) {
      if (isNews) onError(error);
      return this.#later(entry, error.retryAfterMs);
    }
    this.#remove(entry);
    if (entry.sink.error) this.#tell(() => entry.sink.error?.(error));
    else onError(error);
  }

  /** Never at once: a server that ends it each time must not be asked in a loop. */
  #later(entry: Entry, retryAfterMs: number | undefined): void {
    if (!this.#entries.has(entry) || !this.#session) return;
    const { environment } = this.#ports;
    if (environment.monotonicNow() - entry.startedAt >= STABLE_MS) entry.failures = 0;
    const waitMs = backoff(++entry.failures, {
      random: () => environment.random(),
      retryAfterMs,
    });
    entry.stop = environment.setTimer(() => this.#run(entry), waitMs);
  }

  #remove(entry: Entry): void {
    if (this.#entries.delete(entry)) entry.stop();
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (cause) {
      this.#ports.onError(new RealtimeError('bug', 'A listener of a subscription threw.', { cause }));
    }
  }
}

/** A query or mutation over the socket, with one answer. Rejects as requests over HTTP do. */
export async function requestOver(
  session: IncidentSession,
  environment: TransportEnvironment,
  operation: GraphqlOperation,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<GraphqlResult> {
  const stored = isQuery(operation) ? 'no' : 'maybe';
  const deadline = startDeadline(environment, REQUEST_MS, ...signals);
  let stop: Undo = () => {};
  const answer = new Promise<GraphqlResult>((resolve, reject) => {
    stop = session.run(operation, {
      next: resolve,
      error: (errors) => resolve({ data: null, errors }),
      complete: () => reject(incidentError('protocol', { stored })),
      lost: ({ code, message }) => reject(new RealtimeError(code, message, { stored })),
    });
  });
  try {
    return await orAborted(
      answer,
      deadline.signal,
      () => deadline.failure(stored) ?? incidentError('timeout'),
    );
  } finally {
    deadline.end();
    stop();
  }
}

function failureIn({ errors }: GraphqlResult): RealtimeError | undefined {
  return Array.isArray(errors) && errors.length > 0 ? graphqlError(errors) : undefined;
}
