const LETTER = /\p{L}/u;
/** Blocks of scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
/** Units in which a letter is looked for. */
const START = 500;

/**
 * Which way `text` is written, by its first letter; `undefined` where there is none. For fields, in place of `dir="auto"`: with
 * that, browsers need seconds for a text of some hundred kilobytes.
 */
export function directionOf(text: string): 'ltr' | 'rtl' | undefined {
  const letter = LETTER.exec(text.slice(0, START))?.[0];
  if (letter === undefined) return undefined;
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
}
