import { type ErrorCode, RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';
import { Histogram } from './histogram.ts';

/** Transports that keep a connection open. */
export type OpenTransport = 'hub' | 'sse' | 'incidents';
export type MeasuredTransport = OpenTransport | 'rest' | 'token';
export type Operation =
  'connect' | 'send' | 'history' | 'converse' | 'delete' | 'probe' | 'token' | 'query' | 'details' | 'act';

/** One round trip: when it ended, in milliseconds since 1970, and how long it took. */
export interface LatencySample {
  readonly at: number;
  readonly ms: number;
}

/** How long things took, in milliseconds; percentiles within 5 % of the truth. The times are `undefined` while `count` is 0. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
  /**
   * How many took how long: those under the key `i` took more than 2^(i/8) and at most 2^((i+1)/8) seconds. To sum up many
   * pages, add the counts key by key; percentiles cannot be added or averaged.
   */
  readonly buckets: Readonly<Record<number, number>>;
}

export interface OperationMetrics {
  readonly transport: MeasuredTransport;
  readonly operation: Operation;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Failures by kind; what was cancelled by the caller counts as neither. */
  readonly failures: Readonly<Partial<Record<ErrorCode, number>>>;
  /** Of those that succeeded. */
  readonly latency: LatencySummary;
}

/** What the client measured, at one moment. Plain data; no content, no credentials, no names of people. */
export interface MetricsSnapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since the measuring began, on the monotonic clock. */
  readonly coveredMs: number;
  readonly operations: readonly OperationMetrics[];
  readonly connections: readonly {
    readonly transport: OpenTransport;
    readonly isOpen: boolean;
    /** How long it has been open in all, up to now. */
    readonly uptimeMs: number;
    /** Times that it opened again after the first. */
    readonly reconnects: number;
  }[];
  readonly queue: {
    readonly waiting: number;
    readonly failed: number;
    readonly oldestMs: number | undefined;
  };
  /** From `send()` to the server's confirmation, over everything that left from this tab. */
  readonly delivery: {
    readonly delivered: number;
    readonly failed: number;
    /** `delivered / (delivered + failed)`; `undefined` before the first. */
    readonly rate: number | undefined;
    readonly latency: LatencySummary;
  };
  /** From the server's confirmation to the first reply. */
  readonly firstReply: LatencySummary;
}

/** One operation under way. The first of the three calls counts, later ones do nothing. */
export interface Timing {
  /** It did what it was for: what was sent is acknowledged, not merely written to a socket. */
  succeed(): void;
  /** The same as `cancel()` for an error whose code is `closed`. */
  fail(error: unknown): void;
  cancel(): void;
}

interface Tally {
  readonly transport: MeasuredTransport;
  readonly operation: Operation;
  started: number;
  succeeded: number;
  failed: number;
  readonly failures: Partial<Record<ErrorCode, number>>;
  readonly latency: Histogram;
}

/** A live channel. `since` is on the monotonic clock; `undefined` while it is closed. */
interface Uptime {
  opens: number;
  beforeMs: number;
  since: number | undefined;
}

const SAMPLES = 60;

/**
 * Counts and times what a client does. Durations are taken on the monotonic clock, so that they survive a change of the
 * machine's time. Memory is bounded. It holds no timer: there is nothing to dispose of.
 */
export class Metrics {
  readonly #environment: Pick<Environment, 'now' | 'monotonicNow'>;
  readonly #began: number;
  readonly #tallies = new Map<string, Tally>();
  readonly #uptimes = new Map<OpenTransport, Uptime>();
  readonly #samples = new Map<MeasuredTransport, readonly LatencySample[]>();
  readonly #delivery = new Histogram();
  readonly #replies = new Histogram();
  #undelivered = 0;
  /** Something was recorded. It belongs to whoever made this object. */
  onChange: (() => void) | undefined;

  constructor(environment: Pick<Environment, 'now' | 'monotonicNow'>) {
    this.#environment = environment;
    this.#began = environment.monotonicNow();
  }

