import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { DevServer } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';
import { KEY, query } from './fixture.ts';

export const END = '\x1e';
export const HANDSHAKE = `{"protocol":"json","version":1}${END}`;

/** A bare WebSocket on the hub, for what the official client would never do. */
export interface RawSocket {
  socket: WebSocket;
  /** Socket messages, as they came. */
  messages: string[];
  /** Records in all of them. */
  records: () => Record<string, unknown>[];
  send(text: string): void;
  /** Sends one invocation, with its arguments after the target. */
  invoke(invocationId: string | undefined, target: string, ...args: unknown[]): void;
  /** Waits for the record that `matches`. */
  record(matches: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Code with which the socket closed; waits for it. */
  closed: Promise<number>;
}

export async function rawSocket(
  t: TestContext,
  server: DevServer,
  { path = '/ws/chat', handshake = HANDSHAKE }: { path?: string; handshake?: string } = {},
): Promise<RawSocket> {
  const url = `${server.url.replace('http', 'ws')}${path}?${query({ tenantId: 'acme', apikey: KEY })}`;
  const socket = new WebSocket(url);
  t.after(() => socket.terminate());
  const messages: string[] = [];
  socket.on('message', (data) => messages.push((data as Buffer).toString('utf8')));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  const records = () =>
    messages
      .join('')
      .split(END)
      .slice(0, -1)
      .map((record) => JSON.parse(record) as Record<string, unknown>);
  const raw: RawSocket = {
    socket,
    messages,
    records,
    closed,
    send: (text) => socket.send(text),
    invoke: (invocationId, target, ...args) => raw.send(invocation(invocationId, target, ...args)),
    record: (matches) =>
      waitFor(
        () =>
          records().find((record) =>
            Object.entries(matches).every(([name, value]) => record[name] === value),
          ),
        `${JSON.stringify(matches)}, got ${JSON.stringify(messages)}`,
      ),
  };
  if (handshake !== '') {
    raw.send(handshake);
    await waitFor(() => messages.length > 0, 'the answer to the handshake');
  }
  return raw;
}

export function invocation(invocationId: string | undefined, target: string, ...args: unknown[]): string {
  return JSON.stringify({ arguments: args, invocationId, target, type: 1 }) + END;
}
