import type { Incident } from '../protocol/incident.ts';
import type { Applied } from './incident-store.ts';

/** How incidents came to be known. */
export type Arrival = 'look' | 'event' | 'follow-up';

/** The creation time of the newest incident, by the server's clock, and when it was first heard of, on the monotonic one. */
interface Newest {
  readonly createdAt: number;
  readonly at: number;
}

/**
 * A row that was created so long before another may be there later: the clocks of one server's parts differ, and what they
 * write takes its time.
 */
const OVERLAP_MS = 60_000;

/** Tells what is new from what was only not seen before, and knows how far back a look has to go. */
export class FeedNews {
  /** The newest creation that was known when the last look began. */
  #from: Newest = { createdAt: Infinity, at: 0 };
  #newest: Newest = { createdAt: -Infinity, at: 0 };
  /** The newest creation of the first page: what is older was there before somebody looked. */
  #horizon: number | undefined;
  /** The oldest creation of that page. */
  #oldest = -Infinity;
  /** What is older than this had no room in the first look, but was there. */
  #depth: number | undefined;
  #received: Incident[] = [];
  #updated: Incident[] = [];

  /** A look begins that has to find everything created after `from`; what is older than `newest` was there for an earlier look. */
  begin(now: number): { readonly from: number; readonly newest: Newest } {
    const overlapMs = Math.max(0, OVERLAP_MS - (now - this.#from.at));
    return { from: this.#from.createdAt - overlapMs, newest: this.#newest };
  }

  /**
   * That look is done: the next one goes as far back as this one began, so that each moment is looked at twice. `hasMore`:
   * there are older ones than it saw.
   */
  end(newest: Newest, hasMore: boolean): void {
    this.#depth ??= hasMore ? this.#oldest : -Infinity;
    this.#from = newest.createdAt === -Infinity ? this.#newest : newest;
  }

  /**
   * Takes in what was merged at `now`, on the monotonic clock. `lookedAt`: when the look before began, by the server's clock;
   * `undefined` in the first one.
   */
  add({ added, changed }: Applied, arrival: Arrival, now: number, lookedAt: number | undefined): void {
    const isFirst = arrival === 'look' && lookedAt === undefined;
    for (const { createdAt } of added) {
      if (createdAt > this.#newest.createdAt) this.#newest = { createdAt, at: now };
    }
    if (isFirst && this.#horizon === undefined) {
      this.#horizon = this.#newest.createdAt;
      this.#oldest = Math.min(this.#horizon, ...added.map(({ createdAt }) => createdAt));
    }
    const horizon = this.#horizon;
    if (isFirst || horizon === undefined) return;
    // What a look did not know may only have had no room, but not what changed since the one before.
    const since = arrival === 'look' ? Math.max(horizon, lookedAt ?? horizon) : horizon;
    for (const incident of added) {
      const { createdAt, updatedAt } = incident;
      const isRecent = createdAt > horizon - OVERLAP_MS;
      // That it was changed says little about when it was created.
      const isNew =
        isRecent &&
        (arrival === 'follow-up'
          ? updatedAt - createdAt < OVERLAP_MS
          : createdAt > (this.#depth ?? -Infinity));
      if (isNew || arrival === 'event') this.#received.push(incident);
      // An old one that came into the filter.
      else if (updatedAt > since) this.#updated.push(incident);
    }
    this.#updated.push(...changed);
  }

  /** What is to be told since the last call. */
  take(): { readonly received: readonly Incident[]; readonly updated: readonly Incident[] } {
    const news = { received: this.#received, updated: this.#updated };
    this.#received = [];
    this.#updated = [];
    return news;
  }
}
