import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionStatus } from '../client/types.ts';
import type { Message } from '../protocol/types.ts';
import type * as extras from './chat-extras.ts';
import { renderMeta, stateId } from './chat-delivery.ts';
import type { ChatFormat } from './chat-format.ts';
import { agentName, words } from './chat-words.ts';
import { icon } from './icons.ts';
import type { Language } from './language.ts';
import type { MessageActions } from './message-actions.ts';
import type { MessageItem, ProgressItem, TranscriptItem } from './transcript.ts';

/** Longer texts, in UTF-16 units, are cut until the reader asks for the rest. */
const LONG_TEXT = 200_000;

/** Turns Markdown into templates; `undefined` for what it would rather leave as plain text. */
export type RenderMarkdown = (
  text: string,
  copy?: (text: string) => Promise<boolean>,
) => TemplateResult | undefined;

/** Renderers of what few messages have: data, files, very long texts. */
export type Extras = Pick<typeof extras, 'renderData' | 'renderFiles' | 'renderLongText'>;

/** What rows need apart from their item. */
export interface RowContext {
  readonly language: Language;
  readonly format: ChatFormat;
  readonly now: number;
  readonly markdown: RenderMarkdown | undefined;
  /** `undefined` until they are loaded, which starts when {@link needsExtras} says so. */
  readonly extras: Extras | undefined;
  /** Own message whose delivery is spelt out; older ones only show a sign. */
  readonly latestOwn: string | undefined;
  /** Row key of the message just copied. */
  readonly copied: string | undefined;
  /** Row keys of long texts shown whole. */
  readonly expanded: ReadonlySet<string>;
  /** Resolves with whether it worked. Absent on pages that may not write to the clipboard. */
  readonly copy: ((text: string, key?: string) => Promise<boolean>) | undefined;
  expand(key: string): void;
  /** Request id of the message whose text is in the composer, to be changed. */
  readonly editing: string | undefined;
  /** Row key of the message that one more press discards. */
  readonly discarding: string | undefined;
  readonly actions: MessageActions;
  /** The channel that messages travel on. */
  readonly channel: ConnectionStatus['channel'];
  /** Why a message that waits cannot leave over it. */
  waitsFor(message: Message): string | undefined;
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
  const failed = message.delivery?.state === 'failed' ? 'failed' : '';
  const edited = own && message.requestId === context.editing ? 'edited' : '';
  return html`<article
    class="message ${side} ${first ? 'first' : ''} ${last ? 'last' : ''} ${failed} ${edited}"
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

/** Whether `message` can be shown whole only with {@link Extras}. */
export function needsExtras({ type, data, text = '' }: Message): boolean {
  return text.length > LONG_TEXT || ((type === 'Data' || type === 'File') && data != null);
}

function renderContent(item: MessageItem, context: RowContext): unknown {
  const { message } = item;
  const text = message.text?.trim() ? renderText(item, message.text, context) : undefined;
  const attached = renderAttached(message, context);
  return text || attached ? [text, attached] : renderQuiet(emptyWords(message.type));
}

function renderAttached(message: Message, { extras, format }: RowContext): TemplateResult | undefined {
  if (!needsExtras(message) || message.data == null) return undefined;
  if (!extras) return renderQuiet(words.loadingPart);
  const { type, data } = message;
  return type === 'File' ? extras.renderFiles(data, format.locale) : extras.renderData(data);
}

/** What stands in for a message that shows nothing. */
function emptyWords(type: Message['type']): string {
  if (type === 'File') return words.file;
  return type === 'Chat' || type === 'Data' ? words.emptyMessage : words.unknownType(type);
}

function renderQuiet(line: string): TemplateResult {
  return html`<p class="quiet">${line}</p>`;
}

function renderText({ key, message }: MessageItem, text: string, context: RowContext): unknown {
  const { extras, format, expanded } = context;
  if (text.length > LONG_TEXT) {
    return (
      extras?.renderLongText(text, format.locale, expanded.has(key), () => context.expand(key)) ??
      renderQuiet(words.loadingPart)
    );
  }
  const rich = message.author === 'agent' ? context.markdown?.(text, context.copy) : undefined;
  return rich ? html`<div class="rich">${rich}</div>` : html`<div class="plain">${text}</div>`;
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
