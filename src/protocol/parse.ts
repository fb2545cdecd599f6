import { RealtimeError } from './errors.ts';
import type { Author, Message } from './types.ts';
import { normaliseParticipant, workflowType } from './workflow.ts';

/** What {@link parseHistory} understood of one page. */
export interface ParsedHistory {
  /** Oldest first, by (`createdAt`, `id`); the wire has newest first and leaves ties unordered. */
  readonly messages: readonly Message[];
  /** Items that could not be understood and are left out. */
  readonly malformed: number;
}

/**
 * One message from the hub (nulls left out), from SSE (14 fields) or from history (21 fields). Unknown types are kept.
 * `origin` is never copied: on the real server it can hold a credential.
 *
 * @throws {RealtimeError} `protocol` when there is no usable id, workflow, participant, direction or creation time.
 */
export function parseMessage(raw: unknown): Message {
  const wire = asObject(raw, 'A message that is not an object arrived.');
  const id = objectId(requiredText(wire, 'id'));
  const workflowId = requiredText(wire, 'workflowId');
  const participantId = normaliseParticipant(requiredText(wire, 'participantId'));
  const createdAt = parseTimestamp(wire['createdAt']);
  if (createdAt === undefined) throw broken('A message without a usable creation time arrived.');
  const threadId = optionalText(wire, 'threadId');
  return {
    id,
    requestId: optionalText(wire, 'requestId') || undefined,
    threadId: threadId ? objectId(threadId) : undefined,
    workflowId,
    workflowType: optionalText(wire, 'workflowType') || workflowType(workflowId),
    participantId,
    author: parseAuthor(wire['direction']),
    type: parseType(wire['messageType']),
    ...parseContent(wire),
    createdAt,
    updatedAt: parseTimestamp(wire['updatedAt']) ?? createdAt,
  };
}

/**
 * One page of history. `null`, the hub's answer for a page or thread that does not exist, is an empty page.
 *
 * @throws {RealtimeError} `protocol` when it is neither a list nor `null`.
 */
export function parseHistory(raw: unknown): ParsedHistory {
  if (raw === null || raw === undefined) return { messages: [], malformed: 0 };
  if (!Array.isArray(raw)) throw broken('The server answered with something that is not a message history.');
  const messages: Message[] = [];
  for (const item of raw) {
    const message = tryParseMessage(item);
    if (message) messages.push(message);
  }
  return { messages: messages.sort(byServerOrder), malformed: raw.length - messages.length };
}

/** Order of a conversation: by creation time, then by id. */
export function byServerOrder(a: Message, b: Message): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** `undefined` for what {@link parseMessage} refuses. */
function tryParseMessage(raw: unknown): Message | undefined {
  try {
    return parseMessage(raw);
  } catch (error) {
    if (error instanceof RealtimeError) return undefined;
    throw error;
  }
}

function parseContent(wire: Wire): Pick<Message, 'text' | 'data' | 'topic' | 'hint'> {
  return {
    text: optionalText(wire, 'text'),
    data: wire['data'] ?? undefined,
    // The server trims topics and knows no empty one.
    topic: optionalText(wire, 'scope')?.trim() || undefined,
    hint: optionalText(wire, 'hint') || undefined,
  };
}

function parseAuthor(direction: unknown): Author {
  switch (typeof direction === 'string' ? direction.toLowerCase() : '') {
    case 'incoming':
      return 'participant';
    case 'outgoing':
    case 'handover': // what servers of an earlier version stored
      return 'agent';
    default:
      throw broken('A message without a usable direction arrived.');
  }
}

/** Messages stored before types existed have none; they were chat. */
function parseType(type: unknown): string {
  if (type === null || type === undefined || type === '') return 'Chat';
  if (typeof type !== 'string') throw broken('A message without a usable type arrived.');
  return type;
}

/** Date, `T`, time, any number of fraction digits, and a zone that may be missing (the server then means UTC). */
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d*))?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Milliseconds since 1970, or `undefined`. The server writes 0 to 7 fraction digits; engines promise to read only 3.
 */
function parseTimestamp(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match = TIMESTAMP.exec(value.trim());
  if (!match) return undefined;
  const [, date, time = '', fraction = '', zone = 'Z'] = match;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const seconds = time.length === 5 ? `${time}:00` : time;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const parsed = Date.parse(`${date}T${seconds}.${milliseconds}${offset}`);
  return Number.isNaN(parsed) ? undefined : parsed;
}

type Wire = Readonly<Record<string, unknown>>;

function asObject(raw: unknown, complaint: string): Wire {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw broken(complaint);
  return raw as Wire;
}

function requiredText(wire: Wire, name: string): string {
  const value = optionalText(wire, name);
  if (!value?.trim()) throw broken(`A message without a usable ${name} arrived.`);
  return value;
}

function optionalText(wire: Wire, name: string): string | undefined {
  const value = Object.hasOwn(wire, name) ? wire[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Database ids are hexadecimal: one spelling, so that the same message is never two. */
function objectId(id: string): string {
  return /^[0-9a-f]{24}$/i.test(id) ? id.toLowerCase() : id;
}

function broken(message: string): RealtimeError {
  return new RealtimeError('protocol', message);
}
