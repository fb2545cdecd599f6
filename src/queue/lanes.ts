import type { Priority } from '../protocol/types.ts';
import { LANES, streamOf, type OutboxRecord } from './outbox-record.ts';

/** Turns of each priority in one round. */
const ROUND: Readonly<Record<Priority, number>> = { high: 8, normal: 4, low: 1 };
/** A lane that had something ready for as long as this goes next, whatever the round says. */
const PATIENCE_MS = 15_000;
/** Streams whose last turn is remembered. One that is forgotten counts as served longest ago, which it was. */
const MEMORY = 1_000;

/**
 * Decides which of several messages goes next: by weighted rounds of the priorities (8 high, 4 normal, 1 low), in which
 * nobody's turn is wasted and low ones age; within a priority the conversation whose turn is longest ago. So with any
 * load above it a low message gets one turn in thirteen.
 */
export class Lanes {
  #left: Record<Priority, number> = { ...ROUND };
  /** Since when a lane has had something ready and no turn, in monotonic milliseconds. */
  readonly #waitingSince = new Map<Priority, number>();
  /** Streams by their last turn, the longest ago first. */
  readonly #turns = new Set<string>();

  /** Notes who waits at `now` (monotonic milliseconds). Also to be called while nobody can go, so that waiting counts. */
  see(ready: readonly OutboxRecord[], now: number): void {
    for (const lane of LANES) {
      if (!ready.some(({ priority }) => priority === lane)) this.#waitingSince.delete(lane);
      else if (!this.#waitingSince.has(lane)) this.#waitingSince.set(lane, now);
    }
  }

  /** Gives the turn at `now` to one of `ready`, of which there is at most one of each stream, in the order of the queue. */
  next(ready: readonly OutboxRecord[], now: number): OutboxRecord | undefined {
    this.see(ready, now);
    const lane = this.#nextLane(now);
    if (!lane) return undefined;
    this.#left[lane] = Math.max(0, this.#left[lane] - 1);
    this.#waitingSince.set(lane, now);

    const candidates = ready.filter(({ priority }) => priority === lane);
    const isNew = (record: OutboxRecord) => !this.#turns.has(streamOf(record));
    const order = [...this.#turns];
    const turnOf = (record: OutboxRecord) => order.indexOf(streamOf(record));
    const chosen = candidates.find(isNew) ?? candidates.sort((a, b) => turnOf(a) - turnOf(b))[0];
    if (chosen) this.#remember(streamOf(chosen));
    return chosen;
  }

  #nextLane(now: number): Priority | undefined {
    const waiting = LANES.filter((lane) => this.#waitingSince.has(lane));
    const since = (lane: Priority) => this.#waitingSince.get(lane) ?? now;
    const impatient = waiting.filter((lane) => now - since(lane) >= PATIENCE_MS);
    if (impatient.length > 0) return impatient.sort((a, b) => since(a) - since(b))[0];
    if (!waiting.some((lane) => this.#left[lane] > 0)) this.#left = { ...ROUND };
    return waiting.find((lane) => this.#left[lane] > 0);
  }

  #remember(stream: string): void {
    this.#turns.delete(stream);
    this.#turns.add(stream);
    for (const oldest of this.#turns) {
      if (this.#turns.size <= MEMORY) break;
      this.#turns.delete(oldest);
    }
  }
}
