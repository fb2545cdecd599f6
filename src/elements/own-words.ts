import type { OwnWords } from './language.ts';

/** Tells the elements of a page that its own words have changed. */
export const WORDS_CHANGED = 'xians-words-changed';

/** What the page says in its own words, in the order in which it said so. */
export const pageWords: (readonly [words: OwnWords, locale: string | undefined])[] = [];

/**
 * Replaces texts of every element on the page: `registerWords({ 'chat.send': 'Off it goes' })`. What an element or its
 * provider says by `strings` goes before.
 *
 * @param locale Tag of the language that they are for, such as `de`. Default: for every language.
 */
export function registerWords(words: OwnWords, locale?: string): void {
  pageWords.push([words, locale]);
  globalThis.dispatchEvent?.(new Event(WORDS_CHANGED));
}
