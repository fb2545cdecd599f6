import type { RealtimeError } from '../protocol/errors.ts';
import type { Message, OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { DeadLetter, OutboxStatus } from '../queue/outbox.ts';
import type { OutboxRecord } from '../queue/outbox-record.ts';
import type { Logger } from '../transports/transport.ts';
import type { SystemAlert } from './alerts.ts';
import type { BreakerStatus } from './circuit-breaker.ts';
import type { Environment } from './environment.ts';
import type { IncidentFeed, IncidentFilter } from './incident-types.ts';
import type { LatencySample, MetricsSnapshot } from './metrics.ts';
import type { TokenStatus } from './token-manager.ts';

/**
 * State of the connection.
 *
 * - `idle`: not asked to connect.
 * - `connecting`: an attempt is running. `syncing`: connected, reading what was missed.
 * - `live`: on the best channel, subscribed, nothing missing.
 * - `degraded`: messages arrive, but over a slower channel; better ones are being probed.
 * - `waiting`: between two attempts; see `until`. `offline`: this machine says that it has no network.
 * - `unauthorized`: the server refuses the credential; waits for a new one.
 * - `suspended`: the page is frozen or in the back/forward cache.
 * - `closed`: disposed of.
 */
export type ConnectionState =
  | 'idle'
  | 'connecting'
  | 'syncing'
  | 'live'
  | 'degraded'
  | 'waiting'
  | 'offline'
  | 'unauthorized'
  | 'suspended'
  | 'closed';

/** Why the state changed. */
export type StateReason =
  | 'initial'
  | 'requested' // connect(), disconnect() or dispose() was called
  | 'transport-open' // a channel opened
  | 'transport-lost' // a channel closed or went silent
  | 'idle' // nobody has needed it for two minutes
  | 'synced' // resubscribed and read what was missed
  | 'unreachable' // no channel could be opened
  | 'no-network' // the machine reports that it is offline
  | 'server-error' // the server answered, but failed
  | 'intercepted' // something other than the server answered, such as the sign-in page of a public network
  | 'rate-limited'
  | 'signing-in' // the credential was refused, and another one is on its way
  | 'sign-in-unreachable' // the page's own source of tokens does not answer
  | 'credential-refused'
  | 'credential-renewed'
  | 'configuration' // options that cannot work; see the error event
  | 'nudge' // the network, the page or the visitor gave a reason to try at once
  | 'page-frozen';

/** Everything a status display needs, at one moment. */
export interface ConnectionStatus {
  readonly state: ConnectionState;
  readonly reason: StateReason;
  /** Milliseconds since 1970 at which `state` began. */
  readonly since: number;
  /** Milliseconds since 1970 of the next attempt, in `waiting` and `offline`. */
  readonly until: number | undefined;
  /** The channel messages arrive on now. */
  readonly channel: 'hub' | 'sse' | 'poll' | undefined;
  /** Another tab of the site has the connection and works for this one too. */
  readonly isShared: boolean;
  /** Connected, but the last answers took longer than 3 s. */
  readonly isSlow: boolean;
  /** The last time that messages had been missed and were read from history: when, in milliseconds since 1970, and how many. */
  readonly lastGap: { readonly at: number; readonly messages: number } | undefined;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** Milliseconds since 1970 at which everything was last known to be complete. */
  readonly lastSyncedAt: number | undefined;
  /** Last failure of the connection, in words for people; cleared when live. */
  readonly error: RealtimeError | undefined;
  /** Messages written here that the server does not have yet. */
  readonly pending: number;
  /** Of those, the ones that failed and wait for the visitor. */
  readonly failed: number;
  /** Whether pending messages survive a reload. */
  readonly persisted: boolean;
}

/** Options of `createHybridClient`. */
export interface HybridClientOptions {
  serverUrl: string;
  tenantId: string;
  /** Default: the `sub` of the token. Required with an API key. Lower-cased. */
  participantId?: string;
  /** Development and trusted servers only; on a page that is not local it warns once, on the console. */
  apiKey?: string;
  /** Same-origin endpoint that answers `{ token, expiresIn? }` or `{ access_token, expires_in }`. */
  tokenUrl?: string;
  /** Called when a token is needed; rejections are retried unless they are permanent. */
  getToken?: () => string | Promise<string>;
  /** Skip the hub's negotiate request (default `true`: needs no CORS entry and no sticky sessions). */
  skipNegotiation?: boolean;
  /** Where snapshots of the metrics are posted, about once a minute and when the page goes. Default: nowhere. */
  metricsUrl?: string;
  /** Default `'json'`: the {@link MetricsSnapshot} as it is. `'otlp'`: the JSON form of OpenTelemetry's protocol. */
  metricsFormat?: 'json' | 'otlp';
  /** Where redacted reports of errors are posted, in batches. Default: nowhere. */
  errorsUrl?: string;
  /** Workflow whose `Data` messages of type `system_alert` become `alert` events. Default: none. */
  alertsWorkflow?: string;
  /** Topic of the alerts. Default: all topics. */
  alertsTopic?: string;
  /**
   * Which requests carry a W3C `traceparent`. Default `'same-origin'`: elsewhere the header needs the server's consent, and a
   * Xians server does not give it. `'always'` for servers that do.
   */
  tracing?: 'never' | 'same-origin' | 'always';
  /** Address of an incident manager, whose incidents {@link HybridClient.incidents} gives. Default: none. */
  incidentsUrl?: string;
  environment?: Environment;
  logger?: Logger;
}

/** Events of the hybrid client. Every `on` returns its undo. */
export interface HybridClientEvents {
  state: { readonly status: ConnectionStatus; readonly previous: ConnectionStatus };
  /** Something other than the state in the status changed. */
  status: ConnectionStatus;
  /** How many messages of agents nobody has seen, over all conversations that are open. */
  unread: number;
  /** A message of this participant's conversations that was not known before, from whatever channel. */
  message: Message;
  /** A system alert that was not known before, or the same one again with `dismissed` once somebody has closed it. */
  alert: SystemAlert;
  /** What was measured so far; at most every 10 s, and only after something happened. */
  metrics: MetricsSnapshot;
  /** A failure with no caller. */
  error: RealtimeError;
}

/** What the visitor waits for. */
export interface AwaitingReply {
  readonly requestId: string;
  /** Milliseconds since 1970 at which the server had the request. */
  readonly since: number;
  /** The agent takes longer than usual (30 s). */
  readonly slow: boolean;
}

export interface ConversationEvents {
  /** Anything visible changed: messages, `loading`, `awaitingReply`, `hasEarlier`, `unread`, `error`. At most once a microtask. */
  change: void;
  /** The draft became another text by other means than `setDraft()`: it was read from storage, or written in another tab. */
  draft: string;
  /** A message that was not known before arrived after the first load. */
  message: Message;
  queued: Message;
  sent: Message;
  failed: Message;
  /** Control moved to another workflow. */
  handoff: { readonly message: Message; readonly from: string | undefined; readonly to: string };
}

/** A thread of one workflow and topic. Obtained from `client.conversation()`; equal arguments give the same object. */
export interface Conversation {
  /** Full workflow id it was opened with. */
  readonly workflowId: string;
  readonly topic: string | undefined;
  /** `Agent:Flow` that answers now; differs from `workflowId`'s after a handoff. */
  readonly activeWorkflow: string;
  /** Server order, local messages that wait at the end. A new array after every change; settled items keep identity. */
  readonly messages: readonly Message[];
  /** `initial`: nothing shown yet is certain. `earlier`: an older page is being read. */
  readonly loading: 'initial' | 'earlier' | undefined;
  /** Whether older messages exist on the server. */
  readonly hasEarlier: boolean;
  readonly awaitingReply: AwaitingReply | undefined;
  /** Why history could not be read, if so. */
  readonly error: RealtimeError | undefined;
  /** What was being written; kept on this device and shared by the tabs of the site. */
  readonly draft: string;
  /** Messages of agents since {@link markRead} was last called, in whatever tab. */
  readonly unread: number;
  /** Keeps it subscribed, synced and the client connected until the undo runs. Counted. */
  open(): Undo;
  /**
   * Resolves when the queue has the message; rejects with `input`, `too-large`, `queue-full` or `closed`. Replies are heard
   * only while the conversation is open.
   */
  send(message: string | OutgoingMessage): Promise<SendReceipt>;
  /**
   * Bytes of UTF-8 by which `message`, as JSON, could be longer and still leave over the live connection, which alone carries
   * files and long texts; negative: so many too many. Throws `input` like `send()`.
   */
  room(message: OutgoingMessage): number;
  /** Sends a failed message again, with the same request id. `false`: it has not failed, or is gone. */
  retry(requestId: string): Promise<boolean>;
  /** Sends every failed message of this conversation again. Resolves with how many. */
  retryAll(): Promise<number>;
  /** Forgets a message that waits or failed. `false`: it is under way and may have arrived, so it stays. */
  discard(requestId: string): Promise<boolean>;
  /**
   * Changes the text of a message that waits, or failed and was certainly not stored; it keeps its place and request id,
   * and a failed one waits again. `false`: it may have arrived. Rejects with `input` or `too-large` like `send()`.
   */
  edit(requestId: string, text: string): Promise<boolean>;
  /**
   * Sends the text of a message that the server has once more, as a new request: what was made of the first is not undone.
   * Rejects with `input` for any other message.
   */
  askAgain(requestId: string): Promise<SendReceipt>;
  /** Ends `awaitingReply` here. The server is not told, and a reply that still comes is shown. */
  stopWaiting(): void;
  /** Keeps what is being written: saved within a moment, and together with the next message sent. */
  setDraft(text: string): void;
  /** The visitor has seen everything that is here now. */
  markRead(): void;
  /** Reads the next older page. */
  loadEarlier(): Promise<void>;
  /** Deletes the thread with all topics on the server, and those of the workflows that took over. Other devices are not told. */
  delete(): Promise<void>;
  on<Name extends keyof ConversationEvents>(
    event: Name,
    listener: (value: ConversationEvents[Name]) => void,
  ): Undo;
}

/** A topic of a workflow, as far as its messages came by on this device. */
export interface TopicInfo {
  /** As the server knows it; `undefined`: the default topic. */
  readonly topic: string | undefined;
  /** What the visitor calls it, on this device only. */
  readonly name: string | undefined;
  /** Beginning of the last message, in one line; empty when none is known or it has no text. */
  readonly text: string;
  /** Whether the visitor wrote it. */
  readonly isOwn: boolean;
  /** When it was written, in milliseconds since 1970; when nothing was written yet, when the topic was added. */
  readonly at: number;
  /** Messages of agents since the topic was last read; at most 99 are counted. */
  readonly unread: number;
  /** What is being written there. */
  readonly draft: string;
}

/** The topics of one workflow. The server has no list of them: this one grows with what comes by, and is kept on this device. */
export interface TopicList {
  /** The one with the newest message first, 200 at most. A new array after every change. */
  readonly topics: readonly TopicInfo[];
  /** Puts a topic on the list in which nothing was written yet. Returns its name as the server will have it. */
  add(topic: string): string;
  /** Gives it another name on this device; an empty one takes that back. */
  rename(topic: string | undefined, name: string): void;
  on(event: 'change', listener: () => void): Undo;
}

/** One transport, as `health()` tells of it. */
export interface ChannelHealth {
  readonly kind: 'hub' | 'sse' | 'rest' | 'incidents';
  readonly state: 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';
  /** Milliseconds since 1970 at which `state` began; `undefined` before the first use. */
  readonly since: number | undefined;
  /** How long it has been open in all, in milliseconds; goes on while it is. */
  readonly uptimeMs: number;
  /** Round trip of the last probe or request, in milliseconds. */
  readonly latencyMs: number | undefined;
  /** The last 60 round trips, oldest first. */
  readonly latencies: readonly LatencySample[];
  readonly error: RealtimeError | undefined;
  readonly breaker: BreakerStatus;
  /** SSE only: who listens on that one server instance, this page included. Not a number of people. */
  readonly listeners: number | undefined;
}

/** Health of the client: its status, and each transport of this tab on its own. No secrets. */
export interface ClientHealth {
  readonly status: ConnectionStatus;
  readonly tenantId: string;
  /** Empty in a tab that works through another one, apart from what it did itself. */
  readonly channels: readonly ChannelHealth[];
  /** `undefined` with an API key. */
  readonly token: TokenStatus | undefined;
  /** Milliseconds until plain requests may go again, because the server asked to wait or the allowance is used up; else 0. */
  readonly pausedMs: number;
}

/** What is on its way to the server, and what failed: everything this participant wrote here that no server has. */
export interface OutboxView {
  status(): OutboxStatus;
  /** In the order in which they leave, of all conversations or of one; failed ones at their old places. */
  list(conversation?: string): readonly OutboxRecord[];
  /** Sends a failed message again, with the same request id. */
  retry(requestId: string): Promise<boolean>;
  /** Resolves with how many. */
  retryAll(): Promise<number>;
  /** Forgets a message that waits or failed; `false` when it may be under way. */
  discard(requestId: string): Promise<boolean>;
  /** Changes the text of a message that was certainly not stored. */
  edit(requestId: string, text: string): Promise<boolean>;
  /** The failed messages as plain objects, for the page to keep or to report. */
  exportDeadLetters(): DeadLetter[];
}

/** The hybrid client: one participant of one tenant on one server, over whatever channel works. */
export interface HybridClient {
  readonly options: Readonly<HybridClientOptions>;
  readonly state: ConnectionState;
  readonly status: ConnectionStatus;
  readonly outbox: OutboxView;
  /** Starts connecting and keeps trying until `disconnect()`. An open conversation does the same. */
  connect(): void;
  /** Closes every channel until `connect()`, `retryNow()` or a newly opened conversation; messages that wait stay queued. */
  disconnect(): Promise<void>;
  /** Sends what waits since an earlier visit, if anything does. Without `participantId` it takes a token to find out. */
  flush(): void;
  /** Tries now instead of at `status.until`. */
  retryNow(): void;
  /**
   * Disconnects and forgets everything about this participant, on this device and in every tab: queue, drafts, messages and
   * tokens. Without `participantId`, the next token says who comes after.
   */
  logout(): Promise<void>;
  /** Like `disconnect()`, for good: no timer, listener or socket is left. Idempotent. */
  dispose(): Promise<void>;
  /** The conversation with `workflow` (`Agent:Flow` or a full id). Throws `input` for other forms. */
  conversation(workflow: string, topic?: string, options?: ConversationOptions): Conversation;
  /** The topics of `workflow`; their code is loaded with the first call. Equal arguments give the same list. */
  topics(workflow: string): Promise<TopicList>;
  /** Sends one message over REST and waits for the first reply. Not queued. */
  converse(
    workflow: string,
    message: string | OutgoingMessage,
    options?: { timeoutSeconds?: number; signal?: AbortSignal },
  ): Promise<Message>;
  /**
   * The incidents of `filter` at `incidentsUrl`; the same feed for equal filters. Their code is loaded with the first call.
   * The client's token is sent there, an API key never is. Rejects with `input` without `incidentsUrl`, or for a filter
   * that cannot work.
   */
  incidents(filter?: IncidentFilter): Promise<IncidentFeed>;
  health(): ClientHealth;
  /** What was measured since the client was made. A copy; no content, no credentials. */
  metrics(): MetricsSnapshot;
  /** Milliseconds of a round trip to the server now. Rejects when it does not answer, or nothing is connected. */
  probe(): Promise<number>;
  /** System alerts that nobody has dismissed, oldest first. */
  readonly alerts: readonly SystemAlert[];
  /** Closes an alert in every tab, for good. Does nothing for one that is not known. */
  dismissAlert(id: string): void;
  on<Name extends keyof HybridClientEvents>(
    event: Name,
    listener: (value: HybridClientEvents[Name]) => void,
  ): Undo;
}

export interface ConversationOptions {
  /**
   * Workflows that may take over (`Agent:Flow`). The server records a handoff under the workflow it goes to, so only
   * those listened to from the start can be noticed.
   */
  handoffWorkflows?: readonly string[];
}
