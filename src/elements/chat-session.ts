import type { Conversation, HybridClient } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Undo } from '../protocol/emitter.ts';
import {
  XiansHandoffEvent,
  XiansMessageFailedEvent,
  XiansMessageQueuedEvent,
  XiansMessageReceivedEvent,
  XiansMessageSentEvent,
} from './events.ts';

/** Which conversation a chat shows. */
export interface ChatTarget {
  readonly workflow: string | undefined;
  readonly topic: string | undefined;
  readonly handoffWorkflows: readonly string[];
}

/**
 * Milliseconds a closed chat with nothing left to do keeps its conversation open. Then it lets go, so that a page that is
 * only read holds no connection and can be kept in the back/forward cache.
 */
const IDLE_MS = 120_000;

/** The conversation of one chat element: opens it, forwards its events, and lets go of it when the chat is idle. */
export class ChatSession {
  readonly #element: EventTarget;
  #client: HybridClient | undefined;
  #target = '';
  #conversation: Conversation | undefined;
  #problem: RealtimeError | undefined;
  #stopEvents: Undo | undefined;
  #stopHolding: Undo | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

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

  /** Keeps the conversation open: while `shown`, and afterwards until it has been idle for two minutes. */
  hold(shown: boolean): void {
    clearTimeout(this.#idleTimer);
    this.#stopHolding ??= this.#conversation?.open();
    if (!shown) this.#idleTimer = setTimeout(() => this.#letGo(), IDLE_MS);
  }

  /** Whether it is held open. */
  get held(): boolean {
    return this.#stopHolding !== undefined;
  }

  /** Lets go of everything at once. */
  close(): void {
    clearTimeout(this.#idleTimer);
    this.#stopHolding?.();
    this.#stopEvents?.();
    this.#stopHolding = this.#stopEvents = undefined;
    this.#client = this.#conversation = this.#problem = undefined;
  }

  #letGo(): void {
    const { pending = 0, failed = 0 } = this.#client?.status ?? {};
    if (this.#conversation?.awaitingReply || pending > failed) {
      this.hold(false); // still something to send or to hear
      return;
    }
    this.#stopHolding?.();
    this.#stopHolding = undefined;
  }

  #forward(conversation: Conversation): Undo {
    const fire = (event: Event) => void this.#element.dispatchEvent(event);
    const undos = [
      conversation.on('queued', (message) => fire(new XiansMessageQueuedEvent(message))),
      conversation.on('sent', (message) => fire(new XiansMessageSentEvent(message))),
      conversation.on('failed', (message) => fire(new XiansMessageFailedEvent(message))),
      conversation.on('message', (message) => fire(new XiansMessageReceivedEvent(message))),
      conversation.on('handoff', (handoff) => fire(new XiansHandoffEvent(handoff))),
    ];
    return () => undos.forEach((undo) => undo());
  }
}
