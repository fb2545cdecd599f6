import type { Delivery, Message } from '../protocol/types.ts';
import { workflowType } from '../protocol/workflow.ts';
import type { OutboxRecord } from '../queue/outbox-record.ts';

/** What {@link MessageLog.receive} did with a message. */
export type Received = 'added' | 'updated' | 'known';

interface Entry {
  message: Message;
  /**
   * Place in the conversation: the server's `createdAt`, or for a message that only this page knows a value that keeps
   * it after what it answered and before what answers it. `Infinity` while it waits.
   */
  order: number;
  /** Breaks ties: the server's id, or the order of writing. */
  tie: string;
}

/** Types after which a request counts as answered; Reasoning and Tool are steps on the way. */
const ANSWERS: ReadonlySet<string> = new Set(['Chat', 'Data', 'File', 'Handoff']);

const LOCAL = 'local:';

/** Id of a message until the server's is known. */
export function localId(requestId: string): string {
  return LOCAL + requestId;
}

/** What is known of a message that was written here. */
export type WrittenMessage = Pick<OutboxRecord, 'id' | 'workflow' | 'topic' | 'message' | 'createdAt'>;

/** A message written here in the shape of those that come from the server, until the server's copy is known. */
export function localMessage(
  { id, workflow, topic, message, createdAt }: WrittenMessage,
  participantId: string | undefined,
  delivery: Delivery,
): Message {
  return {
    id: localId(id),
    requestId: id,
    threadId: undefined,
    workflowId: workflow,
    workflowType: workflowType(workflow),
    participantId: participantId ?? '',
    author: 'participant',
    type: message.type ?? 'Chat',
    text: message.text,
    data: message.data,
    topic,
    hint: message.hint,
    createdAt,
    updatedAt: createdAt,
    delivery,
  };
}

/** Whether it is a step on the way to an answer. */
export function isStep({ type }: Message): boolean {
  return type === 'Reasoning' || type === 'Tool';
}

/** Whether only this device knows it. */
export function isLocal(message: Message): boolean {
  return message.id.startsWith(LOCAL);
}

/** Messages kept at most. Beyond it the oldest go; they can be read from history again. */
export const LOG_LIMIT = 10_000;

/**
 * The messages of one conversation: each shown once, in server order, with what was written here placed among them.
 *
 * - One entry per server id; a newer `updatedAt` replaces an older one (the server repeats updates under the same id).
 * - One entry per request id of the participant: the server stores a repeated request twice, people see it once.
 * - Messages that the server does not have yet stay at the end.
 */
export class MessageLog {
  readonly #entries: Entry[] = [];
  readonly #byId = new Map<string, Entry>();
  readonly #ownByRequest = new Map<string, Entry>();
  /** Request id → first message of the agent that answers it. */
  readonly #answers = new Map<string, number>();
  #sequence = 0;
  #snapshot: readonly Message[] | undefined;

  /** In order. A new array after every change, the same one in between. */
  get messages(): readonly Message[] {
    return (this.#snapshot ??= this.#entries.map((entry) => entry.message));
  }

  /** Time of the newest message that the server dated; 0 when there is none. */
  get newestServerTime(): number {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { message } = this.#entries[i]!;
      if (!isLocal(message)) return message.createdAt;
    }
    return 0;
  }

  /** The participant's message with this request id. */
  own(requestId: string): Message | undefined {
    return this.#ownByRequest.get(requestId)?.message;
  }

  isAnswered(requestId: string): boolean {
    return this.#answers.has(requestId);
  }

  /** A message from the server, whatever channel it came on. */
  receive(message: Message): Received {
    const known = this.#byId.get(message.id);
    if (known) return this.#update(known, message);
    return message.author === 'participant' ? this.#receiveOwn(message) : this.#receiveAnswer(message);
  }

  /** Adds a message written here, at the end. */
  addLocal(message: Message): void {
    const tie = `~${String(++this.#sequence).padStart(12, '0')}`;
    const entry = { message, order: Infinity, tie };
    this.#insert(entry);
    if (message.requestId) this.#ownByRequest.set(message.requestId, entry);
  }

  /**
   * Changes the delivery of a message written here, and its text while only this device knows it. Returns it, or
   * `undefined` if there is none.
   */
  setDelivery(requestId: string, delivery: Delivery, text?: string): Message | undefined {
    const entry = this.#ownByRequest.get(requestId);
    if (!entry) return undefined;
    const { message } = entry;
    const answered = delivery.state === 'sent' && this.#answers.has(requestId);
    entry.message = {
      ...message,
      text: isLocal(message) ? (text ?? message.text) : message.text,
      delivery: answered ? { ...delivery, state: 'answered' } : delivery,
    };
    if (delivery.state === 'sent' && entry.order === Infinity) {
      // An answer would have moved it already, so nothing known comes after it.
      this.#move(entry, this.newestServerTime + 0.5);
    }
    this.#snapshot = undefined;
    return entry.message;
  }

