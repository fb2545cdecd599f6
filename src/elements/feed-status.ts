import type { IncidentFeed } from '../client/incident-types.ts';
import type { FeedTime } from './feed-time.ts';
import { troubles, words } from './feed-words.ts';

/** How sure one can be; decides colour and shape. Only `live` and `polled` may look good. */
export type FeedTone = 'live' | 'polled' | 'busy' | 'unknown';

/** How true a feed is, in words. */
export interface FeedWords {
  readonly tone: FeedTone;
  /** Changes only when the situation does, so that it may be read out. */
  readonly label: string;
  /** Changes every second: show it, do not announce it. */
  readonly detail: string | undefined;
  /** A sentence on what it means, where there is something to say. */
  readonly hint: string | undefined;
}

type Facts = Pick<IncidentFeed, 'freshness' | 'status'>;

/**
 * @param now Milliseconds since 1970.
 * @param since When it became unknown.
 */
export function feedWords(
  { freshness, status }: Facts,
  time: FeedTime,
  now: number,
  since?: number,
): FeedWords {
  const { state, asOf } = freshness;
  const age = asOf === undefined ? undefined : time.span(now - asOf);
  if (state === 'unknown') {
    return {
      tone: 'unknown',
      label: words.unknown(trouble(status), since === undefined ? undefined : time.at(since)),
      detail: countdown(status, time, now),
      hint: asOf === undefined ? undefined : words.shownAsOf(time.at(asOf)),
    };
  }
  if (state === 'checking') {
    const stuck = isStuck(status);
    return {
      tone: stuck ? 'unknown' : 'busy',
      label: stuck ? words.unknown(trouble(status), undefined) : words.checking,
      detail: countdown(status, time, now),
      hint: undefined,
    };
  }
  if (status.mode === 'stream' && status.isProven) {
    return { tone: 'live', label: words.live, detail: age && words.checkedAgo(age), hint: undefined };
  }
  if (status.everyMs === undefined) {
    // Between two ways to ask: what was proved a moment ago still holds.
    return {
      tone: 'busy',
      label: isStuck(status) ? words.notConnected : words.connecting,
      detail: age && words.checkedAgo(age),
      hint: undefined,
    };
  }
  return {
    tone: 'polled',
    label: words.every(time.span(status.everyMs)),
    detail: age && words.ago(age),
    hint: status.mode === 'rest' ? words.cannotPush : undefined,
  };
}

/** Whether nothing will be known soon, unless somebody does something or the network comes back. */
export function isStuck({ state }: IncidentFeed['status']): boolean {
  return /^(waiting|offline|unauthorized|unsupported|closed)$/.test(state);
}

function trouble({ state, error }: IncidentFeed['status']): string {
  if (state === 'unauthorized' && error?.code === 'forbidden') return troubles.forbidden;
  if (state in troubles) return troubles[state as keyof typeof troubles];
  if (error?.service) return troubles.signIn;
  const cause = error && troubles[error.code as keyof typeof troubles];
  if (cause) return cause;
  return /^(live|degraded|syncing)$/.test(state) ? troubles.unproven : troubles.unreachable;
}

function countdown(
  { state, until }: IncidentFeed['status'],
  time: FeedTime,
  now: number,
): string | undefined {
  if (state === 'connecting') return words.tryingNow;
  if (until === undefined) return undefined;
  return until > now ? words.nextTry(time.span(until - now)) : words.tryingNow;
}
