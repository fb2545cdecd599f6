import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { credentialKind, type Identity } from './auth.ts';
import type { ServerContext } from './context.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { errorBodies, errorBody, parseTarget, type Exchange } from './exchange.ts';
import type { FaultTarget } from './faults.ts';
import { HUB_PATHS } from './hub.ts';
import { passNetwork, PORTAL, refuseUpgrade } from './network.ts';
import { rateLimitPartition } from './rate-limiter.ts';
import { traceparentOf, type ReceivedEntry } from './received.ts';
import { integer, Refusal, required } from './rest-input.ts';
import { answerFailure, restRoutes } from './rest.ts';
import { answerFault, retryAfterText } from './status-faults.ts';
import { resolveByColons } from './workflow.ts';

/** Longest request line, with its line end, as Kestrel counts. */
const REQUEST_LINE_BYTES = 8_192;
const HEADER_BYTES = 32_768;
const HEADER_COUNT = 100;

const SSE_PATH = '/api/user/sse/events';
const SECURITY_HEADERS = {
  'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Whether `path` belongs to the Xians server. Everything else is this machine's own: pages, control, demo tokens. */
export function isApiPath(path: string): boolean {
  return /^\/+(api|ws|health)(\/|$)/i.test(path);
}

/** Answers one request to the Xians server. */
export async function handleApi(context: ServerContext, exchange: Exchange): Promise<void> {
  const { faults, settings } = context;
  const { request, response } = exchange;
  if (!(await passNetwork(context, exchange))) return;

  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  setCorsHeaders(exchange, settings.allowOrigin);
  if (faults.get('captive-portal')) return exchange.send(200, 'text/html; charset=utf-8', PORTAL);
  const tooBig = oversized(request);
  if (exchange.method !== 'OPTIONS') watch(context, exchange);
  if (tooBig !== undefined) {
    response.setHeader('Connection', 'close');
    return exchange.empty(tooBig);
  }
  if (exchange.method === 'OPTIONS') return answerPreflight(exchange, settings.allowHeaders);
  try {
    await route(context, exchange);
  } catch (error) {
    answerFailure(exchange, error);
  }
}

function route(context: ServerContext, exchange: Exchange): Promise<void> | void {
  const path = exchange.path.toLowerCase();
  if (path === '/health') return exchange.send(200, 'text/plain; charset=utf-8', 'Healthy');
  if (path.startsWith('/api/user/') && isLimited(context, exchange)) return;
  const rest = restRoutes.get(path);
  if (rest) {
    if (exchange.method !== rest.method) return exchange.empty(405);
    const identity = admit(context, exchange, rest.name, 'rest');
    return identity && rest.handle(context, exchange, identity);
  }
  if (path === SSE_PATH) {
    if (exchange.method !== 'GET') return exchange.empty(405);
    const identity = admit(context, exchange, 'sse');
    return identity && openStream(context, exchange, identity);
  }
  const hubPath = Object.values(HUB_PATHS).find((hub) => path === hub || path === `${hub}/negotiate`);
  if (hubPath === undefined) return exchange.empty(404);
  // Without an upgrade this would be SignalR's long polling or SSE, which this server does not carry.
  if (path === hubPath) return exchange.send(400, 'text/plain', 'Connection ID required');
  if (exchange.method !== 'POST') return exchange.empty(405);
  if (!isFaulted(context, exchange, 'negotiate')) context.hub.negotiate(context, exchange, hubPath);
}

/** Opens a hub connection, or refuses it in the way of a web server: a status line, then the end. */
export function handleUpgrade(
  context: ServerContext,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const { faults, received } = context;
  const { path, query } = parseTarget(request.url ?? '/');
  const hubPath = Object.values(HUB_PATHS).find((hub) => hub === path.toLowerCase());
  const blocked = faults.get('block-websockets');
  if (faults.get('down') || !isApiPath(path)) return void socket.destroy();
  context.openSockets.add(socket);
  socket.once('close', () => context.openSockets.delete(socket));
  const entry = received.add({
    transport: 'hub',
    method: 'CONNECT',
    path,
    credential: credentialKind(request.headers, query, 'hub'),
    ...given({ pageOrigin: request.headers.origin, traceparent: traceparentOf(request) }),
  });
  const refuse = (status: number, body: string, type = 'application/json; charset=utf-8') => {
    entry.status = status;
    refuseUpgrade(socket, status, type, body);
  };
  if (faults.get('captive-portal')) return refuse(200, PORTAL, 'text/html; charset=utf-8');
  if (blocked === 'refuse') return refuse(502, '<h1>Bad Gateway</h1>', 'text/html; charset=utf-8');
  if (blocked === 'hang') return; // The client hears nothing, as behind a proxy that does not know WebSockets.
  const tenantId = context.auth.tenantOf(request.headers, query);
  if (faults.takeRule('hang', ['upgrade'], tenantId)) return;
  const forced =
    faults.takeRule('refuse', ['upgrade', 'hub'], tenantId) ?? faults.takeRule('fail', ['upgrade'], tenantId);
  if (forced) return refuse(forced.status, JSON.stringify(errorBody(forced.status)));
  if (hubPath === undefined) return refuse(404, '');
  const status = context.hub.upgrade(context, request, socket, head, hubPath, query);
  if (status === undefined) entry.status = 101;
  else refuse(status, status === 401 ? JSON.stringify(errorBodies[401]) : '');
}

function openStream({ sse, settings }: ServerContext, exchange: Exchange, { tenantId }: Identity): void {
  const { query, response } = exchange;
  const workflow = required(exchange, 'workflow');
  const participantId = required(exchange, 'participantId');
  const seconds = integer(exchange, 'heartbeatSeconds', 5);
  if (workflow.trim() === '' || participantId.trim() === '') {
    throw new Refusal(400, 'Workflow and participantId are required parameters');
  }
  sse.open(response, {
    tenantId,
    workflowId: resolveByColons(tenantId, workflow, 'rest').workflowId,
    participantId: participantId.toLowerCase(),
    scope: query.get('scope')?.trim() || null,
    heartbeatMs: Math.min(300, Math.max(1, seconds)) * settings.secondMs,
  });
}

/** The caller, unless a fault or a bad credential has answered already. `also` is a wider name for the same route. */
function admit(context: ServerContext, exchange: Exchange, ...targets: FaultTarget[]): Identity | undefined {
  if (isFaulted(context, exchange, ...targets)) return undefined;
  const identity = context.auth.authenticate(exchange.request.headers, exchange.query, 'rest');
  if (!identity) exchange.json(401, errorBodies[401]);
  return identity;
}

function isFaulted(context: ServerContext, exchange: Exchange, ...targets: FaultTarget[]): boolean {
  return answerFault(context, exchange, targets) !== undefined;
}

/** Answers 429 when the caller is over its limit. Runs before authentication, so that refused requests count too. */
function isLimited({ faults, limiter }: ServerContext, exchange: Exchange): boolean {
  const forced = faults.take('rate-limit')?.retryAfter;
  const overMs = faults.get('rate-limiter') ? limiter.take(rateLimitPartition(exchange.request)) : undefined;
  const retryAfter = forced
    ? retryAfterText(forced)
    : overMs === undefined
      ? undefined
      : String(Math.floor(overMs / 1_000));
  if (retryAfter === undefined) return false;
  exchange.response.setHeader('Retry-After', retryAfter);
  exchange.json(429, {
    error: 'Rate limit exceeded',
    message: 'Too many requests. Please try again later.',
    retryAfter,
  });
  return true;
}

function oversized({ method, url, httpVersion, rawHeaders }: IncomingMessage): 414 | 431 | undefined {
  if (`${method} ${url} HTTP/${httpVersion}\r\n`.length > REQUEST_LINE_BYTES) return 414;
  const bytes = rawHeaders.reduce((total, part) => total + part.length + 2, 0);
  return bytes > HEADER_BYTES || rawHeaders.length / 2 > HEADER_COUNT ? 431 : undefined;
}

/** Notes the request in the report, and its status when it has been answered. */
function watch({ received }: ServerContext, { request, response, method, path, query }: Exchange): void {
  const transport = transportOf(path.toLowerCase());
  const entry: ReceivedEntry = received.add({
    transport,
    method,
    path,
    credential: credentialKind(request.headers, query, transport === 'hub' ? 'hub' : 'rest'),
    ...given({
      participantId: query.get('participantId'),
      workflow: query.get('workflow'),
      requestId: query.get('requestId'),
      pageOrigin: request.headers.origin,
      traceparent: traceparentOf(request),
    }),
  });
  response.once('close', () => (entry.status ??= response.headersSent ? response.statusCode : 0));
  response.once('finish', () => (entry.status = response.statusCode));
}

function transportOf(path: string): ReceivedEntry['transport'] {
  if (path === '/health') return 'health';
  if (path.startsWith('/ws')) return 'hub';
  return path === SSE_PATH ? 'sse' : 'rest';
}

function given<Values extends Record<string, string | undefined>>(
  values: Values,
): { [Name in keyof Values]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: string;
  };
}
