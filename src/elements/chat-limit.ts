import { HUB_RECORD_BYTES, utf8Length } from '../protocol/limits.ts';
import { composerWords } from './chat-composer-words.ts';
import type { Language } from './language.ts';

/** What the rest of a hub record takes, with ids of usual length. Only the hint uses it; the client decides. */
const RECORD_OVERHEAD_BYTES = 600;
const TEXT_BYTES = HUB_RECORD_BYTES - RECORD_OVERHEAD_BYTES;
/** From this share of the limit on, the visitor is told how much is left. */
const NEAR = 0.9;

/** How much room is left, once it gets short. Bytes are what counts; people are told characters of their own script. */
export function limitHint(draft: string, language: Language): { text: string; over: boolean } | undefined {
  // No character takes more than four bytes, so short texts need no counting.
  if (draft.length * 4 < TEXT_BYTES * NEAR) return undefined;
  const bytes = utf8Length(draft);
  if (bytes < TEXT_BYTES * NEAR) return undefined;
  const bytesPerCharacter = bytes / draft.length;
  const left = (TEXT_BYTES - bytes) / bytesPerCharacter;
  const words = language.words(composerWords);
  return left < 0
    ? { text: words.overLimit({ count: Math.ceil(-left) }), over: true }
    : { text: words.nearLimit({ count: Math.floor(left) }), over: false };
}
