import {
  HubConnection,
  JsonHubProtocol,
  LogLevel as SignalRLevel,
  type IHubProtocol,
  type ILogger,
} from '@microsoft/signalr';
import { orAborted, within } from '../protocol/deadline.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { HUB_PING_MS } from '../protocol/limits.ts';
import { hubCompletionError, hubEventError, hubLossError } from './hub-errors.ts';
import { constantPart } from '../protocol/harmless-text.ts';
import { HubSocket, type HubLink } from './hub-socket.ts';
import type { LogLevel, Logger, TransportEnvironment } from './transport.ts';

export interface HubSessionOptions {
  /** `ws…/ws/chat?…`, credential included. */
  readonly url: string;
  readonly silenceMs: number;
  readonly invocationTimeoutMs: number;
  readonly environment: TransportEnvironment;
  readonly log: Logger;
  /** An event that belongs to no call: a message, or an `Error` out of turn. */
  readonly onMessage: (raw: unknown) => void;
  readonly onError: (error: RealtimeError) => void;
  /** Something arrived, if only a ping. */
  readonly onHeard: () => void;
  /** A failure that the server told of, before anybody else hears of it. */
  readonly onVerdict: (error: RealtimeError) => void;
  /** The connection is gone, once, unless `stop()` was called. */
  readonly onLost: (error: RealtimeError) => void;
}

/** Events that answer a call, as they arrived between it and its completion. */
export interface HubAnswer {
  readonly events: ReadonlyMap<string, unknown>;
}

/** The part of `HubConnection` that its types leave out. */
interface HubConnectionFactory {
  create(
    link: HubLink,
    logger: ILogger,
    protocol: IHubProtocol,
    reconnectPolicy: undefined,
    serverTimeoutMs: number,
    keepAliveMs: number,
  ): HubConnection;
}

interface Call {
  readonly events: Map<string, unknown>;
}

const CLOSE_TIMEOUT_MS = 1_000;
/** A call is under way and nothing at all has arrived for this long, not even a ping: the peer is gone. */
const CALL_SILENCE_MS = 8_000;
const MESSAGE_EVENTS = ['ReceiveChat', 'ReceiveData', 'ReceiveHandoff'];
/** Twins of the first two with the same payload: listened to, so that nobody warns, and dropped. */
const LEGACY_EVENTS = ['ReceiveMessage', 'ReceiveMetadata'];
const ANSWER_EVENTS = ['InboundProcessed', 'ThreadHistory', 'ThreadDeleted'];

/**
 * One connection to the hub, from its socket to its loss; never reused. Calls are made one after the other, because
 * their answers are events that carry no id: whatever arrives between a call and its completion answers it.
 */
export class HubSession {
  readonly #options: HubSessionOptions;
  readonly #socket: HubSocket;
  readonly #hub: HubConnection;
  #queue: Promise<unknown> = Promise.resolve();
  #call: Call | undefined;
  #stopping = false;
  /** On the monotonic clock. */
  #heardAt = -Infinity;
  #lost: RealtimeError | undefined;

