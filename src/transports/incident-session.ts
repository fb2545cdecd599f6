import { createClient, GRAPHQL_TRANSPORT_WS_PROTOCOL, type Client } from 'graphql-ws/client';
import { within } from '../protocol/deadline.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { closeError, type StreamPhase } from './incident-close.ts';
import { incidentError } from './incident-errors.ts';
import type { GraphqlOperation, GraphqlResult } from './incident-source.ts';
import { socketClass, SocketTap } from './incident-tap.ts';
import type { TransportEnvironment } from './transport.ts';

export interface IncidentSessionOptions {
  /** `ws:` or `wss:`. */
  readonly url: string;
  /** Value of `Authorization` in the greeting, which has no payload without it. */
  readonly authorization: string | undefined;
  readonly environment: TransportEnvironment;
  /** Milliseconds from the open socket to the answer of the greeting. */
  readonly ackMs: number;
  /** Milliseconds of silence after which a sign of life is asked for, and those it may take. */
  readonly pingMs: number;
  readonly pongMs: number;
  readonly onOpen: () => void;
  /** Something arrived, if only a pong. */
  readonly onFrame: () => void;
  readonly onMalformed: () => void;
  /** The connection is gone, once, after `open()` had resolved; not after `stop()`. */
  readonly onLost: (error: RealtimeError, session: IncidentSession) => void;
}

/** What one run of an operation comes to. Of the last three exactly one is called, unless it is undone. */
export interface RunSink {
  /** Must not throw: for graphql-ws that would be the end of the connection. */
  next(result: GraphqlResult): void;
  /** The server refused it, or it failed. */
  error(errors: unknown): void;
  /** The server has nothing more to say. */
  complete(): void;
  /** The connection ended, by itself or on purpose. */
  lost(error: RealtimeError): void;
}

