import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';

export interface PacerOptions {
  /** Requests within any `windowMs`. Default 90: a server allows 100 a minute, shared by everybody behind one address. */
  permits?: number;
  /** Default 60,000. */
  windowMs?: number;
  /** Who would have to wait longer is refused at once. Default 5,000. */
  maxWaitMs?: number;
}

type PacerEnvironment = Pick<Environment, 'monotonicNow' | 'setTimer' | 'random'>;

interface Waiter {
  /** Monotonic time after which it does not wait any more. */
  readonly patientUntil: number;
  readonly go: () => void;
  readonly refuse: (waitMs: number) => void;
}

/** Keeps plain requests below the rate a server allows and away from it when it asked to wait. First come, first served. */
export class Pacer {
  readonly #permits: number;
  readonly #windowMs: number;
  readonly #maxWaitMs: number;
  readonly #environment: PacerEnvironment;
  /** When the last `#permits` requests went, oldest first. */
  #gone: number[] = [];
  #waiters: Waiter[] = [];
  #heldUntil = -Infinity;
  #cancelTimer: Undo | undefined;

  constructor(options: PacerOptions, environment: PacerEnvironment) {
    this.#permits = options.permits ?? 90;
    this.#windowMs = options.windowMs ?? 60_000;
    this.#maxWaitMs = options.maxWaitMs ?? 5_000;
    this.#environment = environment;
  }

  /** Milliseconds that a request asked for now would wait, or would have to; 0: it may go at once. */
  get waitMs(): number {
    const now = this.#environment.monotonicNow();
    return (this.#times(now, this.#waiters.length + 1).at(-1) ?? now) - now;
  }

  /**
   * Resolves when the request may go. Rejects with `rate-limited` and `retryAfterMs` when that is too far away, now or
   * after a {@link Pacer.hold}, and with `closed` once `signal` is aborted; nothing was sent then.
   */
  take(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal?.removeEventListener('abort', onAbort);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
      };
      const onAbort = (): void => {
        end();
        reject(new RealtimeError('closed', 'The call was cancelled.'));
        this.#pump();
      };
      const waiter: Waiter = {
        patientUntil: this.#environment.monotonicNow() + this.#maxWaitMs,
        go: () => {
          end();
          resolve();
        },
        refuse: (retryAfterMs) => {
          end();
          reject(
            new RealtimeError('rate-limited', 'Too many requests were sent from here.', { retryAfterMs }),
          );
        },
      };
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#pump();
    });
  }

  /** The server asked to wait for `retryAfterMs`: nothing goes before. With the spread of {@link backoff} on top. */
  hold(retryAfterMs: number): void {
    const environment = this.#environment;
    const waitMs = backoff(0, { retryAfterMs, random: () => environment.random() });
    this.#heldUntil = Math.max(this.#heldUntil, environment.monotonicNow() + waitMs);
    this.#pump();
  }

  /** When the next `count` requests may go, if none is refused. */
  #times(now: number, count: number): number[] {
    const earliest = Math.max(now, this.#heldUntil);
    const times = [...this.#gone];
    for (let i = 0; i < count; i++) {
      const before = times[times.length - this.#permits];
      times.push(Math.max(earliest, before === undefined ? earliest : before + this.#windowMs));
    }
    return times.slice(this.#gone.length);
  }

  /** Lets go whose time has come, refuses whose time is too far away, and looks again when the next one's comes. */
  #pump(): void {
    const now = this.#environment.monotonicNow();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    let kept = 0;
    let due = now;
    for (const waiter of [...this.#waiters]) {
      const time = this.#times(now, kept + 1).at(-1) ?? now;
      if (time <= now) {
        this.#gone = [...this.#gone, now].slice(-this.#permits);
        waiter.go();
      } else if (time > waiter.patientUntil) {
        waiter.refuse(time - now);
      } else if (kept++ === 0) {
        due = time;
      }
    }
    if (kept > 0) this.#cancelTimer = this.#environment.setTimer(() => this.#pump(), due - now);
  }
}

/** The pacer that all clients of this page have in common for one tenant on one server. */
export function sharedPacer(
  environment: PacerEnvironment & Pick<Environment, 'shared'>,
  key: { readonly serverUrl: string; readonly tenantId: string },
): Pacer {
  const name = JSON.stringify(['pacer', key.serverUrl, key.tenantId]);
  let pacer = environment.shared.get(name) as Pacer | undefined;
  if (!pacer) {
    pacer = new Pacer({}, environment);
    environment.shared.set(name, pacer);
  }
  return pacer;
}
