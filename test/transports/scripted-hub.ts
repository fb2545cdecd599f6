import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';

/** A call as the hub gets it. */
export interface Invocation {
  target: string;
  invocationId: string;
}
/** A record on the wire. */
export type Wire = Readonly<Record<string, unknown>>;

/** In the place of a record: the connection is cut. */
export const CUT: Wire = {};

/** A hub that greets with `greeting`, and answers every call with what `answer` gives. */
export async function scriptedHub(
  t: TestContext,
  answer: (invocation: Invocation) => readonly Wire[],
  greeting: readonly Wire[] = [],
) {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const write = (records: readonly Wire[]) => records.map((one) => `${JSON.stringify(one)}\x1e`).join('');
  sockets.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => {
      for (const text of data.toString().split('\x1e').filter(Boolean)) {
        const record = JSON.parse(text) as { type?: number; protocol?: string } & Invocation;
        if (record.protocol) socket.send(`{}\x1e${write(greeting)}`);
        if (record.type !== 1) continue;
        const records = answer(record);
        socket.send(
          write(records.filter((one) => one !== CUT)),
          () => records.includes(CUT) && socket.terminate(),
        );
      }
    }),
  );
  await new Promise((resolve) => sockets.once('listening', resolve));
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  return `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
}

/** What the hub says by itself. */
export const event = (target: string, ...args: unknown[]): Wire => ({ type: 1, target, arguments: args });
/** The call is complete. */
export const done = ({ invocationId }: Invocation): Wire => ({ type: 3, invocationId, result: null });
/** The call is refused. */
export const failed = ({ invocationId }: Invocation, error: string): Wire => ({
  type: 3,
  invocationId,
  error,
});
