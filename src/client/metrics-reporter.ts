import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { Environment, LifecycleEvent } from './environment.ts';
import type { MetricsSnapshot } from './metrics.ts';
import { toOtlp } from './otlp.ts';
import { post, postLast, type Posting } from './post.ts';

/** What is measured: the part of a `HybridClient` that a reporter needs. */
export interface MetricsSource {
  metrics(): MetricsSnapshot;
  on(event: 'metrics', listener: (snapshot: MetricsSnapshot) => void): Undo;
}

export interface MetricsReporterOptions {
  readonly client: MetricsSource;
  /** Absolute, or relative to the page. */
  readonly url: string;
  /** Default `'json'`: a {@link MetricsReport}. `'otlp'`: the JSON form of OpenTelemetry's protocol. */
  readonly format?: 'json' | 'otlp';
  /** Told in reports, if given. Default: not told. */
  readonly tenantId?: string;
  readonly environment: Environment;
  /** A post failed; called once until one succeeds again. */
  onError(error: RealtimeError): void;
}

/**
 * What is posted as `'json'`. Counts go on from the beginning, so the last report of an `instance` says everything that the
 * earlier ones said, and replaces them.
 */
export interface MetricsReport extends MetricsSnapshot {
  /** Tells this client apart from all others: random, for as long as the page lives, and stored nowhere. */
  readonly instance: string;
  readonly tenantId?: string;
}

const INTERVAL_MS = 60_000;
/** A collector that fails is asked more and more rarely, down to every half hour. */
const MAX_DOUBLINGS = 5;

/**
 * Posts what a client measured: about once a minute while something happens, and when the page is hidden or left. A post
 * that failed is not repeated; the next one says the same and more.
 */
export class MetricsReporter {
  readonly #options: MetricsReporterOptions;
  readonly #instance: string;
  /** Taken once, since a series that seems to begin anew is another one to a collector. */
  readonly #startedAt: number;
  readonly #undo: readonly Undo[];
  readonly #stop = new AbortController();
  #cancelTimer: Undo | undefined;
  #isPosting = false;
  /** What the collector was last told, without what changes by itself. */
  #told = '';
  #failures = 0;

  constructor(options: MetricsReporterOptions) {
    const { client, environment } = options;
    this.#options = options;
    this.#instance = environment.uuid();
    const snapshot = client.metrics();
    this.#startedAt = snapshot.at - snapshot.coveredMs;
    this.#undo = [
      client.on('metrics', () => this.#schedule()),
      environment.onLifecycle((event) => this.#onLifecycle(event)),
    ];
    this.#schedule();
  }

  /** Hands what is new to the browser, where there is one, and leaves no timer, listener or request. */
  dispose(): void {
    if (this.#stop.signal.aborted) return;
    this.#leave();
    this.#stop.abort();
    this.#cancelTimer?.();
    for (const undo of this.#undo) undo();
  }

  #onLifecycle(event: LifecycleEvent): void {
    if (event === 'hidden' || event === 'frozen') this.#leave();
    if (event === 'online') this.#schedule();
  }

  /** The next post, after a pause that is longer the more often the last ones failed. */
  #schedule(error?: RealtimeError): void {
    const { environment, client } = this.#options;
    if (this.#cancelTimer || this.#isPosting || this.#stop.signal.aborted || !environment.isOnline()) return;
    if (!this.#hasNews(client.metrics())) return;
    const pauseMs = INTERVAL_MS * 2 ** Math.min(this.#failures, MAX_DOUBLINGS);
    const delayMs = backoff(0, {
      random: () => environment.random(),
      retryAfterMs: Math.max(pauseMs, error?.retryAfterMs ?? 0),
    });
    this.#cancelTimer = environment.setTimer(() => {
      this.#cancelTimer = undefined;
      void this.#post(); // never rejects
    }, delayMs);
  }

  async #post(): Promise<void> {
    const { environment, client, onError } = this.#options;
    const snapshot = client.metrics();
    // Told by a beacon meanwhile, or offline: something new or `online` goes on from here.
    if (!environment.isOnline() || !this.#hasNews(snapshot)) return;
    this.#isPosting = true;
    const error = await post(environment, this.#posting(snapshot), this.#stop.signal);
    this.#isPosting = false;
    if (this.#stop.signal.aborted) return;
    if (error) {
      this.#failures++;
      if (this.#failures === 1) onError(error);
    } else {
      this.#failures = 0;
      this.#told = substance(snapshot);
    }
    this.#schedule(error);
  }

  /** The page may be gone the next moment. */
  #leave(): void {
    const { environment, client } = this.#options;
    const snapshot = client.metrics();
    if (!environment.isOnline() || !this.#hasNews(snapshot)) return;
    if (postLast(environment, this.#posting(snapshot))) this.#told = substance(snapshot);
  }

  /** Not that a page was opened on which nobody chats. */
  #hasNews(snapshot: MetricsSnapshot): boolean {
    return snapshot.operations.length > 0 && substance(snapshot) !== this.#told;
  }

  #posting(snapshot: MetricsSnapshot): Posting {
    const { url, format, tenantId } = this.#options;
    const instance = this.#instance;
    const isOtlp = format === 'otlp';
    const report: MetricsReport = { instance, ...(tenantId !== undefined && { tenantId }), ...snapshot };
    const content = isOtlp ? toOtlp(snapshot, { instance, startedAt: this.#startedAt, tenantId }) : report;
    return { url, body: JSON.stringify(content, rounded), isStrict: isOtlp };
  }
}

/** Clocks of browsers tell tenths of a millisecond; the digits behind are noise that nobody should have to pay for. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value;
}

/**
 * A snapshot as text, without what changes while nothing happens: the time, uptimes, the age of what waits; and without
 * whether a channel is open, since it closes because the page is left, which would be told twice.
 */
function substance({ operations, connections, queue, delivery, firstReply }: MetricsSnapshot): string {
  return JSON.stringify([
    operations,
    connections.map(({ transport, reconnects }) => [transport, reconnects]),
    [queue.waiting, queue.failed],
    delivery,
    firstReply,
  ]);
}
