import { RealtimeError, type ErrorCode } from '../protocol/errors.ts';
import { incidentError } from './incident-errors.ts';

/** How far a connection had come when it ended: before the socket was open, before its greeting was answered, after. */
export type StreamPhase = 'opening' | 'greeting' | 'live';

/**
 * Codes that say more than that the connection is gone, from the WebSocket and graphql-transport-ws specifications. 1008 and
 * 4401 are what servers and gateways say of tokens that ran out. 4429 answers a second greeting, which is never sent:
 * something in between repeats frames.
 */
const MEANINGS: readonly (readonly [ErrorCode, readonly number[]])[] = [
  ['unauthorized', [1008, 4401, 4403]],
  ['server', [1011, 4500]],
  ['protocol', [1002, 1003, 1007, 1009, 1010, 4400, 4406, 4409, 4429]],
];

/**
 * Why a stream ended, from the close code of its socket. Every failure is retryable but a refused credential. A browser tells
 * neither status nor reason of a socket that did not open, hence `network`.
 */
export function closeError(code: number, phase: StreamPhase, random: () => number): RealtimeError {
  if (phase === 'opening') {
    return new RealtimeError('network', 'The live connection to the incident server could not be opened.');
  }
  if (code === 1012 || code === 1013) {
    // It restarts or is overloaded: RFC 6455's registry asks clients to come back after 5 to 30 s.
    const retryAfterMs = 5_000 + 25_000 * random();
    return new RealtimeError('server', 'The incident server restarts or is busy.', { retryAfterMs });
  }
  // What the greeting carries is well-formed, so that this is about the credential in it (async-graphql).
  if (code === 1002 && phase === 'greeting') return incidentError('unauthorized');
  const meaning = MEANINGS.find(([, codes]) => codes.includes(code));
  return meaning
    ? incidentError(meaning[0])
    : new RealtimeError('network', 'The live connection to the incident server was lost.');
}
