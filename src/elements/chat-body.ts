import { html, nothing, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import type { ChatReading } from './chat-reading.ts';
import { ChatScroll } from './chat-scroll.ts';
import { ChatTranscript } from './chat-transcript.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { LazyPart } from './lazy-part.ts';

/** What {@link ChatBody} needs from the view around it. */
export interface ChatBodyPorts {
  loadEarlier(): void;
  toField(): void;
  nameOf(workflowType: string): string;
  ownName(): string;
}

/** The middle of the window: the messages, and where their reader is. */
export class ChatBody {
  readonly scroll: ChatScroll;
  readonly transcript: ChatTranscript;
  readonly #host: ChatViewHost;
  /** Fetched for long conversations, for those that were left unread, and for whoever uses the keyboard. */
  readonly #reading: LazyPart<ChatReading>;
  /** Messages that arrived below what the reader looks at. */
  #unseen = 0;
  /** The messages at which older ones were asked for by scrolling. */
  #asked: unknown;
  /** The visitor has the messages in sight. */
  #watched = false;

  constructor(host: ChatViewHost, ports: ChatBodyPorts) {
    this.#host = host;
    this.scroll = new ChatScroll(host, () => this.#loadEarlier(ports));
    this.transcript = new ChatTranscript(this.scroll);
    const { scroll, transcript } = this;
    this.#reading = new LazyPart(
      async () => {
        const { ChatReading, styles } = await import('./chat-reading.ts');
        addStyles(host, styles);
        return new ChatReading({ host, scroll, transcript, toNewest: this.toNewest, ...ports });
      },
      () => host.requestUpdate(),
    );
  }

  /** To be called before every update of the host; `redraws`: rows may change. */
  updates(redraws: boolean): void {
    if (!this.#host.shown) this.transcript.divider = undefined;
    if (redraws) this.scroll.before();
  }

  /** To be called after every update of the host. */
  updated(conversation: Conversation | undefined, redrawn: boolean): void {
    this.scroll.attach(this.#host.renderRoot.querySelector<HTMLElement>('.transcript'));
    if (redrawn) this.scroll.after();
    // Not on the host: of focus that moves inside its tree, it hears nothing. The same listener again changes nothing.
    this.#host.renderRoot.addEventListener('focusin', this.#onFocus, { once: true });
    if (this.transcript.due.size > 0 || this.#unseen > 0) this.#reading.want();
    this.#reading.value?.update();
    this.look(conversation);
  }

  /** Marks what is in sight as read, and says so to a visitor who comes back to something unread. */
  look(conversation: Conversation | undefined): void {
    const { shown } = this.#host;
    const watches = shown && document.visibilityState === 'visible' && conversation?.loading !== 'initial';
    if (watches && conversation?.unread) {
      const { messages, unread } = conversation;
      if (!this.#watched) {
        this.#reading.want();
        void this.#reading.loaded.then((reading) => reading.divide(messages, unread));
      }
      conversation.markRead();
    }
    this.#watched = watches && conversation !== undefined;
  }

  /** A message to read has come. */
  arrived(): void {
    if (!this.scroll.following) this.#unseen++;
  }

  /** Forgets where the reader of another conversation was. */
  startAnew(): void {
    this.#unseen = 0;
    this.#watched = false;
    this.transcript.divider = undefined;
    this.scroll.toEnd();
  }

  /** Until the host is back in the document. */
  rest(): void {
    this.scroll.detach();
    this.#reading.rest();
    this.#reading.value?.rest();
    this.#watched = false;
  }

  /** Gives focus to the row of a message, named for who cannot see it, once it is in view. */
  async focusRow(key: string): Promise<void> {
    this.#reading.want();
    await (await this.#reading.loaded).keys.focusRow(key);
  }

  /** Once for each change of the messages: what failed is left to the button. */
  #loadEarlier(ports: ChatBodyPorts): void {
    const { conversation } = this.#host;
    if (!conversation?.hasEarlier || conversation.loading || conversation.messages === this.#asked) return;
    this.#asked = conversation.messages;
    ports.loadEarlier();
  }

  #onFocus = () => this.#reading.want();

  toNewest = () => {
    this.scroll.toEnd();
    this.#host.requestUpdate();
  };

  /** @param label What the messages are together. */
  render(content: unknown, label: string): TemplateResult {
    const reading = this.#reading.value;
    if (this.scroll.following) this.#unseen = 0;
    return html`<div class="body">
      ${reading?.renderSkips()}
      <div
        class="transcript"
        part="transcript"
        role="log"
        aria-live="off"
        aria-label=${label}
        aria-describedby=${reading ? 'keys' : nothing}
        tabindex="0"
      >
        <div class="column">${content}</div>
      </div>
      <span class="end" tabindex="-1"></span>
      ${this.#unseen > 0 ? reading?.renderUnseen(this.#unseen) : nothing}
    </div>`;
  }
}
