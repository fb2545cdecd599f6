import { html, nothing, type TemplateResult } from 'lit';
import type { DeliveryState, Message } from '../protocol/types.ts';
import { limitHint } from './chat-limit.ts';
import { composerWords } from './chat-composer-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { errorText } from './error-text.ts';
import { icon } from './icons.ts';
import { LazyPart } from './lazy-part.ts';
import { directionOf } from './text-direction.ts';

/** A message whose text is being changed, and the text so far. */
interface Edit {
  readonly requestId: string;
  readonly text: string;
  /** What it said when the edit began. */
  readonly before: string;
}

/** What the composer asks of the window around it. */
export interface ComposerPorts {
  /** A text was handed over; the outcome is not known yet. */
  onSent(): void;
  /** Whether a message can still get another text. */
  canEdit(requestId: string, state: DeliveryState): boolean;
}

/**
 * The field the visitor writes in. Its text is `host.draft`, so that it outlives the view; while a message is edited it is
 * that message's text, and the draft waits until that is saved or cancelled.
 */
export class ChatComposer {
  readonly #host: ChatViewHost;
  readonly #ports: ComposerPorts;
  /** Why the last text was not accepted, in words for people. */
  #error: string | undefined;
  #edit: Edit | undefined;
  /** Files, questions before the chat, hours: what only some pages have. */
  readonly #parts = new LazyPart(
    async () => {
      const { ComposerParts } = await import('./chat-composer-parts.ts');
      return new ComposerParts(this.#host, { isOff: () => this.#off, focus: () => this.focus() });
    },
    () => this.#host.requestUpdate(),
  );

  constructor(host: ChatViewHost, ports: ComposerPorts) {
    this.#host = host;
    this.#ports = ports;
  }

  /** Request id of the message that is being edited. */
  get editing(): string | undefined {
    return this.#edit?.requestId;
  }

  render(): TemplateResult {
    const parts = this.#parts.value;
    const form = parts?.renderForm();
    if (form) return form;
    const { placeholder, language } = this.#host;
    const words = language.words(composerWords);
    const hint = limitHint(this.#text, this.#host);
    const editing = this.#edit !== undefined;
    const off = this.#off;
    const send = editing ? words.save : words.send;
    return html`<form
      class="composer"
      part="composer"
      role="none"
      @submit=${this.#onSubmit}
      @keydown=${this.#onEscape}
    >
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
      ${
        editing
          ? html`<div class="editing">
              ${icon('pencil')}<span>${words.editing}</span>
              <button type="button" class="link" @click=${this.#cancel}>${words.cancel}</button>
            </div>`
          : parts?.renderAbove()
      }
      <span class="hush" id="composer-hint">${editing ? words.editHint : words.sendHint}</span>
      <div class="field">
        ${editing ? nothing : parts?.renderBeside()}
        <textarea
          part="input"
          rows="1"
          dir=${directionOf(this.#text) ?? nothing}
          enterkeyhint=${editing ? 'done' : 'send'}
          autocomplete="off"
          aria-label=${editing ? words.editInput : words.input}
          aria-describedby="composer-hint"
          placeholder=${placeholder ?? words.placeholder}
          ?disabled=${off}
          @input=${this.#onInput}
          @keydown=${this.#onKeyDown}
        ></textarea>
        <button
          type="submit"
          class="send"
          part="send"
          aria-label=${send}
          title=${send}
          ?disabled=${off || !this.#canSend}
        >
          ${icon(editing ? 'check' : 'send')}
        </button>
      </div>
      <div class="limit ${hint?.over ? 'over' : ''}" role="status">${hint?.text}</div>
    </form>`;
  }

  focus(): void {
    if (!this.#mayBar) this.#textarea?.focus();
    else void this.#parts.loaded.then((parts) => (parts.isBarred ? parts.focus() : this.#textarea?.focus()));
  }

  /** Puts the text of a message into the field, to be changed. Focus follows once the field says so. */
  edit(requestId: string, text: string): void {
    this.#error = undefined;
    this.#setEdit({ requestId, text, before: text });
    void this.#host.updateComplete.then(() => this.focus());
  }

  /**
   * Ends the edit of a message that can be changed no longer, whoever sent or discarded it. To be called when messages
   * have changed.
   */
  settle(): void {
    const edit = this.#edit;
    if (!edit) return;
    const state = this.#messageOf(edit)?.delivery?.state;
    if (state && this.#ports.canEdit(edit.requestId, state)) return;
    this.#edit = undefined;
    this.#tooLate(edit);
  }

  /** Ends an edit without a trace, when its conversation goes. */
  forget(): void {
    this.#edit = this.#error = undefined;
  }

  /** Stops fetching what is not there yet: the host has left the document. */
  rest(): void {
    this.#parts.rest();
  }

  /** Gives the field its text, which may differ although the draft did not change, and room for it where CSS does not. */
  updated(): void {
    const { attachments, preChat, hours } = this.#host;
    if ((attachments ?? preChat ?? hours) !== undefined) this.#parts.want();
    const textarea = this.#textarea;
    if (!textarea) return;
    // Not always: that would move the caret to the end.
    if (textarea.value !== this.#text) textarea.value = this.#text;
    if (CSS.supports('field-sizing', 'content')) return;
    textarea.style.height = 'auto';
    const borders = textarea.offsetHeight - textarea.clientHeight;
    textarea.style.height = `${textarea.scrollHeight + borders}px`;
  }

  /**
   * Hands `text` over, after the files that wait if they go with it. If it is not accepted, it is in the field again and the
   * reason above it. Until the questions before the chat are answered, it waits there too.
   */
  async send(text: string, withFiles = false): Promise<void> {
    this.#error = undefined;
    if (this.#mayBar) {
      this.#giveBack(text);
      return this.focus();
    }
    this.#ports.onSent();
    const whole = text.replace(/\p{Cs}/gu, '\uFFFD'); // Halves of characters, which no server takes.
    try {
      const parts = this.#parts.value;
      const receipt = await (parts ? parts.send(whole, withFiles) : this.#host.send(whole));
      if (receipt === undefined) this.#giveBack(text);
    } catch (error) {
      this.#giveBack(text);
      this.#fail(errorText(error, this.#host.language));
    }
  }

  /** Hands a changed text over. If it is refused, the edit goes on. */
  async #save(edit: Edit): Promise<void> {
    const { conversation } = this.#host;
    // Nobody else may find a text that was written in a conversation which has gone meanwhile.
    const gone = () => conversation !== this.#host.conversation;
    this.#error = undefined;
    try {
      if ((await conversation?.edit(edit.requestId, edit.text)) || gone()) return;
      this.#tooLate(edit);
    } catch (error) {
      if (gone()) return;
      this.#edit = edit;
      this.#fail(errorText(error, this.#host.language));
    }
  }

  /** For a message that has left: says so, and what was changed becomes a draft. A discarded one leaves nothing to say. */
  #tooLate(edit: Edit): void {
    if (!this.#messageOf(edit)) return;
    const changed = edit.text !== edit.before && edit.text.trim() !== '';
    if (changed) this.#giveBack(edit.text);
    const words = this.#host.language.words(composerWords);
    this.#fail(changed ? words.editTooLateKept : words.editTooLate);
  }

  /** Replies have the request id of what they answer. */
  #messageOf({ requestId }: Edit): Message | undefined {
    return this.#host.conversation?.messages.find(
      (message) => message.author === 'participant' && message.requestId === requestId,
    );
  }

  get #textarea(): HTMLTextAreaElement | null {
    return this.#host.renderRoot?.querySelector<HTMLTextAreaElement>('.composer textarea') ?? null;
  }

  /** What the field shows. */
  get #text(): string {
    return this.#edit?.text ?? this.#host.draft;
  }

  get #canSend(): boolean {
    const hasFiles = !this.#edit && this.#parts.value?.hasFiles;
    return (hasFiles || this.#text.trim() !== '') && this.#host.conversation !== undefined;
  }

  /** Whether nothing can be written now. */
  get #off(): boolean {
    const { consentNeeded, problem } = this.#host;
    return consentNeeded || (problem !== undefined && !problem.retryable) || this.#mayBar;
  }

