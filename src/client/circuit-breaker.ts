export type BreakerState = 'closed' | 'open' | 'half-open';

/** A breaker at one moment. */
export interface BreakerStatus {
  readonly state: BreakerState;
  /** Failures that count at present. */
  readonly failures: number;
  /** Milliseconds until an open one lets a probe through; else 0. */
  readonly waitMs: number;
}
