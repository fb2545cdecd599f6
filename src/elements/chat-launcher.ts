import { html, nothing, type ReactiveController } from 'lit';
import type { Conversation } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { Message } from '../protocol/types.ts';
import { addStyles } from './add-styles.ts';
import { launcherStyles } from './chat-launcher-styles.ts';
import { OpenMemory } from './chat-open-memory.ts';
import { PageButtons } from './chat-page-buttons.ts';
import { ChatPreview } from './chat-preview.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { speak } from './language-controller.ts';
import { LazyPart } from './lazy-part.ts';
import { windowWords } from './window-words.ts';

/** More than these are not counted out on the button. */
const COUNTED = 9;

/** What a launcher asks of its chat. */
export interface LauncherHost extends ChatViewHost {
  readonly workflow: string | undefined;
  readonly topic: string | undefined;
  open: boolean;
  show(): void;
  toggle(): void;
}

/**
 * What a chat does outside of its window: the count on the floating button, the newest message beside it, the page's own
 * buttons, the memory of whether the window was open, and telling who looks elsewhere. Follows the conversation without
 * opening it, so that nothing connects for its sake.
 */
export class ChatLauncher implements ReactiveController {
  readonly #host: LauncherHost;
  readonly #buttons: PageButtons;
  readonly #memory: OpenMemory;
  readonly #preview: ChatPreview;
  readonly #notify = new LazyPart(
    async () => (await import('./chat-notify.ts')).chatNotify(this.#host),
    () => {},
  );
  #canSpeak = false;
  #conversation: Conversation | undefined;
  #undo: Undo[] = [];
  #unread = 0;

  constructor(host: LauncherHost) {
    this.#host = host;
    this.#buttons = new PageButtons(host);
    this.#memory = new OpenMemory(host);
    this.#preview = new ChatPreview(host);
    addStyles(host, launcherStyles);
    void speak(host).then(() => {
      this.#canSpeak = true;
      host.requestUpdate();
    });
    host.addController(this);
  }

  /** Whether the floating button is needed although the page named buttons of its own. */
  get isNeeded(): boolean {
    return this.#buttons.isLost;
  }

  /** What the floating button is called. */
  get name(): string | undefined {
    const { heading, language } = this.#host;
    if (!this.#canSpeak) return heading;
    const words = language.words(windowWords);
    const name = heading ?? words.heading;
    const count = this.#counted;
    return count > 0 ? words.unread({ heading: name, count }) : name;
  }

  /** The count on it. */
  get badge(): unknown {
    const count = this.#counted;
    if (!this.#canSpeak || count === 0) return nothing;
    const { language } = this.#host;
    const shown = count > COUNTED ? `${language.number(COUNTED)}+` : language.number(count);
    return html`<span class="badge" part="badge" aria-hidden="true">${shown}</span>`;
  }

  /** The newest message, to stand beside it. */
  get preview(): unknown {
    return this.#canSpeak ? this.#preview.render(this.#conversation, this.#counted) : nothing;
  }

  hostUpdate(): void {
    if (this.#host.isConnected) this.#follow();
  }

  hostUpdated(): void {
    if (!this.#host.isConnected) return;
    this.#buttons.update(this.#counted);
    this.#memory.update();
    if (this.#host.notify) this.#notify.want();
  }

  hostDisconnected(): void {
    this.#unfollow();
    this.#buttons.rest();
    this.#notify.rest();
    this.#notify.value?.rest();
  }

  /** Messages that nobody has seen. What shows is seen. */
  get #counted(): number {
    return this.#host.shown ? 0 : (this.#conversation?.unread ?? 0);
  }

  #follow(): void {
    const conversation = this.#host.conversation ?? this.#peek();
    if (conversation === this.#conversation) return;
    this.#unfollow();
    this.#conversation = conversation;
    if (!conversation) return;
    this.#undo = [
      conversation.on('change', () => {
        if (conversation.unread === this.#unread) return;
        this.#unread = conversation.unread;
        this.#host.requestUpdate();
      }),
      conversation.on('message', (message) => this.#tell(message)),
    ];
  }

  #unfollow(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#conversation = undefined;
  }

  /** The conversation of a chat that was not opened yet, where something else on the page has loaded the client. */
  #peek(): Conversation | undefined {
    const { client, workflow, topic } = this.#host;
    if (!client || !workflow) return undefined;
    try {
      return client.conversation(workflow, topic || undefined);
    } catch {
      return undefined; // A workflow that cannot be: the window says so when it opens.
    }
  }

  #tell(message: Message): void {
    if (!this.#host.notify) return;
    void this.#notify.loaded.then((notify) => notify.tell(message));
  }
}
