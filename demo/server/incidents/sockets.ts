import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ServerContext } from '../context.ts';
import { refuseUpgrade } from '../network.ts';
import type { Session } from './session.ts';
import { speakAsyncGraphql } from './speak-async-graphql.ts';
import { speakGraphqlWs } from './speak-graphql-ws.ts';
import type { Switches } from './switches.ts';
import { Wire } from './wire.ts';

const PROTOCOL = 'graphql-transport-ws';
export const SOCKET_PATHS: readonly string[] = ['/graphql/ws', '/graphql'];
/** As long as a client may take for its first message, in units of the server's second. */
const INIT_TIMEOUT_SECONDS = 3;
/** Longest time that a timer of Node can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Those parts of a session that all sockets have in common. */
type Shared = Pick<Session, 'gate' | 'operations' | 'live'>;

interface Open {
  socket: WebSocket;
  wire: Wire;
  /** With which somebody came in; `undefined`: nobody has yet. */
  token: string | undefined;
}

/** The WebSockets of one server. They are compressed never, and pinged never. */
export class IncidentSockets {
  readonly #switches: Switches;
  readonly #shared: Shared;
  readonly #open = new Set<Open>();
  readonly #server = new WebSocketServer({
    noServer: true,
    autoPong: false, // The wire answers, unless it is mute.
    // An unknown protocol is granted too, so that the client is told what is wrong by a close code.
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : [...offered][0]) ?? false,
  });

  constructor(switches: Switches, shared: Shared) {
    this.#switches = switches;
    this.#shared = shared;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens a socket, or refuses it; answers with the status. 0: it hears nothing. */
  upgrade(context: ServerContext, request: IncomingMessage, socket: Duplex, head: Buffer): number {
    const refused = this.#refusal(request);
    if (refused !== undefined) {
      if (refused === 'drop') socket.destroy();
      if (typeof refused === 'string') return 0;
      refuseUpgrade(socket, refused, 'text/plain; charset=utf-8', '');
      return refused;
    }
    const { faults, settings } = context;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const latencyMs = () => faults.get('latency') + this.#switches.get('incidents-latency').ms;
      const wire = new Wire(webSocket, this.#switches, latencyMs);
      const open: Open = { socket: webSocket, wire, token: undefined };
      const lifeMs = faults.get('short-lives');
      const ends = lifeMs === false ? undefined : setTimeout(() => webSocket.terminate(), lifeMs);
      let expires: NodeJS.Timeout | undefined;
      this.#open.add(open);
      webSocket.on('error', () => webSocket.terminate()); // A frame against the rules; ws has said so already.
      webSocket.once('close', () => {
        this.#open.delete(open);
        clearTimeout(ends);
        clearTimeout(expires);
      });
      const speak = this.#switches.mode === 'async-graphql' ? speakAsyncGraphql : speakGraphqlWs;
      speak({
        ...this.#shared,
        socket: webSocket,
        wire,
        headers: request.headers,
        initTimeoutMs: INIT_TIMEOUT_SECONDS * settings.secondMs,
        admitted: (token) => {
          open.token = token;
          const leftMs = context.auth.expiryOf(token) - Date.now();
          if (leftMs < MAX_TIMER_MS) expires = setTimeout(() => this.expire(), Math.max(0, leftMs));
        },
      });
    });
    return 101;
  }

  /** Closes all with a code. Those that cannot be sent, such as 1006, cut the connection. */
  closeAll(code: number, reason: string): number {
    const count = this.#open.size;
    for (const { socket } of this.#open) {
      if ([1_004, 1_005, 1_006, 1_015].includes(code)) socket.terminate();
      else socket.close(code, reason);
    }
    return count;
  }

  /** Cuts one or all without a word. */
  drop(which: 'one' | 'all'): number {
    const sockets = [...this.#open].slice(0, which === 'one' ? 1 : undefined);
    for (const { socket } of sockets) socket.terminate();
    return sockets.length;
  }

  /** Sends a text as it is to every socket. */
  inject(text: string): number {
    for (const { wire } of this.#open) wire.send(text);
    return this.#open.size;
  }

  /** Closes those who would not be let in now. */
  expire(): void {
    const { expiry } = this.#switches.get('incidents-auth');
    if (expiry === 0) return;
    for (const { socket, token } of this.#open) {
      if (token !== undefined && !this.#shared.gate.accepts(token)) {
        socket.close(expiry, expiry === 4_401 ? 'Unauthorized' : 'Forbidden');
      }
    }
  }

  #refusal(request: IncomingMessage): number | 'drop' | 'hang' | undefined {
    const { on, how } = this.#switches.get('incidents-refuse-sockets');
    if (on) return how === 'refuse' ? 503 : how;
    if (this.#switches.mode === 'as-shipped') return 404;
    if (this.#switches.mode === 'full') return undefined;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    return offered.includes(PROTOCOL) ? undefined : 400;
  }
}
