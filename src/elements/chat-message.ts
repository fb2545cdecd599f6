import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionStatus } from '../client/types.ts';
import type { Message } from '../protocol/types.ts';
import type * as extras from './chat-extras.ts';
import { harmlessName } from './harmless-name.ts';
import type * as rareRows from './chat-rare-rows.ts';
import type { Latest } from './chat-latest.ts';
import type { Feedback } from './chat-feedback.ts';
import { renderAvatar } from './chat-avatar.ts';
import { agentNameOf, isFirstAgent } from './agent-name.ts';
import { hasMeta, renderCopy, renderMeta, stateId } from './chat-delivery.ts';
import { isoDay, type ChatFormat } from './chat-format.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { chatWords } from './chat-words.ts';
import type { Language } from './language.ts';
import type { MessageActions } from './message-actions.ts';
import type { RenderText } from './rich-text.ts';
import type { MessageItem, TranscriptItem } from './transcript.ts';

/** Longer texts, in UTF-16 units, are cut until the reader asks for the rest. */
const LONG_TEXT = 200_000;
/** Types whose `data` is no part of what they say: agents send back with their replies what they were sent. */
const TEXTS: ReadonlySet<string> = new Set(['Chat', 'Handoff', 'Heartbeat', 'Reasoning', 'Tool', 'Webhook']);

/** Renderers of what few messages have: data, files, very long texts. */
export type Extras = Pick<typeof extras, 'renderData' | 'renderFiles' | 'renderLongText'>;

/** Renderers of rows that few conversations have. */
export type RareRows = Pick<typeof rareRows, 'renderHandoff' | 'renderProgress'>;

/** What rows need apart from their item. */
export interface RowContext extends Latest {
  readonly host: ChatViewHost;
  readonly language: Language;
  readonly format: ChatFormat;
  readonly now: number;
  /** Another function whenever texts would look different; `undefined` until it is loaded. */
  readonly markdown: RenderText | undefined;
  /** `undefined` until they are loaded, which starts when {@link needsExtras} says so. */
  readonly extras: Extras | undefined;
  /** `undefined` until they are loaded, which starts when {@link isRare} says so. */
  readonly rare: RareRows | undefined;
  /** Present where replies are rated, once that is loaded. */
  readonly feedback: Feedback | undefined;
  /** Since when a reply is awaited, in milliseconds since 1970. */
  readonly waitingSince: number | undefined;
  /** Row key of the message just copied. */
  readonly copied: string | undefined;
  /** Row keys of long texts shown whole; `<row key>/<part>` of what was opened inside a row. */
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
  /** Whether messages come and go, as far as the visitor is told. */
  readonly isReached: boolean;
  /** Why a message that waits cannot leave over it. */
  waitsFor(message: Message): string | undefined;
}

/** One row of the transcript. */
export function renderRow(item: TranscriptItem, context: RowContext): TemplateResult | typeof nothing {
  switch (item.kind) {
    case 'day':
      return html`<div class="day">
        <time datetime=${isoDay(item.at)}>${context.format.day(item.at, context.now)}</time>
      </div>`;
    case 'handoff':
      return context.rare?.renderHandoff(item.message, context) ?? renderLoading(context);
    case 'progress':
      return context.rare?.renderProgress(item, context) ?? renderLoading(context);
    case 'message':
      return renderMessage(item, context);
  }
}

/** Whether a row can be shown only with {@link RareRows}. */
export function isRare({ author, type }: Message): boolean {
  return author === 'agent' && (type === 'Handoff' || type === 'Reasoning' || type === 'Tool');
}

/** What of `context` any row shows: while it is the same, none is drawn anew. */
export function shownOf(context: RowContext): readonly unknown[] {
  const { latestOwn, latestAgent, unanswered, copied, expanded, editing, discarding } = context;
  const single = [latestOwn, latestAgent, unanswered, copied, expanded, editing, discarding];
  return [...single, context.feedback?.given, context.waitingSince, ...shownInAll(context)];
}

