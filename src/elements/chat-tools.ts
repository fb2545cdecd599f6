import type { Conversation } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import type { ChatDelete } from './chat-delete.ts';
import type { ChatExport } from './chat-export.ts';
import type { ChatNotify } from './chat-notify.ts';
import type { ChatSearch } from './chat-search.ts';
import { headerWords } from './chat-header-words.ts';
import { menuWords } from './chat-tools-words.ts';
import type { ChatTopics } from './chat-topics.ts';
import type { ChatTranscript } from './chat-transcript.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { icon } from './icons.ts';
import { Menu, menuStyles, type MenuItem } from './menu.ts';
import { toolIcon } from './tool-icons.ts';

/** What the tools of the header may ask of the window. */
export interface ToolPorts {
  /** Has a line read out, once. */
  say(line: string): void;
  /** Shows why something that the visitor wanted did not work. */
  fail(reason: string): void;
  /** Takes the reader to the end of the conversation, to follow what comes. */
  toEnd(): void;
  readonly transcript: ChatTranscript;
}

/** The switches of the menu, and what they switch. */
const KINDS = { sound: 'sound', notifications: 'desktop' } as const;

/** The tools of a chat's header: the menu, and what it opens, each loaded when it is first chosen. */
export class ChatTools {
  readonly menu: Menu;
  readonly #host: ChatViewHost;
  readonly #ports: ToolPorts;
  #search: ChatSearch | undefined;
  #topics: ChatTopics | undefined;
  #export: ChatExport | undefined;
  #delete: ChatDelete | undefined;
  #notify: ChatNotify | undefined;
  /** What gets focus back from what the menu opens. */
  #button: HTMLElement | undefined;

  constructor(host: ChatViewHost, ports: ToolPorts) {
    this.#host = host;
    this.#ports = ports;
    this.menu = new Menu(host, 'tools');
    addStyles(host, menuStyles);
  }

  get isSearching(): boolean {
    return this.#search?.isOpen ?? false;
  }

  /** Whether something lies over the window. */
  get isBusy(): boolean {
    return this.#topics?.isOpen || this.#delete?.isOpen || false;
  }

  /** What the visitor calls a topic; `undefined` unless that is known. */
  topicName(topic: string): string | undefined {
    return this.#topics?.nameOf(topic);
  }

  /** Messages in other topics that nobody has read. */
  get unread(): number {
    return this.#topics?.unread ?? 0;
  }

  /** Learns of the topics from now on: nobody else keeps a list of them. */
  async followTopics(): Promise<ChatTopics> {
    const { ChatTopics } = await import('./chat-topics.ts');
    return (this.#topics ??= new ChatTopics(this.#host, this.#ports));
  }

  /** Opens the search, or goes to its field. */
  search(): void {
    this.#use(async () => {
      const { ChatSearch } = await import('./chat-search.ts');
      (this.#search ??= new ChatSearch(this.#host, this.#ports)).open();
    });
  }

  /** @param offered Names of tools, as the attribute `tools` has them. */
  async toggleMenu(button: HTMLElement, offered: readonly string[], last: boolean): Promise<void> {
    if (this.menu.isOpen) return this.menu.close();
    this.#button = button;
    if (!this.#notify && offered.some((name) => name in KINDS)) {
      this.#notify = (await import('./chat-notify.ts')).chatNotify(this.#host);
    }
    const label = this.#host.language.words(headerWords).more;
    await this.menu.open(button, label, this.#items(offered), last);
  }

  renderBars(): readonly unknown[] {
    return [this.#search?.render(), this.#export?.render()];
  }

  renderSheets(): readonly unknown[] {
    return [this.menu.render(), this.#topics?.render(), this.#delete?.render()];
  }

  #items(offered: readonly string[]): MenuItem[] {
    const words = this.#host.language.words(menuWords);
    const { conversation } = this.#host;
    const isEmpty = !conversation || conversation.messages.length === 0;
    const save = (format: 'markdown' | 'text' | 'json' | 'copy' | 'print') => () => this.#save(format);
    const file = (id: 'markdown' | 'text' | 'json', label: string): MenuItem => {
      return { id, label, icon: icon('download'), disabled: isEmpty, run: save(id) };
    };
    const items: Record<string, readonly MenuItem[]> = {
      topics: [
        {
          id: 'topics',
          label: this.unread > 0 ? words.topicsWithNews({ count: this.unread }) : words.topics,
          icon: toolIcon('topics'),
          disabled: !conversation,
          run: () => this.#openTopics(),
        },
      ],
      export: [
        { id: 'copy', label: words.copyAll, icon: icon('copy'), disabled: isEmpty, run: save('copy') },
        file('markdown', words.saveMarkdown),
        file('text', words.saveText),
        file('json', words.saveJson),
      ],
      print: [
        {
          id: 'print',
          label: words.print,
          icon: toolIcon('print'),
          disabled: isEmpty,
          run: save('print'),
        },
      ],
      delete: [
        {
          id: 'delete',
          label: words.remove,
          icon: toolIcon('trash'),
          danger: true,
          separated: true,
          disabled: isEmpty,
          run: () => this.#remove(),
        },
      ],
    };
    for (const name of ['sound', 'notifications'] as const) {
      const kind = KINDS[name];
      const notify = this.#notify;
      // The page has the say whether a visitor may be told at all.
      if (!notify?.offered.includes(kind)) continue;
      const isOn = notify.isOn(kind);
      const run = () =>
        void notify.choose(kind, !isOn).then((refusal) => refusal && this.#ports.fail(refusal));
      const sign = toolIcon(name === 'sound' ? 'sound' : 'bell');
      items[name] = [
        { id: name, label: words[name], icon: sign, checked: isOn, separated: name === 'sound', run },
      ];
    }
    return ['topics', 'export', 'print', 'sound', 'notifications', 'delete']
      .filter((name) => offered.includes(name))
      .flatMap((name) => items[name] ?? [])
      .map((item, index) => (index === 0 ? { ...item, separated: false } : item));
  }

  #openTopics(): void {
    this.#use(async () => {
      (await this.followTopics()).open(this.#button);
    });
  }

  #save(job: 'markdown' | 'text' | 'json' | 'copy' | 'print'): void {
    this.#use(async (conversation) => {
      const { ChatExport } = await import('./chat-export.ts');
      (this.#export ??= new ChatExport(this.#host, this.#ports)).start(conversation, job, this.#button);
    });
  }

  #remove(): void {
    this.#use(async (conversation) => {
      const { ChatDelete } = await import('./chat-delete.ts');
      (this.#delete ??= new ChatDelete(this.#host, this.#ports)).ask(conversation, this.#button);
    });
  }

  #use(act: (conversation: Conversation) => Promise<void>): void {
    const { conversation, language } = this.#host;
    if (!conversation) return;
    // Whatever the reason, the visitor can only try again.
    act(conversation).catch(() => this.#ports.fail(language.words(headerWords).unavailable));
  }
}
