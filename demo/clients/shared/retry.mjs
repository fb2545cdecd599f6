// @ts-check
const BASE_MS = 1_000;
const MOST_MS = 30_000;
/** A server that accepts and closes at once must not be asked at the base rate for ever. */
const STABLE_MS = 10_000;

/** Closes that mean a mistake of this program: the next attempt would make it again. */
const OWN_MISTAKES = new Set([4004, 4005, 4400, 4406, 4409, 4429]);
const REFUSALS = new Set([4401, 4403]);

/**
 * What to do after a close with `code`: `'retry'` later, `'renew'` the token first, or `'end'`.
 * @param {number} code
 * @returns {'retry' | 'renew' | 'end'}
 */
export function afterClose(code) {
  if (REFUSALS.has(code)) return 'renew';
  return OWN_MISTAKES.has(code) ? 'end' : 'retry';
}

/** How long to wait before each attempt. Full jitter, so that a restarted server does not meet every client at once. */
export class Backoff {
  #attempt = 0;
  #upSince = Infinity;

  /** The server acknowledged. */
  up() {
    this.#upSince = performance.now();
  }

  /** Milliseconds to wait now that the connection is gone; never says to give up. */
  down() {
    if (performance.now() - this.#upSince >= STABLE_MS) this.#attempt = 0;
    this.#upSince = Infinity;
    return Math.random() * Math.min(MOST_MS, BASE_MS * 2 ** this.#attempt++);
  }
}
