import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';
import { type Stamp, stampOf } from './incident-freshness.ts';

export interface FollowUpPorts {
  readonly environment: Environment;
  /** Asks for these incidents, and merges what comes back. */
  read(ids: readonly string[], signal: AbortSignal): Promise<void>;
  /** Smaller is more urgent. */
  rank(id: string): number;
  /** So many wait that a look at everything is cheaper; it reports with `covered()`. */
  onMany(): void;
  /** What waited is done. */
  onSettled(): void;
  onError(error: RealtimeError): void;
}

/** Updates of one moment are asked for together. */
const GATHER_MS = 100;
/** Between two requests. */
const PACE_MS = 100;
const IN_FLIGHT = 2;
const BATCH = 9;
/** From so many on, a look at everything is asked for. */
const MANY = 50;
/** Meanwhile, only those of this rank or a smaller one are read by themselves. */
const SEVERE = 1;
/** Waiting ids kept; whoever is least urgent is left to the next look. */
const MAX_WAITING = 500;

/** An id that waits. */
interface Wait {
  /** Of the first event that nobody has followed up. */
  readonly since: Stamp;
  /** Of the last event, on the monotonic clock: whoever was asked before it knows nothing of it. */
  readonly last: number;
  /** It was only said that the incident was created. */
  readonly isCreation: boolean;
}

/** Reads what update events were about, which say that something changed but not what: a few at a time, the urgent ones first. */
export class FollowUps {
  readonly #ports: FollowUpPorts;
  /** The first event first. */
  #waiting = new Map<string, Wait>();
  readonly #underWay = new Map<string, Wait>();
  /** Since when something was left to the next look, and when the last of it was. */
  #left: { readonly since: Stamp; readonly last: number } | undefined;
  #stop = new AbortController();
  #inFlight = 0;
  #failures = 0;
  #cancel: Undo | undefined;

  constructor(ports: FollowUpPorts) {
    this.#ports = ports;
  }

  /** An event came about `id`. */
  add(id: string, isCreation: boolean): void {
    const stamp = stampOf(this.#ports.environment);
    const { since = stamp, isCreation: was = true } = this.#waiting.get(id) ?? {};
    this.#waiting.set(id, { since, last: stamp.monotonic, isCreation: isCreation && was });
    this.#plan(GATHER_MS);
  }

  /** Another event brought the new incident `id` itself. */
  created(id: string): void {
    if (this.#waiting.get(id)?.isCreation) this.#settle([id]);
  }

  /** The server told of `ids` when it was asked at `asked`, on the monotonic clock. */
  covered(ids: Iterable<string>, asked: number): void {
    if (this.#waiting.size > 0)
      this.#settle([...ids].filter((id) => (this.#waiting.get(id)?.last ?? asked) < asked));
  }

  /** A look at everything that began at `began` is done. */
  looked(began: number): void {
    if (!this.#left || this.#left.last > began) return;
    this.#left = undefined;
    this.#settle([]);
  }

  /** The earliest event of which it is not known yet what it was about. */
  get oldest(): Stamp | undefined {
    let oldest = this.#left?.since;
    const [first] = this.#waiting.values();
    for (const { since } of [...(first ? [first] : []), ...this.#underWay.values()]) {
      if (!oldest || since.monotonic < oldest.monotonic) oldest = since;
    }
    return oldest;
  }

  /** Nothing is asked for any more, and nothing waits. */
  clear(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#cancel?.();
    this.#cancel = this.#left = undefined;
    this.#waiting.clear();
    this.#underWay.clear();
    this.#inFlight = this.#failures = 0;
  }

  #settle(ids: readonly string[]): void {
    for (const id of ids) this.#waiting.delete(id);
    if (!this.oldest) this.#ports.onSettled();
  }

  #plan(delayMs: number): void {
    if (this.#waiting.size === 0 || this.#inFlight >= IN_FLIGHT) return;
    this.#cancel ??= this.#ports.environment.setTimer(() => {
      this.#cancel = undefined;
      this.#go();
    }, delayMs);
  }

  #go(): void {
    const isMany = this.#waiting.size > MANY;
    if (isMany) this.#ports.onMany();
    const ids = this.#take(isMany ? SEVERE : Infinity);
    if (ids.length > 0) void this.#read(ids, this.#stop.signal);
    this.#plan(PACE_MS);
  }

  /** The most urgent ones, up to `rank`. */
  #take(rank: number): string[] {
    const ranked = [...this.#waiting.keys()].map((id) => ({ id, rank: this.#ports.rank(id) }));
    ranked.sort((one, other) => one.rank - other.rank);
    for (const { id } of ranked.slice(MAX_WAITING)) this.#leave(id);
    const ids = ranked.slice(0, BATCH).flatMap((one) => (one.rank <= rank ? [one.id] : []));
    for (const id of ids) {
      const wait = this.#waiting.get(id);
      if (wait) this.#underWay.set(id, wait);
      this.#waiting.delete(id);
    }
    return ids;
  }

  /** To the next look. */
  #leave(id: string): void {
    const wait = this.#waiting.get(id);
    if (!wait) return;
    this.#waiting.delete(id);
    this.#left = { since: this.#left?.since ?? wait.since, last: Math.max(this.#left?.last ?? 0, wait.last) };
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<void> {
    this.#inFlight++;
    let failure: RealtimeError | undefined;
    try {
      await this.#ports.read(ids, signal);
      this.#failures = 0;
    } catch (reason) {
      failure = RealtimeError.from(reason, 'bug', 'Reading what changed failed.');
    }
    if (signal.aborted) return;
    this.#inFlight--;
    const again = new Map<string, Wait>();
    for (const id of ids) {
      const wait = this.#underWay.get(id);
      this.#underWay.delete(id);
      if (failure && wait) again.set(id, wait);
    }
    let waitMs = PACE_MS;
    if (failure) {
      const { environment, onError } = this.#ports;
      if (this.#failures++ === 0) onError(failure);
      waitMs = backoff(this.#failures, {
        random: () => environment.random(),
        retryAfterMs: failure.retryAfterMs,
      });
      this.#restore(again);
    }
    this.#settle([]);
    this.#plan(waitMs);
  }

  /** Those of a request that failed wait again, in front of all others. */
  #restore(again: ReadonlyMap<string, Wait>): void {
    const waiting = new Map(again);
    for (const [id, wait] of this.#waiting) {
      const { since } = again.get(id) ?? wait;
      waiting.set(id, { ...wait, since });
    }
    this.#waiting = waiting;
  }
}
