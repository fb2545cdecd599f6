import { html, nothing, render, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import type { Message } from '../protocol/types.ts';
import { renderAwaiting } from './chat-awaiting.ts';
import { type Latest, latestOf } from './chat-latest.ts';
import { renderRow, type RowContext, shownIn, shownOf } from './chat-message.ts';
import type { ChatScroll } from './chat-scroll.ts';
import { chatWords } from './chat-words.ts';
import { same } from './same.ts';
import {
  SECTION_ROWS,
  partsOf,
  transcriptItems,
  transcriptSections,
  type TranscriptItem,
} from './transcript.ts';
import type { Words } from './words.ts';

type ChatWords = Words<typeof chatWords.source>;

/** A row in the document, and what it was last drawn from: nothing while a stand-in is in its place. */
interface Row {
  readonly element: HTMLElement;
  drawn: readonly unknown[];
}

/** Rows that are laid out together. */
export interface Section {
  readonly element: HTMLElement;
  items: readonly TranscriptItem[];
}

/** Of longer texts this much stands in for them, in UTF-16 units. */
const FAR_LENGTH = 20_000;
/** So many sections at the end are drawn at once, whoever looks. */
const EAGER_SECTIONS = 2;

/**
 * The rows of a conversation. Rows are computed once per change of the messages and rendered once per change of
 * themselves, so that neither typing nor a new message costs more in a long conversation. Each row and section keeps its
 * element for as long as it stands for the same thing, and with it focus, open details and the reader's place.
 *
 * Only the sections at the end and those in {@link near} are drawn with the messages. In the others, what is new is a
 * text that can be found and read out, and what is old stays as it is, until they are drawn by whoever sees that they
 * are {@link due}: `chat-reading.ts`, when they come near or the browser has nothing else to do. So 10,000 messages
 * show as soon as 100. (A list that only holds what is in view would cost less memory still, but then neither
 * find-in-page nor a screen reader gets at the rest: no virtualizer.)
 */
export class ChatTranscript {
  /** Keys of the sections around the reader. */
  readonly near = new Set<number>();
  /** Keys of the sections that are not drawn from what there is now. */
  readonly due = new Set<number>();
  readonly list = document.createElement('div');
  /** Shown before the row with this key. */
  divider: { readonly key: string; readonly element: HTMLElement } | undefined;

  readonly #scroll: ChatScroll | undefined;
  #rows: ReadonlyMap<string, Row> = new Map();
  #sections: ReadonlyMap<number, Section> = new Map();
  #drawn: readonly unknown[] = [];
  #context: RowContext | undefined;

  #messages: readonly Message[] | undefined;
  #awaiting: string | undefined;
  #items: readonly TranscriptItem[] = [];
  /** Row from which sections are counted; see `transcriptSections`. */
  #anchor: string | undefined;

  constructor(scroll?: ChatScroll) {
    this.#scroll = scroll;
  }

  get items(): readonly TranscriptItem[] {
    return this.#items;
  }

  get sections(): ReadonlyMap<number, Section> {
    return this.#sections;
  }

  /** `loadEarlier` reads the next older page and deals with a failure. */
  render(
    conversation: Conversation,
    look: Omit<RowContext, keyof Latest>,
    loadEarlier: () => void,
  ): TemplateResult {
    const words = look.language.words(chatWords);
    const items = this.#itemsOf(conversation);
    this.#draw(items, { ...look, ...latestOf(items, conversation) });
    return html`${renderEarlier(conversation, words, loadEarlier)}${this.list}${renderAwaiting(conversation, items, look)}`;
  }

  /** The row of a message, drawn or not. */
  rowOf(key: string): HTMLElement | undefined {
    return this.#rows.get(key)?.element;
  }

  /** Draws the row of a message and scrolls there. Resolves with the row when it stands still; `undefined`: there is none. */
  async reveal(key: string): Promise<HTMLElement | undefined> {
    const [section] =
      [...this.#sections].find(([, { items }]) => items.some((item) => item.key === key)) ?? [];
    if (section === undefined) return undefined;
    for (const near of [section - 1, section, section + 1]) if (this.due.has(near)) this.drawSection(near);
    const row = this.rowOf(key);
    if (row) await this.#scroll?.show(row);
    return row;
  }

  /** What an agent's message says as it is drawn; empty while it is not drawn or does not show. */
  textOf(id: string): string {
    const shown = this.rowOf(id)?.querySelector<HTMLElement>('.rich, .plain');
    // What can be done with a table or with code is not what was said.
    const tools = shown?.querySelectorAll<HTMLElement>('figcaption') ?? [];
    return [...tools]
      .reduce((text, { innerText }) => text.replace(innerText, ''), shown?.innerText ?? '')
      .trim();
  }

  /** Draws the rows of a section that are not as they should be, until all are or `enough` says so. */
  drawSection(key: number, enough?: () => boolean): void {
    const context = this.#context;
    if (!context) return;
    for (const item of this.#sections.get(key)?.items ?? []) {
      if (enough?.()) return;
      this.#drawRow(item, context);
    }
    this.due.delete(key);
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
    const drawn = [items, this.divider, ...shownOf(context)];
    if (same(drawn, this.#drawn)) return;
    this.#drawn = drawn;
    this.#context = context;

    const rows = new Map<string, Row>();
    const sections = new Map<number, Section>();
    for (const { key, items: held } of transcriptSections(items, this.#anchor)) {
      const element = this.#sections.get(key)?.element ?? document.createElement('div');
      element.className = held.length === SECTION_ROWS ? 'section full' : 'section';
      const children: HTMLElement[] = [];
      for (const item of held) {
        const row = this.#rows.get(item.key) ?? { element: rowElement(item.key), drawn: [] };
        rows.set(item.key, row);
        if (item.key === this.divider?.key) children.push(this.divider.element);
        children.push(row.element);
      }
      place(element, children);
      sections.set(key, { element, items: held });
    }
    place(
      this.list,
      Array.from(sections.values(), ({ element }) => element),
    );
    this.#rows = rows;
    this.#sections = sections;
    this.#drawSections();
  }

  #drawSections(): void {
    const { near, due } = this;
    const first = [...this.#sections.keys()].at(-EAGER_SECTIONS) ?? -Infinity;
    due.clear();
    for (const [key, { items }] of this.#sections) {
      if (key >= first || near.has(key) || near.has(key - 1) || near.has(key + 1)) this.drawSection(key);
      else {
        due.add(key);
        for (const item of items) this.#standIn(item);
      }
    }
  }

  #drawRow(item: TranscriptItem, context: RowContext): void {
    const row = this.#rows.get(item.key);
    if (!row) return;
    const parts = [...partsOf(item), ...shownIn(item, context)];
    if (same(parts, row.drawn)) return;
    if (row.drawn.length === 0) {
      row.element.className = '';
      row.element.textContent = '';
    }
    render(renderRow(item, context), row.element);
    row.drawn = parts;
  }

  /** What can be found in a row, and read out, before it is drawn. */
  #standIn(item: TranscriptItem): void {
    const row = this.#rows.get(item.key);
    if (!row || row.drawn.length > 0 || row.element.firstChild) return;
    row.element.className = 'far';
    if (item.kind === 'message') row.element.textContent = item.message.text?.slice(0, FAR_LENGTH) ?? '';
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

/** Lit draws into an element of ours, which stays when what it draws becomes something else. */
function rowElement(key: string): HTMLElement {
  const element = document.createElement('div');
  element.dataset['key'] = key;
  return element;
}

function renderEarlier(conversation: Conversation, words: ChatWords, loadEarlier: () => void): unknown {
  if (!conversation.hasEarlier) return nothing;
  const loading = conversation.loading === 'earlier';
  return html`<div class="earlier">
    <button type="button" class="pill" aria-disabled=${loading} @click=${() => loading || loadEarlier()}>
      ${loading ? words.loadingEarlier : words.earlier}
    </button>
  </div>`;
}
