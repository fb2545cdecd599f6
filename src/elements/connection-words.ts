import type { ConnectionStatus, StateReason } from '../client/types.ts';

/** How a state feels; decides colour and shape. `busy` passes by itself, `warn` works with limits, `bad` does not work. */
export type ConnectionTone = 'idle' | 'busy' | 'good' | 'warn' | 'bad';

/** A connection in words. */
export interface ConnectionWords {
  readonly tone: ConnectionTone;
  /** Changes only when the situation does, so a screen reader may announce it. */
  readonly label: string;
  /** Time to the next attempt, such as "next try in 12 s". Changes every second: show it, do not announce it. */
  readonly countdown: string | undefined;
  /** Messages that wait or failed, and whether they survive a reload. */
  readonly pending: string | undefined;
}

/** Why there is no connection, where the reason says it. Tells the visitor's network from the server. */
const WAITING: Partial<Record<StateReason, string>> = {
  'no-network': 'No network on this device',
  'server-error': 'The server has a problem',
  'rate-limited': 'The server is busy',
  unreachable: 'The server cannot be reached',
  'transport-lost': 'Connection lost',
  configuration: 'Cannot connect',
};

/**
 * `status` in words; `undefined` stands for a client that has not been needed yet. `now` is in milliseconds since 1970.
 */
export function connectionWords(status: ConnectionStatus | undefined, now = Date.now()): ConnectionWords {
  const { tone, label } = situation(status);
  return {
    // What needs the visitor must not look fine or calm.
    tone: status?.failed && tone !== 'bad' ? 'warn' : tone,
    label,
    countdown: countdown(status?.until, now),
    pending: status && pendingWords(status),
  };
}

function situation(status: ConnectionStatus | undefined): Pick<ConnectionWords, 'tone' | 'label'> {
  switch (status?.state) {
    case undefined:
      return { tone: 'idle', label: 'Not connected yet' };
    case 'idle':
      return { tone: 'idle', label: status.pending > status.failed ? 'Not connected' : 'Not connected yet' };
    case 'connecting':
      return {
        tone: 'busy',
        label: status.reason === 'credential-renewed' ? 'Signing in…' : 'Connecting…',
      };
    case 'syncing':
      return { tone: 'busy', label: 'Reading what is new…' };
    case 'live':
      return { tone: 'good', label: 'Connected' };
    case 'degraded':
      return {
        tone: 'warn',
        label:
          status.channel === 'poll'
            ? 'Connected, but messages arrive with a delay'
            : 'Connected over a slower channel',
      };
    case 'waiting':
      return { tone: 'bad', label: WAITING[status.reason] ?? 'Not connected' };
    case 'offline':
      return { tone: 'bad', label: 'No network on this device' };
    case 'unauthorized':
      return { tone: 'bad', label: 'Sign-in refused, waiting for a new one' };
    case 'suspended':
      return { tone: 'idle', label: 'Paused' };
    case 'closed':
      return {
        tone: 'bad',
        label: status.reason === 'configuration' ? 'Cannot connect' : 'Disconnected',
      };
  }
}

function countdown(until: number | undefined, now: number): string | undefined {
  if (until === undefined) return undefined;
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
