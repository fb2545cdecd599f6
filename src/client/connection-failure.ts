import type { RealtimeError } from '../protocol/errors.ts';
import type { ChannelKind } from './connection.ts';
import type { ConnectionState, StateReason } from './types.ts';

/** Codes that no other channel would mend. */
const FINAL_ON_LADDER: ReadonlySet<string> = new Set([
  'unauthorized',
  'forbidden',
  'rate-limited',
  'input',
  'not-found',
]);

/**
 * Whether no other channel would mend it. The hub alone may refuse a good credential: where it is switched off, and where
 * the subject has a `|` in it.
 */
export function isFinal(kind: ChannelKind, { code, service }: RealtimeError): boolean {
  const isRefusal = code === 'unauthorized' || code === 'forbidden';
  return service !== undefined || (FINAL_ON_LADDER.has(code) && !(kind === 'hub' && isRefusal));
}

/** The state and reason of a wait after `error`. `wasOpen`: of a connection that stood until then. */
export function afterFailure(
  error: RealtimeError,
  online: boolean,
  wasOpen: boolean,
): [ConnectionState, StateReason] {
  switch (error.code) {
    case 'unauthorized':
    case 'forbidden':
      return ['unauthorized', 'credential-refused'];
    case 'rate-limited':
      return ['waiting', 'rate-limited'];
    case 'input':
    case 'not-found':
    case 'unsupported':
      return ['waiting', 'configuration'];
  }
  if (!online && error.code !== 'server') return ['offline', 'no-network'];
  if (error.service) return ['waiting', 'sign-in-unreachable'];
  if (error.code === 'server') return ['waiting', 'server-error'];
  if (error.code === 'protocol') return ['waiting', 'intercepted'];
  return ['waiting', wasOpen ? 'transport-lost' : 'unreachable'];
}
