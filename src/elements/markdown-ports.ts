import type { Language } from './language.ts';

/** What rendering Markdown may ask of those around it. */
export interface MarkdownPorts {
  readonly language: Language;
  /** Resolves with whether it worked. Without it there are no copy buttons. */
  readonly copy?: ((content: string | ClipboardItem) => Promise<boolean>) | undefined;
  /** Origins whose images are shown, as browsers write them. Images of others become links. */
  readonly imageOrigins: readonly string[];
  /** What stands for a mark such as `[1]` or `【1】`; `undefined` leaves it as it is. */
  readonly cite?: ((mark: string) => unknown) | undefined;
}

/** Copies `content` for the pressed `button`, which shows for a moment that it is done. */
export function copyFrom(
  button: Element,
  copy: NonNullable<MarkdownPorts['copy']>,
  content: string | ClipboardItem,
): void {
  void copy(content).then((copied) => copied && button.classList.add('done'));
}

/** Ends what {@link copyFrom} shows: the listener of `animationend`. */
export function endCopied(event: Event): void {
  (event.currentTarget as Element).classList.remove('done');
}
