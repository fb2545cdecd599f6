import type { Identity } from './auth.ts';
import { BodyTooLargeError, errorBodies, readBody, type Exchange } from './exchange.ts';
import { newRequestId } from './ids.ts';
import type { InboundDraft } from './inbound.ts';
import { MESSAGE_TYPES, type WireType } from './store.ts';
import { resolveByColons } from './workflow.ts';

const BODY_LIMIT_BYTES = 31_457_280;

/** One-way REST calls carry these; the others are valid names that the server then fails on. */
const REST_TYPES: ReadonlySet<WireType> = new Set<WireType>(['Chat', 'Data', 'Webhook', 'Heartbeat']);

/** Thrown to answer with an error. Without a body the answer is empty, as for failed parameter binding. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body?: unknown) {
    super(`The request is answered with ${status}.`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
  }
}

/** A parameter that must be present but may be empty. */
export function required({ query }: Exchange, name: string): string {
  const value = query.get(name);
  if (value === undefined) throw new Refusal(400);
  return value;
}

export function integer({ query }: Exchange, name: string, fallback: number): number {
  const value = query.get(name);
  if (value === undefined) return fallback;
  if (!/^\s*[+-]?\d+\s*$/.test(value) || Math.abs(Number(value)) > 2_147_483_647) throw new Refusal(400);
  return Number(value);
}

/** Lower-cased. Present but empty means the credential's own user. */
export function participant(exchange: Exchange, identity: Identity): string {
  return (required(exchange, 'participantId') || identity.userId).toLowerCase();
}

/** The message of a send or converse call, checked in the order in which the real server checks. */
export async function readInbound(exchange: Exchange, identity: Identity): Promise<InboundDraft> {
  const workflow = required(exchange, 'workflow');
  const type = required(exchange, 'type');
  const participantId = participant(exchange, identity);
  const data = await readData(exchange);
  if (type.trim() === '') throw new Refusal(400, 'Message type is required.');
  const messageType = parseType(type);
  if (!messageType) throw new Refusal(400, 'Invalid message type specified.');
  if (workflow.trim() === '') throw new Refusal(400, 'WorkflowId is required.');
  if (!REST_TYPES.has(messageType)) throw new Refusal(500, errorBodies[500]);
  return {
    ...resolveByColons(identity.tenantId, workflow, 'rest'),
    tenantId: identity.tenantId,
    participantId,
    messageType,
    requestId: exchange.query.get('requestId') || newRequestId(),
    text: exchange.query.get('text') ?? null,
    data: messageType === 'Heartbeat' ? null : data,
    origin: messageType === 'Heartbeat' ? 'heartbeat' : leakedCredential(identity),
    createdBy: identity.userId,
  };
}

/** Case-sensitive name, or its number. */
export function parseType(type: string): WireType | undefined {
  const name = type.trim();
  return MESSAGE_TYPES.find((known, index) => known === name || String(index) === name);
}

/** The real server passes its caller's credential where the message's origin belongs. A key in the query escapes that. */
function leakedCredential({ kind, inHeader, credential }: Identity): string | null {
  return kind === 'jwt' || inHeader ? credential : null;
}

async function readData({ request }: Exchange): Promise<unknown> {
  const body = await readBody(request, BODY_LIMIT_BYTES).catch((error: unknown) => {
    throw error instanceof BodyTooLargeError ? new Refusal(413) : error;
  });
  if (body.length === 0) return null;
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new Refusal(400);
  }
}