const CLOSE_TIMEOUT_MS = 1_000;
/** Not part of the protocol, but promised by documents for a credential that is refused. */
const CONNECTION_ERROR = /^\s*\{[^{]*"type"\s*:\s*"connection_error"/;

/**
 * One connection that speaks graphql-transport-ws, from its socket to its loss; never reused. The library does the protocol;
 * when to give up and what comes then is decided here and above: its own rules retry some failures for ever, others never.
 * Its timers stay unused too, since time comes from the environment.
 */
export class IncidentSession {
  readonly #options: IncidentSessionOptions;
  readonly #tap: SocketTap;
  readonly #client: Client;
  readonly #greeted: Promise<void>;
  #settle: { resolve(): void; reject(error: RealtimeError): void } | undefined;
  #phase: StreamPhase = 'opening';
  #ended: RealtimeError | undefined;
  /** On the monotonic clock. */
  #heardAt = -Infinity;
  /** Ids of runs that graphql-ws has not sent yet, which it does some microtasks later. */
  readonly #unsent = new Set<string>();
  #lastId = '';
  #onAllSent: () => void = () => {};
  readonly #pings = new Set<(failure?: RealtimeError) => void>();
  #cancelTimer: Undo = () => {};

  /** Resolves when the greeting is answered. Rejects with what went wrong and then leaves nothing open. */
  static async open(options: IncidentSessionOptions, signal: AbortSignal): Promise<IncidentSession> {
    const session = new IncidentSession(options);
    const giveUp = () => session.#finish(stopped(), 'cut');
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      await session.#greeted;
      return session;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  private constructor(options: IncidentSessionOptions) {
    this.#options = options;
    const { environment, authorization } = options;
    const { WebSocket } = environment;
    if (!WebSocket) throw new RealtimeError('unsupported', 'There is no WebSocket here; pass one in.');
    this.#greeted = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#tap = new SocketTap(WebSocket, options.url, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
      onOpen: () => this.#opened(),
      onSend: (data) => this.#sent(/^\{"id":"([^"]+)/.exec(data)?.[1]),
      onFrame: (data) => this.#heard(data),
      onMalformed: () => {
        options.onMalformed();
        this.#finish(incidentError('protocol'));
      },
      onClose: (code) => this.#finish(closeError(code, this.#phase, () => environment.random())),
    });
    this.#client = createClient({
      // A text and never a function: the library hangs for ever on one that fails.
      url: options.url,
      webSocketImpl: socketClass(this.#tap),
      lazy: false,
      retryAttempts: 0,
      shouldRetry: () => false,
      connectionParams: () => (authorization === undefined ? undefined : { Authorization: authorization }),
      generateID: () => (this.#lastId = environment.uuid()),
      onNonLazyError: () => undefined, // the tap knows it first, and better
      on: { connected: () => this.#live() },
    });
  }

  /** Starts an operation under an id that was never used. The undo ends it; its sink hears of nothing then. */
  run(operation: GraphqlOperation, sink: RunSink): Undo {
    let isOver = false;
    const finish = (tell: () => void) => {
      if (isOver) return;
      isOver = true;
      if (this.#ended) sink.lost(this.#ended);
      else tell();
    };
    if (this.#ended) {
      // The library would wait for ever: it thinks of a connection that it could open.
      queueMicrotask(() => finish(() => undefined));
      return () => (isOver = true);
    }
    const stop = this.#client.subscribe(
      { ...operation },
      {
        next: (result) => isOver || sink.next(result as GraphqlResult),
        error: (errors) => finish(() => sink.error(errors)),
        complete: () => finish(() => sink.complete()),
      },
    );
    const id = this.#lastId;
    this.#unsent.add(id);
    return () => {
      isOver = true;
      this.#sent(id);
      stop();
    };
  }

  /** Resolves when every run has left, or the connection ended. */
  async allSent(): Promise<void> {
    if (this.#unsent.size > 0 && !this.#ended)
      await new Promise<void>((resolve) => (this.#onAllSent = resolve));
  }

  /** See `IncidentSource.ping`. Anything that arrives is a sign of life. */
  ping(limitMs = this.#options.pongMs): Promise<number> {
    const { environment } = this.#options;
    if (this.#ended) return Promise.reject(this.#ended);
    const sentAt = environment.monotonicNow();
    return new Promise((resolve, reject) => {
      const settle = (failure?: RealtimeError) => {
        cancel();
        this.#pings.delete(settle);
        if (failure) reject(failure);
        else resolve(environment.monotonicNow() - sentAt);
      };
      const cancel = environment.setTimer(() => this.#finish(silent(), 'cut'), limitMs);
      this.#pings.add(settle);
      this.#tap.send('{"type":"ping"}');
    });
  }

  /** Closes on purpose: `onLost` stays silent. Politely within a second, else the socket is cut. Never rejects. */
  async stop(): Promise<void> {
    this.#end(stopped());
    this.#tap.leave();
    const cut = () => this.#tap.cut();
    await within(this.#options.environment, CLOSE_TIMEOUT_MS, () => this.#tap.closed).catch(cut);
  }

  #opened(): void {
    const { environment, ackMs, onOpen } = this.#options;
    this.#phase = 'greeting';
    this.#cancelTimer = environment.setTimer(() => this.#finish(silent(), 'cut'), ackMs);
    onOpen();
  }

  #sent(id: string | undefined): void {
    if (id !== undefined && this.#unsent.delete(id) && this.#unsent.size === 0) this.#onAllSent();
  }

  #heard(data: unknown): boolean {
    this.#heardAt = this.#options.environment.monotonicNow();
    this.#options.onFrame();
    for (const settle of this.#pings) settle();
    if (this.#phase !== 'greeting' || typeof data !== 'string' || !CONNECTION_ERROR.test(data)) return true;
    this.#finish(incidentError('unauthorized'), 'leave');
    return false;
  }

  #live(): void {
    this.#phase = 'live';
    this.#cancelTimer();
    this.#watch();
    this.#settle?.resolve();
  }

  /** Asks for a sign of life whenever there was none for a while. One timer, however much arrives. */
  #watch(): void {
    const { environment, pingMs } = this.#options;
    const restMs = this.#heardAt + pingMs - environment.monotonicNow();
    if (restMs > 0) this.#cancelTimer = environment.setTimer(() => this.#watch(), restMs);
    // Without an answer the connection is lost, which is told to whom it concerns.
    else
      this.ping().then(
        () => this.#watch(),
        () => undefined,
      );
  }

  /** It is over, and whoever waits for it hears so. */
  #finish(error: RealtimeError, how?: 'cut' | 'leave'): void {
    if (!this.#end(error)) return;
    if (how) this.#tap[how]();
    if (this.#phase === 'live') this.#options.onLost(error, this);
    else this.#settle?.reject(error);
  }

  /** `false`: it had ended before. */
  #end(error: RealtimeError): boolean {
    if (this.#ended) return false;
    this.#ended = error;
    this.#cancelTimer();
    this.#onAllSent();
    for (const settle of this.#pings) settle(error);
    return true;
  }
}

function stopped(): RealtimeError {
  return new RealtimeError('closed', 'The connection was closed.');
}

function silent(): RealtimeError {
  return new RealtimeError('timeout', 'The incident server does not answer.');
}
