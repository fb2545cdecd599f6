import type { Environment } from './environment.ts';
import type { SharedToken } from './token-sharing.ts';

const EARLY_MS = 60_000;
/** With less left than this, or than a tenth of its life, a token may end before a request with it arrives. */
const SAFE_MS = 10_000;

/** A token in memory, and what is left of its life. */
export class HeldToken {
  readonly value: string;
  /** The token that this one came in the place of. */
  readonly replaces: string | undefined;
  /** Milliseconds; `Infinity` when the token does not say. */
  readonly #lifeMs: number;
  readonly #refreshMs: number;
  readonly #ageMs: () => number;

  constructor({ token, replaces, lifeMs, ageMs }: SharedToken, environment: Environment) {
    this.value = token;
    this.replaces = replaces;
    this.#lifeMs = lifeMs;
    this.#refreshMs = refreshAfter(lifeMs, environment.random());
    this.#ageMs = stopwatch(environment, ageMs);
  }

  /** Milliseconds; below zero once it is over. */
  get leftMs(): number {
    return this.#lifeMs - this.#ageMs();
  }

  /** Whether it is too early to ask for another one. */
  get isFresh(): boolean {
    return this.#ageMs() < this.#refreshMs;
  }

  /** Whether a request that leaves now arrives before its end. */
  get isSafe(): boolean {
    return this.leftMs > Math.min(SAFE_MS, 0.1 * this.#lifeMs);
  }

  /** For another tab. */
  share(): SharedToken {
    const { value: token, replaces } = this;
    return { token, replaces, lifeMs: this.#lifeMs, ageMs: this.#ageMs() };
  }
}

/**
 * Milliseconds since now, and `agoMs` before, by whichever clock went on further: the monotonic one stands still while
 * some machines sleep, and the other may be set back.
 */
export function stopwatch(environment: Environment, agoMs = 0): () => number {
  const monotonic = environment.monotonicNow() - agoMs;
  const wall = environment.now() - agoMs;
  return () => Math.max(environment.monotonicNow() - monotonic, environment.now() - wall);
}

/**
 * 80 % of a token's life, or a minute before its end if that is earlier, less up to a tenth so that not everybody comes at
 * once; but never in the first half.
 */
function refreshAfter(lifeMs: number, random: number): number {
  return Math.max(0.5 * lifeMs, Math.min(0.8 * lifeMs, lifeMs - EARLY_MS) * (1 - 0.1 * random));
}
