import { html, nothing, render } from 'lit';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import { renderFields } from './chat-data.ts';
import { XiansActionEvent, type ChatAction } from './chat-events.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import type { DataContext, DataPart } from './data-context.ts';
import { fillTemplate } from './data-template.ts';
import { isFields, pick, type Fields } from './data-values.ts';
import { dataViewWords } from './data-view-words.ts';
import { XiansErrorEvent } from './events.ts';
import { originsOf } from './image-origins.ts';
import type { Language } from './language.ts';
import { rendererFor, typeName, type MessageRenderer, type RendererContext } from './renderers.ts';
import { same } from './same.ts';

/** What draws a type on this page: a template of the element, or a function. */
type Source = HTMLTemplateElement | MessageRenderer;

interface Made {
  readonly from: readonly unknown[];
  value: unknown;
}

/** What a {@link DataView} asks of the views of its chat. */
export interface DataViewPorts {
  readonly host: ChatViewHost;
  /** The template for a type among the children of the chat or of its provider. */
  templateFor(type: string): HTMLTemplateElement | undefined;
  /** The chunk for a type, or `'loading'`, or `undefined` where we have none. */
  partFor(type: string): DataPart | 'loading' | undefined;
  /** What the conversation has after `message`. */
  after(message: Message): { readonly replies: readonly Message[]; readonly isLatest: boolean };
}

/**
 * One Data message. Draws into an element of its own, which stays the same for as long as the chat shows the message, and
 * with it whatever was typed, sorted or unfolded there.
 */
export class DataView implements DataContext {
  readonly element = document.createElement('div');
  readonly #ports: DataViewPorts;
  #box = this.element.appendChild(document.createElement('div'));
  #message: Message;
  #language: Language;
  #kept: { readonly value: unknown } | undefined;

  /** What a source of the page made, and from what. */
  #made: Made | undefined;
  /** What drew it last, if not as fields, and what failed to. */
  #by: Source | DataPart | undefined;
  #broken: Source | DataPart | undefined;
  #told = false;

  #after: ReturnType<DataViewPorts['after']> | undefined;

  constructor(message: Message, ports: DataViewPorts) {
    this.#message = message;
    this.#ports = ports;
    this.#language = ports.host.language;
    this.element.className = 'data-view';
    this.element.dataset['message'] = message.id;
    this.update();
  }

  get host(): ChatViewHost {
    return this.#ports.host;
  }

  get language(): Language {
    return this.#language;
  }

  get message(): Message {
    return this.#message;
  }

