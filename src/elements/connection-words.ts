import type { ConnectionStatus, StateReason } from '../client/types.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import { isServersWish } from '../protocol/error-details.ts';

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

type Situation = Pick<ConnectionWords, 'tone' | 'label'> & { readonly hint?: string };
/** What can be wrong. The server tells a refused sign-in from one that has no access here. */
type Trouble = StateReason | 'forbidden';

/**
 * What is wrong, and whose matter it is: this device's network, something on the way, the server, or the sign-in. In words
 * for visitors; what a developer wants to know stands in the status as `error`.
 */
const TROUBLES: Partial<Record<Trouble, Situation>> = {
  'no-network': {
    tone: 'bad',
    label: 'No network on this device',
    hint: 'It goes on by itself when the network is back.',
  },
  intercepted: {
    tone: 'bad',
    label: 'Something between here and the server is in the way',
    hint: 'If this network has a sign-in page, open that first.',
  },
  unreachable: { tone: 'bad', label: 'The server cannot be reached' },
  'transport-lost': { tone: 'busy', label: 'Connection lost, connecting again…' },
  'server-error': {
    tone: 'bad',
    label: 'The server has a problem',
    hint: 'It is not your network.',
  },
  'rate-limited': {
    tone: 'bad',
    label: 'Too many requests at once',
    hint: 'The server asked for a pause.',
  },
  'signing-in': { tone: 'busy', label: 'Signing in again…' },
  'credential-renewed': { tone: 'busy', label: 'Signing in again…' },
  'sign-in-unreachable': { tone: 'bad', label: 'The sign-in of this site does not work at the moment' },
  'credential-refused': {
    tone: 'bad',
    label: 'Your sign-in was not accepted',
    hint: 'Sign in to this site again, or reload the page.',
  },
  forbidden: {
    tone: 'bad',
    label: 'You have no access to this chat',
    hint: 'Another sign-in may have it.',
  },
  configuration: {
    tone: 'bad',
    label: 'This chat is not set up correctly',
    hint: 'Only those who run this site can mend that.',
  },
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
 */
export function connectionWords(status: ConnectionStatus | undefined, now = Date.now()): ConnectionWords {
  const { tone, label, hint } = situation(status);
  return {
    // What needs the visitor must not look fine or calm.
    tone: status?.failed && tone !== 'bad' ? 'warn' : tone,
    label,
    hint,
    countdown: status && countdown(status, now),
    pending: status && pendingWords(status),
  };
}

/** What a failure comes from, as a sentence for visitors; `undefined` where its own words say it better. */
export function causeWords(failure: Failure): string | undefined {
  const cause = causeOf(failure);
  const label = cause && cause !== 'configuration' ? TROUBLES[cause]?.label : undefined;
  return label && `${label}.`;
}

/** Whether to try now is worth offering: a server that named a time is not asked before it. */
export function mayTryNow(status: ConnectionStatus | undefined): boolean {
  return !(status?.error && isServersWish(status.error));
}

function situation(status: ConnectionStatus | undefined): Situation {
  switch (status?.state) {
    case undefined:
      return { tone: 'idle', label: 'Not connected yet' };
    case 'idle':
      if (status.reason === 'idle') {
        return { tone: 'idle', label: 'Paused', hint: 'It connects again as soon as it is needed.' };
      }
      return { tone: 'idle', label: status.pending > status.failed ? 'Not connected' : 'Not connected yet' };
    case 'connecting':
      // The same words as during the wait before: each attempt is no news.
      return trouble(status) ?? { tone: 'busy', label: 'Connecting…' };
    case 'syncing':
      return { tone: 'busy', label: 'Reading what is new…' };
    case 'live':
      if (status.isSlow) return SLOW;
      return { tone: 'good', label: status.isShared ? 'Connected through another tab' : 'Connected' };
    case 'degraded':
      if (status.isSlow) return SLOW;
      return {
        tone: 'warn',
        label:
          status.channel === 'poll'
            ? 'Connected, but messages arrive with a delay'
            : 'Connected over a slower channel',
      };
    case 'waiting':
    case 'offline':
    case 'unauthorized':
      return trouble(status) ?? { tone: 'bad', label: 'Not connected' };
    case 'suspended':
      return { tone: 'idle', label: 'Paused', hint: 'It goes on when you are back on this page.' };
    case 'closed':
      return (
        (status.reason === 'configuration' && TROUBLES.configuration) || {
          tone: 'bad',
          label: 'Disconnected',
        }
      );
  }
}

const SLOW: Situation = {
  tone: 'warn',
  label: 'Connected, but slow',
  hint: 'The last answers took longer than 3 seconds.',
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

function countdown({ state, until, attempt }: ConnectionStatus, now: number): string | undefined {
  if (until === undefined) return state === 'connecting' && attempt > 0 ? 'trying now' : undefined;
  const seconds = Math.ceil((until - now) / 1000);
  return seconds > 0 ? `next try in ${seconds} s` : 'trying now';
}

function pendingWords({ pending, failed, persisted }: ConnectionStatus): string | undefined {
  const waiting = pending - failed;
  const parts = [];
  if (waiting > 0) {
    parts.push(
      `${count(waiting)} waiting, ${persisted ? 'saved on this device' : 'not saved: keep this page open'}`,
    );
  }
  if (failed > 0) parts.push(`${count(failed)} not sent`);
  return parts.join('; ') || undefined;
}

function count(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}
