import type { ExecutionResult } from 'graphql';
import { BodyTooLargeError, readBody, type Exchange } from '../exchange.ts';
import { isRecord } from '../values.ts';
import { schemaText } from './schema-text.ts';
import type { IncidentSide } from './side.ts';
import { failed, isRefused, type OperationRequest } from './operations.ts';
import { GraphQLError } from 'graphql';

const BODY_LIMIT_BYTES = 2 * 1_024 * 1_024;

/** `POST /graphql`: 200 for everything that is a request, plain text for what is none. And the schema, to download. */
export async function handleGraphql(side: IncidentSide, exchange: Exchange): Promise<void> {
  if (exchange.path === '/graphql/schema') {
    if (exchange.method !== 'GET') return exchange.empty(405);
    return plain(exchange, 200, schemaText(side.switches.dialect));
  }
  if (exchange.path !== '/graphql') return exchange.empty(404);
  if (exchange.method !== 'POST') return exchange.empty(405);
  const request = await readRequest(exchange);
  if (!request) return;
  const token = side.gate.admit(exchange.request.headers);
  if (token === undefined) {
    const error = new GraphQLError('Unauthorized', { extensions: { code: 'UNAUTHENTICATED' } });
    return exchange.json(side.switches.get('incidents-auth').http, failed([error]));
  }
  exchange.json(200, await run(side, request));
}

async function run({ operations }: IncidentSide, request: OperationRequest): Promise<ExecutionResult> {
  const operation = operations.prepare(request);
  if (isRefused(operation)) return failed(operation);
  if (operation.kind === 'subscription') {
    return failed([new GraphQLError('Subscriptions are not supported on this transport.')]);
  }
  return operations.run(operation);
}

/** `undefined` when it was answered already. */
async function readRequest(exchange: Exchange): Promise<OperationRequest | undefined> {
  if (!isJson(exchange)) {
    return plain(exchange, 415, 'Expected request with `Content-Type: application/json`');
  }
  let body: unknown;
  try {
    body = JSON.parse((await readBody(exchange.request, BODY_LIMIT_BYTES)).toString('utf8'));
  } catch (error) {
    if (error instanceof BodyTooLargeError) return plain(exchange, 413, 'length limit exceeded');
    if (error instanceof SyntaxError) return plain(exchange, 400, 'Failed to parse the request body as JSON');
    throw error;
  }
  if (isRecord(body) && typeof body['query'] === 'string') return body;
  return plain(
    exchange,
    422,
    'Failed to deserialize the JSON body into the target type: missing field `query`',
  );
}

/** Whether the body says that it is JSON. */
export function isJson({ request }: Exchange): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '');
}

export function plain(exchange: Exchange, status: number, text: string): undefined {
  exchange.send(status, 'text/plain; charset=utf-8', text);
}
