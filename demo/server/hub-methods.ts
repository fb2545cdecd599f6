import type { ServerContext } from './context.ts';
import type { HubConnection, Invocation } from './hub-connection.ts';
import {
  BindingError,
  checkParticipant,
  demand,
  HubError,
  readHubInbound,
  type TextOrNull,
} from './hub-input.ts';
import { acceptInbound } from './inbound.ts';
import { malformedHistory } from './malformed.ts';
import type { ReceivedEntry } from './received.ts';
import { historyItem, withoutNulls } from './wire.ts';
import { resolveByColons, resolveByPrefix, WorkflowPrefixError } from './workflow.ts';

/** One invocation at work. */
interface Call {
  context: ServerContext;
  connection: HubConnection;
  args: readonly unknown[];
  /** This call's line in the report, for the facts that the arguments hold. */
  entry: ReceivedEntry;
}

interface Method {
  name: string;
  arity: number;
  run: (call: Call) => Promise<void> | void;
}

const common: readonly Method[] = [
  { name: 'SendInboundMessage', arity: 2, run: sendInbound },
  { name: 'GetThreadHistory', arity: 4, run: (call) => history(call, null) },
];

const participantMethods: readonly Method[] = [
  ...common,
  { name: 'SubscribeToAgent', arity: 3, run: (call) => group(call, (groups, name) => void groups.add(name)) },
  {
    name: 'UnsubscribeFromAgent',
    arity: 3,
    run: (call) => group(call, (groups, name) => void groups.delete(name)),
  },
  { name: 'GetScopedThreadHistory', arity: 5, run: (call) => history(call, text(call, 4)) },
  { name: 'DeleteThread', arity: 2, run: deleteThread },
];

const tenantMethods: readonly Method[] = [
  ...common,
  {
    name: 'SubscribeToAgent',
    arity: 2,
    run: (call) => tenantGroup(call, (groups, name) => void groups.add(name)),
  },
  {
    name: 'UnsubscribeFromAgent',
    arity: 2,
    run: (call) => tenantGroup(call, (groups, name) => void groups.delete(name)),
  },
];

/** Name of the group for one participant; `participantId` is taken as it is, so its case matters. */
export function groupName(workflowId: string, participantId: string, tenantId: string): string {
  return workflowId + participantId + tenantId;
}

/**
 * Runs one invocation; its answer events go out before this resolves. Resolves with the error text of the completion, or
 * `undefined`: also when the server refused, since refusals are `Error` events.
 */
export async function runInvocation(
  context: ServerContext,
  connection: HubConnection,
  { target, arguments: args }: Invocation,
): Promise<string | undefined> {
  const entry = context.received.add({
    transport: 'hub',
    method: 'INVOKE',
    target,
    path: connection.isTenantWide ? '/ws/tenant/chat' : '/ws/chat',
    credential: connection.credential,
  });
  const methods = connection.isTenantWide ? tenantMethods : participantMethods;
  const method = methods.find(({ name }) => name.toLowerCase() === target.toLowerCase());
  try {
    if (!method) return fail(entry, `Unknown hub method '${target}'`);
    if (args.length !== method.arity) throw new BindingError();
    if (context.faults.takeRule('fail', ['hub'], connection.identity.tenantId))
      throw new WorkflowPrefixError('', '');
    await method.run({ context, connection, args, entry });
    entry.status ??= connection.isClosed ? 'dropped' : 'completed';
    return undefined;
  } catch (error) {
    if (error instanceof BindingError) {
      return fail(entry, `Failed to invoke '${target}' due to an error on the server.`);
    }
    if (error instanceof HubError) {
      entry.status = 'error';
      connection.emit('Error', error.message);
      return undefined;
    }
    if (!(error instanceof WorkflowPrefixError)) console.error(error);
    return fail(entry, `An unexpected error occurred invoking '${target}' on the server.`);
  }
}

function group(call: Call, change: (groups: Set<string>, name: string) => void): void {
  const [workflow, participantId, tenantId] = [text(call, 0), text(call, 1), text(call, 2)];
  note(call, workflow, participantId);
  const { identity, groups } = call.connection;
  const id = resolveByPrefix(identity.tenantId, demand(workflow, 'Workflow'));
  const participant = demand(participantId, 'ParticipantId');
  if (demand(tenantId, 'TenantId') !== identity.tenantId)
    throw new HubError('Access denied - invalid tenant');
  checkParticipant(identity, participant);
  change(groups, groupName(id, participant, identity.tenantId));
}

