/** Longer patterns are not read, and longer texts not held against one, in UTF-16 units. */
const PATTERN = 200;
const TEXT = 256;
/** Quantifiers without an end that one pattern may have: each more multiplies the time that a text can take. */
const ENDLESS = 3;

/**
 * A test for texts from a pattern that somebody else wrote, anchored nowhere, as JSON Schema has it; `undefined` for
 * patterns that are no regular expressions, or that could keep the page busy: a quantifier on a group with quantifiers or
 * choices in it, references back, and more than a few quantifiers without an end. Texts too long for it pass.
 */
export function safePattern(pattern: unknown): ((text: string) => boolean) | undefined {
  if (typeof pattern !== 'string' || pattern.length > PATTERN || !isSimple(pattern)) return undefined;
  try {
    const expression = new RegExp(pattern, 'u');
    return (text) => text.length > TEXT || expression.test(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isSimple(pattern: string): boolean {
  // What cannot act as a sign is taken out: escaped characters, and classes, which count as one character.
  if (/\\[1-9k]/.test(pattern)) return false;
  const bare = pattern.replace(/\\./gsu, 'x').replace(/\[[^\]]*\]/gu, 'x');
  if ((bare.match(/[*+]|\{\d+,\}/g) ?? []).length > ENDLESS) return false;
  const groups: boolean[] = [];
  for (let index = 0; index < bare.length; index++) {
    const sign = bare[index];
    if (sign === '(') {
      groups.push(false);
      if (bare[index + 1] === '?') index++;
    } else if (sign === ')') {
      const choosy = groups.pop() ?? false;
      if (choosy && /^[*+?{]/.test(bare.slice(index + 1))) return false;
      if (choosy && groups.length > 0) groups[groups.length - 1] = true;
    } else if (/[*+?{|]/.test(sign ?? '') && groups.length > 0) {
      groups[groups.length - 1] = true;
    }
  }
  return true;
}