/** What of `context` the row of `item` shows. */
export function shownIn(item: TranscriptItem, context: RowContext): readonly unknown[] {
  const { key } = item;
  const everywhere = shownInAll(context);
  if (item.kind !== 'message') {
    if (item.kind !== 'progress') return everywhere;
    const opened = [...context.expanded].filter((part) => part.startsWith(`${key}/`)).length;
    return [opened, item.live && context.waitingSince, ...everywhere];
  }
  const { id, requestId } = item.message;
  return [
    context.latestOwn === key,
    context.latestAgent === key,
    context.unanswered === key,
    context.copied === key,
    context.expanded.has(key),
    requestId !== undefined && context.editing === requestId,
    context.discarding === key,
    context.feedback?.given.get(id),
    ...everywhere,
  ];
}

function shownInAll(context: RowContext): readonly unknown[] {
  const { host, language, format, now, markdown, extras, rare, feedback, channel } = context;
  const { agentName, agentAvatar, redactStep } = host;
  const day = new Date(now).toDateString();
  return [
    language,
    format,
    day,
    markdown,
    extras,
    rare,
    feedback,
    channel,
    agentName,
    agentAvatar,
    redactStep,
    host.feedback,
  ];
}

function renderMessage(item: MessageItem, context: RowContext): TemplateResult {
  const { message, first, last, key } = item;
  const { host } = context;
  const words = context.language.words(chatWords);
  const own = message.author === 'participant';
  const name = own ? words.you : agentNameOf(host, message.workflowType);
  const side = own ? 'own' : 'agent';
  const look = [
    side,
    first && 'first',
    last && 'last',
    message.delivery?.state === 'failed' && 'failed',
    own && message.requestId === context.editing && 'edited',
    context.latestAgent === key && 'latest',
  ];
  return html`<article
    class="message ${look.filter(Boolean).join(' ')}"
    part="message message-${side}"
    aria-describedby=${own && message.delivery ? stateId(key) : nothing}
  >
    ${
      first && !own
        ? html`${renderAvatar(name, isFirstAgent(host, message.workflowType) ? host.agentAvatar : undefined)}
            <div class="name" dir="auto">${name}</div>`
        : html`<span class="hush">${name}</span>`
    }
    <div class="line">
      <div class="bubble" part="bubble bubble-${side}" dir="auto">${renderContent(item, context)}</div>
      ${hasMeta(item, context) ? nothing : renderCopy(item, context)}
    </div>
    ${suggests(message) ? context.extras?.renderData(message, context) : nothing} ${renderMeta(item, context)}
  </article>`;
}

/** Whether `message` can be shown whole only with {@link Extras}. */
export function needsExtras(message: Message): boolean {
  const { type, data, text = '' } = message;
  return text.length > LONG_TEXT || (data != null && !TEXTS.has(type)) || suggests(message);
}

/** A reply that says what one may ask next. */
function suggests({ type, data }: Message): boolean {
  return (
    type === 'Chat' && Array.isArray((data as { suggestions?: unknown } | null | undefined)?.suggestions)
  );
}

function renderContent(item: MessageItem, context: RowContext): unknown {
  const { message } = item;
  const text = message.text?.trim() ? renderText(item, message.text, context) : undefined;
  const attached = renderAttached(message, context);
  return text || attached ? [text, attached] : renderQuiet(emptyWords(message.type, context));
}

function renderAttached(message: Message, context: RowContext): unknown {
  const { extras, host, language } = context;
  if (message.data == null || TEXTS.has(message.type)) return undefined;
  if (!extras) return renderLoading(context);
  const { type, data } = message;
  return type === 'File' ? extras.renderFiles(data, language) : extras.renderData(message, { host });
}

/** What stands in for a message that shows nothing. */
export function emptyWords(type: Message['type'], { language }: Pick<RowContext, 'language'>): string {
  const words = language.words(chatWords);
  if (type === 'File') return words.file;
  return type === 'Chat' || type === 'Data'
    ? words.emptyMessage
    : words.unknownType({ type: harmlessName(type) });
}

function renderLoading({ language }: RowContext): TemplateResult {
  return renderQuiet(language.words(chatWords).loadingPart);
}

function renderQuiet(line: string): TemplateResult {
  return html`<p class="quiet">${line}</p>`;
}

function renderText({ key, message }: MessageItem, text: string, context: RowContext): unknown {
  const { extras, language, expanded } = context;
  if (text.length > LONG_TEXT) {
    return (
      extras?.renderLongText(text, language, expanded.has(key), () => context.expand(key)) ??
      renderLoading(context)
    );
  }
  const rich = message.author === 'agent' ? context.markdown?.(text, message.data) : undefined;
  return rich ?? html`<div class="plain">${text}</div>`;
}
