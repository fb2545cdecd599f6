import { RealtimeError } from '../protocol/errors.ts';
import { HUB_RECORD_BYTES, utf8Length } from '../protocol/limits.ts';
import { resolveOutgoing, type Outgoing } from './outgoing.ts';
import type { AddressDefaults } from './settings.ts';
import type { SendRequest } from './transport.ts';

/** Arguments of `SendInboundMessage`, with what was filled in. */
export interface HubMessage {
  readonly request: Readonly<Record<string, unknown>>;
  readonly outgoing: Outgoing;
}

/** Longest invocation id a connection reaches in its life; counted so that the size does not depend on it. */
const SAMPLE_INVOCATION_ID = '999999';

/**
 * Builds the argument of `SendInboundMessage`. Throws `input` for what no transport takes and `too-large` for a record
 * that would make the server close the connection.
 */
export function hubMessage(where: AddressDefaults, request: SendRequest, uuid: () => string): HubMessage {
  const message = buildMessage(where, request, uuid);
  if (roomBeside(message) < 0) {
    throw new RealtimeError('too-large', 'The message is longer than the live connection can carry.');
  }
  return message;
}

/** How many bytes of UTF-8 the record of `request` can still take; negative: it has as many too many. Throws `input`. */
export function hubRoom(where: AddressDefaults, request: SendRequest): number {
  return roomBeside(buildMessage(where, request, () => '00000000-0000-4000-8000-000000000000'));
}

/** Whether the hub can carry `request` in one record. Pure. */
export function hubCanCarry(where: AddressDefaults, request: SendRequest): boolean {
  try {
    return hubRoom(where, request) >= 0;
  } catch (error) {
    if (error instanceof RealtimeError) return false;
    throw error;
  }
}

function buildMessage(where: AddressDefaults, request: SendRequest, uuid: () => string): HubMessage {
  const outgoing = resolveOutgoing(where, request, uuid);
  const wire = {
    requestId: outgoing.requestId,
    participantId: outgoing.participantId,
    workflow: outgoing.workflow,
    type: outgoing.type,
    text: outgoing.text,
    data: request.data,
    scope: request.topic || undefined,
    hint: request.hint || undefined,
    taskId: request.taskId || undefined,
    authorization: request.authorization || undefined,
    metadata: request.metadata,
  };
  return { request: wire, outgoing };
}

/** What one record can hold besides `SendInboundMessage` with the message and the terminator. */
function roomBeside({ request, outgoing }: HubMessage): number {
  const record = {
    target: 'SendInboundMessage',
    arguments: [request, outgoing.type],
    invocationId: SAMPLE_INVOCATION_ID,
    type: 1,
  };
  return HUB_RECORD_BYTES - utf8Length(JSON.stringify(record)) - 1;
}
