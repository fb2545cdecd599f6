import { html, nothing, type TemplateResult } from 'lit';
import type { HybridClient, TopicInfo, TopicList } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { addStyles } from './add-styles.ts';
import { XiansTopicChangedEvent } from './chat-events.ts';
import { ChatFormat } from './chat-format.ts';
import { Sheet, sheetStyles } from './chat-sheet.ts';
import type { ToolPorts } from './chat-tools.ts';
import { chatTopicsStyles } from './chat-topics-styles.ts';
import { topicsWords } from './chat-topics-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { harmlessName } from './harmless-name.ts';
import { icon } from './icons.ts';
import { withoutSigns } from './plain-text.ts';
import type { Words } from './words.ts';

/** Characters of a topic's name. */
const NAME_LIMIT = 80;

/** The topics of a chat's workflow: a list to go to one of them, begin another, or call one by another name. */
export class ChatTopics {
  readonly #host: ChatViewHost;
  readonly #ports: ToolPorts;
  readonly #sheet: Sheet;
  #list: TopicList | undefined;
  #client: HybridClient | undefined;
  /** Full id of the workflow that `#list` is of. */
  #workflowId: string | undefined;
  #undo: Undo | undefined;
  #failed = false;
  /** The topic whose name is being changed. */
  #renaming: { readonly topic: string | undefined } | undefined;