  /** Forgets a message that only this page knows. */
  removeLocal(requestId: string): void {
    const entry = this.#ownByRequest.get(requestId);
    if (!entry || !isLocal(entry.message)) return;
    this.#ownByRequest.delete(requestId);
    this.#remove(entry);
  }

  clear(): void {
    this.#entries.length = 0;
    this.#byId.clear();
    this.#ownByRequest.clear();
    this.#answers.clear();
    this.#snapshot = undefined;
  }

  /** Drops what the server has deleted: messages of `workflowId` in another thread than the one it has now. */
  keepThread(workflowId: string, threadId: string): void {
    const gone = this.#entries.filter(
      ({ message }) =>
        message.workflowId === workflowId && message.threadId !== undefined && message.threadId !== threadId,
    );
    for (const entry of gone) {
      this.#remove(entry);
      const { author, requestId } = entry.message;
      if (author === 'participant' && requestId) this.#ownByRequest.delete(requestId);
    }
  }

  /** Drops the messages that the server dated before `time`. */
  dropBefore(time: number): void {
    const kept = this.#entries.findIndex((entry) => entry.order >= time);
    this.#drop(kept < 0 ? this.#entries.length : kept);
  }

  /** Drops the oldest messages beyond {@link LOG_LIMIT}, once there are `slack` more than that. Returns whether any went. */
  trim(slack = 0): boolean {
    const excess = this.#entries.length - LOG_LIMIT;
    if (excess <= slack) return false;
    this.#drop(excess);
    return true;
  }

  #receiveOwn(message: Message): Received {
    const own = message.requestId ? this.#ownByRequest.get(message.requestId) : undefined;
    if (own && !isLocal(own.message)) {
      // A second stored copy of one request. The first stored is the one people see.
      if (message.createdAt < own.message.createdAt) this.#replaceOwn(own, message);
      return 'known';
    }
    if (own) {
      this.#replaceOwn(own, message);
      return 'updated';
    }
    const entry = { message, order: message.createdAt, tie: message.id };
    this.#insert(entry);
    if (message.requestId) this.#ownByRequest.set(message.requestId, entry);
    return 'added';
  }

  #receiveAnswer(message: Message): Received {
    this.#insert({ message, order: message.createdAt, tie: message.id });
    const { requestId } = message;
    if (!requestId) return 'added';
    const own = this.#ownByRequest.get(requestId);
    if (ANSWERS.has(message.type) && !this.#answers.has(requestId))
      this.#answers.set(requestId, message.createdAt);
    if (own) {
      if (isLocal(own.message) && own.order >= message.createdAt) this.#move(own, message.createdAt - 0.5);
      if (own.message.delivery && this.#answers.has(requestId)) {
        own.message = {
          ...own.message,
          delivery: { ...own.message.delivery, state: 'answered', reason: undefined },
        };
      }
    }
    return 'added';
  }

  #update(entry: Entry, message: Message): Received {
    if (message.updatedAt <= entry.message.updatedAt) return 'known';
    entry.message = { ...message, delivery: entry.message.delivery };
    this.#snapshot = undefined;
    return 'updated';
  }

  /** The server's copy takes the place of what this page showed; its delivery stays visible. */
  #replaceOwn(entry: Entry, message: Message): void {
    this.#byId.delete(entry.message.id);
    const delivery = entry.message.delivery;
    const state = message.requestId && this.#answers.has(message.requestId) ? 'answered' : 'sent';
    entry.message = delivery ? { ...message, delivery: { ...delivery, state, reason: undefined } } : message;
    entry.tie = message.id;
    this.#byId.set(message.id, entry);
    this.#move(entry, message.createdAt);
  }

  #drop(count: number): void {
    for (const { message } of this.#entries.splice(0, count)) {
      this.#byId.delete(message.id);
      if (message.requestId && message.author === 'agent') this.#answers.delete(message.requestId);
      if (message.requestId && message.author === 'participant') this.#ownByRequest.delete(message.requestId);
    }
    this.#snapshot = undefined;
  }

  #insert(entry: Entry): void {
    let at = this.#entries.length;
    while (at > 0 && isAfter(this.#entries[at - 1]!, entry)) at--;
    this.#entries.splice(at, 0, entry);
    this.#byId.set(entry.message.id, entry);
    this.#snapshot = undefined;
  }

  #remove(entry: Entry): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#byId.delete(entry.message.id);
    this.#snapshot = undefined;
  }

  #move(entry: Entry, order: number): void {
    this.#remove(entry);
    entry.order = order;
    this.#insert(entry);
  }
}

function isAfter(a: Entry, b: Entry): boolean {
  return a.order === b.order ? a.tie > b.tie : a.order > b.order;
}
