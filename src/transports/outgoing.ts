import { checkContent, type OutgoingContent } from '../protocol/outgoing.ts';
import { resolveAddress, type Address, type AddressDefaults } from './settings.ts';
import type { SendRequest } from './transport.ts';

/** A request whose defaults are filled in and whose rules, the same on every transport, are checked. */
export interface Outgoing extends Address, OutgoingContent {
  readonly requestId: string;
}

/**
 * Checks `request` and fills in what it leaves out. Throws `input` for what no transport can carry unchanged.
 *
 * @param uuid Makes the request id, unless the request has one.
 */
export function resolveOutgoing(where: AddressDefaults, request: SendRequest, uuid: () => string): Outgoing {
  return {
    ...checkContent(request),
    ...resolveAddress(where, request.workflow, request.participantId),
    requestId: request.requestId ?? uuid(),
  };
}
