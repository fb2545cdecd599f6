import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentCapabilities, IncidentDetails, IncidentEvent } from '../protocol/incident.ts';
import { severityRank } from '../protocol/incident-words.ts';
import type {
  IncidentPage,
  IncidentQuery,
  IncidentsById,
  IncidentSource,
} from '../transports/incident-source.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { Environment } from './environment.ts';
import { EventBuffer } from './incident-events.ts';
import type { ClientIncidentFeed } from './incident-feed.ts';
import { FollowUps } from './incident-follow-ups.ts';
import { type IncidentChannel, IncidentLadder } from './incident-ladder.ts';
import { IncidentLooks } from './incident-looks.ts';
import { StreamProof } from './incident-proof.ts';
import { IncidentRequests } from './incident-requests.ts';
import type { IncidentMode, IncidentStatus } from './incident-types.ts';
import type { Metrics } from './metrics.ts';
import { Supervisor } from './supervisor.ts';
import type { ConnectionState } from './types.ts';

/** What the engine needs from the client. */
export interface EnginePorts {
  readonly environment: Environment;
  readonly source: IncidentSource;
  readonly breaker: CircuitBreaker;
  readonly metrics: Metrics | undefined;
  /** Gets another credential in place of one that was refused. Resolves with whether there is one. */
  renew(): Promise<boolean>;
  /** The status, or whether requests can be made. */
  onChange(): void;
  onError(error: RealtimeError): void;
}

/** How often everything is looked at. */
const LOOK_MS = 10_000;
/** Beside a stream that is to be believed. */
const PROVEN_LOOK_MS = 30_000;
/** On a hidden page. */
const HIDDEN_LOOK_MS = 60_000;
/** After a subscription, which a server may take up a moment after it said so. */
const SECOND_LOOK_MS = 2_000;
/** Between looks that a flood of updates asks for. */
const FLOOD_LOOK_MS = 2_000;
/** Between two attempts to get a stream again, where queries work. */
const CLIMB_CAP_MS = 60_000;
/** A credential may end after a few seconds, again and again; one that is refused at once is not replaced for ever. */
const RENEW_AGAIN_MS = 5_000;
/** As long as nobody has needed it for so long, it stays connected. */
const LINGER_MS = 120_000;
/** While a lost stream is tried again, queries go on: also where it alone refuses the credential. */
const GOES_ON: ReadonlySet<ConnectionState> = new Set([
  'waiting',
  'connecting',
  'syncing',
  'offline',
  'unauthorized',
]);

/**
 * Keeps the feeds that are open current: by a live stream beside queries, by queries alone, or by REST, whatever works best;
 * and knows when it does not. Whatever a stream says, everything is looked at again and again.
 */
export class IncidentEngine {
  readonly #ports: EnginePorts;
  readonly #requests: IncidentRequests;
  readonly #ladder: IncidentLadder;
  readonly #supervisor: Supervisor;
  readonly #proof: StreamProof;
  readonly #followUps: FollowUps;
  readonly #events: EventBuffer;
  readonly #looks: IncidentLooks;
  readonly #open = new Set<ClientIncidentFeed>();
  readonly #undos: readonly Undo[];
  #status: IncidentStatus;
  /** A stream was lost, but what is asked for is still answered. */
  #isAlone = false;
  /** The last look was refused, whatever the stream says. */
  #isRefused = false;
  #told: RealtimeError | undefined;
  #cancelLinger: Undo | undefined;
  #isDisposed = false;

