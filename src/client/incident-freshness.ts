import type { Undo } from '../protocol/emitter.ts';
import type { Environment } from './environment.ts';
import type { Freshness } from './incident-types.ts';

/** What nothing has proved for so long may be wrong by now: as long as it takes at most to notice a dead peer. */
export const STALE_MS = 25_000;

type Clocks = Pick<Environment, 'now' | 'monotonicNow'>;

/** A moment, on both clocks: each of them may stand still while the machine sleeps, and somebody may set one. */
export interface Stamp {
  readonly wall: number;
  readonly monotonic: number;
}

export function stampOf(clocks: Clocks): Stamp {
  return { wall: clocks.now(), monotonic: clocks.monotonicNow() };
}

/** Milliseconds since `stamp`, by the clock that says more. */
export function ageMs(clocks: Clocks, stamp: Stamp): number {
  return Math.max(clocks.monotonicNow() - stamp.monotonic, clocks.now() - stamp.wall);
}

export interface FreshnessPorts {
  /** Nothing was proved so far, and the first look is under way. */
  isChecking(): boolean;
  /** `state` became another one. */
  onChange(freshness: Freshness): void;
}

/** Knows whether what is shown was proved lately, and tells when that becomes another answer. */
export class FreshnessClock {
  readonly #environment: Pick<Environment, 'now' | 'monotonicNow' | 'setTimer'>;
  readonly #ports: FreshnessPorts;
  #proved: Stamp | undefined;
  #told: Freshness['state'] = 'unknown';
  #cancel: Undo | undefined;

  constructor(environment: Pick<Environment, 'now' | 'monotonicNow' | 'setTimer'>, ports: FreshnessPorts) {
    this.#environment = environment;
    this.#ports = ports;
  }

  get value(): Freshness {
    const age = this.#proved && ageMs(this.#environment, this.#proved);
    if (age === undefined)
      return { state: this.#ports.isChecking() ? 'checking' : 'unknown', asOf: undefined };
    const asOf = this.#environment.now() - age;
    return { state: age < STALE_MS ? 'fresh' : 'unknown', asOf };
  }

  /** Everything shown was true at `at`. Says nothing new if a later proof is there. */
  prove(at: Stamp): void {
    if (this.#proved && this.#proved.monotonic > at.monotonic) return;
    this.#proved = at;
    this.look();
  }

  /** Tells if the answer is another one, and comes back when it may be. */
  look(): void {
    const { value } = this;
    if (value.state !== 'fresh') this.stop();
    else if (!this.#cancel && this.#proved) {
      const leftMs = STALE_MS - ageMs(this.#environment, this.#proved);
      this.#cancel = this.#environment.setTimer(() => {
        this.#cancel = undefined;
        this.look();
      }, leftMs);
    }
    if (value.state === this.#told) return;
    this.#told = value.state;
    this.#ports.onChange(value);
  }

  /** Nothing is known any more. */
  reset(): void {
    this.#proved = undefined;
    this.look();
  }

  /** No timer is left. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
