import { html, nothing, type TemplateResult } from 'lit';
import type { Undo } from '../protocol/emitter.ts';
import type { Conversation } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import { ChatFormat } from './chat-format.ts';
import { chatSearchStyles } from './chat-search-styles.ts';
import { searchWords } from './chat-search-words.ts';
import type { ToolPorts } from './chat-tools.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { errorText } from './error-text.ts';
import { fold } from './fold-text.ts';
import { icon } from './icons.ts';
import { plainText } from './plain-text.ts';
import { readEarlier } from './read-earlier.ts';
import { SearchMarks, textOf } from './search-marks.ts';
import { toolIcon } from './tool-icons.ts';
import type { MessageItem, TranscriptItem } from './transcript.ts';

/** A pause in typing, after which is searched. */
const TYPING_MS = 120;
/** Rows marked on each side of the current one. */
const MARKED = 60;

/** A reader this close to the end, in CSS pixels, is at the end. */
const NEAR_END = 64;

/** The search in a conversation: which messages have a text, and the way from one to the next. Newest first. */
export class ChatSearch {
  readonly #host: ChatViewHost;
  readonly #ports: ToolPorts;
  readonly #marks = new SearchMarks();
  /** The texts of messages, ready to be compared. */
  readonly #folded = new WeakMap<object, { readonly drawn: boolean; readonly text: string }>();
  #isOpen = false;
  #text = '';
  /** Keys of the rows that match, newest first. */
  #keys: readonly string[] = [];
  /** Index among them. */
  #at = 0;
  #timer: number | undefined;
  /** Older messages are being read for the search. */
  #isReading = false;
  /** Raised when the reading that is under way shall change nothing any more; and the same for the way to a match. */
  #reads = 0;
  #shows = 0;
  /** What was searched for last, folded: a moment ago `#text` was another one. */
  #wanted = '';
  #conversation: Conversation | undefined;
  #undo: Undo | undefined;
  /** The way to a match; resolves when nothing scrolls any more. */
  #showing: Promise<unknown> = Promise.resolve();
  /** What had focus, and where the reader was, when it was opened. */
  #before: { readonly focus: HTMLElement | undefined; readonly goBack: () => void } | undefined;

