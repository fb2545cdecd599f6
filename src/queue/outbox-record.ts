import { RealtimeError } from '../protocol/errors.ts';
import type { ErrorDetails } from '../protocol/error-details.ts';
import { checkContent } from '../protocol/outgoing.ts';
import type { DeliveryState, OutgoingMessage, Priority } from '../protocol/types.ts';

/** States of a message that the outbox still holds. */
export type QueuedState = Exclude<DeliveryState, 'sent' | 'answered'>;

/** A message on its way out. Immutable: every change is a new record. */
export interface OutboxRecord {
  /** The request id: fixed when the message is written, the same for every attempt. */
  readonly id: string;
  /** Messages with the same key and priority leave one after another, in the order they were written. */
  readonly conversation: string;
  /** Full workflow id. */
  readonly workflow: string;
  readonly topic: string | undefined;
  /** Without `requestId` and `priority`, which stand beside it; without `authorization` once it was loaded from storage. */
  readonly message: OutgoingMessage;
  /** Whether the message was given an `authorization`. That is a credential: it is kept in memory only and can get lost. */
  readonly needsAuthorization: boolean;
  readonly priority: Priority;
  /** Place in the queue; kept by a retry and an edit. */
  readonly seq: number;
  /** Counts the changes, so that of two versions of a record the newer one is known. */
  readonly revision: number;
  /** Milliseconds since 1970 by this machine's clock, as are all times here. */
  readonly createdAt: number;
  /** When it becomes a dead letter, if nobody has it by then. A retry starts the time anew. */
  readonly expiresAt: number;
  /** Server time of the newest message known when this one was written: history need not be read further back. */
  readonly after: number | undefined;
  readonly state: QueuedState;
  /** Attempts that a server answered, and the one under way. Being offline is not an attempt. */
  readonly attempts: number;
  /** Attempts that were lost on the way, as history shows. Many of them, and the message may be why. */
  readonly losses: number;
  /** Not to be tried before; stored, so that a reload honours what the server asked for. */
  readonly nextAttemptAt: number | undefined;
  /** When it became a dead letter. */
  readonly failedAt: number | undefined;
  /** Why it waits or failed. */
  readonly error: ErrorDetails | undefined;
  /** Size of the message as JSON, in bytes. */
  readonly bytes: number;
  /** Whether the database has this record; only ever `false` in the memory of a tab. */
  readonly persisted: boolean;
}

/** What is told to the outbox about a new message; it decides on the rest. */
export interface NewRecord {
  /** Default: the message's `requestId`, else a new UUID. */
  readonly id?: string;
  readonly conversation: string;
  readonly workflow: string;
  readonly topic?: string;
  /** Copied as JSON. Its `priority` is the record's; default `'normal'`. */
  readonly message: OutgoingMessage;
  readonly after?: number;
}

/** A message that was given up, as plain data for the host page. It carries no credential. */
export interface DeadLetter {
  readonly id: string;
  readonly conversation: string;
  readonly workflow: string;
  readonly topic: string | undefined;
  readonly message: OutgoingMessage;
  readonly createdAt: number;
  readonly failedAt: number;
  /** In words for people. */
  readonly reason: string;
  readonly code: string;
}

/** Priorities in the order of their keys in the database. */
export const LANES: readonly Priority[] = ['high', 'normal', 'low'];

/**
 * A new record at place `seq`, not persisted yet. Throws `input` for a message that cannot be written as JSON, since
 * what cannot be stored must be refused while the caller still listens.
 */
export function createRecord(
  entry: NewRecord,
  place: { readonly id: string; readonly seq: number; readonly now: number; readonly ttlMs: number },
): OutboxRecord {
  if (typeof entry.conversation !== 'string' || typeof entry.workflow !== 'string' || !entry.message) {
    throw input('A message needs a conversation, a workflow and what to send.');
  }
  checkContent(entry.message);
  const { requestId: _id, priority = 'normal', authorization, ...rest } = entry.message;
  const { message, bytes } = copyMessage(rest);
  if (!LANES.includes(priority)) throw input(`There is no priority ${JSON.stringify(priority)}.`);
  return {
    id: place.id,
    conversation: entry.conversation,
    workflow: entry.workflow,
    topic: entry.topic,
    message: authorization === undefined ? message : { ...message, authorization },
    needsAuthorization: authorization !== undefined,
    priority,
    seq: place.seq,
    revision: 0,
    createdAt: place.now,
    expiresAt: place.now + place.ttlMs,
    after: entry.after,
    state: 'queued',
    attempts: 0,
    losses: 0,
    nextAttemptAt: undefined,
    failedAt: undefined,
    error: undefined,
    bytes,
    persisted: false,
  };
}

/** The record with another text. Its size changes, its id and place do not. Throws `input` for a text that is empty or none. */
export function withText(record: OutboxRecord, text: string): OutboxRecord {
  if (typeof text !== 'string' || (!text.trim() && record.message.data === undefined)) {
    throw input('An empty message cannot be sent.');
  }
  const { authorization, ...rest } = record.message;
  const { message, bytes } = copyMessage({ ...rest, text });
  return { ...record, message: authorization === undefined ? message : { ...message, authorization }, bytes };
}

/** Whether the server may have a dead letter: an attempt that was lost can arrive long after history was looked at. */
export function mayBeStored({ error, losses }: OutboxRecord): boolean {
  return error?.stored !== 'no' || losses > 0;
}

/** Sorts into queue order. Records of several tabs that are not stored yet may share a place. */
export function byPlace(a: OutboxRecord, b: OutboxRecord): number {
  return a.seq - b.seq || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** Records of one stream leave one after another. */
export function streamOf({ conversation, priority }: OutboxRecord): string {
  return JSON.stringify([conversation, priority]);
}

export function toDeadLetter(record: OutboxRecord): DeadLetter {
  const { id, conversation, workflow, topic, createdAt, error } = record;
  const { authorization: _credential, ...message } = record.message;
  return {
    id,
    conversation,
    workflow,
    topic,
    message,
    createdAt,
    failedAt: record.failedAt ?? createdAt,
    reason: error?.message ?? '',
    code: error?.code ?? 'server',
  };
}

/** A deep copy, so that what waits does not change with what the caller goes on to do, and its size. */
function copyMessage(message: OutgoingMessage): { message: OutgoingMessage; bytes: number } {
  try {
    const json = JSON.stringify(message);
    return { message: JSON.parse(json) as OutgoingMessage, bytes: new TextEncoder().encode(json).length };
  } catch (cause) {
    throw input('The message cannot be written as JSON.', cause);
  }
}

function input(message: string, cause?: unknown): RealtimeError {
  return new RealtimeError('input', message, { cause });
}
