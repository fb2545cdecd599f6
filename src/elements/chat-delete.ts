import { css, html, nothing, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import { removalWords } from './chat-delete-words.ts';
import { Sheet, sheetStyles } from './chat-sheet.ts';
import type { ToolPorts } from './chat-tools.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { errorText } from './error-text.ts';
import { sentences } from './sentences.ts';
import { RealtimeError } from '../protocol/errors.ts';

/** How long a deletion can be taken back. */
const UNDO_MS = 8_000;

/** Deletes a conversation: asks first, then lets the visitor take it back for a while, and only then tells the server. */
export class ChatDelete {
  readonly #host: ChatViewHost;
  readonly #ports: ToolPorts;
  readonly #sheet: Sheet;
  #conversation: Conversation | undefined;
  #stage: 'asking' | 'waiting' | 'deleting' = 'asking';
  /** On the page's clock. */
  #endsAt = 0;
  #timer: number | undefined;

  constructor(host: ChatViewHost, ports: ToolPorts) {
    this.#host = host;
    this.#ports = ports;
    this.#sheet = new Sheet(host, 'removal');
    addStyles(host, sheetStyles, deleteStyles);
    host.addController({
      hostUpdate: () => this.#guard(),
      // With the element the promise goes that nothing is deleted before the time is up.
      hostDisconnected: () => this.#rest(),
    });
  }

  get isOpen(): boolean {
    return this.#sheet.isOpen;
  }

  /** @param giveBack What gets the focus afterwards. */
  ask(conversation: Conversation, giveBack: HTMLElement | undefined): void {
    this.#conversation = conversation;
    this.#stage = 'asking';
    void this.#sheet.open('.cancel', giveBack);
  }

  render(): TemplateResult | typeof nothing {
    const words = this.#host.language.words(removalWords);
    const asking = this.#stage === 'asking';
    const leftMs = Math.max(0, this.#endsAt - performance.now());
    const content = html`<h3 id="removal-name">${asking ? words.question : words.waiting}</h3>
      <p id="removal-detail">${asking ? words.detail : words.waitingDetail}</p>
      ${
        asking
          ? nothing
          : html`<p class="left">
                ${
                  this.#stage === 'deleting'
                    ? words.deleting
                    : words.left({ count: Math.ceil(leftMs / 1_000) })
                }
              </p>
              <progress
                class="countdown-bar"
                aria-hidden="true"
                max=${UNDO_MS}
                .value=${this.#stage === 'deleting' ? 0 : leftMs}
              ></progress>`
      }
      <div class="choices">
        ${
          asking
            ? html`<button type="button" class="pill cancel" @click=${this.#cancel}>${words.cancel}</button>
                <button type="button" class="pill strong danger" @click=${this.#begin}>
                  ${words.remove}
                </button>`
            : html`<button
                type="button"
                class="pill strong cancel"
                aria-disabled=${this.#stage === 'deleting' || nothing}
                @click=${this.#cancel}
              >
                ${words.undo}
              </button>`
        }
      </div>`;
    const look = {
      role: 'alertdialog',
      kind: asking ? 'card' : 'card alone',
      labelledby: 'removal-name',
      describedby: 'removal-detail',
    } as const;
    return this.#sheet.render(look, content, this.#cancel);
  }

  #begin = () => {
    const words = this.#host.language.words(removalWords);
    this.#stage = 'waiting';
    this.#endsAt = performance.now() + UNDO_MS;
    this.#timer = window.setInterval(this.#tick, 100);
    window.addEventListener('pagehide', this.#cancel);
    this.#host.requestUpdate();
    this.#ports.say(sentences(this.#host.language, words.waiting, words.waitingDetail));
    void this.#host.updateComplete.then(() =>
      this.#sheet.element?.querySelector<HTMLElement>('.cancel')?.focus(),
    );
  };

  #tick = () => {
    if (performance.now() >= this.#endsAt) void this.#remove();
    else this.#host.requestUpdate();
  };

  #cancel = () => {
    if (this.#stage === 'deleting') return;
    const { undone } = this.#host.language.words(removalWords);
    if (this.#stage === 'waiting') this.#ports.say(undone);
    this.#rest();
    void this.#sheet.close();
  };

  async #remove(): Promise<void> {
    const conversation = this.#conversation;
    const { language } = this.#host;
    const words = language.words(removalWords);
    this.#rest();
    if (!conversation) return;
    this.#stage = 'deleting';
    this.#host.requestUpdate();
    try {
      await conversation.delete();
      this.#ports.say(words.done);
    } catch (error) {
      const why = error instanceof RealtimeError && errorText(error, language);
      // In this order: what is inert meanwhile is not heard. And what was said of it is not true any more.
      await this.#sheet.close();
      this.#ports.say('');
      this.#ports.fail(sentences(language, words.failed, why));
    }
    await this.#sheet.close();
  }

  /** Another conversation in its place: nobody meant to delete that one, nor the old one unseen. */
  #guard(): void {
    if (!this.isOpen || this.#stage === 'deleting' || this.#host.conversation === this.#conversation) return;
    this.#rest();
    void this.#sheet.close();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    // A page that comes back from the cache of the browser was closed, too.
    window.removeEventListener('pagehide', this.#cancel);
  }
}

const deleteStyles = css`
  .card h3 {
    margin: 0;
    font-size: 1.1em;
    line-height: 1.3;
  }

  /* What is as good as deleted is not seen any more. */
  .veil:has(> .alone) {
    background: var(--_background);
  }

  .card.alone {
    border: 0;
    box-shadow: none;
    text-align: center;
  }

  .card.alone .choices {
    justify-content: center;
  }

  .card .left {
    color: var(--_muted);
    font-size: 0.9em;
    font-variant-numeric: tabular-nums;
  }

  .countdown-bar {
    inline-size: 100%;
    block-size: 6px;
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: 3px;
    background: var(--_surface);
    appearance: none;
  }

  .countdown-bar::-webkit-progress-bar {
    background: var(--_surface);
  }

  .countdown-bar::-webkit-progress-value {
    background: var(--_danger);
  }

  .countdown-bar::-moz-progress-bar {
    background: var(--_danger);
  }
`;
