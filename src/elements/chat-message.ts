import { html, nothing, type TemplateResult } from 'lit';
import type { Delivery, Message } from '../protocol/types.ts';
import { filesOf, renderFiles, save } from './chat-files.ts';
import { renderData } from './chat-data.ts';
import type { ChatFormat } from './chat-format.ts';
import { agentName, deliveryWords, words } from './chat-words.ts';
import { icon, type IconName } from './icons.ts';
import type { MessageItem, ProgressItem, TranscriptItem } from './transcript.ts';

/** Longer texts are cut until the reader asks for the rest. */
const LONG_TEXT = 200_000;
/** How much of a long text is shown first. */
const EXCERPT = 20_000;
/** Beyond this a text is offered as a download only: laying it out would freeze the page. */
const LAYOUT_MAX = 2_000_000;

/** Turns Markdown into templates; `undefined` for what it would rather leave as plain text. */
export type RenderMarkdown = (
  text: string,
  copy?: (text: string) => Promise<boolean>,
) => TemplateResult | undefined;

/** What rows need apart from their item. A new object whenever something in it changes. */
export interface RowContext {
  readonly format: ChatFormat;
  readonly now: number;
  readonly markdown: RenderMarkdown | undefined;
  /** Own message whose delivery is spelt out; older ones only show a sign. */
  readonly latestOwn: string | undefined;
  /** Row key of the message just copied. */
  readonly copied: string | undefined;
  /** Row keys of long texts shown whole. */
  readonly expanded: ReadonlySet<string>;
  /** Resolves with whether it worked. Absent on pages that may not write to the clipboard. */
  readonly copy: ((text: string, key?: string) => Promise<boolean>) | undefined;
  expand(key: string): void;
  retry(requestId: string): void;
  discard(requestId: string): void;
}

/** One row of the transcript. */
export function renderRow(item: TranscriptItem, context: RowContext): TemplateResult {
  switch (item.kind) {
    case 'day':
      return html`<div class="day">
        <time datetime=${isoDay(item.at)}>${context.format.day(item.at, context.now)}</time>
      </div>`;
    case 'handoff':
      return renderHandoff(item.message);
    case 'progress':
      return renderProgress(item);
    case 'message':
      return renderMessage(item, context);
  }
}

function renderHandoff(message: Message): TemplateResult {
  return html`<div class="notice" part="notice">
    ${icon('swap')}<span>${words.nowTalkingTo(agentName(message.workflowType))}</span>
  </div>`;
}

function renderProgress({ steps, live }: ProgressItem): TemplateResult {
  const current = steps.findLast((step) => step.text?.trim())?.text;
  return html`<details class="progress ${live ? 'live' : ''}" part="progress">
    <summary>
      ${icon('chevron')}
      ${
        live
          ? html`<span class="now">${words.thinking}</span> <bdi class="step">${current}</bdi>`
          : words.worked(steps.length)
      }
    </summary>
    <ol>
      ${steps.map((step) => html`<li dir="auto">${step.text?.trim() || step.type}</li>`)}
    </ol>
  </details>`;
}

function renderMessage(item: MessageItem, context: RowContext): TemplateResult {
  const { message, first, last, key } = item;
  const own = message.author === 'participant';
  const name = own ? words.you : agentName(message.workflowType);
  const side = own ? 'own' : 'agent';
  const failed = message.delivery?.state === 'failed';
  return html`<article
    class="message ${side} ${first ? 'first' : ''} ${last ? 'last' : ''} ${failed ? 'failed' : ''}"
    part="message message-${side}"
    aria-describedby=${own && message.delivery ? stateId(key) : nothing}
  >
    ${
      first && !own
        ? html`<div class="avatar" aria-hidden="true">${initial(name)}</div>
            <div class="name">${name}</div>`
        : html`<span class="hush">${name}</span>`
    }
    <div class="line">
      <div class="bubble" part="bubble bubble-${side}" dir="auto">${renderContent(item, context)}</div>
      ${
        context.copy && message.text
          ? html`<button
              type="button"
              class="tool copy"
              aria-label=${context.copied === key ? words.copied : words.copy}
              title=${words.copy}
              @click=${() => context.copy?.(message.text ?? '', key)}
            >
              ${icon(context.copied === key ? 'check' : 'copy')}
            </button>`
          : nothing
      }
    </div>
    ${renderMeta(item, context)}
  </article>`;
}

