import type { TestContext } from 'node:test';
import { HubConnectionBuilder, HttpTransportType, LogLevel, type HubConnection } from '@microsoft/signalr';
import { startServer, type DevServer, type ServerOptions } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';

export const KEY = 'sk-Xnai-dev';
export const SUPPORT = 'Support Agent:Chat Flow';
export const ECHO = 'Echo Agent:Echo Flow';
export const SILENT = 'Silent Agent:Silent Flow';
export const JANE = 'jane@example.com';

/** A server for one test, with fast agents and no rate limit. It stops when the test ends. */
export async function serve(t: TestContext, options: ServerOptions = {}): Promise<DevServer> {
  const server = await startServer({ agentDelayMs: 1, rateLimit: false, ...options });
  t.after(() => server.close());
  return server;
}

type Parameters = Record<string, string | number | undefined>;

export interface CallOptions {
  method?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: string;
  /** Default: the development key in the query. `{}` sends none. */
  credential?: Parameters;
}

/** One REST call with plain fetch. */
export function call(
  server: DevServer,
  path: 'send' | 'converse' | 'history' | 'thread',
  parameters: Parameters,
  { method, headers = {}, json, body, credential = { apikey: KEY } }: CallOptions = {},
): Promise<Response> {
  const methods = { send: 'POST', converse: 'POST', history: 'GET', thread: 'DELETE' };
  const init: RequestInit = { method: method ?? methods[path], headers };
  if (json !== undefined) {
    init.body = JSON.stringify(json);
    init.headers = { 'Content-Type': 'application/json', ...headers };
  }
  if (body !== undefined) init.body = body;
  return fetch(`${server.url}/api/user/rest/${path}?${query({ ...credential, ...parameters })}`, init);
}

/** Parameters of a Chat message from Jane. */
export function chat(text: string, workflow = SUPPORT, requestId?: string): Parameters {
  return { workflow, type: 'Chat', participantId: JANE, text, requestId };
}

export interface WireMessage {
  id: string;
  threadId: string;
  requestId: string | null;
  direction: string;
  messageType: string;
  text: string | null;
  data: unknown;
  participantId: string;
  workflowId: string;
  workflowType: string;
  createdAt: string;
  updatedAt: string;
  [field: string]: unknown;
}

export async function history(
  server: DevServer,
  workflow = SUPPORT,
  parameters: Parameters = {},
): Promise<WireMessage[]> {
  const response = await call(server, 'history', { workflow, participantId: JANE, ...parameters });
  if (!response.ok) throw new Error(`History answered ${response.status}.`);
  return (await response.json()) as WireMessage[];
}

export function query(parameters: Parameters): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return new URLSearchParams(given).toString();
}

/** The official SignalR client, unmodified, with every event of the hub written down. */
export interface Client {
  connection: HubConnection;
  /** `[event, argument]` in order of arrival. */
  events: [event: string, argument: unknown][];
  /** Arguments of one event. */
  of<Argument = WireMessage>(event: string): Argument[];
  /** Waits until there are `count` of `event`. */
  have<Argument = WireMessage>(event: string, count?: number): Promise<Argument[]>;
}

const EVENTS = [
  'ReceiveChat',
  'ReceiveData',
  'ReceiveHandoff',
  'ReceiveMessage',
  'ReceiveMetadata',
  'ThreadHistory',
  'InboundProcessed',
  'ThreadDeleted',
  'Error',
  'ConnectionError',
];

export interface ClientOptions {
  path?: string;
  parameters?: Parameters;
  skipNegotiation?: boolean;
  /** As an `accessTokenFactory`. */
  token?: string;
  /** Waits between automatic reconnects, in milliseconds. Default: none, no reconnect. */
  reconnect?: number[];
}

export function client(server: DevServer, options: ClientOptions = {}): Client {
  const { path = '/ws/chat', skipNegotiation = true, token, reconnect } = options;
  const parameters = options.parameters ?? { tenantId: 'acme', apikey: KEY };
  const url = `${server.url}${path}?${query(parameters)}`;
  const builder = new HubConnectionBuilder().configureLogging(LogLevel.None).withUrl(url, {
    transport: HttpTransportType.WebSockets,
    skipNegotiation,
    ...(token === undefined ? {} : { accessTokenFactory: () => token }),
  });
  const connection = (reconnect ? builder.withAutomaticReconnect(reconnect) : builder).build();
  const events: Client['events'] = [];
  for (const event of EVENTS) connection.on(event, (argument: unknown) => events.push([event, argument]));
  const of = <Argument>(event: string) =>
    events.flatMap(([name, argument]) => (name === event ? [argument as Argument] : []));
  return {
    connection,
    events,
    of,
    have: async (event, count = 1) => {
      await waitFor(() => of(event).length >= count, `${count} × ${event}, got ${JSON.stringify(events)}`);
      return of(event);
    },
  };
}

/** A started client; it stops when the test ends. */
export async function connected(
  t: TestContext,
  server: DevServer,
  options: ClientOptions = {},
): Promise<Client> {
  const made = client(server, options);
  await made.connection.start();
  t.after(() => made.connection.stop());
  return made;
}

export interface Frame {
  event: string;
  data: string;
}

/** An event stream read with plain fetch. */
export interface Stream {
  response: Response;
  frames: Frame[];
  /** Everything, as it came. */
  text: () => string;
  /** Whether the stream has ended or broken. */
  ended: () => boolean;
  have(event: string, count?: number): Promise<Frame[]>;
}

export async function stream(
  t: TestContext,
  server: DevServer,
  parameters: Parameters = {},
  headers: Record<string, string> = {},
): Promise<Stream> {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const all = { apikey: KEY, workflow: SUPPORT, participantId: JANE, ...parameters };
  const response = await fetch(`${server.url}/api/user/sse/events?${query(all)}`, {
    headers,
    signal: abort.signal,
  });
  const frames: Frame[] = [];
  let text = '';
  let ended = false;
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      frames.length = 0;
      for (const frame of text.split('\n\n').slice(0, -1)) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(frame) ?? [];
        frames.push({ event: event ?? '', data: data ?? '' });
      }
    }
  };
  // A cut stream rejects, a closed one resolves; either way it has ended, which is all that a test asks.
  void read().then(
    () => (ended = true),
    () => (ended = true),
  );
  return {
    response,
    frames,
    text: () => text,
    ended: () => ended,
    have: async (event, count = 1) => {
      const found = () => frames.filter((frame) => frame.event === event);
      await waitFor(() => found().length >= count, `${count} × ${event}, got ${text}`);
      return found();
    },
  };
}
