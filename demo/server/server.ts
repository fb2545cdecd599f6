import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Agents } from './agents.ts';
import { handleApi, handleUpgrade, isApiPath } from './api.ts';
import { Authenticator } from './auth.ts';
import { Collected, collectorAt, handleCollector } from './collectors.ts';
import type { ServerContext } from './context.ts';
import { applyFault, CONTROL_PATH, controlReport, handleControl } from './control.ts';
import { errorBodies, Exchange } from './exchange.ts';
import { Faults } from './faults.ts';
import { Feed } from './feed.ts';
import { Hub } from './hub.ts';
import { IncidentSide } from './incidents/side.ts';
import { isLoopbackHost, withDefaults, type ServerOptions } from './options.ts';
import { RateLimiter } from './rate-limiter.ts';
import { ReceivedLog } from './received.ts';
import { SseStreams } from './sse.ts';
import { serveStatic } from './static.ts';
import { Store } from './store.ts';
import { openStoreFile } from './store-file.ts';
import { handleToken, TOKEN_PATH } from './token-endpoint.ts';

export { mintToken } from './jwt.ts';
export type { ServerOptions } from './options.ts';

/** A fault and its parameters; `GET /__control` lists them under `available`. */
export interface FaultRequest {
  fault: string;
  [parameter: string]: unknown;
}

/** A running server. */
export interface DevServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Sets a fault, as `POST /__control` does. Rejects when it is unknown or its parameters are wrong. */
  control(fault: FaultRequest): Promise<Record<string, unknown>>;
  /** What `GET /__control` answers. */
  report(): ReturnType<typeof controlReport>;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Node counts the request line to the headers; the limits of the real server are checked per request instead. */
const MAX_HEADER_BYTES = 4 * 1_024 * 1_024;

/** Starts a server with a store, agents and faults of its own. Rejects when it cannot listen. */
export async function startServer(options: ServerOptions = {}): Promise<DevServer> {
  const context = createContext(options);
  const { settings } = context;
  const hasControl = isLoopbackHost(settings.host);
  const sockets = new Set<Socket>();
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0 });
  // As the real server's. Node's own 5 s would now and then close a connection that a client is about to use again.
  server.keepAliveTimeout = 130_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => void answer(context, request, response, hasControl));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy()); // A client that left; nothing to tell it.
    if (!context.incidents.upgrade(context, request, socket, head)) {
      handleUpgrade(context, request, socket, head);
    }
  });
  server.on('clientError', refuseUnparsable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  context.incidents.start();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`,
    port,
    control: async (fault) => applyFault(context, fault),
    report: () => controlReport(context),
    close: () =>
      new Promise((resolve, reject) => {
        context.agents.reset();
        context.feed.close();
        context.incidents.close();
        server.close((error) => (error ? reject(error) : resolve()));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function createContext(options: ServerOptions): ServerContext {
  const settings = withDefaults(options);
  const faults = new Faults({
    strictSse: settings.strictSse,
    rateLimiter: settings.rateLimit !== false,
  });
  const feed = new Feed({
    isSuspended: () => faults.get('suspend-broadcasts') !== false,
    repeats: () => faults.take('repeat-broadcast')?.times ?? 0,
  });
  const store = new Store((message) => feed.push(message), {
    limit: settings.storeLimit,
    ...(settings.storeFile === undefined ? {} : { file: openStoreFile(settings.storeFile) }),
  });
  const hub = new Hub();
  const auth = new Authenticator(settings);
  const sse = new SseStreams(faults, () => feed.waiting);
  feed.addOutlet(hub);
  feed.addOutlet(sse);
  return {
    settings,
    faults,
    feed,
    store,
    hub,
    sse,
    collected: new Collected(),
    openSockets: new Set(),
    received: new ReceivedLog(),
    auth,
    incidents: new IncidentSide(auth, settings.incidents),
    limiter: new RateLimiter(settings.rateLimit || { permits: 100, windowMs: 60_000 }),
    agents: new Agents(store, settings.agentDelayMs, () => faults.get('agents')),
  };
}

async function answer(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  hasControl: boolean,
): Promise<void> {
  const exchange = new Exchange(request, response);
  const collector = collectorAt(exchange.path);
  try {
    if (hasControl && exchange.path === CONTROL_PATH) await handleControl(context, exchange);
    else if (exchange.path === TOKEN_PATH) handleToken(context, exchange);
    else if (collector) await handleCollector(context, exchange, collector);
    else if (context.incidents.owns(exchange)) await context.incidents.handle(context, exchange);
    else if (isApiPath(exchange.path)) await handleApi(context, exchange);
    else await serveStatic(context.settings.staticRoot, exchange);
  } catch (error) {
    console.error(error);
    if (response.headersSent) response.destroy();
    else exchange.json(500, errorBodies[500]);
  }
}

/** What Node's parser gave up on: a request line or headers far over the limits, or no HTTP at all. */
function refuseUnparsable(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const isLine = error.code === 'HPE_HEADER_OVERFLOW' && !error.rawPacket?.includes('\r\n');
  const status = isLine
    ? '414 URI Too Long'
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
