import { html, nothing, type TemplateResult } from 'lit';
import { actionOf, actionsState, renderError, renderLink, run, type ActionsState } from './data-actions.ts';
import type { DataContext } from './data-context.ts';
import { dataKindsWords } from './data-kinds-words.ts';
import { isFields, pick, pickList, pickText } from './data-values.ts';
import { icon } from './icons.ts';

/** This many items show, and up to the second number when the rest is unfolded. */
const SHOWN = 8;
const MOST = 200;

/** `{ title?, items: [text | { title, subtitle?, detail?, url? | text? | data? }] }`: things to read or to choose from. */
export function drawList(context: DataContext): unknown {
  const { data, language } = context;
  const words = language.words(dataKindsWords);
  const items = pickList(data, 'items', 'elements', 'options');
  const known = items.slice(0, MOST).filter((item) => titleOf(item) !== undefined);
  if (known.length === 0) return undefined;
  const state = context.keep(actionsState);
  const title = pickText(data, 'title', 'heading');
  const rest = known.slice(SHOWN);
  const lost = items.length - known.length;
  return html`${title ? html`<div class="card-title" dir="auto">${title}</div>` : nothing}
  ${drawItems(known.slice(0, SHOWN), state, context)}
  ${
    rest.length > 0
      ? html`<details class="data">
          <summary>${icon('chevron')}${words.more({ count: rest.length + lost })}</summary>
          ${drawItems(rest, state, context)}
          ${lost > 0 ? html`<p class="quiet">${words.rowsNotShown({ count: lost })}</p>` : nothing}
        </details>`
      : nothing
  }
  ${renderError(state.error)}`;
}

function drawItems(items: readonly unknown[], state: ActionsState, context: DataContext): TemplateResult {
  return html`<ul class="rows">
    ${items.map((item) => html`<li>${drawItem(item, state, context)}</li>`)}
  </ul>`;
}

function drawItem(item: unknown, state: ActionsState, context: DataContext): unknown {
  const title = titleOf(item) ?? '';
  if (!isFields(item)) return html`<span class="row-title" dir="auto">${title}</span>`;
  const subtitle = pickText(item, 'subtitle', 'description');
  const detail = pickText(item, 'detail', 'meta');
  const acts = ['url', 'href', 'link', 'text', 'data', 'payload', 'value'].some(
    (name) => pick(item, name) != null,
  );
  const action = acts ? actionOf({ ...item, label: title }) : undefined;
  return html`<span class="row-main">
      ${
        !action
          ? html`<span class="row-title" dir="auto">${title}</span>`
          : action.url === undefined
            ? html`<button
                type="button"
                part="action"
                class="row-title data-link"
                dir="auto"
                aria-disabled=${state.sending}
                @click=${() => run(action, state, context)}
              >
                ${title}
              </button>`
            : renderLink(action, action.url, context, 'row-title data-link')
      }
      ${subtitle ? html`<span class="row-subtitle" dir="auto">${subtitle}</span>` : nothing}
    </span>
    ${detail ? html`<span class="row-detail" dir="auto">${detail}</span>` : nothing}`;
}

function titleOf(item: unknown): string | undefined {
  if (typeof item === 'string' || typeof item === 'number') return String(item).trim() || undefined;
  return isFields(item) ? pickText(item, 'title', 'label', 'name', 'text') : undefined;
}
