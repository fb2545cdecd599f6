import { parseMessage } from './parse.ts';
import type { Message } from './types.ts';

/** What a `converse` reply lacks on the wire and the caller knows. */
export interface ConverseContext {
  /** Full id of the workflow that was asked. */
  readonly workflowId: string;
  readonly requestId: string;
}

/**
 * The reply of `converse`, which comes without id, direction and workflow. The id is made up as
 * `converse:<requestId>:<createdAt>`; the copy of the same reply that arrives live or in history has a server id, and
 * is recognised by equal `requestId`, `createdAt` and `text`.
 *
 * @throws {RealtimeError} `protocol` when it is unusable. The request itself was stored.
 */
export function parseConverseReply(raw: unknown, { workflowId, requestId }: ConverseContext): Message {
  const wire = Object(raw) as object;
  const reply = parseMessage({
    ...wire,
    id: 'converse',
    workflowId,
    workflowType: '',
    direction: 'Outgoing',
  });
  const asked = reply.requestId ?? requestId;
  return { ...reply, requestId: asked, id: `converse:${asked}:${reply.createdAt}` };
}
