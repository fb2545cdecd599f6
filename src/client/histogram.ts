import type { LatencySummary } from './metrics.ts';

/** Buckets for each doubling: scale 3 of OpenTelemetry's exponential histograms, so that they can be exported as they are. */
const STEPS = 8;
/** Middle of a bucket as a part of its upper end: at most 4.3 % off, wherever in the bucket the truth is. */
const MIDDLE = 2 / (1 + 2 ** (1 / STEPS));
const SHORTEST_MS = 1;
/** As long as a message may wait. */
const LONGEST_MS = 7 * 86_400_000;

/** How often what took how long, in at most 234 buckets. What is shorter than 1 ms or longer than 7 days counts as that. */
export class Histogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  add(ms: number): void {
    const value = Math.min(Math.max(ms || 0, SHORTEST_MS), LONGEST_MS);
    const index = Math.ceil(STEPS * Math.log2(value / 1000)) - 1;
    this.#buckets.set(index, (this.#buckets.get(index) ?? 0) + 1);
    this.#count++;
    this.#sumMs += value;
    this.#maxMs = Math.max(this.#maxMs, value);
  }

  /** A copy. */
  summary(): LatencySummary {
    const count = this.#count;
    const buckets = [...this.#buckets].sort(([a], [b]) => a - b);
    const percentile = (part: number) => {
      let rank = Math.ceil(part * count);
      const bucket = buckets.find(([, size]) => (rank -= size) <= 0);
      if (!bucket) return undefined;
      const ms = 1000 * MIDDLE * 2 ** ((bucket[0] + 1) / STEPS);
      return Math.min(+ms.toPrecision(3), this.#maxMs);
    };
    return {
      count,
      meanMs: count ? this.#sumMs / count : undefined,
      p50Ms: percentile(0.5),
      p95Ms: percentile(0.95),
      p99Ms: percentile(0.99),
      maxMs: count ? this.#maxMs : undefined,
      buckets: Object.fromEntries(buckets),
    };
  }
}
