import type { Tokens } from 'marked';
import type { Extensions } from './markdown-lexer.ts';

/** Longer formulas stay text, in UTF-16 units. */
const MAX_LENGTH = 2_000;

/** A formula in TeX. */
export interface MathsToken extends Tokens.Generic {
  readonly type: 'maths';
  /** Without what encloses it. */
  readonly text: string;
  /** Stands in a line of its own. */
  readonly display: boolean;
}

const CLOSERS: Readonly<Record<string, string>> = { $: '$', $$: '$$', '\\(': '\\)', '\\[': '\\]' };

/**
 * The formula that `source` begins with, if any: `$…$`, `\(…\)` in a line, `$$…$$`, `\[…\]` for themselves.
 *
 * Prices are no formulas (`$5 and $6`), nor are words in brackets that were escaped (`\[sic\]`): what is enclosed has to
 * look like one. As in Pandoc, no space stands inside a single `$`, and nothing that could be part of a word or number
 * outside of it.
 *
 * @param before What stands before `source`.
 */
export function mathsAt(source: string, before = ''): MathsToken | undefined {
  const opener = /^(?:\$\$?|\\[([])/.exec(source)?.[0];
  const closer = opener && CLOSERS[opener];
  if (!closer) return undefined;
  const end = source.slice(0, MAX_LENGTH).indexOf(closer, opener.length + 1);
  if (end < 0) return undefined;
  const raw = source.slice(0, end + closer.length);
  const text = source.slice(opener.length, end);
  if (/\n[^\S\n]*\n/.test(text)) return undefined;
  if (opener === '$') {
    const after = source.charAt(end + 1);
    if (/^\s|[\s\\]$|\n/.test(text) || /[\p{L}\p{N}$\\]$/u.test(before) || /[\p{L}\p{N}]/u.test(after)) {
      return undefined;
    }
  }
  const display = opener === '$$' || opener === '\\[';
  return isFormula(text, opener) ? { type: 'maths', raw, text: text.trim(), display } : undefined;
}

/** {@link mathsAt} for formulas that are a block: nothing else stands in their last line. */
function mathsBlockAt(source: string): MathsToken | undefined {
  const maths = /^ {0,3}(?=\$\$|\\\[)/.exec(source);
  if (!maths) return undefined;
  const [indent] = maths;
  const token = mathsAt(source.slice(indent.length));
  if (!token) return undefined;
  const raw = indent + token.raw;
  const rest = /^[^\S\n]*(?:\n|$)/.exec(source.slice(raw.length))?.[0];
  return rest === undefined ? undefined : { ...token, raw: raw + rest };
}

/** Where the next formula may begin, for the lexer, which reads everything before that as text. */
function nextMaths(source: string): number {
  return source.search(/\$|\\[([]/);
}

/** Where the next formula may begin that is a block. */
function nextMathsBlock(source: string): number {
  const index = source.search(/\n {0,3}(?:\$\$|\\\[)/);
  return index < 0 ? index : index + 1;
}

/** Has the lexer read formulas as tokens of the type `maths`. */
export const mathsExtensions: Extensions = {
  block: [mathsBlockAt],
  startBlock: [nextMathsBlock],
  inline: [(source, tokens) => mathsAt(source, tokens.at(-1)?.raw)],
  startInline: [nextMaths],
  renderers: {},
  childTokens: {},
};

function isFormula(text: string, opener: string): boolean {
  if (/\\[a-z]{2}/i.test(text)) return true;
  // Two words side by side are a sentence.
  if (/\p{L}{3,}\s+\p{L}{2,}/u.test(text)) return false;
  if (opener === '\\[') return /[\\^_=<>]/.test(text);
  return (
    /[\\^_=<>+*/|-]/.test(text) ||
    /^(?:\p{L}{1,2}['!]?|\p{Lu}{3}|\d[\d.,]*)$/u.test(text.trim()) ||
    /^\p{L}\(.{1,9}\)$/u.test(text)
  );
}
