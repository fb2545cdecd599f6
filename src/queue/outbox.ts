import type { RealtimeError } from '../protocol/errors.ts';
import type { DeliveryState, OutgoingMessage } from '../protocol/types.ts';

/** States of a message that the outbox still holds. */
export type QueuedState = Exclude<DeliveryState, 'sent' | 'answered'>;

/** A message on its way out. Immutable: every change is a new record. */
export interface OutboxRecord {
  /** The request id: fixed when the message is written, the same for every attempt. */
  readonly id: string;
  /** Messages with the same key leave one after another, in the order they were written. */
  readonly conversation: string;
  /** Full workflow id. */
  readonly workflow: string;
  readonly topic: string | undefined;
  readonly message: OutgoingMessage;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly state: QueuedState;
  /** Attempts that a server answered, and the one under way. Being offline is not an attempt. */
  readonly attempts: number;
  /** Attempts that were lost on the way, as history shows. Many of them, and the message may be why. */
  readonly losses: number;
  /** Why it waits or failed. */
  readonly error: RealtimeError | undefined;
}

/** Messages held at most; one more is refused. */
export const OUTBOX_LIMIT = 1_000;

/**
 * What the visitor wrote, until a server has it. This one keeps it in memory, in the order it was written: it does not
 * survive a reload, and says so.
 */
export class Outbox {
  readonly persisted = false;
  readonly #records = new Map<string, OutboxRecord>();

  get size(): number {
    return this.#records.size;
  }

  get failed(): number {
    let count = 0;
    for (const record of this.#records.values()) if (record.state === 'failed') count++;
    return count;
  }

  get(id: string): OutboxRecord | undefined {
    return this.#records.get(id);
  }

  /** Returns `false`, and keeps nothing, when the outbox is full. */
  add(record: OutboxRecord): boolean {
    if (this.#records.size >= OUTBOX_LIMIT) return false;
    this.#records.set(record.id, record);
    return true;
  }

  /** Replaces fields of a record that is still held; `undefined` if it is not. */
  update(id: string, change: Partial<Omit<OutboxRecord, 'id'>>): OutboxRecord | undefined {
    const record = this.#records.get(id);
    if (!record) return undefined;
    const next = { ...record, ...change };
    this.#records.set(id, next);
    return next;
  }

  remove(id: string): OutboxRecord | undefined {
    const record = this.#records.get(id);
    this.#records.delete(id);
    return record;
  }

  clear(): void {
    this.#records.clear();
  }

  /** The oldest record of each conversation that is not failed: the only ones that may be worked on. */
  heads(): OutboxRecord[] {
    const heads = new Map<string, OutboxRecord>();
    for (const record of this.#records.values()) {
      if (record.state !== 'failed' && !heads.has(record.conversation))
        heads.set(record.conversation, record);
    }
    return [...heads.values()];
  }
}
