import { html, nothing, type TemplateResult } from 'lit';
import { workflowType } from '../protocol/workflow.ts';
import { agentNameOf } from './agent-name.ts';
import { headerWords } from './chat-header-words.ts';
import type { ChatTools, ToolPorts } from './chat-tools.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { chatWords } from './chat-words.ts';
import type { ConnectionWords } from './connection-words.ts';
import { icon } from './icons.ts';

/** What the menu offers unless the page says. */
const OFFERED = 'search export print';

/** The head of a chat: what it is called, who answers, how the connection is, and the tools. These are loaded when used. */
export class ChatHeader {
  readonly #host: ChatViewHost;
  readonly #ports: ToolPorts;
  #tools: ChatTools | undefined;
  /** The list of topics was asked for. */
  #follows = false;

  constructor(host: ChatViewHost, ports: ToolPorts) {
    this.#host = host;
    this.#ports = ports;
    host.addEventListener('keydown', this.#onKeyDown);
    host.addController({ hostUpdated: () => this.#followTopics() });
  }

  /** @param floating Whether the window can be closed. */
  render({ tone, label }: ConnectionWords, floating: boolean): TemplateResult {
    const { heading, language } = this.#host;
    const words = language.words(headerWords);
    const { close, heading: name } = language.words(chatWords);
    const offered = this.#offered;
    const news = this.#tools?.unread ?? 0;
    const more = news > 0 ? words.moreWithNews({ count: news }) : words.more;
    const hasMenu = offered.some((name) => name !== 'search');
    return html`<div class="header" part="header">
        <div class="avatar large" aria-hidden="true">${icon('chat')}</div>
        <div class="titles">
          <h2 part="heading">${heading ?? name}</h2>
          <div class="lines">
            ${this.#renderAside()}
            <p class="status ${tone}" part="status" role="status" title=${label}><span>${label}</span></p>
          </div>
        </div>
        ${
          offered.includes('search')
            ? html`<button
                type="button"
                class="tool large find"
                part="tool"
                aria-label=${words.search}
                aria-expanded=${this.#tools?.isSearching ?? false}
                title=${words.search}
                @click=${this.#search}
              >
                ${icon('search')}
              </button>`
            : nothing
        }
        ${
          hasMenu
            ? html`<button
                type="button"
                class=${news > 0 ? 'tool large more news' : 'tool large more'}
                part="tool"
                aria-label=${more}
                aria-haspopup="menu"
                aria-expanded=${this.#tools?.menu.isOpen ?? false}
                aria-controls=${this.#tools?.menu.isOpen ? 'tools' : nothing}
                title=${more}
                @click=${this.#onMore}
                @keydown=${this.#onMoreKey}
              >
                ${icon('more')}
              </button>`
            : nothing
        }
        ${
          floating
            ? html`<button
                type="button"
                class="tool large close"
                part="close"
                aria-label=${close}
                title=${close}
                @click=${() => this.#host.hide()}
              >
                ${icon('close')}
              </button>`
            : nothing
        }
      </div>
      ${this.#tools?.renderBars() ?? nothing}`;
  }

  /** What lies over the window; belongs at its end. */
  renderSheets(): unknown {
    return this.#tools?.renderSheets() ?? nothing;
  }

  get #offered(): readonly string[] {
    return (this.#host.tools ?? OFFERED).split(/[\s,]+/).filter(Boolean);
  }

  /** The topic, and the agent once another one has taken over. */
  #renderAside(): unknown {
    const { conversation, language } = this.#host;
    if (!conversation) return nothing;
    const words = language.words(headerWords);
    const { activeWorkflow, workflowId, topic } = conversation;
    const parts = [];
    if (topic !== undefined && this.#offered.includes('topics')) {
      const name = this.#tools?.topicName(topic) ?? topic;
      parts.push(html`<p class="aside"><bdi title=${words.topic({ topic: name })}>${name}</bdi></p>`);
    }
    if (activeWorkflow && activeWorkflow !== workflowType(workflowId)) {
      const agent = agentNameOf(this.#host, activeWorkflow);
      parts.push(html`<p class="aside" part="answering">${words.answering({ agent })}</p>`);
    }
    return parts;
  }

  #search = () => this.#use((tools) => tools.search());

  #onMore = (event: Event) => this.#openMenu(event.currentTarget as HTMLElement);

  #onMoreKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    this.#openMenu(event.currentTarget as HTMLElement, event.key === 'ArrowUp');
  };

  #openMenu(button: HTMLElement, last = false): void {
    this.#use((tools) => tools.toggleMenu(button, this.#offered, last));
  }

  #use(act: (tools: ChatTools) => void | Promise<void>): void {
    this.#load()
      .then(act)
      // Whatever the reason, the visitor can only try again.
      .catch(() => this.#ports.fail(this.#host.language.words(headerWords).unavailable));
  }

  async #load(): Promise<ChatTools> {
    const { ChatTools } = await import('./chat-tools.ts');
    return (this.#tools ??= new ChatTools(this.#host, this.#ports));
  }

  /** What comes by before the list is opened belongs on it, too. */
  #followTopics(): void {
    const { client, conversation } = this.#host;
    if (this.#follows || !client || !conversation || !this.#offered.includes('topics')) return;
    this.#follows = true;
    this.#load()
      .then((tools) => tools.followTopics())
      // The visitor has asked for nothing yet; opening the list tries again.
      .catch(() => (this.#follows = false));
  }

  /** Find is ours while focus is in the window; pressed in our own field, it is the browser's. */
  #onKeyDown = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey, defaultPrevented } = event;
    if (key.toLowerCase() !== 'f' || ctrlKey === metaKey || altKey || shiftKey || defaultPrevented) return;
    if (!this.#offered.includes('search') || !this.#host.conversation || this.#tools?.isBusy) return;
    const [origin] = event.composedPath();
    if (!(origin instanceof Element) || !origin.closest('.window')) return;
    if (origin.closest('.search')) return;
    event.preventDefault();
    this.#search();
  };
}
