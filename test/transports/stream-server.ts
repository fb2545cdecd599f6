import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';

/** A message of graphql-transport-ws. */
export interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly query?: string; readonly [key: string]: unknown };
}

/** One connection as the server sees it. */
export interface StreamConnection {
  readonly path: string;
  /** What the client offered. */
  readonly protocol: string | undefined;
  readonly frames: readonly Frame[];
  /** Those frames that are of `type`. */
  of(type: string): readonly Frame[];
  send(frame: Frame | Readonly<Record<string, unknown>>): void;
  /** Whatever it is, as one text frame. */
  raw(text: string): void;
  close(code: number, reason?: string): void;
  cut(): void;
  /** What the client closed with; `undefined` while it is open. */
  readonly closed: { readonly code: number; readonly reason: string } | undefined;
}

export interface StreamScript {
  /** In the place of what a faithful server does with a frame; `faithful()` does that. */
  onFrame?(connection: StreamConnection, frame: Frame, faithful: () => void): void;
  /** Whether to open a socket at `path`. Default: at `/graphql/ws`. */
  opens?(path: string): boolean;
  /** What is not an upgrade. Default: 404. */
  onRequest?(request: IncomingMessage, response: ServerResponse): void;
}

export interface StreamServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly connections: readonly StreamConnection[];
  /** Paths of upgrades that were asked for. */
  readonly asked: readonly string[];
  /** Those that are open. */
  readonly open: readonly StreamConnection[];
  /** Everything that may still be in the script can be replaced while it runs. */
  script: StreamScript;
}

/** A server that speaks graphql-transport-ws as `script` wants it; it acknowledges, answers pings and tells nothing by itself. */
export async function streamServer(t: TestContext, script: StreamScript = {}): Promise<StreamServer> {
  const connections: StreamConnection[] = [];
  const asked: string[] = [];
  const http = createServer((request, response) => {
    if (server.script.onRequest) return server.script.onRequest(request, response);
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
  });
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    const path = request.url ?? '';
    // Whoever asks may be gone before there is an answer.
    socket.on('error', () => undefined);
    asked.push(path);
    if (!(server.script.opens ?? isUsual)(path)) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const protocol = request.headers['sec-websocket-protocol'];
      connections.push(follow(opened, path, protocol, () => server.script));
    });
  });
  const server: StreamServer = {
    url: '',
    connections,
    asked,
    get open() {
      return connections.filter(({ closed }) => closed === undefined);
    },
    script,
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
    http.close();
  });
  return Object.assign(server, { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
}

const isUsual = (path: string) => path === '/graphql/ws';

function follow(
  socket: WebSocket,
  path: string,
  protocol: string | undefined,
  script: () => StreamScript,
): StreamConnection {
  const frames: Frame[] = [];
  let closed: { code: number; reason: string } | undefined;
  const raw = (text: string) => {
    if (socket.readyState === 1) socket.send(text);
  };
  const connection: StreamConnection = {
    path,
    protocol,
    frames,
    of: (type) => frames.filter((frame) => frame.type === type),
    send: (frame) => raw(JSON.stringify(frame)),
    raw,
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
    get closed() {
      return closed;
    },
  };
  socket.on('error', () => undefined); // a close follows
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Frame;
    frames.push(frame);
    const faithful = () => {
      if (frame.type === 'connection_init') connection.send({ type: 'connection_ack' });
      if (frame.type === 'ping') connection.send({ type: 'pong' });
    };
    const { onFrame } = script();
    if (onFrame) onFrame(connection, frame, faithful);
    else faithful();
  });
  socket.on('close', (code, reason) => (closed = { code, reason: reason.toString() }));
  return connection;
}
