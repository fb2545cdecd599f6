import type { Delivery, DeliveryState } from '../protocol/types.ts';
import { deliveryWords } from './chat-delivery-words.ts';
import { causeWords } from './connection-words.ts';
import { reasonText } from './error-text.ts';
import type { Language } from './language.ts';
import { sentences } from './sentences.ts';

const WAITING: ReadonlySet<DeliveryState> = new Set<DeliveryState>(['queued', 'uncertain', 'verifying']);

/**
 * What is said of a message of the visitor: how far it has come, why no further, and whether it must be looked after.
 * `waitsFor` is why one that is queued cannot leave over the connection that there is.
 */
export function tellDelivery(
  { state, reason, code, persisted }: Delivery,
  language: Language,
  waitsFor?: string,
): string {
  const words = language.words(deliveryWords);
  const isWaiting = waitsFor && state === 'queued';
  const why = causeWords({ code }, language) ?? (reason && reasonText(reason, code, language));
  return sentences(
    language,
    isWaiting ? waitsFor : words[state],
    state === 'failed' && why,
    !persisted && WAITING.has(state) && words.notSaved,
  );
}
