import { RealtimeError } from '../protocol/errors.ts';
import type { MessageType } from '../protocol/types.ts';
import { resolveAddress, type Address, type AddressDefaults } from './settings.ts';
import type { SendRequest } from './transport.ts';

/** A request whose defaults are filled in and whose rules, the same on every transport, are checked. */
export interface Outgoing extends Address {
  readonly type: MessageType;
  readonly requestId: string;
  readonly text: string | undefined;
  /** `data` as JSON. */
  readonly dataJson: string | undefined;
}

/**
 * Checks `request` and fills in what it leaves out. Throws `input` for what no transport can carry unchanged.
 *
 * @param uuid Makes the request id, unless the request has one.
 */
export function resolveOutgoing(where: AddressDefaults, request: SendRequest, uuid: () => string): Outgoing {
  const { text, data, requestId } = request;
  if (text !== undefined && typeof text !== 'string') {
    throw new RealtimeError('input', 'text must be a string.');
  }
  const type = request.type ?? (data !== undefined && text === undefined ? 'Data' : 'Chat');
  if (text === undefined && data === undefined && type === 'Chat') {
    throw new RealtimeError('input', 'A message needs text or data.');
  }
  return {
    ...resolveAddress(where, request.workflow, request.participantId),
    type,
    requestId: requestId || uuid(),
    text,
    dataJson: data === undefined ? undefined : serialise(data),
  };
}

/** The server returns only objects as they were sent, and unwraps one whose single key is `value`. */
function serialise(data: unknown): string {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new RealtimeError('input', 'data must be an object: the server changes other values.');
  }
  const keys = Object.keys(data);
  if (keys.length === 1 && keys[0] === 'value') {
    throw new RealtimeError(
      'input',
      'data needs a key other than "value": the server unwraps such an object.',
    );
  }
  try {
    return JSON.stringify(data);
  } catch (cause) {
    throw new RealtimeError('input', 'data cannot be written as JSON.', { cause });
  }
}
