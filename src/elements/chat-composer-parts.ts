import type { CSSResult, ReactiveController, TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import type { OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import { addStyles } from './add-styles.ts';
import type { Attachments } from './attachments.ts';
import type { ChatHours } from './chat-hours.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { LazyPart } from './lazy-part.ts';
import type { PreChat } from './pre-chat.ts';

/** What the parts ask of the field they stand around. */
export interface ComposerPartsPorts {
  /** Whether nothing can be written now. */
  isOff(): boolean;
  /** Moves focus to the field. */
  focus(): void;
}

/**
 * What only some pages have around the field, each fetched when it is first wanted: files, questions before the chat, and what
 * is said when nobody is there.
 */
export class ComposerParts implements ReactiveController {
  readonly #host: ChatViewHost;
  readonly #ports: ComposerPartsPorts;
  readonly #attachments: LazyPart<Attachments>;
  readonly #preChat: LazyPart<PreChat>;
  readonly #hours: LazyPart<ChatHours>;
  /** Focus goes into the form, or past it, once it is known whether there is one. */
  #focusWanted = false;
  /** The conversation that shows, once its history is known. */
  #known: Conversation | undefined;

  constructor(host: ChatViewHost, ports: ComposerPartsPorts) {
    this.#host = host;
    this.#ports = ports;
    this.#attachments = this.#part(async () => {
      const { Attachments, styles } = await import('./attachments.ts');
      const part = new Attachments(host, {
        ...ports,
        dress: (message) => this.#dress(message),
        send: (message) => this.#send(message),
      });
      return { styles, part };
    });
    this.#preChat = this.#part(async () => {
      const { PreChat, styles } = await import('./pre-chat.ts');
      return { styles, part: new PreChat(host, () => this.#goOn()) };
    });
    this.#hours = this.#part(async () => {
      const { ChatHours, styles } = await import('./chat-hours.ts');
      return { styles, part: new ChatHours(host) };
    });
    host.addController(this);
  }

  hostUpdate(): void {
    const { attachments, preChat, hours, conversation } = this.#host;
    const isKnown = conversation !== undefined && conversation.loading !== 'initial';
    // What was certain is not any more: the visitor signed out, here or in another tab.
    if (this.#known && this.#known === conversation && !isKnown) this.#forget();
    this.#known = isKnown ? conversation : undefined;
    if (attachments !== undefined) this.#attachments.want();
    if (preChat !== undefined) this.#preChat.want();
    if (hours) this.#hours.want();
  }

  hostUpdated(): void {
    const need = this.#need;
    if (!this.#focusWanted || need === 'unknown') return;
    this.#focusWanted = false;
    const { activeElement } = this.#host.getRootNode() as Document | ShadowRoot;
    // Whoever has gone elsewhere meanwhile stays there.
    if (activeElement && activeElement !== document.body && activeElement !== this.#host) return;
    if (need === 'yes') this.#preChat.value?.focus();
    else this.#ports.focus();
  }

  hostDisconnected(): void {
    for (const part of [this.#attachments, this.#preChat, this.#hours]) part.rest();
    this.#hours.value?.rest();
    this.#focusWanted = false;
  }

  /** Whether nothing can be written, because questions come first or may come. */
  get isBarred(): boolean {
    return this.#need !== 'no';
  }

  /** Whether files wait to be sent. */
  get hasFiles(): boolean {
    return this.#files?.any ?? false;
  }

  /** Takes the focus that is meant for the field, for as long as {@link isBarred}. */
  focus(): void {
    this.#focusWanted = this.#need === 'unknown';
    this.#preChat.value?.focus();
  }

  /**
   * Sends `text` as the host does, and the files before it if they go with it. Resolves with `undefined` when the text stays:
   * the page did not want it to be sent, or one of the files.
   */
  async send(text: string, withFiles: boolean): Promise<SendReceipt | undefined> {
    const receipt = withFiles && this.hasFiles ? await this.#files?.send() : undefined;
    if (receipt === false) return undefined;
    return text.trim() === '' ? receipt : this.#send({ text });
  }

  /** The form that stands in place of the field. */
  renderForm(): TemplateResult | undefined {
    return this.#need === 'yes' ? this.#preChat.value?.render(this.#away) : undefined;
  }

  /** What stands above the field. */
  renderAbove(): unknown {
    return [this.#away, this.#files?.render()];
  }

  /** What stands beside the field. */
  renderBeside(): TemplateResult | undefined {
    return this.#files?.renderButton();
  }

  /** Nobody may find files and answers that were not sent. */
  #forget(): void {
    this.#attachments.value?.forget();
    this.#preChat.value?.forget();
  }

  get #need() {
    if (this.#host.preChat === undefined) return 'no';
    return this.#preChat.value?.need ?? 'unknown';
  }

  get #files(): Attachments | undefined {
    return this.#host.attachments === undefined ? undefined : this.#attachments.value;
  }

  get #away(): TemplateResult | undefined {
    return this.#hours.value?.render(Date.now());
  }

  async #send(message: OutgoingMessage): Promise<SendReceipt | undefined> {
    const receipt = await this.#host.send(this.#dress(message));
    if (receipt) this.#preChat.value?.sent();
    return receipt;
  }

  #dress(message: OutgoingMessage): OutgoingMessage {
    return this.#preChat.value?.dress(message) ?? message;
  }

  /** The form is done, and the field is there next. */
  #goOn(): void {
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#ports.focus());
  }

  #part<Part>(load: () => Promise<{ styles: CSSResult; part: Part }>): LazyPart<Part> {
    return new LazyPart(
      async () => {
        const { styles, part } = await load();
        addStyles(this.#host, styles);
        return part;
      },
      () => this.#host.requestUpdate(),
    );
  }
}