  get data(): Fields {
    return isFields(this.#message.data) ? this.#message.data : {};
  }

  get replies(): readonly Message[] {
    return (this.#after ??= this.#ports.after(this.#message)).replies;
  }

  get isLatest(): boolean {
    return (this.#after ??= this.#ports.after(this.#message)).isLatest;
  }

  keep<State>(make: () => State): State {
    return (this.#kept ??= { value: make() }).value as State;
  }

  async act(action: ChatAction): Promise<boolean> {
    const { host } = this;
    if (!host.dispatchEvent(new XiansActionEvent(action, this.#message))) return false;
    const { label, text, data } = action;
    const receipt = await host.send(
      !data ? (text ?? label) : text === undefined ? { type: 'Data', text: label, data } : { text, data },
    );
    return receipt !== undefined;
  }

  /** Takes over another version of the message, or the language of the chat. */
  follow(message: Message): void {
    const { language } = this.host;
    if (message === this.#message && language === this.#language) return;
    this.#message = message;
    this.#language = language;
    this.update();
  }

  /** Draws anew if what came after the message matters to it and is not what it was. */
  followReplies(): void {
    const before = this.#after;
    if (!before) return;
    this.#after = this.#ports.after(this.#message);
    const { replies, isLatest } = this.#after;
    if (isLatest !== before.isLatest || !same(replies, before.replies)) this.update();
  }

  update(): void {
    const type = typeOf(this.#message);
    // As the window, each text in it as it is written. Never left to the bubble's `dir="auto"`, which looks through all of
    // a table again for every row that is added.
    this.element.dir = this.host.matches(':dir(rtl)') ? 'rtl' : 'ltr';
    try {
      render(this.#content(type), this.#box);
    } catch (reason) {
      // What a page or our own code gave can also throw while it is drawn. What it left behind is of no use.
      if (!this.#by) throw reason;
      this.#fail(this.#by, reason);
      const box = document.createElement('div');
      this.#box.replaceWith(box);
      this.#box = box;
      render(this.#content(type), box);
    }
  }

  /** What the page makes of it, else we; else its fields. */
  #content(type: string): unknown {
    const source = this.#sourceOf(type);
    const made = source && source !== this.#broken ? this.#ofPage(source) : undefined;
    this.#by = source;
    if (made !== undefined) return made;
    const part = source && source === this.#broken ? undefined : this.#partFor(type);
    this.#by = part === 'loading' ? undefined : part;
    if (part === 'loading') return this.#quiet(this.#language.words(dataViewWords).loading);
    const drawn = part && part !== this.#broken ? this.#ofOurs(part, type) : undefined;
    if (drawn !== undefined) return drawn;
    this.#by = undefined;
    if (this.#message.type === 'Chat') return nothing;
    const fields = renderFields(this.#message.data, this.#language) ?? nothing;
    return this.#broken && (this.#broken === source || this.#broken === part)
      ? html`${this.#quiet(this.#language.words(dataViewWords).rendererFailed)}${fields}`
      : fields;
  }

  #sourceOf(type: string): Source | undefined {
    if (!type || this.#message.type !== 'Data') return undefined;
    return this.#ports.templateFor(type) ?? rendererFor(type);
  }

  #partFor(type: string): DataPart | 'loading' | undefined {
    const { type: messageType } = this.#message;
    return messageType === 'Data' || messageType === 'Chat' ? this.#ports.partFor(type) : undefined;
  }

  /** Asks the page once, until something that its answer depends on changes. */
  #ofPage(source: Source): unknown {
    const answered = () => this.#after && this.replies.length > 0;
    const from = [source, this.#message, this.#language, answered()];
    if (this.#made && same(from, this.#made.from)) return this.#made.value;
    const made: Made = { from, value: undefined };
    this.#made = made;
    try {
      const value: unknown =
        source instanceof HTMLTemplateElement
          ? fillTemplate(source, this.data, originsOf(this.host.imageOrigins))
          : source(this.data, this.#rendererContext());
      // It may have asked for the first time.
      from[3] = answered();
      made.value = isPromise(value) ? this.#wait(source, value, made) : shown(value);
    } catch (reason) {
      this.#fail(source, reason);
    }
    return made.value;
  }

  #wait(source: Source, promise: PromiseLike<unknown>, made: Made): unknown {
    promise.then(
      (value) => {
        made.value = shown(value);
        if (this.#made === made) this.update();
      },
      (reason: unknown) => {
        if (this.#made !== made) return;
        this.#fail(source, reason);
        this.update();
      },
    );
    return this.#quiet(this.#language.words(dataViewWords).loading);
  }

  #ofOurs(part: DataPart, type: string): unknown {
    try {
      return part.draw(type, this);
    } catch (reason) {
      this.#fail(part, reason);
      return undefined;
    }
  }

  #quiet(line: string): unknown {
    return html`<p class="quiet">${line}</p>`;
  }

  #rendererContext(): RendererContext {
    const { host, message } = this;
    const isAnswered = () => this.replies.length > 0;
    return {
      host,
      message,
      locale: this.#language.tag,
      get answered() {
        return isAnswered();
      },
      send: (text) => host.send(text),
      prefill: (text) => void (host.draft = text),
    };
  }

  /** Shows the fields from now on, and tells the page once. Not at once: its listener may change what is drawn just now. */
  #fail(by: Source | DataPart, cause: unknown): void {
    this.#broken = by;
    this.#made = undefined;
    if (this.#told) return;
    this.#told = true;
    const ofPage = by === this.#sourceOf(typeOf(this.#message));
    const error = ofPage
      ? new RealtimeError('input', 'A renderer of the page failed; the message is shown as fields.', {
          cause,
        })
      : new RealtimeError('bug', 'A message could not be drawn; it is shown as fields.', { cause });
    queueMicrotask(() => this.host.dispatchEvent(new XiansErrorEvent(error)));
  }
}

/** What names the kind of a message, in the form types are compared in; empty where nothing does. */
export function typeOf({ type, data }: Message): string {
  if (!isFields(data)) return '';
  // Agents repeat the data of a request in their replies: only what is meant for a reply counts there.
  if (type === 'Chat') return 'suggestions';
  const named = pick(data, 'type') ?? pick(data, 'kind') ?? pick(data, '$type');
  return typeof named === 'string' ? typeName(named.slice(0, 80)) : '';
}

function shown(value: unknown): unknown {
  if (value == null || value === '' || value === nothing || value === false) return undefined;
  return typeof value === 'string' ? html`<div class="plain" dir="auto">${value}</div>` : value;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
