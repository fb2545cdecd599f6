import type { Message } from '../protocol/types.ts';
import type { ClientConversation } from './conversation.ts';
import { isHandoff } from './takeovers.ts';
import type { Topics } from './topics.ts';

/** The conversations of one client, and which of them a message belongs to. */
export class Conversations {
  readonly #all = new Map<string, ClientConversation>();
  readonly #open = new Set<ClientConversation>();
  /** Which conversation a handoff belongs to, by the handoff's id: the server records no topic with it. */
  readonly #handoffs = new Map<string, ClientConversation>();
  /** The lists of topics, once somebody asked for one. */
  #topics: Topics | undefined;

  /** Tells `make`'s topics of everything from now on. The first ones stay. */
  topics(make: (conversations: Iterable<ClientConversation>) => Topics): Topics {
    return (this.#topics ??= make(this.#all.values()));
  }

  get(key: string): ClientConversation | undefined {
    return this.#all.get(key);
  }

  add(conversation: ClientConversation): void {
    this.#all.set(conversation.key, conversation);
    this.#topics?.follow(conversation);
  }

  /** Somebody looks at it from now on, or no longer. */
  setOpen(conversation: ClientConversation, isOpen: boolean): void {
    if (isOpen) this.#open.add(conversation);
    else this.#open.delete(conversation);
  }

  get isAnyOpen(): boolean {
    return this.#open.size > 0;
  }

  get isAwaiting(): boolean {
    return [...this.#open].some((conversation) => conversation.awaitingReply);
  }

  /** Messages of agents that nobody has seen, over those that are open. */
  get unread(): number {
    let unread = 0;
    for (const conversation of this.#open) unread += conversation.unread;
    return unread;
  }

  /** Full ids of the workflows that those which are open listen to. */
  workflows(): string[] {
    return [...new Set([...this.#open].flatMap((conversation) => conversation.workflowIds))];
  }

  /** Those that are open read what they missed. */
  async sync(): Promise<void> {
    await Promise.all([...this.#open].map((conversation) => conversation.sync()));
  }

  /** A message of this participant that arrived by itself. */
  receive(message: Message): void {
    const conversations = [...this.#all.values()];
    // It carries no topic, and most likely answers the conversation that was written in last.
    if (isHandoff(message)) conversations.sort((a, b) => b.lastWrittenAt - a.lastWrittenAt);
    for (const conversation of conversations) conversation.receive(message);
    const { workflowId } = message;
    const owner = conversations.find(({ workflowIds }) => workflowIds.includes(workflowId));
    this.#topics?.receive(owner?.workflowId ?? workflowId, message);
  }

  /** What is kept of a conversation, or of anything else, changed here or in another tab. */
  onPlace(key: string): void {
    this.#all.get(key)?.onPlace();
    this.#topics?.refresh();
  }

  /** Something that is kept is another one than before. */
  onPlaces(): void {
    this.#topics?.refresh();
  }

  /** Whether a handoff may be taken by `conversation`: the first that takes it keeps it. */
  claimHandoff({ id }: Message, conversation: ClientConversation): boolean {
    const owner = this.#handoffs.get(id) ?? conversation;
    this.#handoffs.set(id, owner);
    return owner === conversation;
  }

  /** It is known by now whose they are: what waited, and what was being written, is in the outbox. */
  restore(): void {
    for (const conversation of this.#all.values()) conversation.restore();
    this.onPlaces();
  }

  /** The thread of `workflow` was deleted on the server. */
  empty(workflow: string): void {
    for (const conversation of this.#all.values()) {
      if (conversation.workflowId === workflow) conversation.empty();
    }
    this.#topics?.empty(workflow);
  }

  /** Nothing is certain about any of them: the participant signed out. */
  forget(): void {
    this.#handoffs.clear();
    for (const conversation of this.#all.values()) conversation.forget('initial');
  }

  dispose(): void {
    this.#topics?.dispose();
    for (const conversation of this.#all.values()) conversation.dispose();
  }
}
