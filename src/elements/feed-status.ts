import type { IncidentFeed } from '../client/incident-types.ts';
import type { FeedTime } from './feed-time.ts';
import { troubleWords } from './feed-trouble-words.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';

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
  const words = time.language.words(feedSays);
  const age = asOf === undefined ? undefined : time.span(now - asOf);
  if (state === 'unknown') {
    return {
      tone: 'unknown',
      label: unknown(status, time, since),
      detail: countdown(status, time, now),
      hint: asOf === undefined ? undefined : words.shownAsOf({ time: time.at(asOf) }),
    };
  }
  if (state === 'checking') {
    const stuck = isStuck(status);
    return {
      tone: stuck ? 'unknown' : 'busy',
      label: stuck ? unknown(status, time) : words.checking,
      detail: countdown(status, time, now),
      hint: undefined,
    };
  }
  if (status.mode === 'stream' && status.isProven) {
    return {
      tone: 'live',
      label: words.live,
      detail: age && words.checkedAgo({ time: age }),
      hint: undefined,
    };
  }
  if (status.everyMs === undefined) {
    // Between two ways to ask: what was proved a moment ago still holds.
    return {
      tone: 'busy',
      label: isStuck(status) ? words.notConnected : words.connecting,
      detail: age && words.checkedAgo({ time: age }),
      hint: undefined,
    };
  }
  return {
    tone: 'polled',
    label: words.every({ time: time.span(status.everyMs) }),
    detail: age && words.ago({ time: age }),
    hint: status.mode === 'rest' ? words.cannotPush : undefined,
  };
}

/** Whether nothing will be known soon, unless somebody does something or the network comes back. */
export function isStuck({ state }: IncidentFeed['status']): boolean {
  return /^(waiting|offline|unauthorized|unsupported|closed)$/.test(state);
}

function unknown(status: IncidentFeed['status'], time: FeedTime, since?: number): string {
  const words = time.language.words(feedSays);
  const why = trouble(status, time.language);
  return since === undefined ? words.unknown({ why }) : words.unknownSince({ why, since: time.at(since) });
}

function trouble({ state, error }: IncidentFeed['status'], language: Language): string {
  const troubles = language.words(troubleWords);
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
  const words = time.language.words(feedSays);
  if (state === 'connecting') return words.tryingNow;
  if (until === undefined) return undefined;
  return until > now ? words.nextTry({ time: time.span(until - now) }) : words.tryingNow;
}
