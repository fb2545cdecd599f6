import type { ConnectionStatus } from '../client/types.ts';
import { REQUEST_LINE_BYTES } from '../protocol/limits.ts';
import type { Message } from '../protocol/types.ts';
import type { OutboxRecord } from '../queue/outbox-record.ts';
import { deliveryWords } from './chat-delivery-words.ts';
import type { Language } from './language.ts';

/** What the address of a plain request takes beside the text, with names of usual length. Only the words depend on it. */
const ADDRESS_BYTES = 400;

/**
 * Why a message that waits cannot leave over the connection that there is: the slower channels carry neither topics nor files
 * nor long texts, and what they do carry does not overtake a file. `undefined` where they carry it.
 *
 * @param records What the outbox has, in the order of the queue.
 */
export function waitingWords(
  message: Pick<Message, 'requestId' | 'topic' | 'hint' | 'type' | 'text'>,
  records: readonly OutboxRecord[],
  channel: ConnectionStatus['channel'],
  language: Language,
): string | undefined {
  if (channel === undefined || channel === 'hub') return undefined;
  const at = records.findIndex(({ id }) => id === message.requestId);
  const record = records[at];
  const own = hubOnlyWords(message, record, language);
  if (own || !record) return own;
  const isBehindFile = records
    .slice(0, at)
    .some(
      (before) =>
        before.message.type === 'File' &&
        before.state === 'queued' &&
        before.conversation === record.conversation &&
        before.priority === record.priority,
    );
  return isBehindFile ? language.words(deliveryWords).waitsForFile : undefined;
}

/** Why it cannot by itself. */
function hubOnlyWords(
  { topic, hint, type, text = '' }: Partial<Pick<Message, 'topic' | 'hint' | 'type' | 'text'>>,
  record: OutboxRecord | undefined,
  language: Language,
): string | undefined {
  const words = language.words(deliveryWords);
  if (topic) return words.waitsForTopic;
  if (`${new URLSearchParams({ text })}`.length > REQUEST_LINE_BYTES - ADDRESS_BYTES) {
    return words.waitsForSize;
  }
  const hasMore = hint || type === 'File' || record?.needsAuthorization || record?.message.metadata;
  return hasMore ? words.waitsForMore : undefined;
}
