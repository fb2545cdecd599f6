import { RealtimeError } from '../protocol/errors.ts';
import { checkContent } from '../protocol/outgoing.ts';
import type { MessageType, OutgoingMessage } from '../protocol/types.ts';

/** A message ready for the outbox: checked, with its type settled. */
export type CheckedMessage = OutgoingMessage & { readonly type: MessageType };

/** Types a visitor's page may send. The server accepts others on the hub and then ignores or echoes them. */
const SENDABLE: ReadonlySet<MessageType> = new Set<MessageType>(['Chat', 'Data', 'File', 'Webhook']);

/**
 * Checks what a caller hands to `send()` and settles its type. Throws `input` for a message that is empty or cannot
 * come back as it was sent. Whether a transport can carry it is asked later, when the way is known.
 */
export function normaliseOutgoing(message: string | OutgoingMessage): CheckedMessage {
  const outgoing: OutgoingMessage | null = typeof message === 'string' ? { text: message } : message;
  if (typeof outgoing !== 'object' || outgoing === null) {
    throw new RealtimeError('input', 'A message is a text or an object.');
  }
  const { type } = checkContent(outgoing);
  if (!outgoing.text?.trim() && outgoing.data === undefined) {
    throw new RealtimeError('input', 'An empty message cannot be sent.');
  }
  if (!SENDABLE.has(type)) {
    throw new RealtimeError('input', `Messages of type ${type} cannot be sent from a page.`);
  }
  // A copy: what waits must not change with what the caller goes on to do.
  const data = outgoing.data && (JSON.parse(JSON.stringify(outgoing.data)) as Record<string, unknown>);
  return { ...outgoing, type, data };
}
