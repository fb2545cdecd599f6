import { RealtimeError } from '../protocol/errors.ts';
import { REST_BODY_BYTES, utf8Length } from '../protocol/limits.ts';
import type { MessageType, OutgoingMessage } from '../protocol/types.ts';

/** A message ready for the outbox: checked, with its type settled. */
export type CheckedMessage = OutgoingMessage & { readonly type: MessageType };

/** Types a visitor's page may send. The server accepts others on the hub and then ignores or echoes them. */
const SENDABLE: ReadonlySet<MessageType> = new Set<MessageType>(['Chat', 'Data', 'File', 'Webhook']);

/**
 * Checks what a caller hands to `send()` and settles its type. Throws `input` for a message that is empty or cannot
 * come back as it was sent, `too-large` for one that no transport can carry.
 */
export function normaliseOutgoing(message: string | OutgoingMessage): CheckedMessage {
  const outgoing: OutgoingMessage = typeof message === 'string' ? { text: message } : message;
  if (typeof outgoing !== 'object' || outgoing === null) throw input('A message is a text or an object.');
  const { text, data } = outgoing;
  if (text !== undefined && typeof text !== 'string') throw input('The text of a message is a string.');
  const hasText = text !== undefined && text.trim() !== '';
  if (!hasText && data === undefined) throw input('An empty message cannot be sent.');
  if (data !== undefined && !isPlainObject(data)) {
    throw input('The data of a message is an object: the server returns other values changed.');
  }
  if (data !== undefined && Object.keys(data).every((key) => key === 'value')) {
    throw input(
      'The data of a message needs a key other than "value": the server unwraps objects that have no other.',
    );
  }
  const type = outgoing.type ?? (hasText ? 'Chat' : 'Data');
  if (!SENDABLE.has(type)) throw input(`Messages of type ${type} cannot be sent from a page.`);
  if (utf8Length(serialised(outgoing)) > REST_BODY_BYTES) {
    throw new RealtimeError('too-large', 'The message is larger than the server accepts.');
  }
  return { ...outgoing, type };
}

function serialised(message: OutgoingMessage): string {
  try {
    return JSON.stringify(message);
  } catch (cause) {
    throw new RealtimeError('input', 'The data of a message must be plain JSON.', {
      cause,
      retryable: false,
    });
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function input(message: string): RealtimeError {
  return new RealtimeError('input', message);
}
