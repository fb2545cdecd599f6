import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { credentialKind } from '../auth.ts';
import type { ServerContext } from '../context.ts';
import { parseTarget, type Exchange } from '../exchange.ts';
import { passNetwork, PORTAL, refuseUpgrade } from '../network.ts';
import { traceparentOf } from '../received.ts';
import { answerFault } from '../status-faults.ts';
import { handleGraphql } from './graphql-http.ts';
import { VERSION } from './resolve-queries.ts';
import { handleRest } from './rest.ts';
import type { IncidentSide } from './side.ts';
import { SOCKET_PATHS } from './sockets.ts';

/** A path that speaks no protocol of ours: the service answers 500 to every upgrade, through a fault of its own. */
const RAW_SOCKET_PATH = '/ws';
const HEALTH = { status: 'healthy', version: VERSION, uptime_seconds: 0 };

type Handle = (side: IncidentSide, exchange: Exchange) => Promise<void> | void;

/** What answers a request; `undefined`: it is not for the incident manager. */
export function handlerOf({ path, request }: Exchange): Handle | undefined {
  if (/^\/graphql(\/|$)/.test(path)) return graphql;
  if (path.startsWith('/v1/') || path === '/api/v1/events') return handleRest;
  if (path === '/metrics') return metrics;
  // The Xians server has a health of its own at the same address; who asks for JSON means this one.
  const isHealth = path === '/health' && /\bjson\b/.test(request.headers.accept ?? '');
  return isHealth || path === '/health/live' || path === '/health/ready' ? health : undefined;
}

const graphql: Handle = (side, exchange) =>
  side.switches.mode === 'as-shipped' ? exchange.empty(404) : handleGraphql(side, exchange);

const health: Handle = (_side, exchange) =>
  exchange.method === 'GET' ? exchange.json(200, HEALTH) : exchange.empty(405);

const metrics: Handle = (side, exchange) => {
  if (exchange.method !== 'GET') return exchange.empty(405);
  const { count, sockets, events } = side.report();
  const lines = [
    ['incidents_total', 'gauge', count],
    ['websocket_connections', 'gauge', sockets],
    ['incident_events_total', 'counter', events],
  ].map(
    ([name, type, value]) =>
      `# TYPE llm_incident_manager_${name} ${type}\nllm_incident_manager_${name} ${value}\n`,
  );
  exchange.send(200, 'text/plain; version=0.0.4', lines.join(''));
};

/** Answers a request that is for the incident manager. */
export async function answerHttp(
  side: IncidentSide,
  context: ServerContext,
  exchange: Exchange,
): Promise<void> {
  const { switches } = side;
  const { request, response, method, path } = exchange;
  if (!(await passNetwork(context, exchange, switches.get('incidents-latency').ms))) return;
  const aheadMs = switches.get('incidents-clock').aheadMs;
  if (aheadMs !== 0) response.setHeader('Date', new Date(Date.now() + aheadMs).toUTCString());
  setCors(side, exchange);
  if (method === 'OPTIONS') return exchange.empty(200);
  if (context.faults.get('captive-portal')) return exchange.send(200, 'text/html; charset=utf-8', PORTAL);
  const entry = context.received.add({
    transport: 'incidents',
    method,
    path,
    credential: credentialKind(request.headers, exchange.query, 'rest'),
    ...origins(request),
  });
  response.once('close', () => (entry.status = response.headersSent ? response.statusCode : 0));
  if (answerFault(context, exchange, ['incidents']) !== undefined) return;
  const isGraphql = path.startsWith('/graphql');
  const what = isGraphql ? 'graphql' : 'rest';
  const forced = switches.take('incidents-fail', (rule) => rule.what === 'any' || rule.what === what);
  if (!forced) return handlerOf(exchange)?.(side, exchange);
  if (forced.retryAfter !== '') response.setHeader('Retry-After', forced.retryAfter);
  exchange.send(forced.status, 'text/plain; charset=utf-8', 'The server was told to answer like this.');
}

/** Any origin, without credentials, on every answer. A bare `*` for headers does not stand for `Authorization`. */
function setCors({ switches }: IncidentSide, { method, response }: Exchange): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Vary', 'origin, access-control-request-method, access-control-request-headers');
  if (method !== 'OPTIONS') return;
  const { authorization = switches.mode === 'full' } = switches.get('incidents-cors');
  response.setHeader('Access-Control-Allow-Methods', '*');
  response.setHeader('Access-Control-Allow-Headers', authorization ? '*, Authorization' : '*');
}

/** Answers an upgrade, if its path is one of the incident manager. */
export function answerUpgrade(
  side: IncidentSide,
  context: ServerContext,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): boolean {
  const { faults, openSockets, received } = context;
  const { path, query } = parseTarget(request.url ?? '/');
  const isRaw = path === RAW_SOCKET_PATH && side.switches.mode === 'as-shipped';
  if (!isRaw && !SOCKET_PATHS.includes(path)) return false;
  if (faults.get('down')) return cut(socket);
  openSockets.add(socket);
  socket.once('close', () => openSockets.delete(socket));
  const credential = credentialKind(request.headers, query, 'rest');
  const entry = received.add({
    transport: 'incidents',
    method: 'CONNECT',
    path,
    credential,
    ...origins(request),
  });
  const refuse = (status: number, body = '', type = 'text/html; charset=utf-8') => {
    entry.status = status;
    refuseUpgrade(socket, status, type, body);
    return true;
  };
  const blocked = faults.get('block-websockets');
  if (faults.get('captive-portal')) return refuse(200, PORTAL);
  if (blocked === 'refuse') return refuse(502, '<h1>Bad Gateway</h1>');
  if (blocked === 'hang') return true; // The client hears nothing.
  if (isRaw) {
    const missing = 'Missing request extension: Extension of type `ConnectInfo<SocketAddr>` was not found';
    return refuse(500, missing, 'text/plain; charset=utf-8');
  }
  entry.status = side.sockets.upgrade(context, request, socket, head);
  return true;
}

function cut(socket: Duplex): true {
  socket.destroy();
  return true;
}

function origins(request: IncomingMessage) {
  const traceparent = traceparentOf(request);
  const { origin } = request.headers;
  return {
    ...(origin !== undefined && { pageOrigin: origin }),
    ...(traceparent !== undefined && { traceparent }),
  };
}
