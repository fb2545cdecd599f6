import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Conversation } from '../client/types.ts';
import type { Message } from '../protocol/types.ts';
import { renderRow, type RowContext } from './chat-message.ts';
import { words } from './chat-words.ts';
import { icon } from './icons.ts';
import {
  SECTION_ROWS,
  keepUnchanged,
  transcriptItems,
  transcriptSections,
  type TranscriptItem,
} from './transcript.ts';

/**
 * The rows of a conversation. Rows are computed once per change of the messages and rendered once per change of
 * themselves, so that neither typing nor a new message costs more in a long conversation.
 */
export class ChatTranscript {
  #messages: readonly Message[] | undefined;
  #awaiting: string | undefined;
  #items: readonly TranscriptItem[] = [];
  /** Row from which sections are counted; see `transcriptSections`. */
  #anchor: string | undefined;

  /** `loadEarlier` reads the next older page and deals with a failure. */
  render(conversation: Conversation, context: RowContext, loadEarlier: () => void): TemplateResult {
    const items = this.#itemsOf(conversation);
    return html`${renderEarlier(conversation, loadEarlier)}
    ${guard([items, context], () =>
      repeat(
        transcriptSections(items, this.#anchor),
        (section) => section.key,
        (section) =>
          html`<div class="section ${section.items.length === SECTION_ROWS ? 'full' : ''}">
            ${guard([context, ...section.items], () =>
              repeat(
                section.items,
                (item) => item.key,
                (item) => guard(dependencies(item, context), () => renderRow(item, context)),
              ),
            )}
          </div>`,
      ),
    )}
    ${renderAwaiting(conversation, items)}`;
  }

  /** Row key of the newest message of the visitor. */
  latestOwn(conversation: Conversation): string | undefined {
    return this.#itemsOf(conversation).findLast(isOwn)?.key;
  }

  #itemsOf({ messages, awaitingReply }: Conversation): readonly TranscriptItem[] {
    if (messages !== this.#messages || awaitingReply?.requestId !== this.#awaiting) {
      this.#messages = messages;
      this.#awaiting = awaitingReply?.requestId;
      this.#items = keepUnchanged(transcriptItems(messages, this.#awaiting), this.#items);
      if (!this.#items.some(({ key }) => key === this.#anchor)) {
        // The day above the oldest message moves when older ones of that day come.
        this.#anchor = this.#items.find(({ kind }) => kind !== 'day')?.key;
      }
    }
    return this.#items;
  }
}

function renderEarlier(conversation: Conversation, loadEarlier: () => void): unknown {
  if (!conversation.hasEarlier) return nothing;
  const loading = conversation.loading === 'earlier';
  return html`<div class="earlier">
    <button type="button" class="pill" aria-disabled=${loading} @click=${() => loading || loadEarlier()}>
      ${loading ? words.loadingEarlier : words.earlier}
    </button>
  </div>`;
}

function renderAwaiting({ awaitingReply }: Conversation, items: readonly TranscriptItem[]): unknown {
  if (!awaitingReply) return nothing;
  const working = items.some((item) => item.kind === 'progress' && item.live);
  return html`${
    working
      ? nothing
      : html`<div class="typing"><i></i><i></i><i></i><span class="hush">${words.typing}</span></div>`
  }
  ${
    awaitingReply.slow
      ? html`<div class="notice" part="notice">${icon('clock')}<span>${words.slow}</span></div>`
      : nothing
  }`;
}

function isOwn(item: TranscriptItem): boolean {
  return item.kind === 'message' && item.message.author === 'participant';
}

/** What a row shows: it is rendered again only when one of these changed. */
function dependencies(item: TranscriptItem, context: RowContext): unknown[] {
  const { format, markdown, latestOwn, copied, expanded } = context;
  switch (item.kind) {
    case 'day':
      return [item, format, new Date(context.now).toDateString()];
    case 'message': {
      const { key } = item;
      return [item, format, markdown, latestOwn === key, copied === key, expanded.has(key)];
    }
    default:
      return [item];
  }
}
