import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type {
  Incident,
  IncidentAction,
  IncidentCapabilities,
  IncidentDetails,
  IncidentEvent,
} from '../protocol/incident.ts';
import type { LiveEvents, TransportState } from './transport.ts';

/** One page of a list of incidents; the newest are on page 0. */
export interface IncidentQuery {
  /** 0-based. */
  page: number;
  /** 1 to 100. */
  pageSize: number;
  /** Default: all. Compared without regard to case. A server that cannot filter is helped by the reader. */
  severities?: readonly string[];
  /** Leave out what is resolved or closed. Default `false`. */
  activeOnly?: boolean;
  signal?: AbortSignal;
}

export interface IncidentPage {
  /** Newest first by `createdAt`. */
  readonly incidents: readonly Incident[];
  /** How many there are on all pages; `undefined` where the server cannot say for this query. */
  readonly total: number | undefined;
  /** Whether an older page exists. */
  readonly hasMore: boolean;
  /** Rows that could not be understood. */
  readonly malformed: number;
}

export interface IncidentsById {
  readonly incidents: readonly Incident[];
  /** Those that the server says it does not have. */
  readonly missing: readonly string[];
}

/** Reads and changes incidents, one request at a time. Every call rejects with a `RealtimeError`. */
export interface IncidentReader {
  readonly via: 'graphql' | 'rest';
  page(query: IncidentQuery): Promise<IncidentPage>;
  /** In batches that the server's limits allow; one unknown id does not spoil the others. */
  read(ids: readonly string[], signal?: AbortSignal): Promise<IncidentsById>;
  details(id: string, signal?: AbortSignal): Promise<IncidentDetails>;
  /**
   * Resolves with what the server made of the incident. Rejects with `stored: 'maybe'` where the server may have done it all
   * the same, with `input` for an action that it cannot do.
   */
  act(action: IncidentAction, signal?: AbortSignal): Promise<Incident>;
}

/** What a live source of incidents tells. */
export interface IncidentSourceEvents {
  event: IncidentEvent;
  state: LiveEvents['state'];
  /** A failure that no call in progress will report. */
  error: RealtimeError;
  /** The other side showed a sign of life: any frame, a pong included. */
  alive: void;
}

/** Where a feed gets its incidents from: what is asked for, and what is told by itself. */
export interface IncidentSource extends Omit<IncidentReader, 'via'> {
  /** What the last {@link IncidentSource.probe} found. Calls that read probe first where there was none. */
  readonly via: 'graphql' | 'rest' | undefined;
  /** Milliseconds that the server's clock is ahead of this machine's (negative: behind); 0 until it is known. */
  readonly serverClockAheadMs: number;
  /**
   * Asks the server what it is, every time it is called: GraphQL first, then REST. Rejects with `unsupported` when it is
   * neither, else with what went wrong (`unauthorized`, `network`, …).
   */
  probe(signal?: AbortSignal): Promise<IncidentCapabilities>;

  /** State of the live stream. */
  readonly state: TransportState;
  /**
   * One attempt of the live stream. Resolves when acknowledged and subscribed; a second call while connecting joins the
   * first. Rejects with what went wrong, `not-found` where there is no such endpoint, as far as one can tell.
   */
  connect(signal?: AbortSignal): Promise<void>;
  /**
   * Asks the live stream for a sign of life; resolves with the milliseconds that it took. Without one within `limitMs`
   * (default: that of its own pings) the stream counts as lost, and the call rejects.
   */
  ping(limitMs?: number): Promise<number>;
  /** Closes the live stream; requests go on. Never rejects. */
  disconnect(): Promise<void>;
  on<Name extends keyof IncidentSourceEvents>(
    event: Name,
    listener: (value: IncidentSourceEvents[Name]) => void,
  ): Undo;
  /** No timer, socket or listener is left. Idempotent. */
  dispose(): Promise<void>;
}

/** One GraphQL document, and what goes with it. */
export interface GraphqlOperation {
  query: string;
  variables?: Readonly<Record<string, unknown>>;
  /** Only where `query` names several: an anonymous operation with a name is refused. */
  operationName?: string;
}

/** What a GraphQL server makes of an operation. Both parts as they came: anything may be in them. */
export interface GraphqlResult {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** Sends one operation and resolves with what came back; rejects when nothing did, or nothing readable. */
export type GraphqlRequest = (operation: GraphqlOperation, signal?: AbortSignal) => Promise<GraphqlResult>;