  constructor(host: ChatViewHost, ports: ToolPorts) {
    this.#host = host;
    this.#ports = ports;
    this.#sheet = new Sheet(host, 'topics');
    addStyles(host, sheetStyles, chatTopicsStyles);
    host.addController({ hostUpdated: () => this.follow(), hostDisconnected: () => this.#unfollow() });
    this.follow();
  }

  get isOpen(): boolean {
    return this.#sheet.isOpen;
  }

  /** What a topic is called here. */
  nameOf(topic: string | undefined): string {
    const known = this.#list?.topics.find((one) => one.topic === topic);
    return harmlessName(known?.name ?? topic ?? '') || this.#words.general;
  }

  /** Messages in other topics that nobody has read. */
  get unread(): number {
    const current = this.#host.conversation?.topic;
    const others = this.#list?.topics.filter(({ topic }) => topic !== current) ?? [];
    return others.reduce((sum, { unread }) => sum + unread, 0);
  }

  /** Learns of the topics of the workflow that is shown, from now on. */
  follow(): void {
    const { client, conversation } = this.#host;
    if (!client || !conversation || !this.#host.isConnected) return;
    if (client === this.#client && conversation.workflowId === this.#workflowId) return;
    void this.#load();
  }

  /** @param giveBack What gets the focus afterwards. */
  open(giveBack: HTMLElement | undefined): void {
    this.#renaming = undefined;
    if (this.#failed) void this.#load();
    void this.#sheet.open('.close-topics', giveBack);
  }

  render(): TemplateResult | typeof nothing {
    const words = this.#words;
    const content = html`<div class="drawer-head">
        <h3 id="topics-name">${words.heading}</h3>
        <button
          type="button"
          class="tool large close-topics"
          aria-label=${words.close}
          title=${words.close}
          @click=${this.#close}
        >
          ${icon('close')}
        </button>
      </div>
      ${this.#list ? this.#renderList(this.#list.topics) : this.#renderWaiting()}
      <form class="new-topic" @submit=${this.#create}>
        <input
          name="topic"
          class="topic-field"
          autocomplete="off"
          enterkeyhint="go"
          dir="auto"
          maxlength=${NAME_LIMIT}
          aria-label=${words.name}
          placeholder=${words.create}
          ?disabled=${!this.#list}
        />
        <button type="submit" class="pill" ?disabled=${!this.#list}>${words.start}</button>
      </form>`;
    const look = { role: 'dialog', kind: 'drawer', labelledby: 'topics-name' } as const;
    return this.#sheet.render(look, content, this.#close);
  }

  get #words(): Words<(typeof topicsWords)['source']> {
    return this.#host.language.words(topicsWords);
  }

  #renderWaiting(): TemplateResult {
    const words = this.#words;
    return this.#failed
      ? html`<div class="topics-none" role="alert">
          <p>${words.failed}</p>
          <button type="button" class="pill" @click=${() => void this.#load()}>${words.retry}</button>
        </div>`
      : html`<div class="topics-none" role="status"><p>${words.loading}</p></div>`;
  }

  #renderList(known: readonly TopicInfo[]): TemplateResult {
    const current = this.#host.conversation?.topic;
    const missing = [...new Set([current, undefined])].filter(
      (topic) => !known.some((one) => one.topic === topic),
    );
    const format = new ChatFormat(this.#host.language.tag);
    return html`<ul class="topics" role="list">
      ${missing.map((topic) => this.#renderTopic(topic, undefined, format))}
      ${known.map((info) => this.#renderTopic(info.topic, info, format))}
    </ul>`;
  }

  #renderTopic(topic: string | undefined, info: TopicInfo | undefined, format: ChatFormat): TemplateResult {
    const words = this.#words;
    const name = this.nameOf(topic);
    const { topic: current } = this.#host.conversation ?? {};
    if (this.#renaming && this.#renaming.topic === topic) return this.#renderRename(topic, name);
    const isCurrent = topic === current;
    const unread = isCurrent ? 0 : (info?.unread ?? 0);
    const draft = isCurrent ? '' : harmlessName(info?.draft ?? this.#draftOf(topic), NAME_LIMIT);
    const said = harmlessName(withoutSigns(info?.text ?? ''), 2 * NAME_LIMIT);
    return html`<li class=${isCurrent ? 'topic current' : 'topic'}>
      <button
        type="button"
        class="go"
        aria-current=${isCurrent ? 'true' : nothing}
        @click=${() => this.#go(topic)}
      >
        <span class="topic-line">
          <bdi class="topic-name">${name}</bdi>
          ${
            info?.text
              ? html`<time datetime=${new Date(info.at).toISOString()}>${shortTime(info.at, format)}</time>`
              : nothing
          }
        </span>
        <span class="topic-line">
          <bdi class=${draft ? 'excerpt draft' : 'excerpt'}>
            ${draft ? words.draft({ text: draft }) : said || words.empty}
          </bdi>
          ${
            unread > 0
              ? html`<span class="topic-news" aria-hidden="true">${this.#host.language.number(unread)}</span>
                  <span class="hush">${words.unread({ count: unread })}</span>`
              : nothing
          }
        </span>
      </button>
      <button
        type="button"
        class="tool rename"
        aria-label=${words.rename({ topic: name })}
        title=${words.rename({ topic: name })}
        @click=${() => this.#rename({ topic })}
      >
        ${icon('pencil')}
      </button>
    </li>`;
  }

  /** Of a topic that is not on the list, as nothing was said in it. */
  #draftOf(topic: string | undefined): string {
    const { client } = this.#host;
    return (this.#workflowId && client?.conversation(this.#workflowId, topic).draft) || '';
  }

  #renderRename(topic: string | undefined, name: string): TemplateResult {
    const words = this.#words;
    const save = (event: Event) => {
      event.preventDefault();
      const given = new FormData(event.currentTarget as HTMLFormElement).get('name');
      if (typeof given === 'string') this.#list?.rename(topic, given === (topic ?? '') ? '' : given);
      this.#rename(undefined, topic);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing) return;
      event.preventDefault();
      this.#rename(undefined, topic);
    };
    return html`<li class="topic">
      <form class="renaming" @submit=${save} @keydown=${onKeyDown}>
        <input
          name="name"
          class="topic-field"
          autocomplete="off"
          dir="auto"
          maxlength=${NAME_LIMIT}
          aria-label=${words.newName({ topic: name })}
          aria-describedby="rename-hint"
          .value=${name}
        />
        <button type="submit" class="tool large" aria-label=${words.save} title=${words.save}>
          ${icon('check')}
        </button>
        <button
          type="button"
          class="tool large"
          aria-label=${words.cancel}
          title=${words.cancel}
          @click=${() => this.#rename(undefined, topic)}
        >
          ${icon('close')}
        </button>
        <p id="rename-hint">${words.renameHint}</p>
      </form>
    </li>`;
  }

  /** @param from The topic whose pencil gets the focus back. */
  #rename(renaming: { readonly topic: string | undefined } | undefined, from?: string): void {
    const at = this.#order.indexOf(from);
    this.#renaming = renaming;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => {
      const sheet = this.#sheet.element;
      if (renaming) return sheet?.querySelector<HTMLInputElement>('.renaming input')?.select();
      sheet?.querySelectorAll<HTMLElement>('.rename')[at]?.focus();
    });
  }

  /** The topics as they are shown. */
  get #order(): (string | undefined)[] {
    const known = this.#list?.topics.map(({ topic }) => topic) ?? [];
    return [...new Set([this.#host.conversation?.topic, undefined])]
      .filter((topic) => !known.includes(topic))
      .concat(known);
  }

  async #load(): Promise<void> {
    const { client, conversation } = this.#host;
    if (!client || !conversation) return;
    this.#unfollow();
    this.#failed = false;
    // What is known of another workflow, or for somebody else, is of no use here.
    this.#list = undefined;
    this.#client = client;
    const workflowId = (this.#workflowId = conversation.workflowId);
    try {
      const list = await client.topics(workflowId);
      if (client !== this.#client || workflowId !== this.#workflowId) return;
      this.#list = list;
      this.#undo = list.on('change', () => this.#host.requestUpdate());
    } catch {
      // Whatever the reason, the visitor can only try again.
      this.#failed = client === this.#client && workflowId === this.#workflowId;
    }
    this.#host.requestUpdate();
  }

  #create = (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form).get('topic');
    const name = typeof given === 'string' ? harmlessName(given, NAME_LIMIT) : '';
    if (!name || !this.#list) return;
    const topic = this.#list.add(name);
    form.reset();
    this.#go(topic);
  };

  #go(topic: string | undefined): void {
    const host = this.#host;
    const previous = host.conversation?.topic;
    const isAnother = topic !== previous;
    if (isAnother) {
      host.topic = topic;
      host.dispatchEvent(new XiansTopicChangedEvent(topic, previous));
    }
    void this.#sheet.close(false).then(async () => {
      await host.updateComplete;
      // Not earlier: what was to be said in the topic before is forgotten with it.
      if (isAnother) this.#ports.say(this.#words.switched({ topic: this.nameOf(topic) }));
      // To the field only where nothing is to be read: on a phone that opens the keyboard over the messages.
      const wasUsed = this.#list?.topics.some((one) => one.topic === topic && one.text);
      const isEmpty = !wasUsed && !host.conversation?.messages.length;
      const field = isEmpty && host.renderRoot.querySelector<HTMLElement>('.composer textarea:enabled');
      (field || host.renderRoot.querySelector<HTMLElement>('.transcript'))?.focus({ preventScroll: true });
    });
  }

  #close = () => {
    this.#renaming = undefined;
    void this.#sheet.close();
  };

  #unfollow(): void {
    this.#undo?.();
    this.#undo = this.#client = undefined;
  }
}

function shortTime(at: number, format: ChatFormat): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  if (isToday) return format.time(at);
  return new Intl.DateTimeFormat(format.locale, { day: 'numeric', month: 'short' }).format(at);
}
