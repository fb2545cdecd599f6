import { RealtimeError } from '../protocol/errors.ts';
import { errorWords } from './error-words.ts';
import type { Language } from './language.ts';

/** Why something failed, in the reader's language. The failure itself says it more exactly, but only in English. */
export function errorText(error: unknown, language: Language): string {
  const code = error instanceof RealtimeError ? error.code : 'bug';
  return reasonText(error instanceof Error ? error.message : undefined, code, language);
}

/** The same of what is left of a failure: its words and its code. */
export function reasonText(reason: string | undefined, code: string | undefined, language: Language): string {
  const words: Readonly<Record<string, string>> = language.words(errorWords);
  return (language.spoken === 'en' && reason) || words[code ?? 'bug'] || words['bug'] || '';
}
