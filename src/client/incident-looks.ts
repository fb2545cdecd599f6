import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';
import type { ClientIncidentFeed, Look } from './incident-feed.ts';

export interface LooksPorts {
  readonly environment: Environment;
  /** Those that are to be kept current. */
  readonly feeds: ReadonlySet<ClientIncidentFeed>;
  /** Milliseconds between two looks; `undefined` while nothing can be asked for. */
  everyMs(): number | undefined;
  /** A look that is due is about to begin. */
  onDue(): void;
  /** A look that began at `began`, on the monotonic clock, is done. */
  onDone(began: number): void;
  /** A look failed. Nothing is planned unless {@link IncidentLooks.failed} is told of it. */
  onFailed(error: RealtimeError): void;
}

/** When everything is looked at: again and again, sooner for a reason, later after failures. */
export class IncidentLooks {
  readonly #ports: LooksPorts;
  #error: RealtimeError | undefined;
  #misses = 0;
  /** When the last look began, on the monotonic clock. */
  #beganAt = -Infinity;
  /** By when the next look has to begin, for another reason than the interval. */
  #by = Infinity;
  #cancel: Undo | undefined;

  constructor(ports: LooksPorts) {
    this.#ports = ports;
  }

  /** Why the last look failed, if another one is planned for it. */
  get error(): RealtimeError | undefined {
    return this.#error;
  }

  /** Milliseconds since the last look began. */
  get sinceMs(): number {
    return this.#ports.environment.monotonicNow() - this.#beganAt;
  }

  /** Looks at `feeds`, anew or, with `joins`, by the looks that are under way. */
  begin(feeds: Iterable<ClientIncidentFeed> = this.#ports.feeds, joins = false): Look {
    this.stop();
    const began = this.#ports.environment.monotonicNow();
    this.#beganAt = began;
    this.#by = Infinity;
    const looks = Array.from(feeds, (feed) => feed.look(joins));
    const done = Promise.all(looks.map((look) => look.done)).then(() => undefined);
    const caughtUp = Promise.all(looks.map((look) => look.caughtUp)).then(() => undefined);
    done.then(
      () => {
        this.forget();
        this.#ports.onDone(began);
      },
      (reason: unknown) => this.#ports.onFailed(RealtimeError.from(reason, 'bug', 'A look failed.')),
    );
    caughtUp.catch(() => undefined); // `done` rejects with the same
    return { caughtUp, done };
  }

  /** The next look: when it is due, or after `delayMs` if that is sooner. */
  plan(delayMs = Infinity): void {
    const { environment, feeds, everyMs } = this.#ports;
    const now = environment.monotonicNow();
    this.#by = Math.min(this.#by, now + delayMs);
    this.stop();
    const every = everyMs();
    if (every === undefined || feeds.size === 0) return;
    const dueMs = this.#error ? this.#backoff(this.#error) : every - this.sinceMs;
    this.#cancel = environment.setTimer(
      () => {
        this.#cancel = undefined;
        this.#ports.onDue();
        this.begin();
      },
      Math.max(0, Math.min(dueMs, this.#by - now)),
    );
  }

  /** The last look failed for `error`: another one is planned. Returns whether it was the first of several in a row. */
  failed(error: RealtimeError): boolean {
    this.#error = error;
    this.#misses++;
    this.plan();
    return this.#misses === 1;
  }

  /** What failed before counts no more. */
  forget(): void {
    this.#error = undefined;
    this.#misses = 0;
  }

  /** No look is planned any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #backoff({ retryAfterMs }: RealtimeError): number {
    const { environment } = this.#ports;
    const hidden = !environment.isVisible();
    return backoff(this.#misses, { random: () => environment.random(), hidden, retryAfterMs });
  }
}