  /** Throws `unsupported` where there is no WebSocket. */
  constructor(options: HubSessionOptions) {
    this.#options = options;
    const { WebSocket } = options.environment;
    if (!WebSocket) throw new RealtimeError('unsupported', 'There is no WebSocket here; pass one in.');
    this.#socket = new HubSocket(WebSocket, options.url, () => {
      this.#heardAt = options.environment.monotonicNow();
      options.onHeard();
    });
    // The builder always adds a connection of its own, of three transports and two HTTP clients; this is what it does then.
    const { create } = HubConnection as unknown as HubConnectionFactory;
    const logger = quietLogger(options.log);
    this.#hub = create(
      this.#socket,
      logger,
      new JsonHubProtocol(),
      undefined,
      options.silenceMs,
      HUB_PING_MS,
    );
    this.#listen();
  }

  /** Opens the socket and shakes hands. Rejects with a typed error and then leaves nothing open. */
  async start(signal: AbortSignal): Promise<void> {
    // SignalR's own stop() would wait for a socket that is still being opened.
    const cut = () => this.#socket.cut();
    signal.addEventListener('abort', cut, { once: true });
    try {
      await this.#hub.start();
    } catch (reason) {
      cut();
      throw this.#lost ?? this.#lossError(reason);
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  /**
   * Calls `method` when all earlier calls are complete, and resolves with the events that answered it. An `Error` among
   * them rejects. `stored` of a rejection: `no` as long as nothing was written to the socket. Aborted before its turn, a
   * call is never made; afterwards only the waiting ends, since its answer must not be taken for that of the next call.
   */
  invoke(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<HubAnswer> {
    let begun = false;
    const cancelled = () =>
      new RealtimeError('closed', 'The call was cancelled.', { stored: begun ? 'maybe' : 'no' });
    const result = this.#queue.then(() => {
      if (signal?.aborted) throw cancelled();
      begun = true;
      return this.#invokeNow(method, args);
    });
    this.#queue = result.then(
      () => undefined,
      () => undefined, // its caller has it
    );
    return signal ? orAborted(result, signal, cancelled) : result;
  }

  /** Closes on purpose: `onLost` stays silent. Politely within a second, else the socket is cut. Never rejects. */
  async stop(): Promise<void> {
    const { environment, log } = this.#options;
    this.#stopping = true;
    try {
      await within(environment, CLOSE_TIMEOUT_MS, async () => {
        await this.#hub.stop();
        await this.#socket.closed;
      });
    } catch (error) {
      log('debug', `hub: did not stop cleanly, ${error instanceof Error ? error.name : 'error'}`);
    }
    this.#socket.cut();
  }

  async #invokeNow(method: string, args: readonly unknown[]): Promise<HubAnswer> {
    if (this.#lost || this.#stopping || this.#hub.state !== 'Connected') {
      throw new RealtimeError('network', 'There is no connection to the server.', { cause: this.#lost });
    }
    const call: Call = { events: new Map() };
    const sentBefore = this.#socket.sent;
    this.#call = call;
    const stopListening = this.#listenForLife();
    try {
      const { environment, invocationTimeoutMs } = this.#options;
      await within(environment, invocationTimeoutMs, () => this.#hub.invoke(method, ...args));
    } catch (reason) {
      // Out of time. A call without a completion blocks the server's side of this connection, and a late answer would be
      // taken for that of the next call. So the connection goes with it.
      if (reason instanceof RealtimeError) this.#drop(reason);
      if (call.events.has('Error')) throw this.#verdict(hubEventError(call.events.get('Error')));
      const error = this.#invocationError(reason, this.#socket.sent > sentBefore);
      // The answer came, only the completion behind it was lost with the connection.
      if (this.#lost && call.events.size > 0) return call;
      throw error;
    } finally {
      stopListening();
      this.#call = undefined;
    }
    if (call.events.has('Error')) throw this.#verdict(hubEventError(call.events.get('Error')));
    return call;
  }

  /** Drops the connection when it stays silent from now on; until the undo runs. */
  #listenForLife(): Undo {
    const { environment } = this.#options;
    const from = environment.monotonicNow();
    let cancel: Undo;
    const look = () => {
      const silentMs = environment.monotonicNow() - Math.max(from, this.#heardAt);
      if (silentMs < CALL_SILENCE_MS) cancel = environment.setTimer(look, CALL_SILENCE_MS - silentMs);
      else this.#drop(new RealtimeError('timeout', 'The server does not answer.'));
    };
    look();
    return () => cancel();
  }

  #invocationError(reason: unknown, written: boolean): RealtimeError {
    const isCompletion = written && this.#hub.state === 'Connected' && !(reason instanceof RealtimeError);
    if (isCompletion) return hubCompletionError(reason);
    const loss = this.#stopping ? stopped() : (this.#lost ?? this.#lossError(reason));
    return new RealtimeError(loss.code, loss.message, { cause: loss, stored: written ? 'maybe' : 'no' });
  }

  #verdict(error: RealtimeError): RealtimeError {
    this.#options.onVerdict(error);
    return error;
  }

  #lossError(reason: unknown): RealtimeError {
    return hubLossError(reason, this.#socket.closeCode, () => this.#options.environment.random());
  }

  #listen(): void {
    const { onMessage, onError } = this.#options;
    for (const name of MESSAGE_EVENTS) this.#hub.on(name, onMessage);
    for (const name of LEGACY_EVENTS) this.#hub.on(name, () => {});
    for (const name of ANSWER_EVENTS) {
      this.#hub.on(name, (value: unknown) => void this.#call?.events.set(name, value));
    }
    this.#hub.on('Error', (text: unknown) => {
      if (this.#call) this.#call.events.set('Error', text);
      else onError(this.#verdict(hubEventError(text)));
    });
    this.#hub.on('ConnectionError', () => {
      // The server closes right after it.
      this.#lost = this.#verdict(
        new RealtimeError('unauthorized', 'The server does not accept the credential.'),
      );
    });
    this.#hub.onclose((reason) => this.#closed(reason));
  }

  #closed(reason: unknown): void {
    this.#lost ??= this.#lossError(reason);
    this.#socket.cut();
    if (!this.#stopping) this.#options.onLost(this.#lost);
  }

  #drop(error: RealtimeError): void {
    this.#lost ??= error;
    this.#socket.cut();
    void this.#hub.stop().catch(() => undefined); // onclose has told it already
  }
}

function stopped(): RealtimeError {
  return new RealtimeError('closed', 'The connection was closed.');
}

/** Passes on what SignalR logs, without what it quotes: addresses with credentials, texts of the server, frames. */
function quietLogger(log: Logger): ILogger {
  return {
    log(level, message) {
      const constant = constantPart(message);
      if (constant) log(levelOf(level), `SignalR: ${constant}`);
    },
  };
}

function levelOf(level: SignalRLevel): LogLevel {
  if (level >= SignalRLevel.Error) return 'error';
  if (level >= SignalRLevel.Warning) return 'warn';
  // Its "information" is one line a frame or a socket, which is detail here.
  return 'debug';
}
