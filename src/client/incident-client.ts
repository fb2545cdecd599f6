import { RealtimeError } from '../protocol/errors.ts';
import { normaliseParticipant } from '../protocol/workflow.ts';
import { incidentAddress } from '../transports/incident-address.ts';
import type { IncidentSource } from '../transports/incident-source.ts';
import { IncidentTransport } from '../transports/incident-transport.ts';
import type { Logger } from '../transports/transport.ts';
import { sharedBreaker } from './circuit-breaker.ts';
import { defaultEnvironment, type Environment } from './environment.ts';
import { IncidentActs } from './incident-acts.ts';
import { IncidentEngine } from './incident-engine.ts';
import { ClientIncidentFeed, type FeedPorts } from './incident-feed.ts';
import { resolveFilter } from './incident-filter.ts';
import type {
  IncidentClient,
  IncidentClientOptions,
  IncidentFeed,
  IncidentFilter,
  IncidentState,
  IncidentStatus,
} from './incident-types.ts';
import type { Metrics } from './metrics.ts';
import { LazyTokens } from './incident-tokens.ts';
import { subjectOf } from './token-claims.ts';
import type { ChannelHealth } from './types.ts';

/** How requests get a token, and what becomes of a refused one. */
export interface IncidentCredentials {
  getToken(): Promise<string>;
  /** The server refused `token`. */
  onRefused(token: string): void;
  /** Gets another one. Resolves with whether there is one; rejects with why it could not be had. */
  renew(): Promise<boolean>;
}

/** What incidents need from the client that they belong to. */
export interface IncidentPorts {
  readonly incidentsUrl: string;
  readonly environment: Environment;
  readonly logger?: Logger | undefined;
  readonly metrics?: Metrics | undefined;
  /** Absent: requests carry no credential. */
  readonly credentials?: IncidentCredentials | undefined;
  /** Whose actions wait on this device; `undefined` while that is not known, `''` where nobody signs in. */
  participantId(): string | undefined;
  /** A failure that no call reports. */
  onError(error: RealtimeError): void;
  /** {@link Incidents.health} may be something else. */
  onHealth?(): void;
  /** In place of the transport, for tests. */
  readonly source?: IncidentSource;
}

/** In the place of a tenant, which an incident manager has none of. */
const TENANT = 'incidents';
/** Feeds kept for whoever asks for the same filter again, though nobody has them open. */
const SPARE_FEEDS = 8;

/** Incidents of one server for one person: its feeds, the connection that they share, and what people do about incidents. */
export class Incidents implements IncidentClient {
  readonly #ports: IncidentPorts;
  readonly #engine: IncidentEngine;
  readonly #acts: IncidentActs;
  readonly #feeds = new Map<string, ClientIncidentFeed>();
  readonly #feedPorts: FeedPorts;
  #isUsed = false;
  #isDisposed = false;

  /** Throws `input` for an address that cannot work. */
  constructor(ports: IncidentPorts) {
    const { environment, metrics, credentials, participantId, logger } = ports;
    this.#ports = ports;
    const { base } = incidentAddress(ports.incidentsUrl);
    const source =
      ports.source ??
      new IncidentTransport({
        incidentsUrl: base,
        environment,
        reconnect: false,
        ...(credentials && {
          getToken: () => credentials.getToken(),
          onRefused: (token) => credentials.onRefused(token),
        }),
        actor: () => participantId() || undefined,
        ...(logger && { logger }),
      });
    const engine = new IncidentEngine({
      environment,
      source,
      metrics,
      breaker: sharedBreaker(environment, { serverUrl: base, tenantId: TENANT, transport: 'incidents' }),
      renew: async () => (await credentials?.renew()) ?? false,
      onChange: () => this.#onChange(),
      onError: ports.onError,
    });
    this.#engine = engine;
    const acts = new IncidentActs({
      environment,
      incidentsUrl: base,
      participantId,
      source: () => (engine.isConnected ? source : undefined),
      capabilities: () => engine.capabilities,
      current: (id) => this.#current(id),
      ...(credentials && { renew: () => credentials.renew() }),
      onPending: () => {
        for (const feed of this.#feeds.values()) acts.show(feed);
      },
      onApplied: (incident) => engine.learn(incident, environment.monotonicNow()),
      onError: ports.onError,
    });
    this.#acts = acts;
    this.#feedPorts = {
      environment,
      get status() {
        return engine.status;
      },
      get pending() {
        return acts.pending;
      },
      get clockAheadMs() {
        return source.serverClockAheadMs;
      },
      page: (query) => engine.page(query),
      read: (ids, signal) => engine.read(ids, signal),
      onLooked: (...found) => engine.onLooked(...found),
      onWanted: (feed, isWanted) => this.#onWanted(feed, isWanted),
      refresh: (feed) => engine.refresh(feed),
      retryNow: () => this.#retryNow(),
      details: (id, signal) => engine.details(id, signal),
      act: (action) => acts.act(action),
      discard: (id) => acts.discard(id),
      retry: (id) => acts.retry(id),
    };
  }