function tenantGroup(call: Call, change: (groups: Set<string>, name: string) => void): void {
  const [workflow, tenantId] = [text(call, 0), text(call, 1)];
  note(call, workflow, null);
  const { identity, groups } = call.connection;
  const id = resolveByPrefix(identity.tenantId, demand(workflow, 'Workflow'));
  if (demand(tenantId, 'TenantId') !== identity.tenantId)
    throw new HubError('Access denied - invalid tenant');
  change(groups, groupName(id, '', identity.tenantId));
}

async function sendInbound(call: Call): Promise<void> {
  const { context, connection, args } = call;
  const { faults, feed, settings } = context;
  const draft = inboundOf(call, args[0] ?? null, text(call, 1));
  note(call, draft.workflowId, draft.participantId, draft.requestId);
  const refused = faults.take('hub-error');
  if (refused) throw new HubError(refused.message);
  const firstReply = faults.get('reply-before-processed')
    ? feed.next((message) => message.requestId === draft.requestId)
    : undefined;
  const outcome = acceptInbound(context, draft);
  if (outcome.then === 'drop') {
    call.entry.status = 'dropped';
    return connection.terminate();
  }
  if (outcome.then === 'fail') throw new HubError('An unexpected error occurred');
  const { threadId } = outcome.message;
  if (firstReply) {
    // An agent that stays silent must not block the connection for good.
    await Promise.race([firstReply.reply, delay(settings.agentDelayMs * 5 + 200)]);
    firstReply.abandon();
  }
  if (faults.get('delay-processed') > 0) await delay(faults.get('delay-processed'));
  connection.emit('InboundProcessed', threadId);
}

/** The console hub words what goes wrong differently. */
function inboundOf({ connection }: Call, request: unknown, messageType: TextOrNull) {
  try {
    return readHubInbound(request, messageType, connection.identity, connection.isTenantWide);
  } catch (error) {
    if (!connection.isTenantWide || !(error instanceof WorkflowPrefixError)) throw error;
    throw new HubError(`Failed to process message: ${error.message}`);
  }
}

function history(call: Call, scope: TextOrNull): void {
  const { context, connection } = call;
  const [workflow, participantId, page, pageSize] = [
    text(call, 0),
    text(call, 1),
    int(call, 2),
    int(call, 3),
  ];
  note(call, workflow, participantId);
  const { identity, isTenantWide } = connection;
  const workflowId = resolveByPrefix(identity.tenantId, demand(workflow, 'Workflow'));
  const asked = demand(participantId, 'ParticipantId');
  if (page < 0) throw new HubError('Page must be non-negative');
  if (pageSize < 2 || pageSize > 1_000) throw new HubError('PageSize must be between 1 and 1000');
  checkParticipant(identity, asked);
  if (page === 0) return connection.emit('ThreadHistory', null);
  const items = context.store
    .history({
      tenantId: identity.tenantId,
      workflowId,
      participantId: isTenantWide ? asked : asked.toLowerCase(),
      scope: scope?.trim() || null,
      page,
      pageSize,
    })
    .map((message) => withoutNulls(historyItem(message)));
  const malformed = context.faults.take('malformed-history');
  connection.emit('ThreadHistory', malformed ? malformedHistory(items) : items);
}

function deleteThread(call: Call): void {
  const { context, connection } = call;
  const [workflow, participantId] = [text(call, 0), text(call, 1)];
  note(call, workflow, participantId);
  const { tenantId } = connection.identity;
  const asked = demand(workflow, 'Workflow');
  const participant = demand(participantId, 'ParticipantId');
  checkParticipant(connection.identity, participant);
  const { workflowId } = resolved(() => resolveByColons(tenantId, asked, 'hub'));
  if (!context.store.deleteThread({ tenantId, workflowId, participantId: participant })) {
    throw new HubError('Thread not found');
  }
  connection.emit('ThreadDeleted', true);
}

/** Delete reports another tenant's workflow as an event, where other methods fail. */
function resolved<Value>(resolve: () => Value): Value {
  try {
    return resolve();
  } catch (error) {
    throw error instanceof WorkflowPrefixError ? new HubError('An unexpected error occurred') : error;
  }
}

function text({ args }: Call, index: number): TextOrNull {
  const value = args[index] ?? null;
  if (value !== null && typeof value !== 'string') throw new BindingError();
  return value;
}

function int({ args }: Call, index: number): number {
  const value = args[index];
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new BindingError();
  return value;
}

function note(
  { entry }: Call,
  workflow: TextOrNull,
  participantId: TextOrNull,
  requestId?: TextOrNull,
): void {
  if (workflow) entry.workflow = workflow;
  if (participantId) entry.participantId = participantId;
  if (requestId) entry.requestId = requestId;
}

function fail(entry: ReceivedEntry, error: string): string {
  entry.status = 'error';
  return error;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
