import type { Language } from './language.ts';
import type { MathsToken } from './markdown-maths.ts';
import type { Extensions } from './markdown-lexer.ts';
import type * as markdownExtras from './markdown-extras.ts';

/** What rendering Markdown may ask of those around it. */
export interface MarkdownPorts {
  readonly language: Language;
  /** Resolves with whether it worked. Without it there are no copy buttons. */
  readonly copy?: ((content: string | ClipboardItem) => Promise<boolean>) | undefined;
  /** Origins whose images are shown, as browsers write them. Images of others become links. */
  readonly imageOrigins: readonly string[];
  /** Reads and draws formulas. Without it they stay the text they are. */
  readonly maths?: Maths | undefined;
  /** What stands for a mark such as `[1]` or `【1】`; `undefined` leaves it as it is. */
  readonly cite?: ((mark: string) => unknown) | undefined;
}

/** Formulas in texts. */
export interface Maths {
  readonly extensions: Extensions;
  render(token: MathsToken, ports: MarkdownPorts): unknown;
}

/** Copies `content` at the press of a button, which shows for a moment that it is done. */
export function copyFrom(
  { currentTarget }: Event,
  copy: NonNullable<MarkdownPorts['copy']>,
  content: string | ClipboardItem,
): void {
  void copy(content).then((copied) => copied && (currentTarget as Element).classList.add('done'));
}

/** Ends what {@link copyFrom} shows: the listener of `animationend`. */
export function endCopied({ currentTarget }: Event): void {
  (currentTarget as Element).classList.remove('done');
}

/** Fetches what only some texts need. */
export function extras(): Promise<typeof markdownExtras> {
  return import('./markdown-extras.ts');
}
