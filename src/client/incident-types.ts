import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type {
  Incident,
  IncidentAction,
  IncidentCapabilities,
  IncidentDetails,
} from '../protocol/incident.ts';
import type { Logger } from '../transports/transport.ts';
import type { Environment } from './environment.ts';
import type { ConnectionState, StateReason } from './types.ts';

/** Which incidents a feed is about. Equal filters share a feed. */
export interface IncidentFilter {
  /** Default: all. Compared without regard to case. */
  readonly severities?: readonly string[];
  /** Names of states, or of phases (`open`, `acknowledged`, `working`, `done`). Default: all. */
  readonly states?: readonly string[];
  /** Leave out those whose phase is `done`. Default `false`. */
  readonly activeOnly?: boolean;
  /** Most rows held, 1 to 100,000; beyond it the least severe go first, then the oldest. Default 100. */
  readonly limit?: number;
}

/** How incidents arrive: pushed; by asking the GraphQL query again and again; by asking REST. */
export type IncidentMode = 'stream' | 'query' | 'rest';

/** As {@link ConnectionState}; `unsupported`: the server answers, but neither GraphQL nor REST of an incident manager. */
export type IncidentState = ConnectionState | 'unsupported';

/** The connection of an incident client at one moment. Without secrets. */
export interface IncidentStatus {
  readonly state: IncidentState;
  readonly reason: StateReason;
  /** Milliseconds since 1970 at which `state` began. */
  readonly since: number;
  /** Milliseconds since 1970 of the next attempt, in `waiting` and `offline`. */
  readonly until: number | undefined;
  /** How incidents arrive now; `undefined` while they do not. */
  readonly mode: IncidentMode | undefined;
  /**
   * In `stream`: whether it has told of changes, and none was found of which it kept quiet. Until then it may be one that
   * tells nothing, so incidents are asked for as often as without it.
   */
  readonly isProven: boolean;
  /** Milliseconds between two looks, where incidents are asked for. In `stream` that of the check that nothing was missed. */
  readonly everyMs: number | undefined;
  /** Why it is not live, in words for people. */
  readonly error: RealtimeError | undefined;
  /** Found out when the server first answers. */
  readonly capabilities: IncidentCapabilities | undefined;
}

/**
 * Whether what a feed shows is true now. `unknown`: nothing has proved it lately, so nothing may be shown as current.
 * `checking`: never proved yet, and the first look is under way.
 */
export interface Freshness {
  readonly state: 'fresh' | 'unknown' | 'checking';
  /** Milliseconds since 1970, by this machine's clock, at which everything shown was last proved to be true. */
  readonly asOf: number | undefined;
}

/** An action that the server does not have yet, or refused. */
export interface PendingAction {
  readonly id: string;
  readonly action: IncidentAction;
  /** `queued`: waits for a connection. `sending`: under way, or its outcome is being looked up. `failed`: given up, with why. */
  readonly state: 'queued' | 'sending' | 'failed';
  readonly error: RealtimeError | undefined;
  /** Milliseconds since 1970 at which it was asked for. */
  readonly at: number;
  /** Whether it survives a reload. */
  readonly persisted: boolean;
}

/**
 * What became of an action: the server has it; it waits for a connection; or there was nothing left to do, because the
 * incident had become what the action would have made of it.
 */
export interface ActionReceipt {
  readonly id: string;
  readonly outcome: 'applied' | 'queued' | 'unneeded';
}

export interface IncidentFeedEvents {
  /** Anything that can be read from the feed changed. At most once in a turn of the event loop. */
  change: void;
  /** Incidents that were not known before, after the first load; those of one turn together. */
  received: readonly Incident[];
  /** Known incidents that changed, or came into the filter. */
  updated: readonly Incident[];
  /** `freshness.state` became another one. */
  freshness: Freshness;
  /** A failure that no call reports. */
  error: RealtimeError;
}

/** Live incidents of one filter. Obtained from `client.incidents()`; the same object for equal filters. */
export interface IncidentFeed {
  readonly filter: IncidentFilter;
  /** Newest first by (`createdAt`, `id`), with what pending actions would make of them. A new array after every change; unchanged items keep identity. */
  readonly incidents: readonly Incident[];
  /** How many incidents have been heard of, those included that had to make room. */
  readonly known: number;
  /** How many the server says there are for this filter; `undefined` where it cannot say. */
  readonly total: number | undefined;
  readonly isLoading: boolean;
  /** Whether the server has older ones that fit into `limit`, or would with a higher one. */
  readonly hasMore: boolean;
  readonly freshness: Freshness;
  readonly status: IncidentStatus;
  /** In the order in which they were asked for. */
  readonly pending: readonly PendingAction[];
  /** Milliseconds that the server's clock is ahead of this machine's (negative: behind); 0 until it is known. */
  readonly clockAheadMs: number;
  get(id: string): Incident | undefined;
  /** Keeps it connected and current until the undo runs. Counted. */
  open(): Undo;
  /** Looks now. Resolves when everything shown was proved; rejects with why it could not be. */
  refresh(): Promise<void>;
  /** Tries to connect now instead of at `status.until`. */
  retryNow(): void;
  /** Reads one incident whole. */
  details(id: string, signal?: AbortSignal): Promise<IncidentDetails>;
  /**
   * Shows the change at once and asks the server for it. Resolves when the server has it, or with `queued` when it is kept
   * until there is a connection. Rejects with why when the server refuses, after taking the change back; `input` for
   * what the server cannot do.
   */
  act(action: IncidentAction): Promise<ActionReceipt>;
  /** Forgets an action that waits or failed. `false`: it is under way or gone. */
  discard(actionId: string): Promise<boolean>;
  /** Sends a failed action again. */
  retry(actionId: string): Promise<boolean>;
  on<Name extends keyof IncidentFeedEvents>(
    event: Name,
    listener: (value: IncidentFeedEvents[Name]) => void,
  ): Undo;
}

/** Options of `createIncidentClient`. */
export interface IncidentClientOptions {
  /** Address of the incident manager: `https://host[:port][/path]`; `…/graphql` and `…/graphql/ws` may be part of it. */
  incidentsUrl: string;
  /** At most one of the two. Neither: requests carry no credential. */
  getToken?: () => string | Promise<string>;
  tokenUrl?: string;
  /** Whose actions wait on this device; part of the name under which they are kept. Default: the `sub` of the token, if any. */
  participantId?: string;
  environment?: Environment;
  logger?: Logger;
}

/** Incidents of one server for one person. Several feeds share its connection. */
export interface IncidentClient {
  readonly status: IncidentStatus;
  /** The feed of `filter`. Nothing is requested before it is opened. Throws `input` for a filter that cannot work. */
  feed(filter?: IncidentFilter): IncidentFeed;
  /** Forgets everything: rows, waiting actions, tokens. Open feeds begin anew. */
  logout(): Promise<void>;
  /** No timer, socket or listener is left. Idempotent. */
  dispose(): Promise<void>;
}
