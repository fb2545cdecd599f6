import { html, nothing, render, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import type { Message } from '../protocol/types.ts';
import { renderRow, type RowContext } from './chat-message.ts';
import { words } from './chat-words.ts';
import { icon } from './icons.ts';
import { same } from './same.ts';
import {
  SECTION_ROWS,
  partsOf,
  transcriptItems,
  transcriptSections,
  type TranscriptItem,
} from './transcript.ts';

/** A row in the document, and what it was last drawn from. */
interface Row {
  readonly element: HTMLElement;
  drawn: readonly unknown[];
}

/**
 * The rows of a conversation. Rows are computed once per change of the messages and rendered once per change of
 * themselves, so that neither typing nor a new message costs more in a long conversation. Each row and section keeps its
 * element for as long as it stands for the same thing, and with it focus, open details and the reader's place.
 */
export class ChatTranscript {
  readonly #list = document.createElement('div');
  #rows: ReadonlyMap<string, Row> = new Map();
  #sections: ReadonlyMap<number, HTMLElement> = new Map();
  #drawn: readonly unknown[] = [];

  #messages: readonly Message[] | undefined;
  #awaiting: string | undefined;
  #items: readonly TranscriptItem[] = [];
  /** Row from which sections are counted; see `transcriptSections`. */
  #anchor: string | undefined;

  /** `loadEarlier` reads the next older page and deals with a failure. */
  render(
    conversation: Conversation,
    look: Omit<RowContext, 'latestOwn'>,
    loadEarlier: () => void,
  ): TemplateResult {
    const items = this.#itemsOf(conversation);
    this.#draw(items, { ...look, latestOwn: items.findLast(isOwn)?.key });
    return html`${renderEarlier(conversation, loadEarlier)}${this.#list}${renderAwaiting(conversation, items)}`;
  }

  /** What an agent's message says as it is drawn; empty while it is not drawn or does not show. */
  textOf(id: string): string {
    return this.#rows.get(id)?.element.querySelector<HTMLElement>('.rich, .plain')?.innerText ?? '';
  }

  #itemsOf({ messages, awaitingReply }: Conversation): readonly TranscriptItem[] {
    if (messages !== this.#messages || awaitingReply?.requestId !== this.#awaiting) {
      this.#messages = messages;
      this.#awaiting = awaitingReply?.requestId;
      this.#items = transcriptItems(messages, this.#awaiting);
      if (!this.#items.some(({ key }) => key === this.#anchor)) {
        // The day above the oldest message moves when older ones of that day come.
        this.#anchor = this.#items.find(({ kind }) => kind !== 'day')?.key;
      }
    }
    return this.#items;
  }

  #draw(items: readonly TranscriptItem[], context: RowContext): void {
    const { format, now, markdown, extras, latestOwn, copied, expanded, editing, discarding, channel } =
      context;
    const shared = [format, new Date(now).toDateString(), markdown, extras, channel];
    const drawn = [items, latestOwn, copied, expanded, editing, discarding, ...shared];
    if (same(drawn, this.#drawn)) return;
    this.#drawn = drawn;

    const rows = new Map<string, Row>();
    const sections = new Map<number, HTMLElement>();
    for (const section of transcriptSections(items, this.#anchor)) {
      const element = this.#sections.get(section.key) ?? document.createElement('div');
      element.className = section.items.length === SECTION_ROWS ? 'section full' : 'section';
      const children = section.items.map((item) => {
        const { key } = item;
        const row = this.#rows.get(key) ?? { element: document.createElement('div'), drawn: [] };
        const parts = [
          ...partsOf(item),
          latestOwn === key,
          copied === key,
          expanded.has(key),
          isRequest(item, editing),
          discarding === key,
          ...shared,
        ];
        if (!same(parts, row.drawn)) render(renderRow(item, context), row.element);
        row.drawn = parts;
        rows.set(key, row);
        return row.element;
      });
      place(element, children);
      sections.set(section.key, element);
    }
    place(this.#list, [...sections.values()]);
    this.#rows = rows;
    this.#sections = sections;
  }
}

/** Makes `elements` the children of `parent`, and moves none that stands where it belongs: moving loses focus. */
function place(parent: Element, elements: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const element of elements) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
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
  }${
    awaitingReply.slow
      ? html`<div class="notice" part="notice">${icon('clock')}<span>${words.slow}</span></div>`
      : nothing
  }`;
}

function isRequest(item: TranscriptItem, requestId: string | undefined): boolean {
  return requestId !== undefined && item.kind === 'message' && item.message.requestId === requestId;
}

function isOwn(item: TranscriptItem): boolean {
  return item.kind === 'message' && item.message.author === 'participant';
}
