import { RealtimeError } from '../protocol/errors.ts';
import type { OutgoingMessage } from '../protocol/types.ts';
import { LANES, type OutboxRecord, type QueuedState } from './outbox-record.ts';

const STATES: readonly QueuedState[] = ['queued', 'sending', 'uncertain', 'verifying', 'failed'];

/**
 * A record from storage or from another tab, with nothing in it but what is known here; `undefined` when anything is
 * missing or of the wrong type. Its `persisted` is the sender's word, and `authorization` is kept if it is there.
 */
export function parseRecord(raw: unknown): OutboxRecord | undefined {
  if (!isObject(raw)) return undefined;
  const { id, conversation, workflow, topic, needsAuthorization, persisted, error } = raw;
  const message = parseOutgoing(raw['message']);
  const priority = LANES.find((lane) => lane === raw['priority']);
  const state = STATES.find((each) => each === raw['state']);
  const [seq, revision, createdAt, expiresAt, attempts, losses, bytes] = [
    'seq',
    'revision',
    'createdAt',
    'expiresAt',
    'attempts',
    'losses',
    'bytes',
  ].map((name) => optionalNumber(raw[name]));
  if (typeof id !== 'string' || id === '' || !message || !priority || !state) return undefined;
  if (typeof conversation !== 'string' || typeof workflow !== 'string') return undefined;
  if (seq === undefined || revision === undefined || createdAt === undefined) return undefined;
  if (expiresAt === undefined || attempts === undefined || losses === undefined) return undefined;
  if (bytes === undefined || (topic !== undefined && typeof topic !== 'string')) return undefined;
  return {
    id,
    conversation,
    workflow,
    topic,
    message,
    needsAuthorization: needsAuthorization === true,
    priority,
    seq,
    revision,
    createdAt,
    expiresAt,
    after: optionalNumber(raw['after']),
    state,
    attempts,
    losses,
    nextAttemptAt: optionalNumber(raw['nextAttemptAt']),
    failedAt: optionalNumber(raw['failedAt']),
    error: error === undefined ? undefined : RealtimeError.fromDetails(error).details(),
    bytes,
    persisted: persisted === true,
  };
}

function parseOutgoing(raw: unknown): OutgoingMessage | undefined {
  if (!isObject(raw)) return undefined;
  const { data, metadata } = raw;
  if (data !== undefined && !isObject(data)) return undefined;
  if (metadata !== undefined && !isObject(metadata)) return undefined;
  const message: Record<string, unknown> = {};
  for (const name of ['text', 'type', 'hint', 'authorization']) {
    const value = raw[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') return undefined;
    message[name] = value;
  }
  if (data !== undefined) message['data'] = data;
  if (metadata !== undefined) message['metadata'] = metadata;
  return message;
}

function optionalNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
