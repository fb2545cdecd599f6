import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { DevServer } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';

export const PROTOCOL = 'graphql-transport-ws';
export const NOBODY = '00000000-0000-0000-0000-000000000000';
export const UPDATES = 'subscription { incidentUpdates { updateType incidentId timestamp } }';
export const CREATED = 'subscription { newIncidents { id severity } }';

export interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

export interface Result {
  data: Record<string, unknown> | null;
  errors?: { message: string; extensions?: Record<string, unknown> }[];
}

/** A bare WebSocket on the stream of incidents, for what no client would do. */
export interface RawGraphql {
  socket: WebSocket;
  /** All that came, in order. */
  messages: Message[];
  send(message: object | string): void;
  /** Sends `subscribe`. */
  ask(id: string, query: string, variables?: object): void;
  /** Waits for the message that `matches`. */
  have(matches: (message: Message) => unknown): Promise<Message>;
  /** Data of the `next` messages of `id`. */
  data(id: string): Record<string, unknown>[];
  /** Waits for so many of them, heartbeats not counted. */
  events(id: string, count: number): Promise<Record<string, unknown>[]>;
  closed: Promise<{ code: number; reason: string }>;
}

export interface RawOptions {
  path?: string;
  /** `[]`: none is offered. */
  protocols?: string[];
  headers?: Record<string, string>;
  /** Payload of `connection_init`; `false`: it is not sent. Default: none. */
  init?: object | false;
}

export async function rawGraphql(
  t: TestContext,
  server: DevServer,
  { path = '/graphql/ws', protocols = [PROTOCOL], headers = {}, init = {} }: RawOptions = {},
): Promise<RawGraphql> {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, protocols, { headers });
  t.after(() => socket.terminate());
  const messages: Message[] = [];
  socket.on('message', (data, isBinary) => {
    messages.push(isBinary ? { type: 'binary' } : (JSON.parse((data as Buffer).toString('utf8')) as Message));
  });
  socket.on('ping', () => messages.push({ type: 'websocket-ping' }));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await once(socket, 'open');
  const data = (id: string) =>
    messages.flatMap((message) =>
      message.type === 'next' && message.id === id ? [(message.payload as Result).data ?? {}] : [],
    );
  const raw: RawGraphql = {
    socket,
    messages,
    closed,
    data,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    ask: (id, query, variables) => raw.send({ id, type: 'subscribe', payload: { query, variables } }),
    have: (matches) => waitFor(() => messages.find(matches), `a message, got ${JSON.stringify(messages)}`),
    events: async (id, count) => {
      const events = () => data(id).filter((each) => !JSON.stringify(each).includes('HEARTBEAT'));
      await waitFor(() => events().length >= count, `${count} events, got ${JSON.stringify(messages)}`);
      return events();
    },
  };
  if (init !== false) {
    raw.send({ type: 'connection_init', ...(Object.keys(init).length > 0 && { payload: init }) });
    await raw.have(({ type }) => type === 'connection_ack');
  }
  return raw;
}

/** HTTP status with which an upgrade is refused. */
export async function refusedUpgrade(
  server: DevServer,
  path = '/graphql/ws',
  protocols: string[] = [PROTOCOL],
): Promise<number | undefined> {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, protocols);
  const status = new Promise<number | undefined>((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode);
      response.destroy();
    });
    socket.once('open', () => resolve(101));
  });
  socket.on('error', () => undefined); // It is refused: that is what is asked about.
  const answer = await status;
  socket.terminate();
  return answer;
}

export function postGraphql(
  server: DevServer,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The answer to one operation over HTTP. */
export async function graphql(server: DevServer, query: string, variables?: object): Promise<Result> {
  return (await (await postGraphql(server, { query, variables })).json()) as Result;
}

/** Adds incidents and returns their ids. */
export async function create(
  server: DevServer,
  incidents: object[] = [{}],
  silent = false,
): Promise<string[]> {
  return (await server.control({ fault: 'incidents-create', incidents, silent }))['ids'] as string[];
}

/** A waits-until-subscribed: the server counts the subscription. */
export function subscribed(server: DevServer, count = 1): Promise<true> {
  return waitFor(() => server.report().incidents.subscriptions === count, `${count} subscriptions`);
}

export function rest(
  server: DevServer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(server.url + path, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}
