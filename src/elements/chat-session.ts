import type { Conversation, HybridClient } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { DeliveryState, Message, OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import type { TranscriptFormat } from './export-transcript.ts';
import {
  XiansBeforeSendEvent,
  XiansHandoffEvent,
  XiansMessageFailedEvent,
  XiansMessageQueuedEvent,
  XiansMessageReceivedEvent,
  XiansMessageSentEvent,
} from './message-events.ts';
import type { TranscriptHost } from './transcript-look.ts';

/** The element of a session: shows the draft and fires the events. */
export interface ChatSessionHost extends TranscriptHost {
  draft: string;
  readonly shadowRoot: ShadowRoot | null;
}

/** Which conversation a chat shows. */
export interface ChatTarget {
  readonly workflow: string | undefined;
  readonly topic: string | undefined;
  readonly handoffWorkflows: readonly string[];
}

/** Nothing more happens to a message in these states by itself. */
const SETTLED: ReadonlySet<DeliveryState> = new Set<DeliveryState>(['sent', 'answered', 'failed']);

/** The conversation of one chat element: opens it, keeps its draft, forwards its events, and lets go of it. */
export class ChatSession {
  readonly #element: ChatSessionHost;
  #client: HybridClient | undefined;
  #target = '';
  #conversation: Conversation | undefined;
  #problem: RealtimeError | undefined;
  #stopEvents: Undo | undefined;
  #release: Undo | undefined;
  #wanted = false;
  /** The draft as element and conversation last agreed on it. */
  #draft = '';

  constructor(element: ChatSessionHost) {
    this.#element = element;
  }

  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** Why the client cannot give this conversation. */
  get problem(): RealtimeError | undefined {
    return this.#problem;
  }

  /**
   * Turns to the conversation of `client` that `target` names, if it is not that one already. A text that was put into the
   * element since then is its draft; otherwise its draft comes into the element.
   */
  follow(client: HybridClient | undefined, { workflow, topic, handoffWorkflows }: ChatTarget): void {
    const target = JSON.stringify([workflow, topic, handoffWorkflows]);
    if (client === this.#client && target === this.#target) return this.#keepDraft();
    this.close();
    this.#client = client;
    this.#target = target;
    if (!client || !workflow) return;
    try {
      this.#conversation = client.conversation(workflow, topic || undefined, { handoffWorkflows });
      this.#stopEvents = this.#forward(this.#conversation);
      if (this.#element.draft && this.#element.draft !== this.#draft) this.#keepDraft();
      else this.#showDraft(this.#conversation.draft);
    } catch (error) {
      this.#problem = RealtimeError.from(error, 'input', 'The attribute workflow cannot work.');
    }
  }

  /**
   * Keeps the conversation open while it is `wanted`, and afterwards until everything is sent and the reply is there. The
   * client keeps the unused connection for two more minutes; then a page that is only read holds none.
   */
  hold(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted || this.#busy) this.#release ??= this.#conversation?.open();
    else this.#letGo();
  }

  /** See `XiansChat.send()`; `open` resolves when there is a conversation. */
  async send(
    message: string | OutgoingMessage,
    open: () => Promise<Conversation>,
  ): Promise<SendReceipt | undefined> {
    const event = new XiansBeforeSendEvent(typeof message === 'string' ? { text: message } : message);
    if (!this.#element.dispatchEvent(event)) return undefined;
    const receipt = (await open()).send(event.message);
    this.hold(this.#wanted); // before the message leaves, so that somebody listens for the reply
    return receipt;
  }

  /** See `XiansChat.exportTranscript()`. */
  async exportTranscript(format: TranscriptFormat): Promise<string> {
    const [{ exportTranscript }, { lookOf }] = await Promise.all([
      import('./export-transcript.ts'),
      import('./transcript-look.ts'),
    ]);
    return exportTranscript(this.#conversation?.messages ?? [], format, lookOf(this.#element));
  }

  /** Lets go of everything at once. */
  close(): void {
    this.#letGo();
    this.#stopEvents?.();
    this.#stopEvents = undefined;
    this.#client = this.#conversation = this.#problem = undefined;
  }

  get #busy(): boolean {
    const conversation = this.#conversation;
    if (!conversation) return false;
    const unsettled = ({ delivery }: Message) => delivery !== undefined && !SETTLED.has(delivery.state);
    return conversation.awaitingReply !== undefined || conversation.messages.some(unsettled);
  }

  #keepDraft(): void {
    const { draft } = this.#element;
    if (!this.#conversation || draft === this.#draft) return;
    this.#draft = draft;
    this.#conversation.setDraft(draft);
  }

  #showDraft(draft: string): void {
    this.#draft = this.#element.draft = draft;
  }

  /** Whether the visitor is writing right here, where a text from another tab would be in the way. */
  get #writing(): boolean {
    const focused = this.#element.shadowRoot?.activeElement;
    return this.#element.draft !== '' && focused instanceof HTMLTextAreaElement && document.hasFocus();
  }

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #forward(conversation: Conversation): Undo {
    const fire = (event: Event) => void this.#element.dispatchEvent(event);
    const undos = [
      conversation.on('change', () => {
        if (!this.#wanted && this.#release) this.hold(false);
        // Sent from another chat of this page.
        if (!conversation.draft && this.#element.draft === this.#draft) this.#showDraft('');
      }),
      // An empty one always: it was sent, or everything is forgotten.
      conversation.on('draft', (draft) => {
        if (!draft || !this.#writing) this.#showDraft(draft);
      }),
      conversation.on('queued', (message) => fire(new XiansMessageQueuedEvent(message))),
      conversation.on('sent', (message) => fire(new XiansMessageSentEvent(message))),
      conversation.on('failed', (message) => fire(new XiansMessageFailedEvent(message))),
      conversation.on('message', (message) => fire(new XiansMessageReceivedEvent(message))),
      conversation.on('handoff', (handoff) => fire(new XiansHandoffEvent(handoff))),
    ];
    return () => undos.forEach((undo) => undo());
  }
}
