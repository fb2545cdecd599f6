import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { credentialKind, type Identity } from './auth.ts';
import type { ServerContext } from './context.ts';
import { errorBodies, type Exchange } from './exchange.ts';
import type { FeedOutlet } from './feed.ts';
import { HubConnection, type CloseReason } from './hub-connection.ts';
import { groupName, runInvocation } from './hub-methods.ts';
import { encodeRecord } from './hub-records.ts';
import { newConnectionToken } from './ids.ts';
import type { Query } from './query.ts';
import type { StoredMessage } from './store.ts';
import { liveItem } from './wire.ts';

/** The two hubs by path. */
export const HUB_PATHS = { participant: '/ws/chat', tenant: '/ws/tenant/chat' } as const;

const TRANSPORTS = [
  { transport: 'WebSockets', transferFormats: ['Text', 'Binary'] },
  { transport: 'ServerSentEvents', transferFormats: ['Text'] },
  { transport: 'LongPolling', transferFormats: ['Text', 'Binary'] },
];

/** The SignalR hubs: negotiation, the upgrade, and who gets which message. */
export class Hub implements FeedOutlet {
  // No subprotocol is ever selected, and nothing is compressed. The record limit is checked by the connection itself.
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => false });
  readonly #connections = new Set<HubConnection>();
  /** Connection tokens that have been handed out and not used yet, with the path they are good for. */
  readonly #tokens = new Map<string, string>();

  get size(): number {
    return this.#connections.size;
  }

  /** Answers `POST …/negotiate`. The token is good for one upgrade. */
  negotiate({ auth, settings }: ServerContext, exchange: Exchange, path: string): void {
    const identity = admitted(auth.authenticate(exchange.request.headers, exchange.query, 'hub'), path);
    if (!identity) return exchange.json(401, errorBodies[401]);
    const connectionId = newConnectionToken();
    const version = Number(exchange.query.get('negotiateVersion') ?? 0) >= 1 ? 1 : 0;
    // Version 0 has no token of its own: the connection id does both jobs.
    const connectionToken = version === 1 ? newConnectionToken() : undefined;
    const token = connectionToken ?? connectionId;
    this.#tokens.set(token, path);
    setTimeout(() => this.#tokens.delete(token), settings.hubHandshakeTimeoutMs).unref();
    exchange.json(200, {
      negotiateVersion: version,
      connectionId,
      ...(connectionToken === undefined ? {} : { connectionToken }),
      availableTransports: TRANSPORTS,
    });
  }

  /**
   * Opens a connection, or returns the status with which to refuse: 401, or 404 for an `id` that is unknown or used. The
   * page's origin is not looked at.
   */
  upgrade(
    context: ServerContext,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    path: string,
    query: Query,
  ): 401 | 404 | undefined {
    const identity = admitted(context.auth.authenticate(request.headers, query, 'hub'), path);
    if (!identity) return 401;
    const token = query.get('id');
    if (token !== undefined && !this.#spend(token, path)) return 404;
    const { hubPingMs, hubClientTimeoutMs, hubHandshakeTimeoutMs } = context.settings;
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new HubConnection({
        socket: webSocket,
        identity,
        credential: credentialKind(request.headers, query, 'hub'),
        isTenantWide: path === HUB_PATHS.tenant,
        times: {
          pingMs: hubPingMs,
          clientTimeoutMs: hubClientTimeoutMs,
          handshakeTimeoutMs: hubHandshakeTimeoutMs,
        },
        faults: context.faults,
        invoke: (caller, invocation) => runInvocation(context, caller, invocation),
      });
      this.#connections.add(connection);
      webSocket.once('close', () => this.#connections.delete(connection));
    });
    return undefined;
  }

  deliver(message: StoredMessage): void {
    const { workflowId, participantId, tenantId } = message;
    const group = groupName(workflowId, participantId, tenantId);
    const tenantGroup = groupName(workflowId, '', tenantId);
    const [modern, legacy] = eventNames(message);
    const argument = liveItem(message);
    const [modernRecord, legacyRecord] = [modern, legacy].map((target) =>
      target === undefined ? '' : encodeRecord({ type: 1, target, arguments: [argument] }),
    );
    for (const connection of this.#connections) {
      if (connection.isTenantWide) {
        if (connection.groups.has(tenantGroup)) connection.send(`${modernRecord}`);
      } else if (connection.groups.has(group)) connection.send(`${legacyRecord}${modernRecord}`);
    }
  }

  /** Writes `text` as one socket message to every connection. Returns how many there are. */
  inject(text: string): number {
    for (const connection of this.#connections) connection.send(text);
    return this.#connections.size;
  }

  /** Ends every connection with a Close record. Returns how many. */
  closeAll(reason: CloseReason): number {
    const { size } = this.#connections;
    for (const connection of [...this.#connections]) connection.close(reason);
    return size;
  }

  /** Cuts one connection or all, without a Close record. Returns how many. */
  drop(which: 'one' | 'all'): number {
    const victims = [...this.#connections].slice(0, which === 'one' ? 1 : undefined);
    for (const connection of victims) connection.terminate();
    return victims.length;
  }

  #spend(token: string, path: string): boolean {
    const isGood = this.#tokens.get(token) === path;
    if (isGood) this.#tokens.delete(token);
    return isGood;
  }
}

/** The console hub is closed to JWTs. */
function admitted(identity: Identity | undefined, path: string): Identity | undefined {
  return path === HUB_PATHS.tenant && identity?.kind !== 'key' ? undefined : identity;
}

/** Event of a message and, except for handoffs, its legacy twin. */
function eventNames({ messageType }: StoredMessage): readonly [modern: string, legacy?: string] {
  if (messageType === 'Handoff') return ['ReceiveHandoff'];
  if (messageType === 'Data') return ['ReceiveData', 'ReceiveMetadata'];
  return ['ReceiveChat', 'ReceiveMessage'];
}