function renderContent(item: MessageItem, context: RowContext): unknown {
  const { message } = item;
  const text = message.text?.trim() ? renderText(item, message.text, context) : nothing;
  if (message.type === 'File') {
    const files = filesOf(message.data);
    return files.length > 0 ? [text, renderFiles(files, context.format)] : orQuiet(text, words.file);
  }
  if (message.type === 'Data') return orQuiet([text, renderData(message.data)], words.emptyMessage);
  if (message.type === 'Chat') return orQuiet(text, words.emptyMessage);
  return orQuiet(text, words.unknownType(message.type));
}

/** `content`, or a quiet line where there is none. */
function orQuiet(content: unknown, line: string): unknown {
  const empty = Array.isArray(content) ? content.every((part) => part === nothing) : content === nothing;
  return empty ? html`<p class="quiet">${line}</p>` : content;
}

function renderText({ key, message }: MessageItem, text: string, context: RowContext): unknown {
  if (text.length > LONG_TEXT) return renderLongText(key, text, context);
  const rich = message.author === 'agent' ? context.markdown?.(text, context.copy) : undefined;
  return rich ? html`<div class="rich">${rich}</div>` : html`<div class="plain">${text}</div>`;
}

function renderLongText(key: string, text: string, context: RowContext): TemplateResult {
  if (context.expanded.has(key)) return html`<div class="plain">${text}</div>`;
  const { format } = context;
  return html`<div class="plain">${text.slice(0, EXCERPT)}…</div>
    <div class="more">
      <span>${words.truncated(format.bytes(EXCERPT), format.bytes(text.length))}</span>
      ${
        text.length <= LAYOUT_MAX
          ? html`<button type="button" class="link" @click=${() => context.expand(key)}>
              ${words.showAll}
            </button>`
          : nothing
      }
      <button type="button" class="link" @click=${() => save(text, 'message.txt')}>
        ${words.downloadText}
      </button>
    </div>`;
}

/** Id of the words that describe a message. Request ids may be anything, ids may hold no blanks. */
function stateId(key: string): string {
  return `state:${key.replace(/\s/g, '_')}`;
}

const signs: Record<Delivery['state'], IconName> = {
  queued: 'clock',
  sending: 'clock',
  uncertain: 'clock',
  verifying: 'clock',
  sent: 'check',
  answered: 'checks',
  failed: 'alert',
};

/** When, and how far it has come. Only a group's last message says when; any message says that it is not there yet. */
function renderMeta(
  { message, last, key }: MessageItem,
  context: RowContext,
): TemplateResult | typeof nothing {
  const delivery = message.author === 'participant' ? message.delivery : undefined;
  const settled = !delivery || delivery.state === 'sent' || delivery.state === 'answered';
  const visible = last || !settled;
  if (!visible) {
    return delivery
      ? html`<span class="hush" id=${stateId(key)}>${deliveryWords[delivery.state]}</span>`
      : nothing;
  }
  const time = html`<time
    dir="auto"
    datetime=${new Date(message.createdAt).toISOString()}
    title=${context.format.full(message.createdAt)}
    >${context.format.time(message.createdAt)}</time
  >`;
  return html`<div class="meta" part="meta">
    ${time}${delivery ? renderDelivery(delivery, key, !settled || context.latestOwn === key) : nothing}
    ${
      delivery?.state === 'failed' && message.requestId !== undefined
        ? renderFailed(message.requestId, context)
        : nothing
    }
  </div>`;
}

function renderDelivery(delivery: Delivery, key: string, spelt: boolean): TemplateResult {
  const { state, reason } = delivery;
  const why = state === 'failed' && reason ? `. ${reason}` : '';
  return html`<span class="state ${state}" id=${stateId(key)}>
    ${icon(signs[state])}<span class=${spelt ? '' : 'hush'}>${deliveryWords[state]}${why}</span>
  </span>`;
}

function renderFailed(requestId: string, context: RowContext): TemplateResult {
  return html`<span class="actions">
    <button type="button" class="link" @click=${() => context.retry(requestId)}>${words.retry}</button>
    <button type="button" class="link" @click=${() => context.discard(requestId)}>${words.discard}</button>
  </span>`;
}

/** First letter or digit of a name, whole even outside the basic plane. */
function initial(name: string): string {
  return (name.match(/[\p{L}\p{N}]/u)?.[0] ?? '·').toLocaleUpperCase();
}

function isoDay(at: number): string {
  const date = new Date(at);
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}
