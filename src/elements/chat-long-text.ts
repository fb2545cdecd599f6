import { html, nothing, type TemplateResult } from 'lit';
import { extrasWords as words } from './chat-extras-words.ts';
import { save } from './chat-files.ts';
import { formatBytes } from './format-bytes.ts';

/** How much of a long text is shown first, in UTF-16 units. */
const EXCERPT = 20_000;
/** Beyond this a text is offered as a download only: laying it out would freeze the page. */
const LAYOUT_MAX = 2_000_000;

/** The beginning of `text`, with buttons that show or save the rest; all of it once it is `expanded`. */
export function renderLongText(
  text: string,
  locale: string | undefined,
  expanded: boolean,
  expand: () => void,
): TemplateResult {
  if (expanded) return html`<div class="plain">${text}</div>`;
  return html`<div class="plain">${text.slice(0, EXCERPT)}…</div>
    <div class="more">
      <span> ${words.truncated(formatBytes(EXCERPT, locale), formatBytes(text.length, locale))} </span>
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
