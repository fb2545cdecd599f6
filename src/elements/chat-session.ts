import type { Conversation, HybridClient } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { DeliveryState, Message } from '../protocol/types.ts';
import {
  XiansHandoffEvent,
  XiansMessageFailedEvent,
  XiansMessageQueuedEvent,
  XiansMessageReceivedEvent,
  XiansMessageSentEvent,
} from './message-events.ts';

/** Which conversation a chat shows. */
export interface ChatTarget {
  readonly workflow: string | undefined;
  readonly topic: string | undefined;
  readonly handoffWorkflows: readonly string[];
}

/** Nothing more happens to a message in these states by itself. */
const SETTLED: ReadonlySet<DeliveryState> = new Set<DeliveryState>(['sent', 'answered', 'failed']);

/** The conversation of one chat element: opens it, forwards its events, and lets go of it. */
export class ChatSession {
  readonly #element: EventTarget;
  #client: HybridClient | undefined;
  #target = '';
  #conversation: Conversation | undefined;
  #problem: RealtimeError | undefined;
  #stopEvents: Undo | undefined;
  #release: Undo | undefined;
  #wanted = false;

  /** @param element Fires the events. */
  constructor(element: EventTarget) {
    this.#element = element;
  }

  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** Why the client cannot give this conversation. */
  get problem(): RealtimeError | undefined {
    return this.#problem;
  }

  /** Turns to the conversation of `client` that `target` names. Does nothing when it is that one already. */
  follow(client: HybridClient | undefined, { workflow, topic, handoffWorkflows }: ChatTarget): void {
    const target = JSON.stringify([workflow, topic, handoffWorkflows]);
    if (client === this.#client && target === this.#target) return;
    this.close();
    this.#client = client;
    this.#target = target;
    if (!client || !workflow) return;
    try {
      this.#conversation = client.conversation(workflow, topic || undefined, { handoffWorkflows });
      this.#stopEvents = this.#forward(this.#conversation);
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

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #forward(conversation: Conversation): Undo {
    const fire = (event: Event) => void this.#element.dispatchEvent(event);
    const undos = [
      conversation.on('change', () => {
        if (!this.#wanted && this.#release) this.hold(false);
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
