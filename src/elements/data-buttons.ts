import { html, nothing } from 'lit';
import { actionsOf, actionsState, renderActions, renderError, run } from './data-actions.ts';
import type { DataContext } from './data-context.ts';
import { dataKindsWords } from './data-kinds-words.ts';
import { pickList, pickText } from './data-values.ts';

/** `{ text?, buttons: [text | { label, text?, data?, url?, style? }] }`: answers to choose one from. */
export function drawButtons(context: DataContext): unknown {
  const { data } = context;
  const actions = actionsOf(
    pickList(data, 'buttons', 'actions', 'replies', 'options', 'items', 'quick_replies'),
  );
  if (actions.length === 0) return undefined;
  const text = pickText(data, 'text', 'title', 'question');
  return html`${text ? html`<div class="plain" dir="auto">${text}</div>` : nothing}
  ${renderActions(actions, context.keep(actionsState), context, true)}`;
}

/** `{ suggestions: [text | { label, text }] }`: what the visitor may say next. Gone as soon as anybody has said anything. */
export function drawSuggestions(context: DataContext): unknown {
  const { data, language, message } = context;
  const list = pickList(data, 'suggestions', 'replies', 'options', 'items');
  const actions = actionsOf(list)
    .filter(({ url }) => url === undefined)
    .slice(0, 8);
  if (actions.length === 0) return message.type === 'Chat' ? nothing : undefined;
  if (!context.isLatest) return nothing;
  const state = context.keep(actionsState);
  return html`<div class="data-choices" role="group" aria-label=${language.words(dataKindsWords).suggestions}>
      ${actions.map(
        (action) =>
          html`<button
            type="button"
            class="choice"
            part="suggestion"
            dir="auto"
            aria-disabled=${state.sending}
            @click=${() => run(action, state, context)}
          >
            ${action.label}
          </button>`,
      )}
    </div>
    ${renderError(state.error)}`;
}
