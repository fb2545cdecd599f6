import type { Language } from './language.ts';
import { sentenceWords } from './sentence-words.ts';

/** What ends a sentence already, in whatever script. */
const ENDED = /[.…!?:;。！？؟।]$/;

/** `text` as a sentence. */
export function sentence(language: Language, text: string): string {
  return ENDED.test(text) ? text : language.words(sentenceWords).end({ text });
}

/** Texts one after the other, of which all but the last are made sentences. What is missing is left out. */
export function sentences(language: Language, ...texts: (string | false | undefined)[]): string {
  const { next } = language.words(sentenceWords);
  return texts
    .filter((text) => typeof text === 'string' && text !== '')
    .reduce<string>(
      (first, text) =>
        first ? next({ first: sentence(language, first), next: text as string }) : (text as string),
      '',
    );
}

/** Parts of one line, one after the other: `a, b, c`. What is missing is left out. */
export function listed(language: Language, ...parts: readonly unknown[]): string {
  const { listed } = language.words(sentenceWords);
  return parts
    .filter((part) => typeof part === 'string' && part !== '')
    .map(String)
    .reduce((first, next) => (first ? listed({ first, next }) : next), '');
}
