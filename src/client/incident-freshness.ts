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

/** What a proof rests on, and for how many milliseconds after that it counts. */
export interface Ground {
  readonly at: Stamp;
  readonly validMs: number;
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
  /** By what needs no ground, and by what does. */
  #proved: Stamp | undefined;
  #believed: { readonly at: Stamp; readonly ground: Ground } | undefined;
  #told: Freshness['state'] = 'unknown';
  #cancel: Undo | undefined;

  constructor(environment: Pick<Environment, 'now' | 'monotonicNow' | 'setTimer'>, ports: FreshnessPorts) {
    this.#environment = environment;
    this.#ports = ports;
  }

  get value(): Freshness {
    const ages = [this.#proved, this.#believed?.at].flatMap((at) => at ?? []).map((at) => this.#age(at));
    if (ages.length === 0)
      return { state: this.#ports.isChecking() ? 'checking' : 'unknown', asOf: undefined };
    const asOf = this.#environment.now() - Math.min(...ages);
    return { state: this.#leftMs > 0 ? 'fresh' : 'unknown', asOf };
  }

  /** Everything shown was true at `at`, as long as `ground` holds. Says nothing new if a later proof is there. */
  prove(at: Stamp, ground?: Ground): void {
    const before = ground ? this.#believed?.at : this.#proved;
    if (before && before.monotonic > at.monotonic) return;
    if (ground) this.#believed = { at, ground };
    else this.#proved = at;
    this.look();
  }

  /** Tells if the answer is another one, and comes back when it may be. */
  look(): void {
    const { value } = this;
    if (value.state !== 'fresh') this.stop();
    else {
      this.#cancel ??= this.#environment.setTimer(() => {
        this.#cancel = undefined;
        this.look();
      }, this.#leftMs);
    }
    if (value.state === this.#told) return;
    this.#told = value.state;
    this.#ports.onChange(value);
  }

  /** Nothing is known any more. */
  reset(): void {
    this.#proved = this.#believed = undefined;
    this.look();
  }

  #age(at: Stamp): number {
    return ageMs(this.#environment, at);
  }

  /** Until the answer is `unknown`, if nothing else is proved. */
  get #leftMs(): number {
    const provedMs = this.#proved ? STALE_MS - this.#age(this.#proved) : 0;
    if (!this.#believed) return provedMs;
    const { at, ground } = this.#believed;
    return Math.max(provedMs, Math.min(STALE_MS - this.#age(at), ground.validMs - this.#age(ground.at)));
  }

  /** No timer is left. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
