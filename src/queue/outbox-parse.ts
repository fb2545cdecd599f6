import { errorDetails, errorFromDetails } from '../protocol/error-details.ts';
import type { OutgoingMessage } from '../protocol/types.ts';
import { LANES, type OutboxRecord, type QueuedState } from './outbox-record.ts';

const STATES: readonly QueuedState[] = ['queued', 'sending', 'uncertain', 'verifying', 'failed'];

type Kind = 'string' | 'number' | 'boolean';
type Fields = Readonly<Record<string, Kind>>;

const REQUIRED = {
  id: 'string',
  conversation: 'string',
  workflow: 'string',
  needsAuthorization: 'boolean',
  seq: 'number',
  revision: 'number',
  createdAt: 'number',
  expiresAt: 'number',
  attempts: 'number',
  losses: 'number',
  bytes: 'number',
} satisfies Fields;
const OPTIONAL = {
  topic: 'string',
  after: 'number',
  nextAttemptAt: 'number',
  failedAt: 'number',
} satisfies Fields;
const MESSAGE = { text: 'string', type: 'string', hint: 'string', authorization: 'string' } satisfies Fields;

/**
 * A record from storage or from another tab, with nothing in it but what is known here; `undefined` when anything is
 * missing or of the wrong type. Its `persisted` is the sender's word, and `authorization` is kept if it is there.
 */
export function parseRecord(raw: unknown): OutboxRecord | undefined {
  if (!isObject(raw)) return undefined;
  const required = pick(raw, REQUIRED, true);
  const optional = pick(raw, OPTIONAL, false);
  const message = parseOutgoing(raw['message']);
  const priority = LANES.find((lane) => lane === raw['priority']);
  const state = STATES.find((each) => each === raw['state']);
  if (!required || !optional || !message || !priority || !state) return undefined;
  const { error, persisted } = raw;
  return {
    ...(required as Picked<typeof REQUIRED>),
    ...(optional as Picked<typeof OPTIONAL>),
    message,
    priority,
    state,
    error: error === undefined ? undefined : errorDetails(errorFromDetails(error)),
    persisted: persisted === true,
  };
}

function parseOutgoing(raw: unknown): OutgoingMessage | undefined {
  const message = isObject(raw) && pick(raw, MESSAGE, false);
  if (!isObject(raw) || !message) return undefined;
  for (const name of ['data', 'metadata']) {
    const value = raw[name];
    if (value === undefined) continue;
    if (!isObject(value)) return undefined;
    message[name] = value;
  }
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}

/** The fields of those names; `undefined` when one has another type or, where all are required, is missing. */
function pick(
  raw: Readonly<Record<string, unknown>>,
  fields: Fields,
  areRequired: boolean,
): Record<string, unknown> | undefined {
  const picked: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(fields)) {
    const value = raw[name];
    const isMissing = value === undefined && !areRequired;
    const isSound = typeof value === kind && (kind !== 'number' || Number.isFinite(value));
    if (!isMissing && !isSound) return undefined;
    picked[name] = value;
  }
  return picked;
}

type Types = { string: string; number: number; boolean: boolean };
type Picked<Of extends Fields> = { [Name in keyof Of]: Types[Of[Name]] };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