  get status(): IncidentStatus {
    return this.#engine.status;
  }

  feed(filter?: IncidentFilter): IncidentFeed {
    const resolved = resolveFilter(filter);
    let feed = this.#feeds.get(resolved.key);
    if (!feed) {
      feed = new ClientIncidentFeed(resolved, this.#feedPorts);
      this.#acts.show(feed);
      this.#keep(resolved.key, feed);
    }
    return feed;
  }

  /** The connection as health reports tell of it; nothing before it was first used. */
  health(): readonly ChannelHealth[] {
    if (!this.#isUsed) return [];
    const { state, since, error } = this.status;
    const latencies = this.#ports.metrics?.latencies('incidents') ?? [];
    return [
      {
        kind: 'incidents',
        state: HEALTH[state],
        since,
        uptimeMs: this.#ports.metrics?.uptimeMs('incidents') ?? 0,
        latencyMs: latencies.at(-1)?.ms,
        latencies,
        error,
        breaker: this.#engine.requests.breaker,
        listeners: undefined,
      },
    ];
  }

  async logout(): Promise<void> {
    await this.#engine.reset(() => this.#acts.forget());
    for (const feed of this.#feeds.values()) if (!feed.isOpen) feed.reset();
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await Promise.allSettled([this.#acts.dispose(), this.#engine.dispose()]);
    for (const feed of this.#feeds.values()) feed.dispose();
    this.#feeds.clear();
  }

  #keep(key: string, feed: ClientIncidentFeed): void {
    this.#feeds.set(key, feed);
    const spare = [...this.#feeds].filter(([, { isOpen }]) => !isOpen);
    for (const [name] of spare.slice(0, -SPARE_FEEDS)) this.#feeds.delete(name);
  }

  #onWanted(feed: ClientIncidentFeed, isWanted: boolean): void {
    this.#isUsed = true;
    // It may have been dropped for others while nobody had it open.
    if (isWanted) this.#feeds.set(resolveFilter(feed.filter).key, feed);
    this.#engine.want(feed, isWanted);
  }

  #current(id: string) {
    for (const feed of this.#feeds.values()) {
      const incident = feed.base(id);
      if (incident) return incident;
    }
    return undefined;
  }

  #retryNow(): void {
    this.#engine.nudge();
    this.#acts.wake(true);
  }

  #onChange(): void {
    this.#acts.wake();
    this.#ports.onHealth?.();
  }
}

const HEALTH: Readonly<Record<IncidentState, ChannelHealth['state']>> = {
  idle: 'idle',
  connecting: 'connecting',
  syncing: 'connecting',
  live: 'open',
  degraded: 'open',
  waiting: 'waiting',
  offline: 'waiting',
  unauthorized: 'waiting',
  unsupported: 'waiting',
  suspended: 'idle',
  closed: 'closed',
};

/**
 * A client of one incident manager, without a Xians server. Nothing is requested before a feed is opened.
 *
 * @throws {RealtimeError} `input` for options that cannot work.
 */
export function createIncidentClient(options: IncidentClientOptions): IncidentClient {
  const { incidentsUrl, getToken, tokenUrl, logger, environment = defaultEnvironment() } = options;
  if (getToken && tokenUrl !== undefined) {
    throw new RealtimeError('input', 'Give at most one of tokenUrl and getToken.');
  }
  const { base } = incidentAddress(incidentsUrl);
  const participantId = options.participantId ? normaliseParticipant(options.participantId) : undefined;
  if (!getToken && tokenUrl === undefined) {
    return new Incidents({
      incidentsUrl,
      environment,
      logger,
      participantId: () => participantId ?? '',
      onError: () => undefined, // every feed that is open tells it
    });
  }
  const source = { getToken, tokenUrl, key: { serverUrl: base, tenantId: TENANT, participantId } };
  const tokens = new LazyTokens(source, environment);
  const incidents = new Incidents({
    incidentsUrl,
    environment,
    logger,
    credentials: tokens,
    participantId: () => participantId ?? ownerOf(tokens.current),
    onError: () => undefined, // as above
  });
  return {
    get status() {
      return incidents.status;
    },
    feed: (filter) => incidents.feed(filter),
    logout: async () => {
      tokens.clear();
      await incidents.logout();
    },
    dispose: async () => {
      await incidents.dispose();
      tokens.dispose();
    },
  };
}

function ownerOf(token: string | undefined): string | undefined {
  const subject = token === undefined ? undefined : subjectOf(token);
  return subject && normaliseParticipant(subject);
}
