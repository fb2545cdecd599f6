import type { ConnectionStatus } from '../client/types.ts';
import { REQUEST_LINE_BYTES } from '../protocol/limits.ts';
import type { Message } from '../protocol/types.ts';
import type { OutboxRecord } from '../queue/outbox-record.ts';

/** What the address of a plain request takes beside the text, with names of usual length. Only the words depend on it. */
const ADDRESS_BYTES = 400;

const words = {
  waits: (why: string) => `Waits for the fast connection: ${why}`,
  topic: 'it has a topic',
  size: 'it is too long for the slower one',
  more: 'it carries more than the slower one takes',
} as const;

/**
 * Why a message that waits cannot leave over the connection that there is: the slower channels carry neither topics nor long
 * texts. `undefined` where they carry it.
 */
export function hubOnlyWords(
  { topic, hint, text = '' }: Pick<Message, 'topic' | 'hint' | 'text'>,
  record: OutboxRecord | undefined,
  channel: ConnectionStatus['channel'],
): string | undefined {
  if (channel === undefined || channel === 'hub') return undefined;
  if (topic) return words.waits(words.topic);
  if (`${new URLSearchParams({ text })}`.length > REQUEST_LINE_BYTES - ADDRESS_BYTES) {
    return words.waits(words.size);
  }
  return hint || record?.needsAuthorization || record?.message.metadata ? words.waits(words.more) : undefined;
}
