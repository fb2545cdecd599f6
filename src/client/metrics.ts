import type { ErrorCode } from '../protocol/errors.ts';

export type MeasuredTransport = 'hub' | 'sse' | 'rest' | 'token';
export type Operation = 'connect' | 'send' | 'history' | 'converse' | 'delete' | 'probe' | 'token';

/** One round trip: when it ended, in milliseconds since 1970, and how long it took. */
export interface LatencySample {
  readonly at: number;
  readonly ms: number;
}

/** How long things took, in milliseconds; percentiles within 5 % of the truth. All `undefined` while `count` is 0. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
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
    readonly transport: 'hub' | 'sse';
    readonly isOpen: boolean;
    /** How long it has been open in all, up to now. */
    readonly uptimeMs: number;
    /** Times that it opened again after the first. */
    readonly reconnects: number;
  }[];
  readonly queue: { readonly waiting: number; readonly failed: number; readonly oldestMs: number | undefined };
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
