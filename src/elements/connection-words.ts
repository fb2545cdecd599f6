import type { ConnectionStatus, StateReason } from '../client/types.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import { isServersWish } from '../protocol/error-details.ts';
import { connectionSays, waitingWords } from './connection-says-words.ts';
import { ENGLISH, type Language } from './language.ts';
import { sentence } from './sentences.ts';

/** How a state feels; decides colour and shape. `busy` passes by itself, `warn` works with limits, `bad` does not work. */
export type ConnectionTone = 'idle' | 'busy' | 'good' | 'warn' | 'bad';

/** A connection in words. */
export interface ConnectionWords {
  readonly tone: ConnectionTone;
  /** Changes only when the situation does, so a screen reader may announce it. */
  readonly label: string;
  /** A sentence about what it means or what helps, where there is something to say. */
  readonly hint: string | undefined;
  /** Time to the next attempt, such as "next try in 12 s". Changes every second: show it, do not announce it. */
  readonly countdown: string | undefined;
  /** Messages that wait or failed, and whether they survive a reload. */
  readonly pending: string | undefined;
}

/** What went wrong, and whether in the page's own sign-in. */
interface Failure {
  readonly code?: string | undefined;
  readonly service?: string | undefined;
}

/** What is said of a connection in one situation: the keys of its words. */
interface Situation {
  readonly tone: ConnectionTone;
  readonly label: keyof Said;
  readonly hint?: keyof Said;
}
type Said = (typeof connectionSays)['source'];
/** What can be wrong. The server tells a refused sign-in from one that has no access here. */
type Trouble = StateReason | 'forbidden';

/**
 * What is wrong, and whose matter it is: this device's network, something on the way, the server, or the sign-in. In words
 * for visitors; what a developer wants to know stands in the status as `error`.
 */
const TROUBLES: Partial<Record<Trouble, Situation>> = {
  'no-network': { tone: 'bad', label: 'noNetwork', hint: 'noNetworkHint' },
  intercepted: { tone: 'bad', label: 'intercepted', hint: 'interceptedHint' },
  unreachable: { tone: 'bad', label: 'unreachable' },
  'transport-lost': { tone: 'busy', label: 'lost' },
  'server-error': { tone: 'bad', label: 'serverError', hint: 'serverErrorHint' },
  'rate-limited': { tone: 'bad', label: 'rateLimited', hint: 'rateLimitedHint' },
  'signing-in': { tone: 'busy', label: 'signingIn' },
  'credential-renewed': { tone: 'busy', label: 'signingIn' },
  'sign-in-unreachable': { tone: 'bad', label: 'signInFails' },
  'credential-refused': { tone: 'bad', label: 'refused', hint: 'refusedHint' },
  forbidden: { tone: 'bad', label: 'forbidden', hint: 'forbiddenHint' },
  configuration: { tone: 'bad', label: 'configuration', hint: 'configurationHint' },
};

/** What each failure comes from; those of the network and of time are `unreachable`. */
const CAUSES: Partial<Record<ErrorCode, Trouble>> = {
  unauthorized: 'credential-refused',
  forbidden: 'forbidden',
  'rate-limited': 'rate-limited',
  server: 'server-error',
  protocol: 'intercepted',
  input: 'configuration',
  'not-found': 'configuration',
  unsupported: 'configuration',
};
/** Of these, the ones that a source of tokens says of the visitor or of the page, not of itself. */
const OF_PAGE: ReadonlySet<unknown> = new Set<Trouble>(['credential-refused', 'forbidden', 'configuration']);
const UNREACHABLE: ReadonlySet<unknown> = new Set<ErrorCode>(['network', 'timeout', 'unavailable']);

/**
 * `status` in words; `undefined` stands for a client that has not been needed yet. `now` is in milliseconds since 1970.
 * Default language: English.
 */
