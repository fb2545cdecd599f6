import { Lexer, Tokenizer, type MarkedOptions, type Token, type Tokens, type TokensList } from 'marked';

/** Nesting beyond this is no longer text for people. */
const MAX_DEPTH = 24;
/** A text that takes longer, in milliseconds, was made to do so. */
const MAX_TIME_MS = 200;
/** Longer addresses without brackets around them stay text, in UTF-16 units. */
const MAX_BARE_ADDRESS = 2_048;
/** Longer gaps are shortened, in spaces: what looks for the end of a line takes time that is quadratic in them. */
const MAX_GAP = 200;
const LONG_GAPS = new RegExp(` {${MAX_GAP},}`, 'g');
/** The cells of this many rows of a table are read at once, those of the others when they are shown. */
export const FIRST_ROWS = 100;

/** A text is too deep or too slow to read as Markdown. */
export class MarkdownLimitError extends Error {}

/** What else than Markdown the lexer knows. */
export type Extensions = NonNullable<MarkedOptions['extensions']>;

/** The block tokens of `text`. Throws `MarkdownLimitError`, and whatever the tokeniser throws on texts it cannot read. */
export function lexMarkdown(text: string, extensions?: Extensions): Token[] {
  return new BoundedLexer(extensions).lex(text.replace(LONG_GAPS, ' '.repeat(MAX_GAP)));
}

/** The tokens of `text` within a line: those of a cell that {@link lexMarkdown} has not read. Throws as that does. */
export function lexInline(text: string, extensions?: Extensions): Token[] {
  return new BoundedLexer(extensions).inlineTokens(text);
}

class BoundedLexer extends Lexer {
  #depth = 0;

  constructor(extensions: Extensions | undefined) {
    const tokenizer = new BoundedTokenizer(performance.now() + MAX_TIME_MS);
    super({ gfm: true, breaks: true, tokenizer, extensions: extensions ?? null });
  }

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[] {
    return this.#nested(() => super.blockTokens(src, tokens, lastParagraphClipped));
  }

  override inlineTokens(...args: Parameters<Lexer['inlineTokens']>): Token[] {
    return this.#nested(() => super.inlineTokens(...args));
  }

  #nested(read: () => Token[]): Token[] {
    if (++this.#depth > MAX_DEPTH) throw new MarkdownLimitError('nested too deeply');
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }
}

/** Looks at the clock before every token: these two are what the lexer tries first, for blocks and inside them. */
class BoundedTokenizer extends Tokenizer {
  readonly #deadline: number;

  constructor(deadline: number) {
    super({});
    this.#deadline = deadline;
  }

  override space(source: string): Tokens.Space | undefined {
    this.#check();
    return super.space(source);
  }

  override escape(source: string): Tokens.Escape | undefined {
    this.#check();
    return super.escape(source);
  }

  /** Footnotes are not for chats: `[^1]: see there` is no definition that vanishes, but stays the text it is. */
  override def(source: string): Tokens.Def | undefined {
    return /^ {0,3}\[\^/.test(source) ? undefined : super.def(source);
  }

  override table(source: string): Tokens.Table | undefined {
    const queue = this.lexer.inlineQueue;
    const queued = queue.length;
    const token = super.table(source);
    // Cells wait there in order, those of the head first.
    if (token) queue.length = Math.min(queue.length, queued + token.header.length * (FIRST_ROWS + 1));
    return token;
  }

  /** The tokeniser finds the end of a bare address in quadratic time: 15 s for 100 kB of `http://`. */
  override url(source: string): Tokens.Link | undefined {
    const token = super.url(source.slice(0, MAX_BARE_ADDRESS));
    return token && token.raw.length < MAX_BARE_ADDRESS ? token : undefined;
  }

  #check(): void {
    if (performance.now() > this.#deadline) throw new MarkdownLimitError('takes too long');
  }
}
