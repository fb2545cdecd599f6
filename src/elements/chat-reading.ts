// What a long conversation needs, and whoever reads it by keyboard, or comes back to it; in a chunk of its own.
import { html, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import { ChatFormat } from './chat-format.ts';
import { ChatKeys } from './chat-keys.ts';
import type { ChatScroll } from './chat-scroll.ts';
import type { ChatTranscript } from './chat-transcript.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { FarSections } from './far-sections.ts';
import { icon } from './icons.ts';
import { transcriptWords } from './transcript-words.ts';

export { chatReadingStyles as styles } from './chat-reading-styles.ts';

/** What {@link ChatReading} works with. */
export interface ChatReadingPorts {
  readonly host: ChatViewHost;
  readonly transcript: ChatTranscript;
  readonly scroll: ChatScroll;
  /** Who speaks as an agent. */
  nameOf(workflowType: string): string;
  /** What the visitor is called. */
  ownName(): string;
  toField(): void;
  toNewest(): void;
}

export class ChatReading {
  readonly keys: ChatKeys;
  readonly #ports: ChatReadingPorts;
  readonly #far: FarSections;

  constructor(ports: ChatReadingPorts) {
    this.#ports = ports;
    const { host, transcript, scroll } = ports;
    this.#far = new FarSections(transcript, scroll);
    this.keys = new ChatKeys({
      transcript,
      format: () => new ChatFormat(host.language.tag),
      nameOf: (item) => {
        if (item.kind !== 'message') return undefined;
        const { author, workflowType } = item.message;
        return author === 'participant' ? ports.ownName() : ports.nameOf(workflowType);
      },
      toField: ports.toField,
    });
  }

  /** To be called after every update of the view. */
  update(): void {
    this.#far.update();
    this.keys.attach(this.#ports.scroll.box);
  }

  rest(): void {
    this.#far.rest();
    this.keys.detach();
  }

  /** Two ways past the messages, and what the keys do in them. */
  renderSkips(): TemplateResult {
    const { host, toField } = this.#ports;
    const words = host.language.words(transcriptWords);
    return html`<div class="skips">
      <button type="button" class="pill" @click=${this.#toNewest}>${words.toNewest}</button>
      <button type="button" class="pill" @click=${toField}>${words.toField}</button>
      <span class="hush" id="keys">${words.keys}</span>
    </div>`;
  }

  /** How many messages came below, and the way there. */
  renderUnseen(count: number): TemplateResult {
    const { host, toNewest } = this.#ports;
    return html`<button type="button" class="pill unseen" @click=${toNewest}>
      ${icon('down')}${host.language.words(transcriptWords).unread({ count })}
    </button>`;
  }

  /**
   * Draws a line above the first of the messages that were unread when the visitor came, and goes there, unless all of
   * them are in view at the end.
   */
  async divide(messages: Conversation['messages'], unread: number): Promise<void> {
    const { host, transcript, scroll } = this.#ports;
    const since = nthFromEnd(messages, unread);
    const key = transcript.items.find(
      (item) => 'message' in item && item.message.author === 'agent' && item.message.createdAt >= since,
    )?.key;
    if (key === undefined) return;
    const element = document.createElement('div');
    element.className = 'unread';
    const label = element.appendChild(document.createElement('span'));
    label.textContent = host.language.words(transcriptWords).unread({ count: unread });
    transcript.divider = { key, element };
    host.requestUpdate();
    await host.updateComplete;
    if (scroll.following) await scroll.show(element, 'start');
  }

  #toNewest = () => {
    this.#ports.toNewest();
    void this.keys.focusRow();
  };
}

/** When the first of the last `count` messages of agents was written. */
function nthFromEnd(messages: Conversation['messages'], count: number): number {
  let left = count;
  const first = messages.findLast(
    ({ author, type }) => author === 'agent' && type !== 'Reasoning' && type !== 'Tool' && --left === 0,
  );
  return first?.createdAt ?? Infinity;
}