export function connectionWords(
  status: ConnectionStatus | undefined,
  now = Date.now(),
  language: Language = ENGLISH,
): ConnectionWords {
  const { tone, label, hint } = situation(status);
  const words = language.words(connectionSays);
  return {
    // What needs the visitor must not look fine or calm.
    tone: status?.failed && tone !== 'bad' ? 'warn' : tone,
    label: words[label],
    hint: hint && words[hint],
    countdown: status && countdown(status, now, language),
    pending: status && pendingWords(status, language),
  };
}

/** What a failure comes from, as a sentence for visitors; `undefined` where its own words say it better. */
export function causeWords(failure: Failure, language: Language): string | undefined {
  const cause = causeOf(failure);
  const label = cause && cause !== 'configuration' ? TROUBLES[cause]?.label : undefined;
  return label && sentence(language, language.words(connectionSays)[label]);
}

/** Whether to try now is worth offering: a server that named a time is not asked before it. */
export function mayTryNow(status: ConnectionStatus | undefined): boolean {
  return !(status?.error && isServersWish(status.error));
}

function situation(status: ConnectionStatus | undefined): Situation {
  switch (status?.state) {
    case undefined:
      return { tone: 'idle', label: 'notYet' };
    case 'idle':
      if (status.reason === 'idle') {
        return { tone: 'idle', label: 'paused', hint: 'pausedHint' };
      }
      return { tone: 'idle', label: status.pending > status.failed ? 'notConnected' : 'notYet' };
    case 'connecting':
      // The same words as during the wait before: each attempt is no news.
      return trouble(status) ?? { tone: 'busy', label: 'connecting' };
    case 'syncing':
      return { tone: 'busy', label: 'syncing' };
    case 'live':
      if (status.isSlow) return SLOW;
      return { tone: 'good', label: status.isShared ? 'shared' : 'live' };
    case 'degraded':
      if (status.isSlow) return SLOW;
      return {
        tone: 'warn',
        label: status.channel === 'poll' ? 'polled' : 'slower',
      };
    case 'waiting':
    case 'offline':
    case 'unauthorized':
      return trouble(status) ?? { tone: 'bad', label: 'notConnected' };
    case 'suspended':
      return { tone: 'idle', label: 'paused', hint: 'suspendedHint' };
    case 'closed':
      return (
        (status.reason === 'configuration' && TROUBLES.configuration) || {
          tone: 'bad',
          label: 'closed',
        }
      );
  }
}

const SLOW: Situation = {
  tone: 'warn',
  label: 'slow',
  hint: 'slowHint',
};

/** What is wrong, by the reason; by the failure before where the reason is that of a new attempt. */
function trouble({ state, reason, error, attempt }: ConnectionStatus): Situation | undefined {
  if (state === 'offline') return TROUBLES['no-network'];
  if (state === 'unauthorized' || reason === 'credential-refused') {
    return TROUBLES[error?.code === 'forbidden' ? 'forbidden' : 'credential-refused'];
  }
  if (TROUBLES[reason]) return TROUBLES[reason];
  if (!error || attempt === 0) return undefined;
  return TROUBLES[causeOf(error) ?? 'unreachable'];
}

function causeOf({ code, service }: Failure): Trouble | undefined {
  const cause = UNREACHABLE.has(code) ? 'unreachable' : CAUSES[code as ErrorCode];
  return service && !OF_PAGE.has(cause) ? 'sign-in-unreachable' : cause;
}

function countdown(
  { state, until, attempt }: ConnectionStatus,
  now: number,
  language: Language,
): string | undefined {
  const words = language.words(waitingWords);
  if (until === undefined) return state === 'connecting' && attempt > 0 ? words.trying : undefined;
  const seconds = Math.ceil((until - now) / 1000);
  return seconds > 0 ? words.nextTry({ seconds }) : words.trying;
}

function pendingWords(
  { pending, failed, persisted }: ConnectionStatus,
  language: Language,
): string | undefined {
  const words = language.words(waitingWords);
  const waiting = pending - failed;
  const waits = waiting > 0 && (persisted ? words.saved : words.unsaved)({ count: waiting });
  const lost = failed > 0 && words.failed({ count: failed });
  return waits && lost ? words.both({ waits, lost }) : waits || lost || undefined;
}
