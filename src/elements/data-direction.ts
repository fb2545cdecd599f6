import type { Message } from '../protocol/types.ts';
import { isFields, pickText } from './data-values.ts';

/** Letters written from right to left. */
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * The direction in which a Data message is laid out: that of its first words; `undefined` where it has none. Not left to
 * `dir="auto"`, which does not look into what has a direction of its own, as each text in here does, and looks through all
 * of it again for every row that is added.
 */
export function directionOf({ text, data }: Message): 'ltr' | 'rtl' | undefined {
  const letter = firstLetter(text) ?? firstLetter(wordsOf(data, 3));
  return letter === undefined ? undefined : RTL.test(letter) ? 'rtl' : 'ltr';
}

/** What people read first; of lists and unknown fields the first text. */
function wordsOf(data: unknown, depth: number): string | undefined {
  if (typeof data === 'string') return data;
  if (depth === 0 || typeof data !== 'object' || data === null) return undefined;
  const named = isFields(data) && pickText(data, 'title', 'text', 'question', 'label', 'name', 'heading');
  if (named) return named;
  for (const [name, value] of Object.entries(data).slice(0, 20)) {
    const words = /^(type|kind|id|url|image|style|chart)$|^\$/.test(name)
      ? undefined
      : wordsOf(value, depth - 1);
    if (words && firstLetter(words)) return words;
  }
  return undefined;
}

function firstLetter(text: string | undefined): string | undefined {
  return text && /\p{L}/u.exec(text.slice(0, 1_000))?.[0];
}
