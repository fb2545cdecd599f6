import type { ReactiveController } from 'lit';
import type { Undo } from '../protocol/emitter.ts';
import type { Message } from '../protocol/types.ts';
import { addStyles } from './add-styles.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import type { DataPart, DataPorts } from './data-context.ts';
import { forPeople, isEmpty } from './data-values.ts';
import { DataView, type DataViewPorts } from './data-view.ts';
import { LazyPart } from './lazy-part.ts';
import { onRenderersChange, typeName } from './renderers.ts';

/** The kinds that we draw, by the chunk that can. */
const CHUNKS: Readonly<Record<string, 'kinds' | 'chart' | 'form'>> = {
  card: 'kinds',
  list: 'kinds',
  table: 'kinds',
  buttons: 'kinds',
  quickreplies: 'kinds',
  suggestions: 'kinds',
  approval: 'kinds',
  chart: 'chart',
  barchart: 'chart',
  linechart: 'chart',
  piechart: 'chart',
  donutchart: 'chart',
  form: 'form',
};

/** Nothing that a visitor sees: neither an answer nor news. */
const UNSEEN: ReadonlySet<string> = new Set(['Heartbeat', 'Webhook', 'Reasoning', 'Tool']);

const chats = new WeakMap<ChatViewHost, DataViews>();

/**
 * What a message has beside its text; `undefined` for nothing. Of the visitor's own messages only those without a text:
 * with one, their data are for the agent. The same element for the same message, until its conversation goes.
 */
export function renderData(message: Message, { host }: DataPorts): HTMLElement | undefined {
  const { author, data, text } = message;
  if (isEmpty(forPeople(data)) || (author === 'participant' && text?.trim())) return undefined;
  let views = chats.get(host);
  if (!views) chats.set(host, (views = new DataViews(host)));
  return views.show(message);
}

/** The Data messages of one chat: they outlive their rows, and change with what changes around them. */
class DataViews implements ReactiveController, DataViewPorts {
  readonly host: ChatViewHost;
  readonly #views = new Map<string, DataView>();
  readonly #parts = {
    kinds: this.#part(() => import('./data-kinds.ts')),
    chart: this.#part(() => import('./data-chart.ts')),
    form: this.#part(() => import('./data-form.ts')),
  };
  readonly #templates = new MutationObserver(() => this.#updateAll());
  #undo: Undo | undefined;
  #conversation: ChatViewHost['conversation'];
  #messages: readonly Message[] | undefined;

  constructor(host: ChatViewHost) {
    this.host = host;
    this.#conversation = host.conversation;
    host.addController(this);
  }

  show(message: Message): HTMLElement {
    let view = this.#views.get(message.id);
    if (view) view.follow(message);
    else this.#views.set(message.id, (view = new DataView(message, this)));
    return view.element;
  }

  hostConnected(): void {
    this.#undo ??= onRenderersChange(() => this.#updateAll());
    for (const place of this.#places) this.#templates.observe(place, { childList: true });
    this.#updateAll();
  }

  hostDisconnected(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#templates.disconnect();
    for (const part of Object.values(this.#parts)) part.rest();
  }

  hostUpdate(): void {
    const { conversation } = this.host;
    const messages = conversation?.messages;
    if (conversation !== this.#conversation || messages?.length === 0) this.#views.clear();
    this.#conversation = conversation;
    if (messages === this.#messages) return;
    this.#messages = messages;
    for (const view of this.#views.values()) view.followReplies();
  }

  templateFor(type: string): HTMLTemplateElement | undefined {
    for (const place of this.#places) {
      for (const child of place.children) {
        if (child instanceof HTMLTemplateElement && typeName(child.dataset['type'] ?? '') === type)
          return child;
      }
    }
    return undefined;
  }

  partFor(type: string): DataPart | 'loading' | undefined {
    const chunk = Object.hasOwn(CHUNKS, type) ? CHUNKS[type] : undefined;
    if (!chunk) return undefined;
    const part = this.#parts[chunk];
    part.want();
    return part.value ?? 'loading';
  }

  after({ id }: Message): { replies: readonly Message[]; isLatest: boolean } {
    const messages = this.host.conversation?.messages ?? [];
    const seen = messages
      .slice(messages.findLastIndex((message) => message.id === id) + 1)
      .filter(({ type }) => !UNSEEN.has(type));
    return { replies: seen.filter(({ author }) => author === 'participant'), isLatest: seen.length === 0 };
  }

  /** Where templates may stand: those of the chat go before those of its provider. */
  get #places(): readonly Element[] {
    const provider = this.host.closest('xians-provider');
    return provider ? [this.host, provider] : [this.host];
  }

  #part(load: () => Promise<DataPart>): LazyPart<DataPart> {
    return new LazyPart(load, ({ styles }) => {
      addStyles(this.host, styles);
      this.#updateAll();
    });
  }

  #updateAll(): void {
    for (const view of this.#views.values()) view.update();
  }
}
