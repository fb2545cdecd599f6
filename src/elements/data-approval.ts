import { html, nothing } from 'lit';
import type { Message } from '../protocol/types.ts';
import { renderFields } from './chat-data.ts';
import { actionsState, renderError, run } from './data-actions.ts';
import type { DataContext } from './data-context.ts';
import { dataKindsWords } from './data-kinds-words.ts';
import { isFields, pick, pickText } from './data-values.ts';
import { icon } from './icons.ts';

/**
 * `{ id?, title, text?, details?, approve?, decline? }`: a decision that an agent waits for. The answer is a Data message
 * `{ type: 'approval', id, approved }`, found again after a reload; `id` is that of the request where the data have none.
 */
export function drawApproval(context: DataContext): unknown {
  const { data, language, message } = context;
  const title = pickText(data, 'title', 'question', 'text');
  if (title === undefined) return undefined;
  const words = language.words(dataKindsWords);
  const id = pickText(data, 'id', 'approvalId') ?? message.requestId ?? message.id;
  const state = context.keep(() => ({ ...actionsState(), asking: undefined as boolean | undefined }));
  const answer = context.replies.findLast((reply) => isAnswerTo(reply, id));
  const label = (approved: boolean) =>
    approved
      ? (pickText(data, 'approve', 'approveLabel') ?? words.approve)
      : (pickText(data, 'decline', 'declineLabel', 'reject') ?? words.decline);
  const ask = (asking: boolean | undefined) => {
    state.asking = asking;
    context.update();
    // The button that was pressed has gone; the one that takes its place asks for the second press.
    focusIn(context, asking === undefined ? '.approval .choice' : '.approval .sure');
  };
  const decide = async (approved: boolean) => {
    const text = words.decision({ title, answer: label(approved) });
    const sent = await run({ label: text, data: { type: 'approval', id, approved } }, state, context);
    if (!sent) return;
    state.asking = undefined;
    context.update();
    focusIn(context, '.decided');
  };
  const text = pickText(data, 'text', 'description');
  const details = pick(data, 'details', 'fields', 'arguments');
  return html`<div class="data-card approval" part="approval">
    <div class="card-title" dir="auto">${title}</div>
    ${text && text !== title ? html`<div class="plain" dir="auto">${text}</div>` : nothing}
    ${isFields(details) ? (renderFields(details, language) ?? nothing) : nothing}
    ${
      answer
        ? drawDecision(answer, context)
        : html`<div class="data-choices" role="group" aria-label=${words.answers}>
            ${
              state.asking === undefined
                ? [true, false].map(
                    (approved) =>
                      html`<button
                        type="button"
                        part="action"
                        class="choice ${approved ? 'primary' : ''}"
                        dir="auto"
                        @click=${() => ask(approved)}
                      >
                        ${label(approved)}
                      </button>`,
                  )
                : html`<span class="sure-words">${words.sure}</span>
                    <button
                      type="button"
                      part="action"
                      class="choice sure primary"
                      dir="auto"
                      aria-disabled=${state.sending}
                      @click=${() => void decide(state.asking === true)}
                    >
                      ${words.confirm({ answer: label(state.asking) })}
                    </button>
                    <button type="button" class="choice" @click=${() => ask(undefined)}>
                      ${words.back}
                    </button>`
            }
          </div>`
    }
    ${renderError(state.error)}
  </div>`;
}

function drawDecision({ data, createdAt }: Message, { language }: DataContext): unknown {
  const words = language.words(dataKindsWords);
  const approved = isFields(data) && data['approved'] === true;
  const at = new Intl.DateTimeFormat(language.tag, { dateStyle: 'medium', timeStyle: 'short' }).format(
    createdAt,
  );
  return html`<p class="decided ${approved ? 'good' : ''}" tabindex="-1">
    ${icon(approved ? 'check' : 'close')}<span>${approved ? words.approved : words.declined}</span>
    <time datetime=${new Date(createdAt).toISOString()}>${at}</time>
  </p>`;
}

function isAnswerTo({ data }: Message, id: string): boolean {
  return isFields(data) && data['type'] === 'approval' && String(data['id']) === id;
}

function focusIn({ host, message }: DataContext, selector: string): void {
  const row = host.renderRoot.querySelector(`[data-message="${CSS.escape(message.id)}"]`);
  row?.querySelector<HTMLElement>(selector)?.focus();
}
