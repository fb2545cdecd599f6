import { HUB_RECORD_BYTES, utf8Length } from '../protocol/limits.ts';
import { composerWords } from './chat-composer-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';

/** From this share of the limit on, the visitor is told how much is left. */
const NEAR = 0.9;
/** Nothing takes more bytes in JSON than half of a character, written as its number. */
const BYTES_MAX = 6;

/** How much room is left, once it gets short. Bytes are what counts; people are told characters of their own script. */
export function limitHint(
  draft: string,
  { conversation, language }: Pick<ChatViewHost, 'conversation' | 'language'>,
): { text: string; over: boolean } | undefined {
  // Short texts need no counting.
  if (!conversation || draft.length * BYTES_MAX < HUB_RECORD_BYTES * NEAR || !draft.trim()) return undefined;
  const room = conversation.room({ text: draft });
  if (room > HUB_RECORD_BYTES * (1 - NEAR)) return undefined;
  const words = language.words(composerWords);
  const bytes = utf8Length(JSON.stringify(draft)) - 2; // Its quotation marks are there anyway.
  const left = (room * draft.length) / bytes;
  return left < 0
    ? { text: words.overLimit({ count: Math.ceil(-left) }), over: true }
    : { text: words.nearLimit({ count: Math.floor(left) }), over: false };
}
