import { startDeadline, type Deadline } from '../protocol/deadline.ts';
import type { Emitter, Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import type { IncidentEvent } from '../protocol/incident.ts';
import type { Credentials } from './credentials.ts';
import type { ServerClock } from './incident-clock.ts';
import { newIncidents, parseCreated, parseUpdate, UPDATES } from './incident-events.ts';
import { Operations, type OperationSink } from './incident-operations.ts';
import { IncidentSession } from './incident-session.ts';
import type { GraphqlOperation, IncidentSourceEvents } from './incident-source.ts';
import { ReconnectingLink } from './reconnect.ts';
import type { Credential, Logger, TransportEnvironment, TransportState } from './transport.ts';

export interface IncidentStreamPorts {
  readonly environment: TransportEnvironment;
  readonly log: Logger;
  readonly events: Emitter<IncidentSourceEvents>;
  /** Absent: the greeting carries none. Asked for each connection. */
  readonly credentials: Credentials | undefined;
  readonly clock: ServerClock;
  /** In the order in which they are tried. */
  readonly addresses: readonly string[];
  /** Fields of a new incident, as this server calls them. */
  selection(): string;
  /** Whether the server has the subscription; `true` while it has not told. */
  offers(subscription: string): boolean;
  /** Whether the server is known to have no GraphQL, so that no socket can be expected. */
  isAbsent(): boolean;
}

/** Defaults stand in `IncidentTransportOptions`. */
export interface IncidentStreamOptions {
  readonly reconnect: boolean;
  readonly ackMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
}

/** From the first token to the first sign of life behind the subscriptions. */
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * The live stream of an incident manager: one connection at a time, what is subscribed to on it, and its life. Retries, where
 * they are wanted, follow the policy of every transport: they begin anew only after a connection that lasted.
 */
export class IncidentStream {
  readonly #ports: IncidentStreamPorts;
  readonly #options: IncidentStreamOptions;
  readonly #link: ReconnectingLink;
  readonly #operations: Operations;
  /** The subscriptions behind the events, while somebody listens to these. */
  readonly #followed = new Map<string, Undo>();
  #session: IncidentSession | undefined;
  /** What it was greeted with. */
  #credential: Credential | undefined;
  /** Index of the address that worked last. */
  #preferred = 0;
  /** Refusals of credentials since a connection stood. */
  #refusals = 0;
  #malformed = 0;

  constructor(ports: IncidentStreamPorts, options: IncidentStreamOptions) {
    const { environment, events } = ports;
    this.#ports = ports;
    this.#options = options;
    this.#link = new ReconnectingLink(environment, options.reconnect, events, {
      open: (signal) => this.#open(signal),
      close: () => this.#close(),
    });
    this.#operations = new Operations({
      environment,
      onError: (error) => events.emit('error', error),
      onRefused: (error) => this.#drop(error),
    });
  }

  get state(): TransportState {
    return this.#link.state;
  }

  /** The open connection. */
  get session(): IncidentSession | undefined {
    return this.state === 'open' ? this.#session : undefined;
  }

  /** How many frames came that were not part of the protocol; each cost its connection. */
  get malformed(): number {
    return this.#malformed;
  }

  connect(signal?: AbortSignal): Promise<void> {
    return this.#link.connect(signal);
  }

  disconnect(): Promise<void> {
    return this.#link.disconnect();
  }

  /** Connects anew with whatever credential there is now, if a connection is wanted. */
  restart(): Promise<void> {
    return this.#link.restart();
  }

  async dispose(): Promise<void> {
    await this.#link.dispose();
    this.#followed.clear();
    this.#operations.clear();
  }

  subscribe(operation: GraphqlOperation, sink: OperationSink): Undo {
    return this.#operations.add(() => operation, sink);
  }

  /** Makes the subscriptions behind the events. One that the server had refused is tried again. */
  follow(): void {
    this.#followOne('incidentUpdates', () => UPDATES, parseUpdate);
    this.#followOne('newIncidents', () => newIncidents(this.#ports.selection()), parseCreated);
  }

  unfollow(): void {
    for (const undo of this.#followed.values()) undo();
    this.#followed.clear();
  }

  #followOne(
    name: string,
    operation: () => GraphqlOperation,
    parse: (data: unknown) => IncidentEvent | undefined,
  ): void {
    const { events, clock, log, offers } = this.#ports;
    if (this.#followed.has(name) || !offers(name)) return;
    const undo = this.#operations.add(operation, {
      next: ({ data, errors }) => {
        const event = parse(data);
        if (event?.kind === 'heartbeat') clock.heard(event.timestamp);
        if (event) events.emit('event', event);
        else if (!errors) events.emit('error', new RealtimeError('protocol', 'An unreadable event arrived.'));
      },
      error: ({ code }) => {
        log('warn', `incidents: no subscription "${name}", ${code}`);
        this.#followed.delete(name);
        if (this.#operations.size === 0) this.#drop(absent());
      },
    });
    this.#followed.set(name, undo);
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { environment, log, credentials, events } = this.#ports;
    const deadline = startDeadline(environment, CONNECT_TIMEOUT_MS, signal);
    try {
      log('debug', 'incidents: connecting');
      // Before the socket: a server hangs up on one that stays silent while a token is being fetched.
      const credential = credentials && (await deadline.race(credentials.current()));
      const session = await this.#greet(credential, deadline);
      this.#session = session;
      this.#credential = credential;
      if (events.count('event') > 0) {
        this.follow();
        if (this.#operations.size === 0) throw absent();
      }
      this.#operations.attach(session);
      // The protocol has no answer to `subscribe`; what comes behind it says that it arrived.
      await deadline.race(session.allSent().then(() => session.ping()));
      this.#refusals = 0;
      log('info', 'incidents: open');
    } catch (reason) {
      const error =
        deadline.failure() ??
        RealtimeError.from(reason, 'network', 'The live connection could not be opened.', {
          cause: harmlessCause(reason),
        });
      log('warn', `incidents: ${error.code}, ${error.message}`);
      await this.#close();
      throw this.#mended(error);
    } finally {
      deadline.end();
    }
  }

  /** Tries the addresses, the one that worked last first, as long as none opens. */
  async #greet(credential: Credential | undefined, deadline: Deadline): Promise<IncidentSession> {
    const { addresses, credentials } = this.#ports;
    let failure: unknown;
    let hasOpened = false;
    for (let turn = 0; turn < addresses.length && !hasOpened && !deadline.signal.aborted; turn++) {
      const index = (this.#preferred + turn) % addresses.length;
      try {
        const session = await this.#openSession(addresses[index]!, credential, deadline.signal, () => {
          hasOpened = true;
        });
        this.#preferred = index;
        return session;
      } catch (reason) {
        failure = reason;
      }
    }
    if (credential) credentials?.judge(credential, failure);
    throw !hasOpened && !deadline.signal.aborted && this.#ports.isAbsent() ? absent() : failure;
  }

  async #openSession(
    url: string,
    credential: Credential | undefined,
    signal: AbortSignal,
    onOpen: () => void,
  ): Promise<IncidentSession> {
    const { environment, events, log, credentials } = this.#ports;
    return IncidentSession.open(
      {
        url,
        authorization: credential && `Bearer ${credential.value}`,
        environment,
        ...this.#options,
        onOpen,
        onFrame: () => events.emit('alive', undefined),
        onMalformed: () => {
          this.#malformed++;
          log('warn', 'incidents: a frame that is not part of the protocol');
        },
        onLost: (error, session) => {
          if (credential) credentials?.judge(credential, error);
          if (this.#session === session) this.#lost(error);
        },
      },
      signal,
    );
  }

  /** The open connection is of no use. */
  #drop(error: RealtimeError): void {
    const session = this.#session;
    if (!session) return;
    if (this.#credential) this.#ports.credentials?.judge(this.#credential, error);
    void session.stop();
    this.#lost(error);
  }

  #lost(error: RealtimeError): void {
    this.#session = undefined;
    this.#operations.detach();
    this.#ports.log('warn', `incidents: lost, ${error.code}, ${error.message}`);
    this.#link.lost(this.#mended(error));
  }

  async #close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#operations.detach();
    await session?.stop();
  }

  /**
   * A refused token is retried once where there is somebody who gives out new ones: most of them just ran out. A transport
   * that is supervised leaves that to its supervisor.
   */
  #mended(error: RealtimeError): RealtimeError {
    const { credentials } = this.#ports;
    if (error.code !== 'unauthorized' || error.retryable || !this.#options.reconnect) return error;
    if (credentials?.type !== 'token-provider' || this.#refusals++ > 0) return error;
    return new RealtimeError(error.code, error.message, { cause: error, retryable: true });
  }
}

/** Worth another look later: servers are upgraded. */
function absent(): RealtimeError {
  const message = 'The incident server has no live stream of incidents.';
  return new RealtimeError('not-found', message, { retryable: true });
}
