const LENGTH = 120;

/** `name` for the middle of a sentence: whichever way it is written, the sentence goes on in its own. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/**
 * A name without folders, control characters, direction overrides (which make `exe.pdf` of `fdp.exe`) and broken characters,
 * of at most 120 units, with its ending; `''` when nothing is left.
 */
export function harmlessFileName(name: string): string {
  const plain = name
    .replace(/^.*[\\/]/s, '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
  if (plain.length <= LENGTH) return plain;
  const ending = /\.\w{1,10}$/.exec(plain)?.[0] ?? '';
  // Cut between characters, not inside of one.
  return plain.slice(0, LENGTH - ending.length).replace(/[\uD800-\uDBFF]$/, '') + ending;
}
