import type { Identity } from './auth.ts';
import type { ServerContext } from './context.ts';
import { errorBodies, type Exchange } from './exchange.ts';
import { acceptInbound } from './inbound.ts';
import { malformedHistory } from './malformed.ts';
import { integer, participant, readInbound, Refusal, required } from './rest-input.ts';
import type { WireType } from './store.ts';
import { converseItem, historyItem } from './wire.ts';
import { resolveByColons, WorkflowPrefixError } from './workflow.ts';

type Handler = (context: ServerContext, exchange: Exchange, identity: Identity) => Promise<void> | void;

/** Routes of the REST API by path, each with the name by which faults know it. */
export const restRoutes: ReadonlyMap<
  string,
  { method: string; name: 'send' | 'converse' | 'history' | 'delete'; handle: Handler }
> = new Map([
  ['/api/user/rest/send', { method: 'POST', name: 'send', handle: send }],
  ['/api/user/rest/converse', { method: 'POST', name: 'converse', handle: converse }],
  ['/api/user/rest/history', { method: 'GET', name: 'history', handle: history }],
  ['/api/user/rest/thread', { method: 'DELETE', name: 'delete', handle: deleteThread }],
]);

/** Answers what a handler threw: its refusal, or the 500 that every unforeseen failure gets. */
export function answerFailure(exchange: Exchange, error: unknown): void {
  const { request, response } = exchange;
  if (error instanceof Refusal) {
    if (error.status === 413) response.setHeader('Connection', 'close');
    if (error.body === undefined) exchange.empty(error.status);
    else exchange.json(error.status, error.body);
    return;
  }
  const hasLeft = request.destroyed && !request.complete; // Then reading its body has failed, which is no news.
  if (!hasLeft && !(error instanceof WorkflowPrefixError)) console.error(error);
  if (!response.headersSent && !response.destroyed) exchange.json(500, errorBodies[500]);
}

async function send(context: ServerContext, exchange: Exchange, identity: Identity): Promise<void> {
  const outcome = acceptInbound(context, await readInbound(exchange, identity));
  if (outcome.then === 'answer') exchange.json(200, outcome.message.threadId);
  else if (outcome.then === 'fail') exchange.json(500, errorBodies[500]);
  else exchange.drop();
}

async function converse(context: ServerContext, exchange: Exchange, identity: Identity): Promise<void> {
  const seconds = integer(exchange, 'timeoutSeconds', 60);
  const draft = await readInbound(exchange, identity);
  if (seconds < 1 || seconds > 600) throw new Refusal(400, 'Timeout must be between 1 and 600 seconds.');
  const expected: WireType = draft.messageType === 'Heartbeat' ? 'Data' : draft.messageType;
  const wait = context.feed.claim(draft.requestId ?? '', expected);
  const outcome = acceptInbound(context, draft);
  if (outcome.then !== 'answer') {
    wait?.abandon();
    if (outcome.then === 'drop') exchange.drop();
    else exchange.problem(500, 'Internal Server Error', 'An error occurred while processing your request');
    return;
  }
  // A second wait for the same request: the message has been stored and delivered again, but nobody waits.
  if (!wait) return exchange.problem(408, 'Request Timeout', 'No response received within timeout period');
  const ended = await firstOf(exchange, wait.reply, seconds * context.settings.secondMs);
  wait.abandon();
  if (ended === 'gone') exchange.problem(499, 'Client Closed Request', 'Request was cancelled');
  else if (ended === 'late') {
    exchange.problem(408, 'Request Timeout', 'Request timed out waiting for response');
  } else exchange.json(200, converseItem(ended));
}

function history({ store, faults }: ServerContext, exchange: Exchange, identity: Identity): void {
  const workflow = required(exchange, 'workflow');
  const participantId = participant(exchange, identity);
  const page = integer(exchange, 'page', 1);
  const pageSize = integer(exchange, 'pageSize', 50);
  if (page < 1 || pageSize < 1) throw new Refusal(400, { error: 'Page and PageSize must be greater than 0' });
  const { tenantId } = identity;
  const { workflowId } = resolveByColons(tenantId, workflow, 'rest');
  const scope = exchange.query.get('scope')?.trim() || null;
  const items = store
    .history({ tenantId, workflowId, participantId, scope, page, pageSize })
    .map(historyItem);
  const malformed = faults.take('malformed-history');
  if (malformed?.kind === 'history-html') {
    exchange.send(200, 'text/html; charset=utf-8', '<!doctype html><title>Proxy</title><p>Please wait.</p>');
  } else exchange.json(200, malformed ? malformedHistory(items) : items);
}

function deleteThread({ store }: ServerContext, exchange: Exchange, identity: Identity): void {
  const workflow = required(exchange, 'workflow');
  const participantId = participant(exchange, identity);
  if (workflow === '') throw new Refusal(400, 'Workflow is required parameter');
  const { tenantId } = identity;
  const { workflowId } = resolveByColons(tenantId, workflow, 'rest');
  if (store.deleteThread({ tenantId, workflowId, participantId })) exchange.json(200, true);
  else exchange.json(404, { error: 'Thread not found' });
}

/** The reply, or why there is none: it is `late`, or the client is `gone`. */
function firstOf<Reply>(
  { response }: Exchange,
  reply: Promise<Reply>,
  timeoutMs: number,
): Promise<Reply | 'late' | 'gone'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('late'), timeoutMs);
    const onClose = () => settle('gone');
    const settle = (outcome: Reply | 'late' | 'gone') => {
      clearTimeout(timer);
      response.off('close', onClose);
      resolve(outcome);
    };
    response.once('close', onClose);
    void reply.then(settle);
  });
}
