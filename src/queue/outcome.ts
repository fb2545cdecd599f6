import { RealtimeError } from '../protocol/errors.ts';
import { errorDetails, errorFromDetails } from '../protocol/error-details.ts';
import type { OutboxRecord } from './outbox-record.ts';
import type { OutboxRelease } from './outbox.ts';

/** Refusals after which a message fails. */
const MAX_ATTEMPTS = 3;
/** A message that breaks the connection every time must not do so for ever. */
const MAX_LOSSES = 10;

/** What is to become of a message after an attempt. */
export type Verdict =
  | { readonly kind: 'stored' }
  | { readonly kind: 'renew'; readonly error: RealtimeError }
  | { readonly kind: 'bury'; readonly error: RealtimeError }
  | { readonly kind: 'wait'; readonly change: OutboxRelease; readonly pause?: Pause };

/** Why it waits, and for which time in a row. */
export interface Pause {
  readonly attempt: number;
  readonly error: RealtimeError;
}

/**
 * What an attempt for `claimed` that ended with `error` means. A message that the server may have is uncertain; only the
 * server's refusals count against it. `isRenewed`: the credential was renewed for it already.
 */
export function afterFailure(claimed: OutboxRecord, error: RealtimeError, isRenewed: boolean): Verdict {
  const { code, stored, retryable, retryAfterMs } = error;
  const details = errorDetails(error);
  if (stored === 'yes') return { kind: 'stored' };
  if (stored === 'maybe') {
    const pause = retryAfterMs === undefined ? undefined : { attempt: 0, error };
    return { kind: 'wait', change: { state: 'uncertain', error: details }, pause };
  }
  // Where the page's own source of tokens failed, no server has said anything about the message.
  if (error.service) {
    const change: OutboxRelease = { state: 'queued', attempts: claimed.attempts - 1, error: details };
    return { kind: 'wait', change, pause: { attempt: 1, error } };
  }
  if (code === 'unauthorized' && !isRenewed) return { kind: 'renew', error };
  // A connection that was closed on our side before the message left says nothing about the message.
  if (!retryable && code !== 'unauthorized' && code !== 'closed') return { kind: 'bury', error };
  const isRefusal = code === 'server' || code === 'protocol';
  const attempts = isRefusal ? claimed.attempts : claimed.attempts - 1;
  if (attempts >= MAX_ATTEMPTS) return { kind: 'bury', error };
  return {
    kind: 'wait',
    change: { state: 'queued', attempts, error: details },
    pause: { attempt: attempts, error },
  };
}

/** What it means that the server does not have `record`. What the network lost is no refusal, and goes again. */
export function afterLoss(record: OutboxRecord): Verdict {
  const { error } = record;
  const isRefusal = error !== undefined && !['network', 'timeout', 'closed'].includes(error.code);
  const lost = isRefusal ? 0 : Math.min(1, record.attempts);
  const attempts = record.attempts - lost;
  const losses = record.losses + lost;
  if (attempts < MAX_ATTEMPTS && losses < MAX_LOSSES) {
    return { kind: 'wait', change: { state: 'queued', attempts, losses } };
  }
  const last = error ? errorFromDetails(error) : lostOnTheWay();
  return { kind: 'bury', error: last };
}

/** Why a message is uncertain whose sender was closed, killed or replaced before the answer came. */
export function lostOnTheWay(): RealtimeError {
  return new RealtimeError('network', 'The page was closed before the server had answered.', {
    stored: 'maybe',
  });
}