  constructor(host: ChatViewHost, ports: ToolPorts) {
    this.#host = host;
    this.#ports = ports;
    addStyles(host, chatSearchStyles);
    host.addController({ hostUpdated: () => this.#follow(), hostDisconnected: () => this.close() });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Opens it, or goes to its field. */
  open(): void {
    if (!this.#isOpen) {
      const focus = (this.#host.renderRoot as ShadowRoot).activeElement;
      this.#before = {
        focus: focus instanceof HTMLElement ? focus : undefined,
        goBack: placeIn(this.#box, () => this.#ports.toEnd()),
      };
      this.#isOpen = true;
    }
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#field?.select());
  }

  /** @param goBack Gives the reader the place back where the search began. */
  close(goBack = false): void {
    if (!this.#isOpen) return;
    this.#stop();
    this.#isOpen = false;
    this.#shows++;
    this.#text = this.#wanted = '';
    this.#keys = [];
    this.#marks.clear();
    this.#undo?.();
    this.#undo = this.#conversation = undefined;
    const { focus, goBack: restore } = this.#before ?? {};
    if (goBack && restore) void this.#showing.then(() => this.#host.updateComplete).then(restore);
    const field = this.#host.renderRoot.querySelector<HTMLElement>('.find');
    (focus?.isConnected ? focus : field)?.focus({ preventScroll: true });
    this.#host.requestUpdate();
  }

  render(): TemplateResult | typeof nothing {
    if (!this.#isOpen) return nothing;
    const words = this.#host.language.words(searchWords);
    const { conversation } = this.#host;
    const none = this.#keys.length === 0;
    const move = (label: string, sign: 'up' | 'under', step: number) =>
      html`<button
        type="button"
        class="tool large"
        aria-label=${label}
        title=${label}
        ?disabled=${none}
        @click=${() => this.#go(step)}
      >
        ${toolIcon(sign)}
      </button>`;
    return html`<div class="search" part="search" role="search" @keydown=${this.#onKeyDown}>
      <div class="finding">
        <input
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          spellcheck="false"
          dir="auto"
          part="search-input"
          aria-label=${words.label}
          placeholder=${words.placeholder}
          .value=${this.#text}
          @input=${this.#onInput}
        />
        <span class="places" role="status">${this.#renderPlace()}</span>
        ${move(words.older, 'up', 1)} ${move(words.newer, 'under', -1)}
        <button
          type="button"
          class="tool large"
          aria-label=${words.close}
          title=${words.close}
          @click=${() => this.close()}
        >
          ${icon('close')}
        </button>
      </div>
      ${this.#isReading || (this.#text && conversation?.hasEarlier) ? this.#renderEarlier() : nothing}
    </div>`;
  }

  #renderPlace(): string {
    const words = this.#host.language.words(searchWords);
    if (!this.#wanted) return '';
    const count = this.#keys.length;
    if (count > 0) return words.place({ at: this.#at + 1, count });
    return this.#host.conversation?.hasEarlier ? words.noneYet : words.none;
  }

  #renderEarlier(): TemplateResult {
    const words = this.#host.language.words(searchWords);
    const oldest = this.#host.conversation?.messages[0]?.createdAt ?? Date.now();
    const date = new ChatFormat(this.#host.language.tag).day(oldest, Date.now());
    return this.#isReading
      ? html`<div class="reading">
          <span role="status">${words.reading({ date })}</span>
          <button type="button" class="link" @click=${() => this.#stop()}>${words.stop}</button>
        </div>`
      : html`<div class="reading">
          <button type="button" class="link" @click=${() => void this.#readEarlier()}>
            ${words.earlier}
          </button>
        </div>`;
  }

  get #box(): HTMLElement | null {
    return this.#host.renderRoot.querySelector('.transcript');
  }

  get #field(): HTMLInputElement | null {
    return this.#host.renderRoot.querySelector('.search input');
  }

  /** Searches again when there are other messages. */
  #follow(): void {
    const { conversation } = this.#host;
    if (!this.#isOpen || conversation === this.#conversation) return;
    this.#undo?.();
    this.#conversation = conversation;
    this.#undo = conversation?.on('change', () => this.#isReading || this.#find(true));
    if (this.#text) this.#find(true);
  }

  /** @param stays The current match stays the current one, where it still is one; nothing scrolls. */
  #find(stays: boolean): void {
    const wanted = (this.#wanted = fold(this.#text).trim());
    const current = this.#keys[this.#at];
    const items = wanted ? this.#ports.transcript.items.filter(isMessage) : [];
    this.#keys = items
      .filter((item) => this.#textOf(item).includes(wanted))
      .map(({ key }) => key)
      .reverse();
    this.#at = stays ? Math.max(0, this.#keys.indexOf(current ?? '')) : 0;
    this.#mark();
    this.#host.requestUpdate();
    if (!stays) void this.#show();
  }

  /** As it is drawn; what is not drawn yet, without the signs of Markdown. */
  #textOf({ key, message }: MessageItem): string {
    const row = this.#ports.transcript.rowOf(key);
    const drawn = row !== undefined && !row.classList.contains('far') && row.firstElementChild !== null;
    const known = this.#folded.get(message);
    if (known && known.drawn === drawn) return known.text;
    const text = fold(drawn ? textOf(row) : plainText(message));
    this.#folded.set(message, { drawn, text });
    return text;
  }

  #go(step: number): void {
    const count = this.#keys.length;
    if (count === 0) return;
    this.#at = (this.#at + step + count) % count;
    this.#host.requestUpdate();
    void this.#show();
  }

  async #show(): Promise<void> {
    const run = ++this.#shows;
    const key = this.#keys[this.#at];
    if (key !== undefined) await (this.#showing = this.#ports.transcript.reveal(key));
    if (run === this.#shows) this.#mark();
  }

  #mark(): void {
    const near = this.#keys.slice(Math.max(0, this.#at - MARKED), this.#at + MARKED);
    const rows = near.flatMap((key) => this.#ports.transcript.rowOf(key) ?? []);
    this.#marks.show(this.#text.trim(), rows, this.#ports.transcript.rowOf(this.#keys[this.#at] ?? ''));
  }

  /** Reads older pages until one has a match, there are no more, or the visitor has seen enough. */
  async #readEarlier(): Promise<void> {
    const { conversation } = this.#host;
    if (!conversation) return;
    const run = ++this.#reads;
    clearTimeout(this.#timer);
    this.#find(true);
    const before = this.#keys.length;
    this.#isReading = true;
    this.#host.requestUpdate();
    this.#field?.focus();
    try {
      let goesOn = conversation.hasEarlier;
      while (goesOn && this.#keys.length === before) {
        goesOn = await readEarlier(conversation);
        await this.#host.updateComplete;
        if (run !== this.#reads) return;
        this.#find(true);
      }
    } catch (error) {
      const { failed } = this.#host.language.words(searchWords);
      if (run === this.#reads) this.#ports.fail(`${failed} ${errorText(error, this.#host.language)}`);
    }
    if (run !== this.#reads) return;
    this.#isReading = false;
    if (this.#keys.length > before) {
      this.#at = before;
      void this.#show();
    }
    this.#host.requestUpdate();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#reads++;
    this.#isReading = false;
    this.#host.requestUpdate();
  }

  #onInput = (event: Event) => {
    this.#text = (event.target as HTMLInputElement).value;
    this.#stop();
    this.#timer = window.setTimeout(() => this.#find(false), TYPING_MS);
  };

  #onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    const isField = event.target === this.#field;
    if (event.key === 'Escape') this.close(true);
    else if (event.key === 'Enter' && isField) this.#go(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  };
}

/** Remembers what a reader sees at the top of the messages, or that they are at the end. Returns the way back. */
function placeIn(box: HTMLElement | null, toEnd: () => void): () => void {
  if (!box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END) return toEnd;
  const edge = box.getBoundingClientRect().top;
  const isBelow = (element: Element) => element.getBoundingClientRect().bottom > edge;
  const row = [...([...box.querySelectorAll('.section')].find(isBelow)?.children ?? [])].find(isBelow);
  const topOf = () => (row?.getBoundingClientRect().top ?? 0) - box.getBoundingClientRect().top;
  const top = topOf();
  return () => {
    if (row?.isConnected) box.scrollTop += topOf() - top;
  };
}

function isMessage(item: TranscriptItem): item is MessageItem {
  return item.kind === 'message';
}
