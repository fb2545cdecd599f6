import type { TestContext } from 'node:test';
import { EventSource as NodeEventSource } from 'eventsource';
import { WebSocket as NodeWebSocket } from 'ws';
import { mintToken } from '../../demo/server/server.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import type { Message } from '../../src/protocol/types.ts';
import { HubTransport, type HubTransportOptions } from '../../src/transports/hub-transport.ts';
import { RestTransport, type RestTransportOptions } from '../../src/transports/rest-transport.ts';
import { SseTransport, type SseTransportOptions } from '../../src/transports/sse-transport.ts';
import {
  browserTransportEnvironment,
  type LiveTransport,
  type TransportEnvironment,
  type TransportState,
} from '../../src/transports/transport.ts';
import { startServer, type ServerOptions, type TestServer } from '../support/node-server.ts';

export { mintToken };
export { waitFor } from '../support/wait.ts';
export { ManualTime } from './manual-time.ts';

export const API_KEY = 'sk-Xnai-dev';
export const WORKFLOW = 'Support Agent:Chat Flow';
export const WORKFLOW_ID = `acme:${WORKFLOW}`;
export const JANE = 'jane@example.com';

/** Node's sockets and streams in the place of a browser's. */
export function nodeEnvironment(overrides: Partial<TransportEnvironment> = {}): TransportEnvironment {
  return {
    fetch: (input, init) => globalThis.fetch(input, init),
    WebSocket: NodeWebSocket as unknown as typeof globalThis.WebSocket,
    EventSource: NodeEventSource,
    setTimer: browserTransportEnvironment.setTimer,
    monotonicNow: () => performance.now(),
    random: () => 0.5,
    uuid: browserTransportEnvironment.uuid,
    ...overrides,
  };
}

/** Limits that a {@link fastEnvironment} does not reach: where only the waits between attempts should be short. */
export const PATIENT = { connectTimeoutMs: 1e8, requestTimeoutMs: 1e8, idleFactor: 1e5 };

/** Our own timers run `factor` times faster, so that waits of seconds take milliseconds. Sockets stay as they are. */
export function fastEnvironment(
  factor: number,
  overrides: Partial<TransportEnvironment> = {},
): TransportEnvironment {
  return nodeEnvironment({
    setTimer: (callback, delayMs) => browserTransportEnvironment.setTimer(callback, delayMs / factor),
    monotonicNow: () => performance.now() * factor,
    ...overrides,
  });
}

/** {@link PATIENT} with waits a hundred times shorter, and a clock that is right: a busy machine is no silent server. */
export const hasty = () => ({
  ...PATIENT,
  environment: fastEnvironment(100, { monotonicNow: () => performance.now() }),
});

export interface Bench {
  readonly server: TestServer;
  hub(options?: Partial<HubTransportOptions>): HubTransport;
  rest(options?: Partial<RestTransportOptions>): RestTransport;
  sse(options?: Partial<SseTransportOptions>): SseTransport;
}

export async function bench(t: TestContext, options: ServerOptions = {}): Promise<Bench> {
  const server = await startServer({ agentDelayMs: 5, ...options });
  const cleanups: (() => unknown)[] = [];
  t.after(async () => {
    await Promise.allSettled(cleanups.map((cleanup) => cleanup()));
    await server.stop();
  });
  const common = {
    serverUrl: server.url,
    tenantId: 'acme',
    participantId: JANE,
    environment: nodeEnvironment(),
  };
  const withCredential = <Options extends object>(given: Options) =>
    'apiKey' in given || 'token' in given || 'getToken' in given ? given : { ...given, apiKey: API_KEY };
  const owned = <Transport extends { dispose(): unknown }>(transport: Transport) => {
    cleanups.push(() => transport.dispose());
    return transport;
  };
  return {
    server,
    hub: (given = {}) => owned(new HubTransport({ ...common, ...withCredential(given) })),
    rest: (given = {}) => owned(new RestTransport({ ...common, ...withCredential(given) })),
    sse: (given = {}) => owned(new SseTransport({ ...common, ...withCredential(given) })),
  };
}

/** Everything a live transport tells. */
export interface Recording {
  readonly messages: Message[];
  readonly states: TransportState[];
  readonly errors: RealtimeError[];
  heartbeats: number;
  readonly texts: (string | undefined)[];
}

export function record(live: LiveTransport): Recording {
  const messages: Message[] = [];
  const recording = {
    messages,
    states: [] as TransportState[],
    errors: [] as RealtimeError[],
    heartbeats: 0,
    get texts() {
      return messages.map(({ text }) => text);
    },
  };
  live.on('message', (message) => messages.push(message));
  live.on('state', ({ state }) => recording.states.push(state));
  live.on('error', (error) => recording.errors.push(error));
  live.on('heartbeat', () => recording.heartbeats++);
  return recording;
}

/** The error a promise rejects with; throws when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<RealtimeError> {
  return promise.then(
    (value) => {
      throw new Error(`Expected a rejection, got ${JSON.stringify(value)}.`);
    },
    (error: RealtimeError) => error,
  );
}

/** What the server stored from participants, by request id. */
export async function storedCount(server: TestServer, requestId: string): Promise<number> {
  const { stored } = await server.report();
  return stored.filter((message) => message.requestId === requestId && message.direction === 'Incoming')
    .length;
}
