/** Longest name that shows, in characters; and how much of a longer one is looked at. */
const LENGTH = 80;
const LOOKED_AT = 1_000;

/**
 * A name as it may stand in a line of its own: without control characters and overrides of the direction, which change what
 * stands beside it, with no more marks on a letter than a language needs, and cut.
 */
export function harmlessName(name: string, length = LENGTH): string {
  const plain = name
    .slice(0, LOOKED_AT)
    .replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = Array.from(plain);
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : plain;
}