  constructor(ports: EnginePorts) {
    const { environment, source, breaker, metrics } = ports;
    this.#ports = ports;
    this.#requests = new IncidentRequests({ environment, source, breaker, metrics });
    this.#looks = new IncidentLooks({
      environment,
      feeds: this.#open,
      everyMs: () => this.#mode && this.#everyMs,
      onDue: () => this.#listen(),
      onDone: (began) => this.#onLooked(began),
      onFailed: (error) => this.#onLookFailed(error),
    });
    this.#ladder = new IncidentLadder({
      environment,
      source,
      requests: this.#requests,
      metrics,
      // Rows are shown as soon as they can be asked for, whether or not a stream will open.
      onProbed: () => {
        this.#status = this.#makeStatus(); // what the server can: the look asks accordingly
        this.#looks.begin([...this.#open].filter((feed) => !feed.wasLookedAt));
      },
    });
    this.#supervisor = new Supervisor({
      environment,
      open: (kind, signal) => this.#ladder.open(kind, signal),
      sync: (channel) => this.#sync(channel as IncidentChannel),
      barredMs: (kind) => this.#ladder.barredMs(kind),
      unbar: () => this.#requests.hasten(),
      renewCredential: () => ports.renew(),
      climbCapMs: CLIMB_CAP_MS,
      renewAgainMs: RENEW_AGAIN_MS,
      onChange: () => this.#onChange(),
      onError: (error) => this.#fail(error),
    });
    this.#proof = new StreamProof(environment);
    this.#followUps = new FollowUps({
      environment,
      read: (ids, signal) => this.#followUp(ids, signal),
      rank: (id) => this.#rank(id),
      onMany: () => this.#looks.plan(Math.max(0, FLOOD_LOOK_MS - this.#looks.sinceMs)),
      onSettled: () => this.#believe(),
      onError: (error) => this.#fail(error),
    });
    this.#events = new EventBuffer(environment, (incidents, heard) => this.#tell(incidents, heard));
    this.#undos = [
      source.on('event', (event) => this.#onEvent(event)),
      source.on('alive', () => {
        this.#proof.alive();
        this.#believe();
      }),
      source.on('error', (error) => this.#fail(error)),
      environment.onLifecycle((event) => {
        if (event === 'frozen') this.#supervisor.freeze();
        else if (event === 'hidden') this.#looks.plan();
        else if (event === 'offline') this.#onOffline();
        else this.#nudge(event !== 'visible');
      }),
    ];
    this.#status = this.#makeStatus();
  }

  get status(): IncidentStatus {
    return this.#status;
  }

  get requests(): IncidentRequests {
    return this.#requests;
  }

  /** Requests can be made, as far as one can tell. */
  get isConnected(): boolean {
    return this.#mode !== undefined;
  }

  /** `feed` is to be kept current, or no longer. */
  want(feed: ClientIncidentFeed, isWanted: boolean): void {
    if (this.#isDisposed) return;
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    if (isWanted) {
      this.#open.add(feed);
      feed.wake();
      this.#supervisor.start();
      if (this.isConnected) void this.#looks.begin([feed]);
      return;
    }
    this.#open.delete(feed);
    feed.rest();
    if (this.#open.size > 0) return;
    this.#rest();
    this.#cancelLinger = this.#ports.environment.setTimer(() => {
      this.#cancelLinger = undefined;
      void this.#supervisor.stop(false, 'idle');
    }, LINGER_MS);
  }

  /** See `IncidentFeed.refresh`. */
  async refresh(feed: ClientIncidentFeed): Promise<void> {
    if (this.#isDisposed) throw new RealtimeError('closed', 'The client has been disposed of.');
    if (!this.isConnected) this.#nudge(false);
    this.#requests.hasten();
    await feed.look().done;
    if (feed.freshness.state === 'fresh') return;
    throw new RealtimeError('protocol', 'The server contradicts itself; this is looked at again.');
  }

  /** Somebody wants it to be tried now. */
  nudge(): void {
    this.#ladder.doubt();
    this.#nudge(false);
  }

  /** Forgets what is known of the server, and begins anew where somebody waits. */
  async reset(forget: () => Promise<void>): Promise<void> {
    this.#rest();
    await this.#supervisor.stop();
    await forget();
    this.#ladder.reset();
    this.#looks.forget();
    for (const feed of this.#open) feed.reset();
    if (this.#open.size > 0 && !this.#isDisposed) this.#supervisor.start();
  }

  /** No timer, listener or socket is left. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#cancelLinger?.();
    this.#rest();
    for (const feed of this.#open) feed.rest();
    this.#open.clear();
    for (const undo of this.#undos) undo();
    await this.#supervisor.stop(true);
    await this.#ports.source.dispose();
  }

  /** A look found `ids`, of which `changes` changed after one that began at `lookedAt`. */
  onLooked(
    ids: readonly string[],
    asked: number,
    changes: readonly string[],
    lookedAt: number | undefined,
  ): void {
    this.#followUps.covered(ids, asked);
    this.#proof.showed(ids);
    for (const id of changes) this.#proof.found(id, lookedAt);
  }

  /** An answer to something else told of one incident. */
  learn(incident: Incident, asked: number): void {
    for (const feed of this.#open) feed.followUp({ incidents: [incident], missing: [] }, asked);
    this.#refill();
  }

  get capabilities(): IncidentCapabilities | undefined {
    return this.#ladder.capabilities;
  }

  async details(id: string, signal?: AbortSignal): Promise<IncidentDetails> {
    const asked = this.#ports.environment.monotonicNow();
    const details = await this.#requests.details(id, signal);
    this.learn(details.incident, asked);
    return details;
  }

  page(query: IncidentQuery): Promise<IncidentPage> {
    return this.#requests.page(query);
  }

  read(ids: readonly string[], signal: AbortSignal): Promise<IncidentsById> {
    return this.#requests.read(ids, signal);
  }

  get #channel(): IncidentChannel | undefined {
    return this.#supervisor.channel as IncidentChannel | undefined;
  }

  get #mode(): IncidentMode | undefined {
    return this.#channel?.mode ?? (this.#isAlone ? 'query' : undefined);
  }

  get #everyMs(): number {
    if (!this.#ports.environment.isVisible()) return HIDDEN_LOOK_MS;
    return this.#isProven ? PROVEN_LOOK_MS : LOOK_MS;
  }

  /** What the stream says is worth something, as long as looks agree with it. */
  get #isProven(): boolean {
    return this.#mode === 'stream' && this.#proof.isProven && !this.#looks.error;
  }

  /** The supervisor's step: reads what was missed, on a rung that has just opened or has a reason to be looked at. */
  async #sync(channel: IncidentChannel): Promise<void> {
    const isNew = channel !== this.#channel;
    if (isNew) this.#proof.closed();
    if (isNew && channel.mode === 'stream') this.#proof.opened();
    try {
      // What was asked before a stream stood does not know what it has not told.
      await this.#looks.begin(this.#open, channel.mode !== 'stream').caughtUp;
    } catch (reason) {
      const error = RealtimeError.from(reason, 'bug', 'A look failed.');
      if (isNew) this.#ladder.failed(error);
      throw error;
    }
    if (isNew && channel.mode === 'stream') this.#looks.plan(SECOND_LOOK_MS);
  }

  #onLooked(began: number): void {
    this.#isRefused = false;
    this.#followUps.looked(began);
    this.#believe();
    this.#onChange();
    this.#looks.plan(this.#proof.doubtMs);
    this.#refill();
  }

  /** Where rows went that had kept others out, those are looked for. */
  #refill(): void {
    if ([...this.#open].some((feed) => feed.isShort))
      this.#looks.plan(Math.max(0, FLOOD_LOOK_MS - this.#looks.sinceMs));
  }

  #onLookFailed(error: RealtimeError): void {
    const channel = this.#channel;
    if (error.code === 'closed' || this.#isDisposed) return;
    // The next one gets another credential, if there is one.
    if (this.#isAlone && isRefusal(error) && !this.#looks.error) return void this.#looks.failed(error);
    this.#isRefused = isRefusal(error);
    if (this.#isAlone) {
      this.#isAlone = false;
      return this.#onChange();
    }
    if (!channel) return;
    this.#ladder.failed(error);
    // Without a stream there is nothing but looks; and another credential is the supervisor's to get.
    if (channel.mode !== 'stream' || isRefusal(error)) return channel.lose(error);
    if (this.#looks.failed(error)) this.#fail(error);
    this.#onChange();
  }

  /** A subscription that has fallen silent is made anew. */
  #listen(): void {
    if (!this.#proof.isDeaf) return;
    this.#channel?.lose(new RealtimeError('timeout', 'The live stream has fallen silent.'));
  }

  #onEvent(event: IncidentEvent): void {
    if (event.kind === 'heartbeat') {
      this.#proof.heartbeat();
      this.#believe();
    } else if (event.kind === 'created') {
      this.#proof.brought(event.incident.id);
      this.#followUps.created(event.incident.id);
      this.#events.add(event.incident);
    } else {
      this.#proof.told(event.incidentId);
      const isCreation = event.updateType === 'CREATED';
      if (isCreation && this.#events.brought(event.incidentId)) return;
      if (this.#open.size > 0) this.#followUps.add(event.incidentId, isCreation);
    }
  }

  /** New incidents came by themselves. */
  #tell(incidents: readonly Incident[], heard: number): void {
    for (const feed of this.#open) feed.told(incidents, heard);
    this.#believe();
  }

  async #followUp(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const asked = this.#ports.environment.monotonicNow();
    const answer = await this.#requests.read(ids, signal);
    if (signal.aborted) return;
    const changed = new Set([...this.#open].flatMap((feed) => feed.followUp(answer, asked)));
    for (const _ of changed) this.#proof.confirm();
    this.#refill();
  }

  /** Those that are held by their severity, then all others. */
  #rank(id: string): number {
    for (const feed of this.#open) {
      const incident = feed.base(id);
      if (incident) return severityRank(incident.severity);
    }
    return Infinity;
  }

  /** What the stream says, or that it says nothing, proves what is shown. */
  #believe(): void {
    const isProven = this.#isProven;
    const { heard } = this.#proof;
    if (this.#mode && (isProven !== this.#status.isProven || this.#everyMs !== this.#status.everyMs)) {
      this.#onChange();
      this.#looks.plan();
    }
    if (!heard || !isProven) return;
    const { oldest } = this.#followUps;
    for (const feed of this.#open) feed.believe(this.#proof.openedAt, heard, oldest);
  }

  #nudge(isNews: boolean): void {
    for (const feed of this.#open) feed.wake();
    if (this.#open.size > 0) this.#supervisor.start();
    this.#supervisor.nudge(isNews);
  }

  /** Only a hint, but one that a connection has to answer. */
  #onOffline(): void {
    if (this.isConnected) this.#supervisor.nudge(true);
  }

  /** Nothing is asked for any more. */
  #rest(): void {
    this.#looks.stop();
    this.#followUps.clear();
    this.#events.clear();
  }

  #onChange(): void {
    const { snapshot } = this.#supervisor;
    const { mode } = this.#status;
    const isOver = snapshot.state === 'unauthorized' && this.#isRefused;
    if (snapshot.channel || isOver || !GOES_ON.has(snapshot.state)) this.#isAlone = false;
    else if (mode === 'stream' && !this.#looks.error) this.#isAlone = true;
    this.#status = this.#makeStatus();
    if (mode === 'stream' && this.#mode !== 'stream') this.#onStreamLost();
    if (mode && !this.#mode) this.#onLost();
    if (!mode && this.#mode) this.#looks.plan();
    for (const feed of this.#open) feed.wake();
    this.#ports.onChange();
  }

  #onStreamLost(): void {
    this.#followUps.clear();
    this.#events.clear();
    this.#proof.closed();
    this.#looks.forget();
    this.#looks.plan();
  }

  /** Nothing can be asked for. */
  #onLost(): void {
    this.#rest();
    for (const feed of this.#open) feed.stopLooking();
  }

  #makeStatus(): IncidentStatus {
    const { reason, since, until, error, ...snapshot } = this.#supervisor.snapshot;
    const mode = this.#mode;
    const isUnsupported = snapshot.state === 'waiting' && error?.code === 'unsupported';
    const failing = mode === 'stream' ? this.#looks.error : undefined;
    const isDegraded = this.#isAlone || (snapshot.state === 'live' && failing);
    return {
      state: isDegraded ? 'degraded' : isUnsupported ? 'unsupported' : snapshot.state,
      reason: failing ? 'server-error' : reason,
      since,
      until,
      mode,
      isProven: this.#isProven,
      everyMs: mode && this.#everyMs,
      error: failing ?? error,
      capabilities: this.#ladder.capabilities,
    };
  }

  #fail(error: RealtimeError): void {
    // The transport tells of a lost stream, too.
    if (error === this.#told) return;
    this.#told = error;
    for (const feed of this.#open) feed.fail(error);
    this.#ports.onError(error);
  }
}

/** Nothing but another credential mends it. */
function isRefusal({ code }: RealtimeError): boolean {
  return code === 'unauthorized' || code === 'forbidden';
}
