import { RealtimeError } from '../protocol/errors.ts';
import type { Language } from './language.ts';

/**
 * Why something failed, in the reader's language. The failure says it more exactly, but only in English; so the words of
 * `error-words.ts`, one for each code, are those of the other languages alone, and are not loaded here.
 */
export function errorText(error: unknown, language: Language): string {
  const { message, code } = RealtimeError.from(error, 'bug', 'That did not work.');
  return reasonText(message, code, language);
}

/** The same of what is left of a failure: its words and its code. */
export function reasonText(reason: string, code: string | undefined, language: Language): string {
  return language.translated('errors', code ?? 'bug') ?? reason;
}
