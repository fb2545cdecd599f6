import { RealtimeError } from '../protocol/errors.ts';
import { errorDetails } from '../protocol/error-details.ts';
import { mayBeStored, withText, type OutboxRecord } from './outbox-record.ts';

/** The next version of a record, `'gone'` to remove it, `undefined` to leave it alone. */
export type Step = (record: OutboxRecord) => OutboxRecord | 'gone' | undefined;

/** How long a new sender waits for another tab to bring the credential of a message that was loaded without. */
const CREDENTIAL_GRACE_MS = 2_000;

const LOST_CREDENTIAL = 'The sign-in that the message was written with is no longer known.';

/** `queued → sending`; what has lost its credential waits for it a moment, then is given up. */
export function claimStep(now: number, leadingSince: number): Step {
  return (record) => {
    if (record.state !== 'queued') return undefined;
    if (!record.needsAuthorization || record.message.authorization !== undefined) {
      return { ...record, state: 'sending', attempts: record.attempts + 1, nextAttemptAt: undefined };
    }
    const patience = leadingSince + CREDENTIAL_GRACE_MS;
    return now < patience
      ? { ...record, nextAttemptAt: patience }
      : toDead(record, new RealtimeError('unauthorized', LOST_CREDENTIAL), now);
  };
}

/** Gives a message up. */
export function buryStep(error: RealtimeError, now: number): Step {
  return (record) => (record.state === 'failed' ? undefined : toDead(record, error, now));
}

/** Gives up what has waited past its time, unless it may be under way. */
export function expireStep(now: number): Step {
  return (record) => {
    if (!isExpired(record, now)) return undefined;
    const stored = record.state === 'queued' ? 'no' : 'maybe';
    return toDead(
      record,
      new RealtimeError('expired', 'It could not be sent for too long.', { stored }),
      now,
    );
  };
}

export function isExpired({ expiresAt, state }: OutboxRecord, now: number): boolean {
  return expiresAt <= now && (state === 'queued' || state === 'uncertain');
}

/** A dead letter goes again; what any of its attempts may have brought to the server is looked up first. */
export function retryStep(expiresAt: number): Step {
  return (record) =>
    record.state === 'failed'
      ? toFresh(record, mayBeStored(record) ? 'uncertain' : 'queued', expiresAt)
      : undefined;
}

/** Another text for what no server can have. */
export function editStep(text: string, expiresAt: number): Step {
  return (record) => {
    if (record.state === 'queued') return withText(record, text);
    const isRefused = record.state === 'failed' && !mayBeStored(record);
    return isRefused ? toFresh(withText(record, text), 'queued', expiresAt) : undefined;
  };
}

/** Removes what waits or was given up, but nothing that may be under way. */
export const discardStep: Step = ({ state }) =>
  state === 'queued' || state === 'failed' ? 'gone' : undefined;

/** Removes a dead letter. */
export const dropStep: Step = ({ state }) => (state === 'failed' ? 'gone' : undefined);

function toDead(record: OutboxRecord, error: RealtimeError, failedAt: number): OutboxRecord {
  return { ...record, state: 'failed', nextAttemptAt: undefined, failedAt, error: errorDetails(error) };
}

/** As if it had never been tried. */
function toFresh(record: OutboxRecord, state: 'queued' | 'uncertain', expiresAt: number): OutboxRecord {
  return {
    ...record,
    state,
    attempts: 0,
    losses: 0,
    nextAttemptAt: undefined,
    failedAt: undefined,
    error: undefined,
    expiresAt,
  };
}
