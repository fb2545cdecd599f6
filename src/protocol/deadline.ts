import type { Undo } from './emitter.ts';
import { RealtimeError, type Stored } from './errors.ts';

/** The part of the environment that deadlines need. */
export interface Timers {
  setTimer(callback: () => void, delayMs: number): Undo;
}

/** A signal that fires when the time is up or a caller aborts, and that can tell which. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** What happened, as an error; `undefined` while neither did. */
  failure(stored?: Stored): RealtimeError | undefined;
  /** `work`, or a rejection as soon as the signal fires. For work that takes no signal of its own. */
  race<Result>(work: Promise<Result>): Promise<Result>;
  /** Cancels the timer and stops listening to the caller. */
  end(): void;
}

/** Starts a deadline of `limitMs`, which any of `signals` ends early. Whoever starts it must `end()` it. */
export function startDeadline(
  timers: Timers,
  limitMs: number,
  ...signals: readonly (AbortSignal | undefined)[]
): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  let timedOut = false;
  const onAbort = () => controller.abort();
  const cancelTimer = timers.setTimer(() => {
    timedOut = true;
    controller.abort();
  }, limitMs);
  for (const other of signals) {
    if (other?.aborted) controller.abort();
    else other?.addEventListener('abort', onAbort, { once: true });
  }

  const reason = (stored?: Stored) =>
    timedOut
      ? new RealtimeError('timeout', 'The server did not answer in time.', { stored })
      : new RealtimeError('closed', 'The call was cancelled.', { stored });
  return {
    signal,
    failure: (stored) => (signal.aborted ? reason(stored) : undefined),
    race: (work) => orAborted(work, signal, reason),
    end: () => {
      cancelTimer();
      for (const other of signals) other?.removeEventListener('abort', onAbort);
    },
  };
}

/** What `work` comes to within `limitMs`, or a rejection with `timeout`. `work` may stop at the signal. */
export async function within<Result>(
  timers: Timers,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = startDeadline(timers, limitMs);
  try {
    return await deadline.race(work(deadline.signal));
  } finally {
    deadline.end();
  }
}

/** `work`, or a rejection with what `failure` gives as soon as `signal` fires. `work` goes on by itself. */
export function orAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  failure: () => RealtimeError,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(failure());
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
