import { html, nothing, type TemplateResult } from 'lit';
import { extrasWords } from './chat-extras-words.ts';
import { save } from './chat-files.ts';
import { formatBytes } from './format-bytes.ts';
import type { Language } from './language.ts';

/** How much of a long text is shown first, in UTF-16 units. */
const EXCERPT = 20_000;
/** Beyond this a text is offered as a download only: laying it out would freeze the page. */
const LAYOUT_MAX = 2_000_000;

/** The beginning of `text`, with buttons that show or save the rest; all of it once it is `expanded`. */
export function renderLongText(
  text: string,
  language: Language,
  expanded: boolean,
  expand: () => void,
): TemplateResult {
  if (expanded) return html`<div class="plain">${text}</div>`;
  const words = language.words(extrasWords);
  const size = (bytes: number) => formatBytes(bytes, language.tag);
  return html`<div class="plain">${text.slice(0, EXCERPT)}…</div>
    <div class="whole">
      <span> ${words.truncated({ shown: size(EXCERPT), all: size(text.length) })} </span>
      ${
        text.length <= LAYOUT_MAX
          ? html`<button type="button" class="link" @click=${expand}>${words.showAll}</button>`
          : nothing
      }
      <button type="button" class="link" @click=${() => save(text, 'message.txt')}>
        ${words.downloadText}
      </button>
    </div>`;
}
