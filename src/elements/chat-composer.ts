import { html, nothing, type TemplateResult } from 'lit';
import { HUB_RECORD_BYTES, utf8Length } from '../protocol/limits.ts';
import { words } from './chat-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { icon } from './icons.ts';

/** What the rest of a hub record takes, with ids of usual length. Only the hint uses it; the client decides. */
const RECORD_OVERHEAD_BYTES = 600;
const TEXT_BYTES = HUB_RECORD_BYTES - RECORD_OVERHEAD_BYTES;
/** From this share of the limit on, the visitor is told how much is left. */
const NEAR = 0.9;

/** The field the visitor writes in. Its text is `host.draft`, so that it outlives the view. */
export class ChatComposer {
  readonly #host: ChatViewHost;
  readonly #onSent: () => void;
  /** Why the last text was not accepted, in words for people. */
  #error: string | undefined;

  /** `onSent` runs when a text was handed over, before the outcome is known. */
  constructor(host: ChatViewHost, onSent: () => void) {
    this.#host = host;
    this.#onSent = onSent;
  }

  render(): TemplateResult {
    const { draft, placeholder, problem, consentNeeded } = this.#host;
    const hint = limitHint(draft);
    const off = consentNeeded || (problem !== undefined && !problem.retryable);
    return html`<form class="composer" part="composer" role="none" @submit=${this.#onSubmit}>
      <div role="alert">
        ${
          this.#error === undefined
            ? nothing
            : html`<div class="banner danger" part="banner">
                ${icon('alert')}<span>${this.#error}</span>
                <button type="button" class="tool" aria-label=${words.dismiss} @click=${this.#dismiss}>
                  ${icon('close')}
                </button>
              </div>`
        }
      </div>
      <span class="hush" id="composer-hint">${words.sendHint}</span>
      <div class="field">
        <textarea
          part="input"
          rows="1"
          dir="auto"
          enterkeyhint="send"
          autocomplete="off"
          aria-label=${words.input}
          aria-describedby="composer-hint"
          placeholder=${placeholder}
          ?disabled=${off}
          @input=${this.#onInput}
          @keydown=${this.#onKeyDown}
        ></textarea>
        <button
          type="submit"
          class="send"
          part="send"
          aria-label=${words.send}
          title=${words.send}
          ?disabled=${off || !this.#canSend}
        >
          ${icon('send')}
        </button>
      </div>
      <div class="limit ${hint?.over ? 'over' : ''}" role="status">${hint?.text}</div>
    </form>`;
  }

  focus(): void {
    this.#textarea?.focus();
  }

  /** Gives the field its text, which may differ although the draft did not change, and room for it where CSS does not. */
  updated(): void {
    const textarea = this.#textarea;
    if (!textarea) return;
    const { draft } = this.#host;
    // Not always: that would move the caret to the end.
    if (textarea.value !== draft) textarea.value = draft;
    if (CSS.supports('field-sizing', 'content')) return;
    textarea.style.height = 'auto';
    const borders = textarea.offsetHeight - textarea.clientHeight;
    textarea.style.height = `${textarea.scrollHeight + borders}px`;
  }

  /** Hands `text` over. If it is not accepted, it is in the field again and the reason above it. */
  async send(text: string): Promise<void> {
    const host = this.#host;
    this.#error = undefined;
    this.#onSent();
    try {
      const receipt = await host.send(text);
      if (receipt === undefined) this.#giveBack(text);
    } catch (error) {
      this.#giveBack(text);
      this.#error = error instanceof Error ? error.message : words.actionFailed;
      host.requestUpdate();
    }
  }

  get #textarea(): HTMLTextAreaElement | null {
    return this.#host.renderRoot?.querySelector('textarea') ?? null;
  }

  get #canSend(): boolean {
    return this.#host.draft.trim() !== '' && this.#host.conversation !== undefined;
  }

  /** What was written since then stays too. */
  #giveBack(text: string): void {
    const host = this.#host;
    host.draft = host.draft.trim() === '' ? text : `${text}\n${host.draft}`;
  }

  #onInput = (event: InputEvent) => {
    this.#host.draft = (event.target as HTMLTextAreaElement).value;
  };

  #onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    // Enter also confirms a word of an input method; Safari reports that one after the composition, as key code 229.
    if (event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  };

  #onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    this.#submit();
  };

  #submit(): void {
    if (!this.#canSend) return;
    const text = this.#host.draft;
    this.#host.draft = '';
    // The button that had focus is about to be disabled; and the next sentence is written in the field.
    this.focus();
    void this.send(text);
  }

  #dismiss = () => {
    this.#error = undefined;
    this.#host.requestUpdate();
    this.focus();
  };
}

/** How much room is left, once it gets short. Bytes are what counts; people are told characters of their own script. */
function limitHint(draft: string): { text: string; over: boolean } | undefined {
  // No character takes more than four bytes, so short texts need no counting.
  if (draft.length * 4 < TEXT_BYTES * NEAR) return undefined;
  const bytes = utf8Length(draft);
  if (bytes < TEXT_BYTES * NEAR) return undefined;
  const bytesPerCharacter = bytes / draft.length;
  const left = (TEXT_BYTES - bytes) / bytesPerCharacter;
  return left < 0
    ? { text: words.overLimit(Math.ceil(-left)), over: true }
    : { text: words.nearLimit(Math.floor(left)), over: false };
}
