import { orAborted } from '../protocol/deadline.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type {
  Incident,
  IncidentAction,
  IncidentCapabilities,
  IncidentDetails,
} from '../protocol/incident.ts';
import { now } from '../protocol/page.ts';
import { redact } from '../protocol/redact.ts';
import { Credentials, type CredentialSource } from './credentials.ts';
import { incidentAddress, type IncidentAddress } from './incident-address.ts';
import { ServerClock } from './incident-clock.ts';
import { probeGraphql, type IncidentDialect } from './incident-dialect.ts';
import { createGraphqlReader } from './incident-graphql.ts';
import { graphqlOverHttp, IncidentHttp, isQuery } from './incident-http.ts';
import { requestOver, type OperationSink } from './incident-operations.ts';
import { SHARED_FIELDS } from './incident-selection.ts';
import type { IncidentSession } from './incident-session.ts';
import type {
  GraphqlOperation,
  GraphqlRequest,
  GraphqlResult,
  IncidentPage,
  IncidentQuery,
  IncidentReader,
  IncidentsById,
  IncidentSource,
  IncidentSourceEvents,
} from './incident-source.ts';
import { IncidentStream } from './incident-stream.ts';
import { liveEvents } from './live-events.ts';
import {
  browserTransportEnvironment,
  type Logger,
  type TransportEnvironment,
  type TransportState,
} from './transport.ts';

export interface IncidentTransportOptions {
  /**
   * `https://host[:port][/path]`; `/graphql` and `/graphql/ws`, or `/v1`, may be its end. GraphQL is looked for at
   * `<it>/graphql`, the live stream at `<it>/graphql/ws` and then `<it>/graphql`, REST at `<it>/v1`.
   */
  incidentsUrl: string;
  /** A JWT. At most one of the two. Neither: no credential is sent. An API key of a Xians server is none. */
  token?: string;
  /** Called before each request or connection; may be cached by the callee. */
  getToken?: () => string | Promise<string>;
  /** As in `TransportOptions`. */
  onRefused?: (credential: string) => void;
  /** Retry a lost stream by itself, for as long as it is wanted. Default `true`. */
  reconnect?: boolean;
  /** Milliseconds until the greeting of an open socket must be answered. Default 5,000. */
  ackMs?: number;
  /** Milliseconds of silence after which the server is asked for a sign of life. Default 10,000. */
  pingMs?: number;
  /** Milliseconds that this sign may take before the stream counts as lost. Default 5,000. */
  pongMs?: number;
  /** Who acts, for servers that keep a name with what was done. Default: the server's own word for somebody. */
  actor?: () => string | undefined;
  logger?: Logger;
  /** `now`: milliseconds since 1970; default that of the machine. */
  environment?: TransportEnvironment & { now?(): number };
}

/** Say that a server may be one without GraphQL, or with another one. */
const NO_GRAPHQL: readonly string[] = ['not-found', 'unsupported', 'protocol'];

/**
 * Incidents of one server: what can be asked for, over GraphQL or, where there is none, REST; and what it tells by itself,
 * over graphql-transport-ws.
 *
 * Whatever GraphQL can say works too: {@link IncidentTransport.request} and {@link IncidentTransport.subscribe}. A live
 * stream is never the whole truth: what happened before it stood, or while it was lost, has to be asked for.
 */
export class IncidentTransport implements IncidentSource {
  readonly #address: IncidentAddress;
  readonly #environment: TransportEnvironment;
  readonly #options: IncidentTransportOptions;
  readonly #events = liveEvents<IncidentSourceEvents>();
  readonly #life = new AbortController();
  readonly #clock: ServerClock;
  readonly #http: IncidentHttp;
  readonly #post: GraphqlRequest;
  readonly #stream: IncidentStream;
  readonly #credentials: Credentials | undefined;
  #dialect: IncidentDialect | undefined;
  #reader: IncidentReader | undefined;
  /** Shared by calls that need a reader and found none. */
  #looking: Promise<IncidentCapabilities> | undefined;
  /** HTTP failed where the socket did not. */
  #prefersSocket = false;

