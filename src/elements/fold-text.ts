/**
 * Accents, points of Hebrew, vowel signs of Arabic and its lengthening stroke. Marks of other scripts are letters, and the
 * two of Japanese make another sound.
 */
const MARKS = /(?=\p{M})(?![\u3099\u309a])[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}]|\u0640/gu;

/** `text` as it is compared in a search: without case and accents, in the simplest form of each letter. */
export function fold(text: string): string {
  // Through capitals, where ß is SS and both sigmas are one.
  return text
    .normalize('NFKD')
    .replace(MARKS, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/ς/g, 'σ')
    .replace(/\s/g, ' ');
}

/** Where `folded`, which is not empty, stands in `text`: pairs of offsets, in order, none inside another. `limit`: at most so many. */
export function findFolded(text: string, folded: string, limit = Infinity): [start: number, end: number][] {
  const starts: number[] = [];
  let haystack = '';
  let at = 0;
  for (const character of text) {
    const part = fold(character);
    for (let i = 0; i < part.length; i++) starts.push(at);
    haystack += part;
    at += character.length;
  }
  starts.push(at);
  const found: [number, number][] = [];
  for (let from = 0; found.length < limit;) {
    const index = haystack.indexOf(folded, from);
    if (index === -1) break;
    from = index + folded.length;
    let end = from;
    // A letter that became several, such as ß, is marked whole, and once.
    while (end < starts.length - 1 && starts[end] === starts[from - 1]) end++;
    from = end;
    found.push([starts[index]!, starts[end] ?? at]);
  }
  return found;
}
