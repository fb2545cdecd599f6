/** Samples that are remembered: enough for one that travelled fast, few enough to follow a clock that is being set. */
const SAMPLES = 20;
/** 10 years. No clock is further off; what says so is no time. */
const MAX_AHEAD_MS = 10 * 365 * 86_400_000;

/** This machine's clocks, in milliseconds. */
export interface Clocks {
  /** Since 1970. May jump. */
  now(): number;
  /** Never goes back. */
  monotonicNow(): number;
}

/** Reckons how far a server's clock is ahead of this machine's. */
export class ServerClock {
  readonly #clocks: Clocks;
  /** Against the monotonic clock, so that setting this machine's clock is felt at once. */
  readonly #offsets: number[] = [];

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /** `serverMs`: what the server's clock showed when it sent what has just arrived, in milliseconds since 1970. */
  heard(serverMs: number | undefined): void {
    const { now, monotonicNow } = this.#clocks;
    if (serverMs === undefined || !(Math.abs(serverMs - now()) < MAX_AHEAD_MS)) return;
    this.#offsets.push(serverMs - monotonicNow());
    if (this.#offsets.length > SAMPLES) this.#offsets.shift();
  }

  /** Negative: behind. 0 until something was heard. */
  get aheadMs(): number {
    const { now, monotonicNow } = this.#clocks;
    // The way here only makes a time look older, so that the largest is the nearest to the truth.
    return this.#offsets.length ? Math.max(...this.#offsets) + monotonicNow() - now() : 0;
  }
}
