import { RealtimeError, type ErrorCode, type Stored } from '../protocol/errors.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';

interface Meaning {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly words: string;
  /** Default `no`: the server said so before it stored anything. */
  readonly stored?: Stored;
}

const REFUSED = 'The server did not accept the request.';
const FAILED = 'The server had an internal problem.';
const CREDENTIAL_REFUSED = 'The server does not accept the credential.';

/**
 * The sentences of the hub's `Error` event whose meaning is certain. Every other one ("Service temporarily unavailable",
 * "Invalid request data", "An unexpected error occurred", "Failed to subscribe to agent", …) can come after the message
 * was stored.
 */
const MEANINGS: readonly Meaning[] = [
  {
    pattern: /^(\w+ parameter is required|MessageType is required|Request cannot be null)$/,
    code: 'input',
    words: REFUSED,
  },
  { pattern: /^(Invalid message type\.|Page(Size)? must be )/, code: 'input', words: REFUSED },
  { pattern: /^Invalid tenant context$/, code: 'unauthorized', words: CREDENTIAL_REFUSED },
  {
    pattern: /^Access denied - invalid tenant$/,
    code: 'forbidden',
    words: 'The credential belongs to another tenant.',
  },
  {
    pattern: /^Invalid participantId\. Mismatch /,
    code: 'forbidden',
    words: 'The credential belongs to another participant.',
  },
  { pattern: /^Thread not found$/, code: 'not-found', words: 'The server knows no such thread.' },
  {
    pattern: /^Request timeout /,
    code: 'timeout',
    words: 'The server did not get an answer in time.',
    stored: 'maybe',
  },
];

/** The failure behind the text of an `Error` event. Unknown texts count as a failure of the server, perhaps stored. */
export function hubEventError(text: unknown): RealtimeError {
  const sentence = typeof text === 'string' ? text.trim() : '';
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(sentence));
  return meaning
    ? new RealtimeError(meaning.code, meaning.words, { stored: meaning.stored })
    : new RealtimeError('server', FAILED, { stored: 'maybe' });
}

/** The failure behind the `error` of a completion. */
export function hubCompletionError(reason: unknown): RealtimeError {
  const text = reason instanceof Error ? reason.message : '';
  const cause = harmlessCause(reason);
  if (/^Unknown hub method/.test(text)) {
    return new RealtimeError('unsupported', 'This server does not offer the call.', { cause });
  }
  // Arguments of the wrong number or type: refused before the method ran.
  if (/^Failed to invoke /.test(text)) return new RealtimeError('input', REFUSED, { cause });
  return new RealtimeError('server', FAILED, { cause, stored: 'maybe' });
}

/** Why a connection was lost or could not be opened, from what the SignalR client says and the socket's close code. */
export function hubLossError(
  reason: unknown,
  closeCode: number | undefined,
  random: () => number,
): RealtimeError {
  if (reason instanceof RealtimeError) return reason;
  const text = reason instanceof Error ? reason.message : '';
  const cause = harmlessCause(reason);
  if (closeCode === 1012 || closeCode === 1013) {
    // The server restarts or is overloaded: RFC 6455's registry asks clients to come back after 5 to 30 s.
    const retryAfterMs = 5_000 + 25_000 * random();
    return new RealtimeError('server', 'The server restarts or is busy.', { cause, retryAfterMs });
  }
  if (/^Server timeout elapsed/.test(text)) {
    return new RealtimeError('timeout', 'The connection went silent.', { cause });
  }
  if (reason === undefined || /^Server returned an error on close/.test(text)) {
    return new RealtimeError('server', 'The server closed the connection.', { cause });
  }
  if (
    reason instanceof SyntaxError ||
    /handshake|incomplete|Invalid (payload|input|SequenceId)/i.test(text)
  ) {
    return new RealtimeError('protocol', 'The server sent something that is not part of the protocol.', {
      cause,
    });
  }
  return new RealtimeError('network', 'The connection to the server failed.', { cause });
}
