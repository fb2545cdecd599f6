import type { Identity } from './auth.ts';
import { mayActFor } from './auth.ts';
import { newRequestId } from './ids.ts';
import type { InboundDraft } from './inbound.ts';
import { MESSAGE_TYPES, type WireType } from './store.ts';
import { isRecord } from './values.ts';
import { resolveByColons, WorkflowPrefixError, type ResolvedWorkflow } from './workflow.ts';

/** An invocation with arguments that cannot be bound: wrong count or wrong JSON types. */
export class BindingError extends Error {
  constructor() {
    super('The arguments do not fit the method.');
    this.name = 'BindingError';
  }
}

/** A refusal that the caller is told in an `Error` event; the invocation itself completes. */
export class HubError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'HubError';
  }
}

export type TextOrNull = string | null;

/** Throws the usual `Error` for a text argument that is missing. */
export function demand(value: TextOrNull, name: 'Workflow' | 'ParticipantId' | 'TenantId'): string {
  if (value === null || value.trim() === '') throw new HubError(`${name} parameter is required`);
  return value;
}

/** A JWT opens the conversations of its own subject only. */
export function checkParticipant(identity: Identity, participantId: string): void {
  if (!mayActFor(identity, participantId)) {
    throw new HubError('Invalid participantId. Mismatch between participantId and logged in user');
  }
}

/** The members of a request object, whatever the case of their names. */
export class HubRequest {
  readonly #members = new Map<string, unknown>();

  /** Throws {@link BindingError} for what the real server's JSON reader refuses. */
  constructor(request: Record<string, unknown>) {
    for (const [name, value] of Object.entries(request)) this.#members.set(name.toLowerCase(), value);
    if (!this.#members.has('participantid')) throw new BindingError();
    for (const name of TEXT_MEMBERS) this.text(name);
    const type = this.#members.get('type');
    if (type !== undefined && !isTypeName(type)) throw new BindingError();
    const metadata = this.#members.get('metadata') ?? {};
    if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
      throw new BindingError();
    }
  }

  text(name: string): TextOrNull {
    const value = this.#members.get(name.toLowerCase()) ?? null;
    if (value !== null && typeof value !== 'string') throw new BindingError();
    return value;
  }

  get data(): unknown {
    return this.#members.get('data');
  }
}

const TEXT_MEMBERS = [
  'participantId',
  'workflow',
  'workflowId',
  'workflowType',
  'requestId',
  'text',
  'scope',
  'hint',
  'taskId',
  'authorization',
  'origin',
];

/** The message in the arguments of `SendInboundMessage`. */
export function readHubInbound(
  request: unknown,
  messageType: TextOrNull,
  identity: Identity,
  isTenantWide: boolean,
): InboundDraft {
  if (request !== null && !isRecord(request)) throw new BindingError();
  const members = request === null ? undefined : new HubRequest(request);
  if (!members) throw new HubError('Request cannot be null');
  if (messageType === null || messageType.trim() === '') throw new HubError('MessageType is required');
  const type = MESSAGE_TYPES.find((name, index) => name === messageType || String(index) === messageType);
  if (!type) throw new HubError('Invalid message type. Valid types are: Chat, Data');
  const participantId = demand(members.text('participantId'), 'ParticipantId');
  checkParticipant(identity, participantId);
  const workflow = requestedWorkflow(members, identity.tenantId);
  return {
    ...(isTenantWide && members.text('workflow') ? withoutActivation(workflow) : workflow),
    tenantId: identity.tenantId,
    participantId,
    messageType: type satisfies WireType,
    requestId: members.text('requestId') || newRequestId(),
    text: members.text('text'),
    data: members.data,
    scope: members.text('scope'),
    hint: members.text('hint'),
    taskId: members.text('taskId'),
    origin: members.text('origin') ?? (type === 'Heartbeat' ? 'heartbeat' : null),
    createdBy: identity.userId,
  };
}

function requestedWorkflow(members: HubRequest, tenantId: string): ResolvedWorkflow {
  const workflow = members.text('workflow');
  if (workflow) return resolveByColons(tenantId, workflow, 'hub');
  const id = members.text('workflowId');
  const type = members.text('workflowType');
  if (type && id && !id.includes(':')) return { workflowId: `${tenantId}:${type}:${id}`, workflowType: type };
  if (id) return resolveByColons(tenantId, id, 'hub');
  if (type) return { workflowId: `${tenantId}:${type}`, workflowType: type };
  throw new WorkflowPrefixError('', tenantId);
}

/** The console hub forgets the fourth segment of `request.workflow`. */
function withoutActivation({ workflowId, workflowType }: ResolvedWorkflow): ResolvedWorkflow {
  return { workflowId: workflowId.split(':').slice(0, 3).join(':'), workflowType };
}

function isTypeName(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value);
  return MESSAGE_TYPES.some((name) => name.toLowerCase() === String(value).toLowerCase());
}
