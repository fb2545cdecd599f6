import { RealtimeError } from '../protocol/errors.ts';
import type { Delivery, Message, OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import type { NewRecord, OutboxEvents, Place } from '../queue/outbox.ts';
import type { OutboxRecord } from '../queue/outbox-record.ts';
import type { Environment } from './environment.ts';
import { isLocal, localMessage, type MessageLog } from './message-log.ts';
import { normaliseOutgoing } from './outgoing.ts';

/** The part of the client's outbox that a conversation works with. */
export interface ConversationOutbox {
  /** Whether what is written now is expected to survive a reload. */
  readonly persisted: boolean;
  /** Rejects when the message cannot be taken. */
  enqueue(entry: NewRecord): Promise<OutboxRecord>;
  /** Bytes that a message could have more in one record of the hub; negative: it has too many. */
  room(entry: NewRecord): number;
  /** The server showed that it has the message. */
  confirm(requestId: string): void;
  retry(requestId: string): Promise<boolean>;
  discard(requestId: string): Promise<boolean>;
  edit(requestId: string, text: string): Promise<boolean>;
  get(requestId: string): OutboxRecord | undefined;
  list(conversation: string): readonly OutboxRecord[];
  place(conversation: string): Place;
  setPlace(conversation: string, change: Partial<Place>): void;
}

/** What {@link WrittenMessages} needs from its conversation. */
export interface WrittenPorts {
  readonly environment: Environment;
  readonly outbox: ConversationOutbox;
  readonly log: MessageLog;
  /** Key of the conversation. */
  readonly key: string;
  readonly topic: string | undefined;
  participantId(): string | undefined;
  /** Full id of the workflow that answers now. */
  workflow(): string;
  /** Reads history. */
  sync(): Promise<void>;
  onChange(): void;
  /** A message entered the queue, reached the server, or was given up. */
  onDelivery(event: 'queued' | 'sent' | 'failed', message: Message): void;
  onError(reason: unknown): void;
}

/**
 * The visitor's messages in one conversation while no server is known to have them: what the outbox says of them, as the
 * conversation shows it. They may have been written here, in another tab, or before a reload.
 */
export class WrittenMessages {
  readonly #ports: WrittenPorts;
  /** Counts what {@link reset} put an end to. */
  #epoch = 0;
  #lastWrittenAt = 0;

  constructor(ports: WrittenPorts) {
    this.#ports = ports;
  }

  /** Milliseconds since 1970 of the newest message written here; 0 for none. */
  get lastWrittenAt(): number {
    return this.#lastWrittenAt;
  }

  room(message: OutgoingMessage): number {
    const { environment, outbox, key, topic } = this.#ports;
    return outbox.room({
      id: message.requestId ?? environment.uuid(),
      workflow: this.#ports.workflow(),
      conversation: key,
      topic,
      message: normaliseOutgoing(message),
    });
  }

  async send(message: string | OutgoingMessage): Promise<SendReceipt> {
    const { environment, outbox, log, key, topic } = this.#ports;
    const outgoing = normaliseOutgoing(message);
    const id = outgoing.requestId ?? environment.uuid();
    if (log.own(id)) {
      throw new RealtimeError('input', 'A message with this request id is already part of the conversation.');
    }
    const createdAt = (this.#lastWrittenAt = environment.now());
    const written = { id, workflow: this.#ports.workflow(), topic, message: outgoing, createdAt };
    const after = log.newestServerTime || undefined;
    const epoch = this.#epoch;
    // In the view at once, and in the order of writing; the outbox may need a moment.
    this.#add(written, { state: 'queued', attempts: 0, persisted: outbox.persisted });
    try {
      const { persisted } = await outbox.enqueue({ ...written, conversation: key, after });
      return { requestId: id, persisted };
    } catch (error) {
      if (epoch === this.#epoch) this.#remove(id);
      throw error;
    }
  }

  async sendAgain(requestId: string): Promise<SendReceipt> {
    const own = this.#ports.log.own(requestId);
    const state = own?.delivery?.state ?? 'sent';
    if (!own?.text || (state !== 'sent' && state !== 'answered')) {
      throw new RealtimeError('input', 'Only a sent message with a text can be asked again.');
    }
    return this.send(own.text);
  }

  async retryAll(): Promise<number> {
    const { outbox, key } = this.#ports;
    const failed = outbox.list(key).filter(({ state }) => state === 'failed');
    const retried = await Promise.all(failed.map(({ id }) => outbox.retry(id)));
    return retried.filter(Boolean).length;
  }

  /** Shows everything that the outbox keeps of this conversation. */
  restore(): void {
    for (const record of this.#ports.outbox.list(this.#ports.key)) this.follow(record, 'changed');
  }

  /** The outbox tells how a message is doing. */
  follow(record: OutboxRecord, event: OutboxEvents['change']['event']): void {
    const { log, outbox } = this.#ports;
    const { id, state, attempts, persisted, error } = record;
    if (event === 'discarded') return this.#remove(id);
    if (event === 'missing') return void this.#lookFor(id);
    const own = log.own(id);
    const isSent = event === 'sent';
    if (own && !isLocal(own) && !isSent) return outbox.confirm(id); // the server has it: here is its copy
    if (!own && isSent) return; // the next read of history shows it
    const delivery: Delivery = isSent
      ? { state: 'sent', attempts, persisted }
      : { state, attempts, persisted, reason: error?.message, code: error?.code };
    if (!own) this.#add(record, delivery);
    const message = log.setDelivery(id, delivery, record.message.text);
    this.#ports.onChange();
    if (message && event !== 'changed') this.#ports.onDelivery(event, message);
  }

  reset(): void {
    this.#epoch++;
    this.#lastWrittenAt = 0;
  }

  #add(written: Parameters<typeof localMessage>[0], delivery: Delivery): void {
    this.#ports.log.addLocal(localMessage(written, this.#ports.participantId(), delivery));
    this.#ports.onChange();
  }

  /** Takes a message out of the view that no server is known to have. */
  #remove(requestId: string): void {
    this.#ports.log.removeLocal(requestId);
    this.#ports.onChange();
  }

  /** A message that waited is in no queue any more, and nobody said why: history may have it. */
  async #lookFor(requestId: string): Promise<void> {
    try {
      await this.#ports.sync();
    } catch (reason) {
      this.#ports.onError(reason);
      return; // The next read tells.
    }
    if (!this.#ports.outbox.get(requestId)) this.#remove(requestId);
  }
}
