import { html, nothing, type TemplateResult } from 'lit';
import type { Delivery, Message } from '../protocol/types.ts';
import type { RowContext } from './chat-message.ts';
import { askingWords } from './chat-asking-words.ts';
import { canAskAgain } from './chat-latest.ts';
import { renderTime } from './chat-time.ts';
import { deliveryWords } from './chat-delivery-words.ts';
import { chatWords } from './chat-words.ts';
import { icon, type IconName } from './icons.ts';
import type { Language } from './language.ts';
import { tellDelivery } from './tell-delivery.ts';
import type { MessageItem } from './transcript.ts';

/** This much of a message names the group of its buttons, in UTF-16 units. */
const NAME_LENGTH = 60;

const signs: Record<Delivery['state'], IconName> = {
  queued: 'clock',
  sending: 'send',
  uncertain: 'search',
  verifying: 'search',
  sent: 'check',
  answered: 'checks',
  failed: 'alert',
};

/** Id of the words that describe a message. Request ids may be anything, ids may hold no blanks. */
export function stateId(key: string): string {
  return `state:${key.replace(/\s/g, '_')}`;
}

/** Whether anything stands below a message: a group's last one says when; any says that it is not there yet. */
export function hasMeta({ message, last, key }: MessageItem, { unanswered }: RowContext): boolean {
  const delivery = message.author === 'participant' ? message.delivery : undefined;
  return last || !isSettled(delivery) || unanswered === key;
}

/** When, how far it has come, and what can be done with it. */
export function renderMeta(item: MessageItem, context: RowContext): TemplateResult | typeof nothing {
  const { message, last, key } = item;
  const unanswered = context.unanswered === key;
  const own = message.author === 'participant';
  const delivery = own ? message.delivery : undefined;
  const settled = isSettled(delivery);
  const rated = last && !own;
  if (!hasMeta(item, context)) {
    return delivery
      ? html`<span class="hush" id=${stateId(key)}
          >${context.language.words(deliveryWords)[delivery.state]}</span
        >`
      : nothing;
  }
  const copy = renderCopy(item, context);
  const asking = canAskAgain(message) ? renderAsking(message, unanswered, context) : nothing;
  return html`<div class="meta" part="meta">
    ${own ? copy : nothing}${unanswered ? nothing : asking}${renderTime(message.createdAt, context.format)}${
      delivery
        ? renderDelivery(
            delivery,
            key,
            !settled || context.latestOwn === key,
            context.language,
            delivery.state === 'queued' ? context.waitsFor(message) : undefined,
          )
        : nothing
    }
    ${own ? nothing : copy}${rated ? context.feedback?.render(message) : nothing}
    ${unanswered ? asking : renderActions(message, key, context)}
  </div>`;
}

/** Copies what a message says. */
export function renderCopy({ message, key }: MessageItem, context: RowContext): unknown {
  const { copy, copied, language } = context;
  const { text } = message;
  if (!copy || !text) return nothing;
  const words = language.words(chatWords);
  const done = copied === key;
  return html`<button
    type="button"
    class="tool copy"
    aria-label=${done ? words.copied : words.copy}
    title=${words.copy}
    @click=${() => copy(text, key)}
  >
    ${icon(done ? 'check' : 'copy')}
  </button>`;
}

function isSettled(delivery: Delivery | undefined): boolean {
  return !delivery || delivery.state === 'sent' || delivery.state === 'answered';
}

/** Asking once more: shown when nobody answers, else to who points at the message. */
function renderAsking(
  { text = '' }: Message,
  unanswered: boolean,
  { language, actions }: RowContext,
): TemplateResult {
  const words = language.words(askingWords);
  return html`${unanswered ? html`<span>${words.noReply}</span>` : nothing}<button
      type="button"
      class="link again ${unanswered ? '' : 'quietly'}"
      @click=${() => actions.askAgain(text)}
    >
      ${words.askAgain}
    </button>`;
}

function renderDelivery(
  delivery: Delivery,
  key: string,
  spelt: boolean,
  language: Language,
  waitsFor: string | undefined,
): TemplateResult {
  const { state, reason } = delivery;
  const title = state === 'failed' ? reason : undefined;
  return html`<span class="state ${state}" id=${stateId(key)} title=${title ?? nothing}>
    ${icon(signs[state])}<bdi class=${spelt ? '' : 'hush'}>${tellDelivery(delivery, language, waitsFor)}</bdi>
  </span>`;
}

/** What the visitor can do about a message that waits or failed. To discard it takes two presses of one button. */
function renderActions(
  { requestId, text = '', delivery }: Message,
  key: string,
  context: RowContext,
): unknown {
  const state = delivery?.state;
  if (requestId === undefined || (state !== 'queued' && state !== 'failed')) return nothing;
  const { actions } = context;
  const words = context.language.words(chatWords);
  const sure = context.discarding === key;
  const button = (label: string, act: () => void) =>
    html`<button type="button" class="link" @click=${act}>${label}</button>`;
  const others = sure
    ? button(words.keep, () => actions.keep())
    : [
        state === 'failed' ? button(words.retry, () => actions.retry(requestId)) : nothing,
        text && actions.canEdit(requestId, state)
          ? button(words.edit, () => actions.edit(requestId, text))
          : nothing,
      ];
  return html`<span
    class="actions ${state}"
    role="group"
    aria-label=${words.actionsFor({ text: text.slice(0, NAME_LENGTH) || words.file })}
    @keydown=${(event: KeyboardEvent) => sure && event.key === 'Escape' && actions.keep(event)}
  >
    ${others}
    <button type="button" class="link ${sure ? 'sure' : ''}" @click=${() => actions.discard(requestId, key)}>
      ${sure ? words.discardNow : words.discard}
    </button>
  </span>`;
}
