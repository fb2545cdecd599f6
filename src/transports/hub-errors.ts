import { RealtimeError, type ErrorCode, type Stored } from '../protocol/errors.ts';
import { harmlessCause } from './signalr-text.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly stored: Stored;
  readonly words: string;
}

const REFUSED = 'The server did not accept the request.';
const FAILED = 'The server had an internal problem.';

/**
 * The sentences of the hub's `Error` event. Those of the validation come before anything is stored, the others can come
 * after it.
 */
const SENTENCES: ReadonlyMap<string, Meaning> = new Map([
  ...sentences({ code: 'input', stored: 'no', words: REFUSED }, [
    'Workflow parameter is required',
    'ParticipantId parameter is required',
    'TenantId parameter is required',
    'Request cannot be null',
    'MessageType is required',
    'Invalid message type. Valid types are: Chat, Data',
    'Page must be non-negative',
    'PageSize must be between 1 and 1000',
  ]),
  ...sentences({ code: 'unauthorized', stored: 'no', words: 'The server does not accept the credential.' }, [
    'Invalid tenant context',
  ]),
  ...sentences({ code: 'forbidden', stored: 'no', words: 'The credential belongs to another tenant.' }, [
    'Access denied - invalid tenant',
  ]),
  ...sentences({ code: 'forbidden', stored: 'no', words: 'The credential belongs to another participant.' }, [
    'Invalid participantId. Mismatch between participantId and logged in user',
  ]),
  ...sentences({ code: 'not-found', stored: 'no', words: 'The server knows no such thread.' }, [
    'Thread not found',
  ]),
  ...sentences({ code: 'server', stored: 'maybe', words: FAILED }, [
    'Service temporarily unavailable',
    'Service configuration error - please try again later',
    'Invalid request data',
    'An unexpected error occurred',
    'Failed to subscribe to agent',
    'Failed to unsubscribe from agent',
  ]),
  ...sentences({ code: 'timeout', stored: 'maybe', words: 'The server did not get an answer in time.' }, [
    'Request timeout - please try again',
  ]),
]);

/** The failure behind the text of an `Error` event. Unknown texts count as a failure of the server, perhaps stored. */
export function hubEventError(text: unknown): RealtimeError {
  const meaning = typeof text === 'string' ? SENTENCES.get(text.trim()) : undefined;
  if (!meaning) return new RealtimeError('server', FAILED, { stored: 'maybe' });
  return new RealtimeError(meaning.code, meaning.words, { stored: meaning.stored });
}

/** The failure behind the `error` of a completion. */
export function hubCompletionError(reason: unknown): RealtimeError {
  const text = reason instanceof Error ? reason.message : '';
  if (/^Unknown hub method/.test(text)) {
    return new RealtimeError('unsupported', 'This server does not offer the call.', {
      cause: harmlessCause(reason),
    });
  }
  if (/^Failed to invoke /.test(text)) {
    // Arguments of the wrong number or type: refused before the method ran.
    return new RealtimeError('input', REFUSED, { cause: harmlessCause(reason) });
  }
  return new RealtimeError('server', FAILED, { cause: harmlessCause(reason), stored: 'maybe' });
}

/** Why a connection was lost or could not be opened, from what the SignalR client says and the socket's close code. */
export function hubLossError(
  reason: unknown,
  closeCode: number | undefined,
  random: () => number,
): RealtimeError {
  if (reason instanceof RealtimeError) return reason;
  const text = reason instanceof Error ? reason.message : '';
  const status = Number(/Status code '(\d{3})'/.exec(text)?.[1] ?? 0);
  if (status === 401) {
    return new RealtimeError('unauthorized', 'The server does not accept the credential.', {
      status,
      cause: harmlessCause(reason),
    });
  }
  if (status === 403) {
    return new RealtimeError('forbidden', 'The credential does not allow this.', {
      status,
      cause: harmlessCause(reason),
    });
  }
  if (closeCode === 1012 || closeCode === 1013) {
    // The server restarts or is overloaded: RFC 6455's registry asks clients to come back after 5 to 30 s.
    const retryAfterMs = 5_000 + 25_000 * random();
    return new RealtimeError('server', 'The server restarts or is busy.', {
      retryAfterMs,
      cause: harmlessCause(reason),
    });
  }
  if (/^Server timeout elapsed/.test(text)) {
    return new RealtimeError('timeout', 'The connection went silent.', { cause: harmlessCause(reason) });
  }
  if (reason === undefined || /^Server returned an error on close/.test(text)) {
    return new RealtimeError('server', 'The server closed the connection.', { cause: harmlessCause(reason) });
  }
  if (
    reason instanceof SyntaxError ||
    /handshake|incomplete|Invalid (payload|input|SequenceId)/i.test(text)
  ) {
    return new RealtimeError('protocol', 'The server sent something that is not part of the protocol.', {
      cause: harmlessCause(reason),
    });
  }
  return new RealtimeError('network', 'The connection to the server failed.', {
    cause: harmlessCause(reason),
  });
}

function sentences(meaning: Meaning, texts: readonly string[]): [string, Meaning][] {
  return texts.map((text) => [text, meaning]);
}
