import type { RealtimeError } from '../protocol/errors.ts';
import type { Message, MessageType, OutgoingMessage } from '../protocol/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { setTimer, uuid } from '../protocol/page.ts';

/**
 * What a transport needs from the outside. The client's `Environment` is a superset of it, so that a simulation can
 * replace every part; {@link browserTransportEnvironment} is the default.
 */
export interface TransportEnvironment {
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>;
  /** Absent where there is none (Node 20): pass the `ws` package's class. */
  readonly WebSocket?: typeof globalThis.WebSocket;
  readonly EventSource?: typeof globalThis.EventSource;
  /** Calls `callback` once after `delayMs`; the undo cancels it. */
  setTimer(callback: () => void, delayMs: number): Undo;
  /** Milliseconds on a clock that never goes back. */
  monotonicNow(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** A new UUID v4. */
  uuid(): string;
}

/** A credential and how the server recognises it. */
export interface Credential {
  readonly kind: 'api-key' | 'jwt';
  readonly value: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Receives redacted text only: no credential, no URL query, no message text. Default: silent. */
export type Logger = (level: LogLevel, message: string) => void;

/** Options that every transport takes. */
export interface TransportOptions {
  /** `https://host[:port]`; a trailing slash is dropped. */
  serverUrl: string;
  tenantId: string;
  /** Default participant of calls that name none. Lower-cased. */
  participantId?: string;
  /** Exactly one of the next three. `sk-Xnai-…`: the whole tenant's key, for development and trusted servers only. */
  apiKey?: string;
  /** A JWT. */
  token?: string;
  /** Called before each request or connection; may be cached by the callee. */
  getToken?: () => string | Promise<string>;
  /**
   * Told which credential the server has just refused with `unauthorized`, before the call rejects: the one that this very
   * request or connection used, which may not be the current one any more.
   */
  onRefused?: (credential: string) => void;
  /**
   * Value of the W3C `traceparent` header for a plain request or stream to `url`. Default, and for `undefined`: none. From a
   * page of another origin the header takes the server's consent, which a Xians server does not give: the browser would
   * refuse the whole request.
   */
  traceparent?: (url: URL) => string | undefined;
  logger?: Logger;
  environment?: TransportEnvironment;
}

/** A message to send, with where it goes. */
export interface SendRequest extends OutgoingMessage {
  /** `Agent:Flow` or `tenant:Agent:Flow[:activation]`. */
  workflow: string;
  participantId?: string;
  /** Topic inside the thread (`scope` on the wire); hub only. */
  topic?: string;
  taskId?: string;
  signal?: AbortSignal;
}

export interface HistoryQuery {
  workflow: string;
  participantId?: string;
  /** Absent: the default topic only. There is no "all topics". */
  topic?: string;
  /** 1-based. Default 1. */
  page?: number;
  /** 2 to 1,000. Default 50. */
  pageSize?: number;
  signal?: AbortSignal;
}

/** One page, oldest message first (the wire has newest first). */
export interface HistoryPage {
  readonly messages: readonly Message[];
  /** Whether an older page may exist: this one was full. */
  readonly hasMore: boolean;
  /** Items the server sent that could not be understood. */
  readonly malformed: number;
}

/** Confirmation that the server has stored a message. */
export interface SendResult {
  readonly threadId: string;
  readonly requestId: string;
}

/**
 * State of one transport used alone. (The hybrid client has its own, richer states.)
 * `waiting` is between two attempts; `closed` is after `disconnect()`, a refusal that no retry mends, or the last attempt.
 */
export type TransportState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

/** What a live transport tells. */
export interface LiveEvents {
  /**
   * A message of a subscribed workflow. Those of other participants are dropped, unless `ownMessagesOnly` is `false`;
   * nothing else is filtered: duplicates, order and topics are the caller's.
   */
  message: Message;
  state: {
    readonly state: TransportState;
    readonly previous: TransportState;
    readonly error?: RealtimeError;
  };
  /** A failure that no call in progress will report. */
  error: RealtimeError;
  /** The server showed a sign of life. */
  heartbeat: { readonly subscriberCount?: number };
}

/**
 * A channel on which messages arrive by themselves. `connect()` makes one attempt and rejects with what went wrong.
 * With `reconnect` (see each transport's options) a lost connection is retried by the transport itself; the hybrid
 * client turns that off and supervises.
 */
export interface LiveTransport {
  readonly kind: 'hub' | 'sse';
  readonly state: TransportState;
  /** Resolves when open. A second call while connecting joins the first; while open it resolves at once. */
  connect(signal?: AbortSignal): Promise<void>;
  /** Resolves when closed. Never rejects; may be called in any state. Subscriptions are kept for the next `connect()`. */
  disconnect(): Promise<void>;
  /** Starts messages of `workflow`; kept and repeated after every reconnect. Resolves when the server has it. */
  subscribe(workflow: string, participantId?: string): Promise<void>;
  unsubscribe(workflow: string, participantId?: string): Promise<void>;
  on<Name extends keyof LiveEvents>(event: Name, listener: (value: LiveEvents[Name]) => void): Undo;
  /** Disconnects and forgets subscriptions and listeners: no timer, socket or listener is left. */
  dispose(): Promise<void>;
}

/** Types of message that one-way REST calls may carry; the server answers 500 to the others. */
export const REST_TYPES: ReadonlySet<MessageType> = new Set<MessageType>([
  'Chat',
  'Data',
  'Webhook',
  'Heartbeat',
]);

/** Global functions, looked up at call time so that a page that replaces them later is respected. */
export const browserTransportEnvironment: TransportEnvironment = {
  fetch: (input, init) => globalThis.fetch(input, init),
  get WebSocket() {
    return globalThis.WebSocket;
  },
  get EventSource() {
    return globalThis.EventSource;
  },
  setTimer,
  monotonicNow: () => performance.now(),
  random: () => Math.random(),
  uuid,
};
