import { recall, remember } from '../queue/visitor-memory.ts';
import type { Message } from '../protocol/types.ts';
import { agentNameOf } from './agent-name.ts';
import { Chime, countInTitle, DesktopNotes } from './attention.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { isReply } from './is-reply.ts';
import { speak } from './language-controller.ts';
import { windowWords } from './window-words.ts';

/** How somebody who looks elsewhere is told. */
export type NotifyKind = 'title' | 'sound' | 'desktop';

const KINDS: readonly NotifyKind[] = ['title', 'sound', 'desktop'];
/** Where the visitor's own choice is remembered: `sound=off desktop=on`. */
const MEMORY = 'notify';

/** A chat that tells who looks elsewhere. */
export type NotifyHost = ChatViewHost & { show?(): void };

const known = new WeakMap<NotifyHost, ChatNotify>();

/** The one that tells of the messages of `host`. */
export function chatNotify(host: NotifyHost): ChatNotify {
  let notify = known.get(host);
  if (!notify) known.set(host, (notify = new ChatNotify(host)));
  return notify;
}

/**
 * Tells a visitor who looks elsewhere of replies, in the ways that the page offers and the visitor has not switched off:
 * a count in the title, a sound, a notification of the browser. The last needs the visitor's word first.
 */
export class ChatNotify {
  readonly #host: NotifyHost;
  readonly #chime = new Chime(880, 660);
  readonly #notes = new DesktopNotes();
  readonly #chosen = new Map<NotifyKind, boolean>();
  #isRecalled = false;
  #count = 0;

  /** Use {@link chatNotify}. */
  constructor(host: NotifyHost) {
    this.#host = host;
  }

  /** What the page offers. */
  get offered(): readonly NotifyKind[] {
    const wanted = this.#host.notify?.split(/[\s,]+/) ?? [];
    return KINDS.filter((kind) => wanted.includes(kind));
  }

  /** Whether the visitor is told this way. Default: yes, but for notifications of the browser. */
  isOn(kind: NotifyKind): boolean {
    this.#recall();
    return this.offered.includes(kind) && (this.#chosen.get(kind) ?? kind !== 'desktop');
  }

  /**
   * The visitor wants to be told this way, or no longer. To be called at a press, by which a browser lets a page ask and
   * play. Resolves with why it cannot be, in words for people.
   */
  async choose(kind: NotifyKind, on: boolean): Promise<string | undefined> {
    this.#recall();
    const refusal = on && kind === 'desktop' ? await this.#ask() : undefined;
    if (on && kind === 'sound') this.#chime.play(); // so that the visitor knows it, and the browser lets it play later
    this.#chosen.set(kind, on && refusal === undefined);
    if (!this.#host.consentNeeded) {
      const choices = [...this.#chosen].map(([name, isOn]) => `${name}=${isOn ? 'on' : 'off'}`);
      remember(MEMORY, choices.join(' '));
    }
    if (!this.isOn('title')) this.#see();
    this.#host.requestUpdate();
    return refusal;
  }

  /** A message arrived that was not known before. */
  tell(message: Message): void {
    const isHidden = document.visibilityState !== 'visible';
    if (!isReply(message) || (!isHidden && this.#host.shown)) return;
    // Before the first touch browsers play nothing, and complain on the console.
    if (this.isOn('sound') && navigator.userActivation?.hasBeenActive !== false) this.#chime.play();
    if (!isHidden) return;
    document.addEventListener('visibilitychange', this.#see);
    if (this.isOn('title')) countInTitle(this, ++this.#count);
    if (this.isOn('desktop') && Notification.permission === 'granted') void this.#note(message);
  }

  /** Takes back what stands outside of the element. It goes on when there is something to tell. */
  rest(): void {
    this.#see();
    this.#notes.rest();
    this.#chime.rest();
  }

  async #ask(): Promise<string | undefined> {
    const words = this.#host.language.words(windowWords);
    if (!DesktopNotes.supported) return words.unsupported;
    return (await Notification.requestPermission()) === 'granted' ? undefined : words.refused;
  }

  /** Nothing of what was written: a notification shows over whatever else is on the screen. */
  async #note({ id, workflowType }: Message): Promise<void> {
    await speak(this.#host);
    const { newMessage } = this.#host.language.words(windowWords);
    const name = agentNameOf(this.#host, workflowType);
    // Several tabs may tell of the same message: the tag makes it one.
    this.#notes.show(name, { tag: `xians-${id}`, body: newMessage }, () => this.#host.show?.());
  }

  #see = () => {
    if (document.visibilityState !== 'visible' && this.isOn('title') && this.#host.isConnected) return;
    document.removeEventListener('visibilitychange', this.#see);
    this.#count = 0;
    countInTitle(this, 0);
    this.#notes.rest();
  };

  #recall(): void {
    if (this.#isRecalled || this.#host.consentNeeded) return;
    this.#isRecalled = true;
    for (const choice of recall(MEMORY)?.split(' ') ?? []) {
      const kind = KINDS.find((name) => choice.startsWith(`${name}=`));
      if (kind) this.#chosen.set(kind, choice.endsWith('=on'));
    }
  }
}
