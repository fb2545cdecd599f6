import { html, nothing, render, type TemplateResult } from 'lit';
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

/** A row in the document, and what it was last drawn from. */
interface Row {
  readonly key: string;
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
  render(conversation: Conversation, context: RowContext, loadEarlier: () => void): TemplateResult {
    const items = this.#itemsOf(conversation);
    this.#draw(items, context);
    return html`${renderEarlier(conversation, loadEarlier)}${this.#list}${renderAwaiting(conversation, items)}`;
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

  #draw(items: readonly TranscriptItem[], context: RowContext): void {
    if (same([items, context], this.#drawn)) return;
    this.#drawn = [items, context];
    const rows = new Map<string, Row>();
    const sections = new Map<number, HTMLElement>();
    for (const section of transcriptSections(items, this.#anchor)) {
      const element = this.#sections.get(section.key) ?? document.createElement('div');
      element.className = section.items.length === SECTION_ROWS ? 'section full' : 'section';
      const drawn = section.items.map((item) => this.#row(item, context));
      for (const row of drawn) rows.set(row.key, row);
      place(
        element,
        drawn.map((row) => row.element),
      );
      sections.set(section.key, element);
    }
    place(this.#list, [...sections.values()]);
    this.#rows = rows;
    this.#sections = sections;
  }

  #row(item: TranscriptItem, context: RowContext): Row {
    const { key } = item;
    const row = this.#rows.get(key) ?? { key, element: document.createElement('div'), drawn: [] };
    const parts = dependencies(item, context);
    if (!same(parts, row.drawn)) render(renderRow(item, context), row.element);
    row.drawn = parts;
    return row;
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

function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
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

function isOwn(item: TranscriptItem): boolean {
  return item.kind === 'message' && item.message.author === 'participant';
}

/** What a row shows: it is rendered again only when one of these changed. */
function dependencies(item: TranscriptItem, context: RowContext): unknown[] {
  const { format, markdown, extras, latestOwn, copied, expanded } = context;
  switch (item.kind) {
    case 'day':
      return [item, format, new Date(context.now).toDateString()];
    case 'message': {
      const { key } = item;
      return [item, format, markdown, extras, latestOwn === key, copied === key, expanded.has(key)];
    }
    default:
      return [item];
  }
}
