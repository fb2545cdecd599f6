import type { Faults } from './faults.ts';

/**
 * The way out to one live client, as a network sees it: it can be slow (`latency`) or stuck (`stall-…`). What is written
 * meanwhile is kept in order and comes out later, as from a real socket; nothing is lost until the connection is.
 */
export class SlowPipe {
  readonly #put: (text: string) => void;
  readonly #isStalled: () => boolean;
  readonly #latencyMs: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #unwatch: () => void;
  #onTheWay: string[] = [];
  #held: string[] = [];
  #dueAt = 0;

  constructor(put: (text: string) => void, faults: Faults, stall: 'stall-sse' | 'stall-hub') {
    this.#put = put;
    this.#isStalled = () => faults.get(stall);
    this.#latencyMs = () => faults.get('latency');
    this.#unwatch = faults.onChange(() => this.#flush());
  }

  write(text: string): void {
    const now = performance.now();
    // Never before what was written earlier, even if the latency has been lowered since.
    this.#dueAt = Math.max(this.#dueAt, now + this.#latencyMs());
    this.#onTheWay.push(text);
    if (this.#dueAt <= now) return this.#arrive();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#arrive();
    }, this.#dueAt - now);
    this.#timers.add(timer);
  }

  close(): void {
    this.#unwatch();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#onTheWay = [];
    this.#held = [];
  }

  /** The oldest that is on its way, whoever's timer it is: timers due in the same millisecond may change places. */
  #arrive(): void {
    const text = this.#onTheWay.shift();
    if (text !== undefined) this.#held.push(text);
    this.#flush();
  }

  #flush(): void {
    if (this.#isStalled()) return;
    const ready = this.#held;
    this.#held = [];
    for (const text of ready) this.#put(text);
  }
}
