import { RealtimeError, type Stored } from '../protocol/errors.ts';
import type { TransportEnvironment } from './transport.ts';

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
  environment: TransportEnvironment,
  limitMs: number,
  ...signals: readonly (AbortSignal | undefined)[]
): Deadline {
  const controller = new AbortController();
  let timedOut = false;
  const onAbort = () => controller.abort();
  const cancelTimer = environment.setTimer(() => {
    timedOut = true;
    controller.abort();
  }, limitMs);
  for (const signal of signals) {
    if (signal?.aborted) controller.abort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  }

  const failure = (stored?: Stored) => {
    if (timedOut) return new RealtimeError('timeout', 'The server did not answer in time.', { stored });
    return controller.signal.aborted
      ? new RealtimeError('closed', 'The call was cancelled.', { stored })
      : undefined;
  };
  return {
    signal: controller.signal,
    failure,
    race: (work) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(failure());
        if (controller.signal.aborted) giveUp();
        else controller.signal.addEventListener('abort', giveUp, { once: true });
        work.then(resolve, reject).finally(() => controller.signal.removeEventListener('abort', giveUp));
      }),
    end: () => {
      cancelTimer();
      for (const signal of signals) signal?.removeEventListener('abort', onAbort);
    },
  };
}
