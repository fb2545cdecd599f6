import type { ExecutionResult } from 'graphql';
import { isRecord } from '../values.ts';
import { failed, forcedError, isRefused, type OperationRequest } from './operations.ts';
import type { Session } from './session.ts';

/** The codes with which async-graphql closes; it knows no 4400, 4401, 4403, 4408 or 4409. */
const CLOSE = { unreadable: 1_002, refused: 1_002, tooEarly: 1_011, initTwice: 4_429 } as const;

/**
 * Speaks graphql-transport-ws as async-graphql does: errors are results, followed by `complete`; a second operation of
 * an id takes the place of the first; `complete` is answered by `complete`; a `pong` carries nothing; nobody is hurried.
 */
export function speakAsyncGraphql(session: Session): void {
  const { socket, wire } = session;
  const streams = new Map<string, () => void>();
  let state: 'new' | 'begun' | 'ready' = 'new';

  const send = (type: string, id?: string, payload?: ExecutionResult) =>
    wire.send(JSON.stringify({ type, ...(id !== undefined && { id }), ...(payload && { payload }) }));
  const end = (id: string) => {
    streams.get(id)?.();
    streams.delete(id);
  };
  const finish = (id: string, result: ExecutionResult) => {
    send('next', id, result);
    send('complete', id);
  };

  socket.on('message', (data) => {
    const message = parsed((data as Buffer).toString());
    const id = message?.['id'];
    switch (message?.['type']) {
      case 'connection_init':
        return begin(message['payload']);
      case 'subscribe':
      case 'start': {
        if (state !== 'ready') return wire.close(CLOSE.tooEarly, 'The handshake is not completed.');
        if (typeof id !== 'string' || !isRecord(message['payload'])) return unreadable();
        return void subscribe(id, message['payload']);
      }
      case 'complete':
      case 'stop':
        if (typeof id !== 'string') return unreadable();
        end(id);
        return send('complete', id);
      case 'ping':
        return send('pong');
      case 'pong':
        return;
      case 'connection_terminate':
        return wire.close(1_000, '');
      default:
        return unreadable();
    }
  });
  socket.once('close', () => {
    for (const id of [...streams.keys()]) end(id);
  });

  function unreadable(): void {
    wire.close(CLOSE.unreadable, 'Invalid message');
  }

  function begin(payload: unknown): void {
    if (state !== 'new') return wire.close(CLOSE.initTwice, 'Too many initialisation requests.');
    state = 'begun';
    const token = session.gate.admit(session.headers, payload);
    if (token === undefined) return wire.close(CLOSE.refused, 'Unauthorized');
    session.admitted(token);
    state = 'ready';
    send('connection_ack');
  }

  async function subscribe(id: string, request: OperationRequest): Promise<void> {
    end(id);
    const operation = session.operations.prepare(request);
    if (isRefused(operation)) return finish(id, failed(operation));
    if (operation.forced) return finish(id, failed([forcedError(operation.forced)]));
    if (operation.kind !== 'subscription') return finish(id, await session.operations.run(operation));
    const opened = await session.live.open(operation, wire, id);
    if (typeof opened !== 'function') return finish(id, opened);
    if (socket.readyState === socket.OPEN) streams.set(id, opened);
    else opened();
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // Not JSON: the caller closes the connection.
  }
}
