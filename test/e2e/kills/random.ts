/** Chance that can be repeated: the same seed gives the same numbers. */
export class Random {
  #state: number;

  /** @param seed Any integer. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). A Weyl sequence, mixed. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** Integer in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** Whether something happens that does so this often (0 to 1). */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of `values`, each as often as its weight says. */
  weighted<Value>(values: readonly (readonly [weight: number, value: Value])[]): Value {
    let point = this.next() * values.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of values) if ((point -= weight) < 0) return value;
    throw new RangeError('Nothing to choose from.');
  }

  /** One of `values`. */
  pick<Value>(values: readonly Value[]): Value {
    return this.weighted(values.map((value) => [1, value]));
  }
}

/** For a run without a seed of its own. */
export function anySeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