  /** Starts one operation. Any number may be under way at the same time. */
  begin(transport: MeasuredTransport, operation: Operation): Timing {
    const key = transport + operation;
    const tally = this.#tallies.get(key) ?? {
      transport,
      operation,
      started: 0,
      succeeded: 0,
      failed: 0,
      failures: {},
      latency: new Histogram(),
    };
    this.#tallies.set(key, tally);
    tally.started++;
    const start = this.#environment.monotonicNow();
    let done = false;
    const end = (record?: () => void) => {
      if (done) return;
      done = true;
      record?.();
      this.onChange?.();
    };
    return {
      succeed: () =>
        end(() => {
          const ms = this.#environment.monotonicNow() - start;
          tally.succeeded++;
          tally.latency.add(ms);
          this.#sample(transport, operation, ms);
        }),
      fail: (error) =>
        end(() => {
          const code = error instanceof RealtimeError ? error.code : 'bug';
          if (code === 'closed') return;
          tally.failed++;
          tally.failures[code] = (tally.failures[code] ?? 0) + 1;
        }),
      cancel: () => end(),
    };
  }

  /** Times `work`, and settles as it does. */
  async measure<T>(transport: MeasuredTransport, operation: Operation, work: () => Promise<T>): Promise<T> {
    const timing = this.begin(transport, operation);
    try {
      const result = await work();
      timing.succeed();
      return result;
    } catch (error) {
      timing.fail(error);
      throw error;
    }
  }

  /** The channel is open. Does nothing while it is. */
  opened(transport: OpenTransport): void {
    const uptime = this.#uptimes.get(transport) ?? { opens: 0, beforeMs: 0, since: undefined };
    if (uptime.since !== undefined) return;
    uptime.opens++;
    uptime.since = this.#environment.monotonicNow();
    this.#uptimes.set(transport, uptime);
    this.onChange?.();
  }

  /** The channel is closed, for whatever reason. Does nothing while it is. */
  closed(transport: OpenTransport): void {
    const uptime = this.#uptimes.get(transport);
    if (uptime?.since === undefined) return;
    uptime.beforeMs = this.uptimeMs(transport);
    uptime.since = undefined;
    this.onChange?.();
  }

  /** The server confirmed a message, `ms` after `send()`. */
  delivered(ms: number): void {
    this.#delivery.add(ms);
    this.onChange?.();
  }

  /** A message failed for good. */
  undelivered(): void {
    this.#undelivered++;
    this.onChange?.();
  }

  /** The first reply to a message came, `ms` after the server's confirmation. */
  replied(ms: number): void {
    this.#replies.add(ms);
    this.onChange?.();
  }

  /** The last 60 round trips that succeeded, oldest first: not `connect`, which is several, nor `converse`, which waits for the agent. */
  latencies(transport: MeasuredTransport): readonly LatencySample[] {
    return this.#samples.get(transport) ?? [];
  }

  /** How long the channel has been open in all; goes on while it is. */
  uptimeMs(transport: OpenTransport): number {
    const { beforeMs = 0, since } = this.#uptimes.get(transport) ?? {};
    return beforeMs + (since === undefined ? 0 : this.#environment.monotonicNow() - since);
  }

  /** A copy of everything, as it is now. */
  snapshot(queue: MetricsSnapshot['queue']): MetricsSnapshot {
    const delivery = this.#delivery.summary();
    const attempts = delivery.count + this.#undelivered;
    return {
      at: this.#environment.now(),
      coveredMs: this.#environment.monotonicNow() - this.#began,
      operations: [...this.#tallies.values()].map((tally) => ({
        ...tally,
        failures: { ...tally.failures },
        latency: tally.latency.summary(),
      })),
      connections: [...this.#uptimes].map(([transport, { opens, since }]) => ({
        transport,
        isOpen: since !== undefined,
        uptimeMs: this.uptimeMs(transport),
        reconnects: opens - 1,
      })),
      queue: { ...queue },
      delivery: {
        delivered: delivery.count,
        failed: this.#undelivered,
        rate: attempts ? delivery.count / attempts : undefined,
        latency: delivery,
      },
      firstReply: this.#replies.summary(),
    };
  }

  #sample(transport: MeasuredTransport, operation: Operation, ms: number): void {
    if (operation === 'connect' || operation === 'converse') return;
    const sample = { at: this.#environment.now(), ms };
    // A new array: what was handed out stays as it was.
    this.#samples.set(transport, [...this.latencies(transport).slice(1 - SAMPLES), sample]);
  }
}
