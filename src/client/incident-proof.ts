import type { Environment } from './environment.ts';
import { type Stamp, stampOf } from './incident-freshness.ts';

type ProofEnvironment = Pick<Environment, 'now' | 'monotonicNow'>;

/** A subscription that nothing has shown to be in effect is taken to be after this time. */
const EFFECT_MS = 2_000;
/** An event may come later than a query that shows the same change. */
const GRACE_MS = 3_000;
/** So many missed heartbeats are silence. */
const BEATS_MISSED = 3;
/** They come every 5 s, or less often; two that were held up on the way may come together. */
const MIN_BEAT_MS = 5_000;
/** Changes that a stream which kept one quiet has to tell before it is believed again: times four each time, up to this. */
const MAX_NEEDED = 64;
/** Ids of events remembered. */
const MAX_TOLD = 20_000;

/**
 * Whether the live stream is to be believed when it says nothing. It is once it has told of changes that a query then
 * confirmed, until a query finds a change that it kept quiet about: a server may accept a subscription and never send
 * anything but signs of life.
 */
export class StreamProof {
  readonly #environment: ProofEnvironment;
  /** When the stream opened, on the monotonic clock. */
  #openedAt = Infinity;
  /** Since when the subscription is in effect; `undefined` without a stream. On the monotonic clock. */
  #since: number | undefined;
  #heard: Stamp | undefined;
  #lastBeat: number | undefined;
  /** Between the last two heartbeats; unknown before the second one. */
  #beatMs: number | undefined;
  #confirmed = 0;
  #needed = 1;
  /** Ids of incidents that events spoke of, and when last: oldest first. */
  readonly #told = new Map<string, number>();
  /** Ids of incidents that events brought whole, and no query has shown yet. */
  readonly #brought = new Set<string>();
  /** Found by a query, not told of so far: until when an event may still come. */
  readonly #suspects = new Map<string, number>();

  constructor(environment: ProofEnvironment) {
    this.#environment = environment;
  }

  /** The stream is open and subscribed. */
  opened(): void {
    this.closed();
    this.#openedAt = this.#environment.monotonicNow();
    this.#since = this.#openedAt + EFFECT_MS;
    this.#heard = stampOf(this.#environment);
  }

  closed(): void {
    this.#since = this.#heard = this.#lastBeat = this.#beatMs = undefined;
    this.#confirmed = 0;
    this.#told.clear();
    this.#brought.clear();
    this.#suspects.clear();
  }

  /** Any sign of life of the connection. Where the subscription has signs of its own, and one is overdue, no other counts. */
  alive(): void {
    if (this.#missed < 2) this.#hear();
  }

  heartbeat(): void {
    const now = this.#environment.monotonicNow();
    if (this.#lastBeat !== undefined) this.#beatMs = Math.max(MIN_BEAT_MS, now - this.#lastBeat);
    this.#lastBeat = now;
    this.#hear();
  }

  /** An event spoke of `id`. */
  told(id: string): void {
    const now = this.#environment.monotonicNow();
    this.#hear();
    this.#told.delete(id);
    this.#told.set(id, now);
    if (this.#told.size > MAX_TOLD) this.#told.delete(this.#told.keys().next().value ?? '');
    if (this.#suspects.delete(id)) this.confirm();
  }

  /** An event brought `id`, which is new. */
  brought(id: string): void {
    this.told(id);
    if (this.#brought.size >= MAX_TOLD) this.#brought.clear();
    this.#brought.add(id);
  }

  /** A query showed `ids`, changed or not. */
  showed(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#brought.delete(id)) this.confirm();
    }
  }

  /** A query showed what an event had told. */
  confirm(): void {
    this.#confirmed++;
  }

  /**
   * A query found that `id` has changed after a look that began at `lookedAt` on the monotonic clock; `undefined` if there was
   * none.
   */
  found(id: string, lookedAt: number | undefined): void {
    if (this.#since === undefined || lookedAt === undefined || lookedAt < this.#since) return;
    const toldAt = this.#told.get(id);
    // Told shortly before that look: the server may have been slower to answer than to tell.
    if (toldAt !== undefined && toldAt >= lookedAt - GRACE_MS) this.confirm();
    else if (!this.#suspects.has(id)) this.#suspects.set(id, this.#environment.monotonicNow() + GRACE_MS);
  }

  /** Milliseconds until it is certain whether the stream kept something quiet; `undefined` where nothing is in doubt. */
  get doubtMs(): number | undefined {
    const [until] = this.#suspects.values();
    return until === undefined ? undefined : Math.max(0, until - this.#environment.monotonicNow());
  }

  /** Whether its silence means that nothing has changed. */
  get isProven(): boolean {
    this.#judge();
    return this.#since !== undefined && this.#confirmed >= this.#needed;
  }

  /** From when on it tells, on the monotonic clock. */
  get openedAt(): number {
    return this.#openedAt;
  }

  /** When something last showed that it would have told. */
  get heard(): Stamp | undefined {
    return this.#heard;
  }

  /** The signs of life that the subscription had have stopped, though the connection lives. */
  get isDeaf(): boolean {
    return this.#missed > BEATS_MISSED;
  }

  /** Heartbeats that did not come, and parts of one. */
  get #missed(): number {
    if (this.#lastBeat === undefined || !this.#beatMs) return 0;
    return (this.#environment.monotonicNow() - this.#lastBeat) / this.#beatMs;
  }

  #hear(): void {
    if (this.#since === undefined) return;
    this.#heard = stampOf(this.#environment);
  }

  /** Those of whom no event came in time. */
  #judge(): void {
    const now = this.#environment.monotonicNow();
    for (const [id, until] of this.#suspects) {
      if (until > now) continue;
      this.#suspects.delete(id);
      if (this.#confirmed >= this.#needed) this.#needed = Math.min(MAX_NEEDED, 4 * this.#needed);
      this.#confirmed = 0;
    }
  }
}