  /** Whether questions come first, or may come. */
  get #mayBar(): boolean {
    return this.#parts.value?.isBarred ?? this.#host.preChat !== undefined;
  }

  #setEdit(edit: Edit | undefined): void {
    this.#edit = edit;
    this.#host.requestUpdate();
  }

  /** What was written since then stays too. */
  #giveBack(text: string): void {
    const host = this.#host;
    if (text.trim() === '') return;
    host.draft = host.draft.trim() === '' ? text : `${text}\n${host.draft}`;
  }

  #fail(reason: string): void {
    this.#error = reason;
    this.#host.requestUpdate();
  }

  #onInput = (event: InputEvent) => {
    const text = (event.target as HTMLTextAreaElement).value;
    if (this.#edit) this.#setEdit({ ...this.#edit, text });
    else this.#host.draft = text;
  };

  #onKeyDown = (event: KeyboardEvent) => {
    if (event.shiftKey || event.altKey) return;
    // Enter also confirms a word of an input method; Safari reports that one after the composition, as key code 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter') this.#submit();
    else if (event.key !== 'ArrowUp' || !this.#editLast()) return;
    event.preventDefault();
  };

  /** From an empty field: the last message that waits, as in a shell. `false` where there is none. */
  #editLast(): boolean {
    if (this.#text !== '' || this.#edit) return false;
    const last = this.#host.conversation?.messages.findLast(
      ({ author, text, requestId = '', delivery }) =>
        author === 'participant' && text && delivery && this.#ports.canEdit(requestId, delivery.state),
    );
    if (last?.requestId) this.edit(last.requestId, last.text ?? '');
    return last !== undefined;
  }

  /** Cancels an edit. The window hears of it and stays open. */
  #onEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.isComposing || !this.#edit) return;
    event.preventDefault();
    this.#cancel();
  };

  #onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    this.#submit();
  };

  #submit(): void {
    if (!this.#canSend) return;
    const edit = this.#edit;
    const text = this.#text;
    if (edit) this.#setEdit(undefined);
    else this.#host.draft = '';
    // The button that had focus is about to be disabled; and the next sentence is written in the field.
    this.focus();
    void (edit ? this.#save(edit) : this.send(text, true));
  }

  #cancel = () => {
    this.#error = undefined;
    this.#setEdit(undefined);
    this.focus();
  };

  #dismiss = () => {
    this.#error = undefined;
    this.#host.requestUpdate();
    this.focus();
  };
}
