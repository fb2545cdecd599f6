import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers';

/**
 * A clock that goes on only when it is told to, so that the waits of days take no time, while sockets do their work in real
 * time. Timers are the product's own; the ones inside other libraries are not here.
 */
export class VirtualTime {
  #now = 0;
  #next = 0;
  /** @type {Map<number, { at: number, callback: () => void }>} */
  #timers = new Map();

  monotonicNow = () => this.#now;

  setTimer = (/** @type {() => void} */ callback, /** @type {number} */ delayMs) => {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + delayMs, callback });
    return () => void this.#timers.delete(id);
  };

  /** Timers that are set. */
  get pending() {
    return this.#timers.size;
  }

  /** Goes on by `ms`. Whatever a timer starts gets a turn before the next one fires. */
  async advance(/** @type {number} */ ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#earliest();
      if (!due || due[1].at > end) break;
      this.#fire(due);
      await turn();
    }
    this.#now = end;
  }

  /** Goes on to the next timer and fires it. `false` if there is none. */
  step() {
    const due = this.#earliest();
    if (due) this.#fire(due);
    return due !== undefined;
  }

  #earliest() {
    let first;
    for (const entry of this.#timers) if (!first || entry[1].at < first[1].at) first = entry;
    return first;
  }

  #fire(/** @type {[number, { at: number, callback: () => void }]} */ [id, { at, callback }]) {
    this.#timers.delete(id);
    this.#now = Math.max(this.#now, at);
    callback();
  }
}

/** Lets sockets do their work. */
export function turn() {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Resolves when `condition` holds, on the real clock. Rejects with `what` after 20 s. */
export async function until(/** @type {() => boolean} */ condition, /** @type {() => string} */ what) {
  const deadline = performance.now() + 20_000;
  for (let turns = 0; !condition(); turns++) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what()}`);
    // Now and then a real pause, so that the server's process gets the processor.
    await (turns % 50 === 49 ? new Promise((resolve) => void setTimeout(resolve, 1)) : turn());
  }
}
