import { GraphQLError } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from 'graphql-ws';
import { failed, forcedError, isRefused, type Prepared } from './operations.ts';
import type { Session } from './session.ts';

/** A close frame has room for so many bytes of words. */
const REASON_BYTES = 123;

/**
 * Speaks graphql-transport-ws as its reference implementation does. Events go past it, straight to the socket: they are
 * in text already, for all who asked the same.
 */
export function speakGraphqlWs(session: Session): void {
  const { socket, wire, headers, gate, operations, live } = session;
  const prepared = new Map<object, Prepared>();
  const server = makeServer({
    connectionInitWaitTimeout: session.initTimeoutMs,
    onConnect: ({ connectionParams }) => {
      const token = gate.admit(headers, connectionParams);
      if (token === undefined) return false;
      session.admitted(token);
      return true;
    },
    onSubscribe: (_context, id, payload) => {
      const operation = operations.prepare(payload);
      if (isRefused(operation)) return operation;
      if (operation.forced?.style === 'error') return [forcedError(operation.forced)];
      const args = { ...operation.args, contextValue: { ...operation.args.contextValue, id } };
      prepared.set(args, operation);
      return args;
    },
    execute: (args) => operations.run(taken(args)),
    subscribe: async (args) => {
      const operation = taken(args);
      if (operation.forced) return failed([forcedError(operation.forced)]);
      const { id } = args.contextValue as { id: string };
      const opened = await live.open(operation, wire, id);
      return typeof opened === 'function' ? held(opened) : opened;
    },
  });

  const closed = server.opened(
    {
      // A client that offers nothing is spoken to all the same.
      protocol: socket.protocol || GRAPHQL_TRANSPORT_WS_PROTOCOL,
      send: (text) => wire.send(text),
      close: (code = 1_000, reason = '') => wire.close(code, reason),
      onMessage: (listener) =>
        socket.on('message', (data) => {
          listener((data as Buffer).toString()).catch((error: unknown) => {
            const reason = error instanceof Error ? error.message : String(error);
            wire.close(
              CloseCode.InternalServerError,
              Buffer.from(reason).subarray(0, REASON_BYTES).toString(),
            );
          });
        }),
    },
    undefined,
  );
  socket.once('close', (code, reason) => void closed(code, String(reason)));

  function taken(args: object): Prepared {
    const operation = prepared.get(args);
    if (!operation) throw new GraphQLError('The operation was not prepared.');
    prepared.delete(args);
    return operation;
  }
}

/** Yields nothing and ends when it is told to: what keeps a subscription open while its events go another way. */
function held(onEnd: () => void): AsyncGenerator<never, undefined> {
  let end: (result: IteratorReturnResult<undefined>) => void;
  const ended = new Promise<IteratorReturnResult<undefined>>((resolve) => (end = resolve));
  const finish = () => {
    onEnd();
    end({ done: true, value: undefined });
    return ended;
  };
  const generator = {
    next: () => ended,
    return: finish,
    throw: finish,
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => void (await finish()),
  } as AsyncGenerator<never, undefined>;
  return generator;
}