  /** Throws `input` for options that cannot work. */
  constructor(options: IncidentTransportOptions) {
    const { token, getToken, onRefused, logger } = options;
    const environment: NonNullable<typeof options.environment> =
      options.environment ?? browserTransportEnvironment;
    this.#options = options;
    this.#address = incidentAddress(options.incidentsUrl);
    this.#environment = environment;
    const credentials =
      token === undefined && !getToken ? undefined : new Credentials({ token, getToken, onRefused });
    this.#credentials = credentials;
    const clock = new ServerClock({
      now: () => environment.now?.() ?? now(),
      monotonicNow: () => environment.monotonicNow(),
    });
    this.#clock = clock;
    const log: Logger = (level, message) => logger?.(level, redact(message));
    const onServerClock = (serverMs: number) => clock.heard(serverMs);
    this.#http = new IncidentHttp({ environment, credentials, log, onServerClock, life: this.#life.signal });
    this.#post = graphqlOverHttp(this.#http, this.#address.graphql);
    const { reconnect = true, ackMs = 5_000, pingMs = 10_000, pongMs = 5_000 } = options;
    this.#stream = new IncidentStream(
      {
        environment,
        log,
        events: this.#events,
        credentials,
        clock,
        addresses: this.#address.sockets,
        selection: () => this.#dialect?.selection ?? SHARED_FIELDS,
        offers: (subscription) => this.#dialect?.subscriptions?.has(subscription) ?? true,
        isAbsent: () => this.via === 'rest',
      },
      { reconnect, ackMs, pingMs, pongMs },
    );
  }

  get via(): 'graphql' | 'rest' | undefined {
    return this.#reader?.via;
  }

  get serverClockAheadMs(): number {
    return this.#clock.aheadMs;
  }

  get state(): TransportState {
    return this.#stream.state;
  }

  /** How many frames of the stream were not part of the protocol; each cost the connection that it came on. */
  get malformedFrames(): number {
    return this.#stream.malformed;
  }

  async probe(signal?: AbortSignal): Promise<IncidentCapabilities> {
    try {
      const dialect = await probeGraphql((operation, each) => this.request(operation, each), signal);
      this.#dialect = dialect;
      this.#reader = createGraphqlReader({
        request: (operation, each) => this.request(operation, each),
        dialect,
        actor: this.#options.actor,
      });
      return dialect.capabilities;
    } catch (reason) {
      if (!(reason instanceof RealtimeError) || !NO_GRAPHQL.includes(reason.code)) throw reason;
    }
    return this.#probeRest(signal);
  }

  async page(query: IncidentQuery): Promise<IncidentPage> {
    return (await this.#readerFor(query.signal)).page(query);
  }

  async read(ids: readonly string[], signal?: AbortSignal): Promise<IncidentsById> {
    return (await this.#readerFor(signal)).read(ids, signal);
  }

  async details(id: string, signal?: AbortSignal): Promise<IncidentDetails> {
    return (await this.#readerFor(signal)).details(id, signal);
  }

  async act(action: IncidentAction, signal?: AbortSignal): Promise<Incident> {
    return (await this.#readerFor(signal)).act(action, signal);
  }

  /**
   * A query or a mutation. Over HTTP; over the stream, while it is open, where HTTP does not get through. Resolves also with
   * `errors`. A mutation's rejection says by `stored` whether the server may have done it.
   */
  async request(operation: GraphqlOperation, signal?: AbortSignal): Promise<GraphqlResult> {
    const session = this.#prefersSocket ? this.#stream.session : undefined;
    if (session) return this.#overSocket(session, operation, signal);
    try {
      const result = await this.#post(operation, signal);
      this.#prefersSocket = false;
      return result;
    } catch (reason) {
      const open = this.#stream.session;
      const isLost = reason instanceof RealtimeError && reason.code === 'network';
      // A mutation may have arrived; it goes another way from the next time on.
      if (!open || !isLost || !isQuery(operation)) throw reason;
      const result = await this.#overSocket(open, operation, signal);
      this.#prefersSocket = true;
      return result;
    }
  }

  /**
   * Starts a subscription now if the stream is open, else as soon as it is; again, under a fresh id, on every new connection.
   * Throws `input` for an operation that is no subscription: those are asked for once, by `request()`.
   */
  subscribe(operation: GraphqlOperation, sink: OperationSink): Undo {
    if (!/(^|[\s},])subscription\b/.test(operation.query)) {
      throw new RealtimeError('input', 'Only a subscription can be subscribed to; see request().');
    }
    return this.#stream.subscribe(operation, sink);
  }

  /** As in {@link IncidentSource}. With `reconnect`, a rejection tells of this attempt only: the next ones follow. */
  connect(signal?: AbortSignal): Promise<void> {
    return this.#stream.connect(signal);
  }

  disconnect(): Promise<void> {
    return this.#stream.disconnect();
  }

  async ping(limitMs?: number): Promise<number> {
    const { session } = this.#stream;
    if (!session) throw new RealtimeError('network', 'There is no live stream of incidents.');
    return session.ping(limitMs);
  }

  /** Events are subscribed to while somebody listens to `event`. */
  on<Name extends keyof IncidentSourceEvents>(
    event: Name,
    listener: (value: IncidentSourceEvents[Name]) => void,
  ): Undo {
    const undo = this.#events.on(event, listener);
    if (event !== 'event') return undo;
    this.#stream.follow();
    return () => {
      undo();
      if (this.#events.count('event') === 0) this.#stream.unfollow();
    };
  }

  /** Resolves when connected with the new token, if a stream is wanted. Throws `input` where no credential was given at first. */
  updateToken(token: string): Promise<void> {
    return this.#replace({ token });
  }

  updateTokenProvider(getToken: () => string | Promise<string>): Promise<void> {
    return this.#replace({ getToken });
  }

  async dispose(): Promise<void> {
    this.#life.abort();
    await this.#stream.dispose();
    this.#events.clear();
  }

  async #replace(source: CredentialSource): Promise<void> {
    if (!this.#credentials) throw new RealtimeError('input', 'This transport was made without a credential.');
    this.#credentials.replace(source);
    await this.#stream.restart();
  }

  /** Loaded on need: a server with GraphQL never needs it. */
  async #probeRest(signal: AbortSignal | undefined): Promise<IncidentCapabilities> {
    const { probeRest, createRestReader } = await import('./incident-rest.ts');
    const ports = {
      http: this.#http,
      base: this.#address.rest,
      uuid: () => this.#environment.uuid(),
      actor: this.#options.actor,
    };
    try {
      const capabilities = await probeRest(ports, signal);
      this.#reader = createRestReader(ports);
      return capabilities;
    } catch (reason) {
      if (!(reason instanceof RealtimeError) || !NO_GRAPHQL.includes(reason.code)) throw reason;
      const message = 'The server is no incident manager: it answers neither GraphQL nor REST.';
      throw new RealtimeError('unsupported', message, { cause: reason });
    }
  }

  async #readerFor(signal: AbortSignal | undefined): Promise<IncidentReader> {
    if (!this.#reader) {
      // Of nobody's signal, since others may wait for it too.
      this.#looking ??= this.probe(this.#life.signal).finally(() => (this.#looking = undefined));
      const cancelled = () => new RealtimeError('closed', 'The call was cancelled.');
      await (signal ? orAborted(this.#looking, signal, cancelled) : this.#looking);
    }
    if (!this.#reader) throw new RealtimeError('bug', 'The server was found, but no way to read from it.');
    return this.#reader;
  }

  #overSocket(session: IncidentSession, operation: GraphqlOperation, signal: AbortSignal | undefined) {
    return requestOver(session, this.#environment, operation, signal, this.#life.signal);
  }
}
