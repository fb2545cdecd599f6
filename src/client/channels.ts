import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import { hubCanCarry, hubRoom } from '../transports/hub-request.ts';
import { checkServerUrl } from '../transports/settings.ts';
import { HubTransport } from '../transports/hub-transport.ts';
import { restCanCarry } from '../transports/rest-request.ts';
import type { ConverseRequest, RestTransport } from '../transports/rest-transport.ts';
import type {
  HistoryPage,
  HistoryQuery,
  LiveTransport,
  SendRequest,
  TransportOptions,
} from '../transports/transport.ts';
import { type CircuitBreaker, sharedBreaker } from './circuit-breaker.ts';
import type { Channel, ChannelKind } from './connection.ts';
import type { AlertPorts } from './alert-stream.ts';
import type { Environment } from './environment.ts';
import type { HistoryReader } from './history-reader.ts';
import type { Metrics, Operation } from './metrics.ts';
import type { PlainRequests } from './plain-requests.ts';
import { tracingPolicy } from './trace.ts';
import type { ChannelHealth, HybridClientOptions } from './types.ts';

export interface ChannelsOptions extends HybridClientOptions {
  readonly participantId: string;
  readonly environment: Environment;
  readonly metrics: Metrics;
  readonly getToken?: () => Promise<string>;
  readonly onRefused?: (token: string) => void;
  readonly onMessage: (message: Message) => void;
  readonly onError: (error: RealtimeError) => void;
  /** Reads what is new in every open conversation; what polling repeats. */
  readonly syncAll: () => Promise<void>;
  /** Whether somebody waits for a reply, so that polling hurries. */
  readonly isAwaiting: () => boolean;
}

/** Those of the Xians server. */
type Kind = Exclude<ChannelHealth['kind'], 'incidents'>;
/** What is known of a transport beside what is measured. */
type Health = Pick<ChannelHealth, 'state' | 'since' | 'error' | 'listeners'>;

const CONNECT_MS = 8_000;
/** The server speaks every 15 s; a dead peer is to be noticed within 25 s. */
const SILENCE_MS = 24_000;
const POLL_WAITING_MS = 3_000;
const POLL_CALM_MS = 15_000;
/** Stands for a participant that is not known yet, when sizes are checked. */
const UNKNOWN_PARTICIPANT = 'p'.repeat(64);

/** The transports of one participant, as the supervisor and the dispatcher see them. Those for live messages are loaded when they are first opened. */
export class Channels {
  readonly #options: ChannelsOptions;
  readonly #transport: TransportOptions;
  readonly #health = new Map<Kind, Health>();
  readonly #breakers: Readonly<Record<Kind, CircuitBreaker>>;
  #hub: HubTransport | undefined;
  /** Loaded when the hub does not serve: most conversations never need it. */
  #plain: PlainRequests | undefined;

  constructor(options: ChannelsOptions) {
    this.#options = options;
    const { tenantId, participantId, apiKey, getToken, onRefused, logger, environment } = options;
    const place = { serverUrl: checkServerUrl(options.serverUrl), tenantId };
    this.#transport = {
      ...place,
      participantId,
      logger,
      environment,
      onRefused,
      traceparent: tracingPolicy(options, environment),
      ...(getToken ? { getToken } : { apiKey }),
    };
    const breaker = (transport: Kind) => sharedBreaker(environment, { ...place, transport });
    this.#breakers = { hub: breaker('hub'), sse: breaker('sse'), rest: breaker('rest') };
  }

  /** Which transports could carry `request` unchanged. */
  static carriers(
    { serverUrl, tenantId, participantId = UNKNOWN_PARTICIPANT }: Omit<HybridClientOptions, 'environment'>,
    request: SendRequest,
  ): { readonly hub: boolean; readonly rest: boolean } {
    const place = { serverUrl, tenantId, participantId };
    return { hub: hubCanCarry(place, request), rest: restCanCarry(place, request) };
  }

  /** Bytes that `request` could have more, so that the hub still carries it; negative: it has too many. Throws `input`. */
  static room(
    { tenantId, participantId = UNKNOWN_PARTICIPANT }: Omit<HybridClientOptions, 'environment'>,
    request: SendRequest,
  ): number {
    return hubRoom({ tenantId, participantId }, request);
  }

  /** One attempt to open a channel of `kind` for `workflows`. */
  async open(kind: ChannelKind, signal: AbortSignal, workflows: readonly string[]): Promise<Channel> {
    if (kind === 'hub') return this.#attempt('hub', () => this.#openHub(signal));
    if (workflows.length === 0) throw new RealtimeError('network', 'There is nothing to listen to yet.');
    if (kind === 'poll') return this.#openPoll();
    await (await this.#usePlain()).take(signal);
    return this.#attempt('sse', () => this.#openSse(signal, workflows));
  }

  /** Milliseconds for which `kind` is not to be tried, because it failed again and again; else 0. */
  barredMs(kind: ChannelKind): number {
    return this.#breakers[kind === 'poll' ? 'rest' : kind].waitMs;
  }

  /** There is news: whatever failed again and again may be tried once more. */
  unbar(): void {
    for (const breaker of Object.values(this.#breakers)) breaker.hasten();
  }

  async send(route: 'hub' | 'rest', request: SendRequest): Promise<void> {
    if (route === 'rest') {
      await this.#request('send', (rest) => rest.send(request), request.signal);
      return;
    }
    const hub = this.#hub;
    if (!hub) throw new RealtimeError('network', 'The connection was lost before the message left.');
    await this.#options.metrics.measure('hub', 'send', () => hub.send(request));
  }

  /** The hub while it is open, because it has no rate limit; REST otherwise. */
  reader(): HistoryReader {
    const hub = this.#hub;
    const { metrics } = this.#options;
    return {
      history: (query) =>
        hub?.state === 'open'
          ? metrics.measure('hub', 'history', () => hub.history(query))
          : this.#plainHistory(query),
    };
  }

  converse(request: ConverseRequest): Promise<Message> {
    return this.#request('converse', (rest) => rest.converse(request), request.signal);
  }

  async deleteThread(workflow: string): Promise<void> {
    const hub = this.#hub;
    const { metrics } = this.#options;
    if (hub?.state === 'open') await metrics.measure('hub', 'delete', () => hub.deleteThread({ workflow }));
    else await this.#request('delete', (rest) => rest.deleteThread({ workflow }));
  }

  /** Milliseconds of a round trip on whatever is in use. `workflow`: one that this participant listens to. */
  async probe(workflow: string | undefined): Promise<number> {
    const startedAt = this.#options.environment.monotonicNow();
    const hub = this.#hub;
    if (hub?.state === 'open') return this.#probeHub(hub);
    if (!workflow) throw new RealtimeError('network', 'There is nothing to ask the server for yet.');
    await this.#request('probe', (rest) => rest.history({ workflow, pageSize: 2 }));
    return this.#options.environment.monotonicNow() - startedAt;
  }

  /** Milliseconds until plain requests may go again; 0 for now. */
  get pausedMs(): number {
    return this.#plain?.pausedMs ?? 0;
  }

  /** What a stream of alerts takes from here: the same credential, breaker and pace. */
  forAlerts(): Pick<AlertPorts, 'transport' | 'participantId' | 'reader' | 'attempt'> {
    return {
      transport: this.#transport,
      participantId: this.#options.participantId,
      reader: () => ({ history: (query) => this.#plainHistory(query) }),
      attempt: async (connect, signal) => {
        await (await this.#usePlain()).take(signal);
        await this.#breakers.sse.execute(connect);
      },
    };
  }

  /** Those that were used so far. */
  health(): readonly ChannelHealth[] {
    const { metrics } = this.#options;
    return [...this.#health].map(([kind, health]) => {
      const latencies = metrics.latencies(kind);
      return {
        kind,
        ...health,
        uptimeMs: kind === 'rest' ? 0 : metrics.uptimeMs(kind),
        latencyMs: latencies.at(-1)?.ms,
        latencies,
        breaker: this.#breakers[kind].status(),
      };
    });
  }

  async dispose(): Promise<void> {
    this.#plain?.dispose();
    await this.#hub?.dispose();
    this.#hub = undefined;
  }

  async #openHub(signal: AbortSignal): Promise<Channel> {
    const hub = new HubTransport({
      ...this.#transport,
      reconnect: false,
      ownMessagesOnly: false, // the client's one door decides
      skipNegotiation: this.#options.skipNegotiation ?? true,
      // Not while another channel proves that the server is there and takes the credential.
      checkAccess:
        this.#options.environment.location !== undefined && this.#health.get('sse')?.state !== 'open',
      connectTimeoutMs: CONNECT_MS,
      silenceTimeoutMs: SILENCE_MS,
    });
    const lost = this.#watch(hub, () => {
      if (this.#hub === hub) this.#hub = undefined;
    });
    await connectOrDispose(hub, signal);
    this.#hub = hub;
    return {
      kind: 'hub',
      lost,
      subscribe: (id) => hub.subscribe(id),
      probe: () => this.#probeHub(hub),
      close: () => hub.dispose(),
    };
  }

  async #openSse(signal: AbortSignal, workflows: readonly string[]): Promise<Channel> {
    const { SseTransport } = await import('../transports/http-transports.ts');
    const sse = new SseTransport({
      ...this.#transport,
      reconnect: false,
      ownMessagesOnly: false,
      connectTimeoutMs: CONNECT_MS,
    });
    const lost = this.#watch(sse);
    for (const id of workflows) await sse.subscribe(id);
    await connectOrDispose(sse, signal);
    return {
      kind: 'sse',
      lost,
      subscribe: (id) => sse.subscribe(id),
      // The server writes on its own every few seconds and the transport watches for it; the read after a probe proves more.
      probe: () => Promise.resolve(0),
      close: () => sse.dispose(),
    };
  }

  /** Not a connection: history read again and again. */
  #openPoll(): Channel {
    const { environment, isAwaiting, syncAll } = this.#options;
    let cancel: Undo = () => undefined;
    let isOpen = true;
    const lost = new Promise<RealtimeError>((resolve) => {
      const next = () => {
        const everyMs = isAwaiting() ? POLL_WAITING_MS : POLL_CALM_MS;
        cancel = environment.setTimer(
          () => {
            syncAll().then(
              () => isOpen && next(),
              (error: unknown) =>
                resolve(RealtimeError.from(error, 'network', 'The server cannot be reached.')),
            );
          },
          everyMs * (0.8 + 0.4 * environment.random()),
        );
      };
      next();
    });
    return {
      kind: 'poll',
      lost,
      subscribe: () => Promise.resolve(),
      probe: () => Promise.resolve(0),
      close: () => {
        isOpen = false;
        cancel();
        return Promise.resolve();
      },
    };
  }

  /** Follows a live transport. Resolves when it ends by itself. */
  #watch(transport: LiveTransport, onEnd?: () => void): Promise<RealtimeError> {
    const { environment, metrics, onMessage, onError } = this.#options;
    const { kind } = transport;
    transport.on('message', onMessage);
    let end: RealtimeError | undefined;
    // Why it ended is told by whoever supervises it.
    transport.on('error', (error) => {
      if (error !== end) onError(error);
    });
    transport.on('heartbeat', ({ subscriberCount }) => {
      const health = this.#health.get(kind);
      if (health && subscriberCount !== undefined) {
        this.#health.set(kind, { ...health, listeners: subscriberCount });
      }
    });
    return new Promise((resolve) => {
      transport.on('state', ({ state, error }) => {
        this.#health.set(kind, { state, since: environment.now(), error, listeners: undefined });
        if (state === 'open') metrics.opened(kind);
        else metrics.closed(kind);
        if (state !== 'closed') return;
        end = error;
        onEnd?.();
        resolve(error ?? new RealtimeError('network', 'The connection was lost.'));
      });
    });
  }

  #attempt(kind: 'hub' | 'sse', open: () => Promise<Channel>): Promise<Channel> {
    return this.#breakers[kind].execute(() => this.#options.metrics.measure(kind, 'connect', open));
  }

  #probeHub(hub: HubTransport): Promise<number> {
    return this.#options.metrics.measure('hub', 'probe', () => hub.probe());
  }

  async #usePlain(): Promise<PlainRequests> {
    const { PlainRequests } = await import('./plain-requests.ts').catch((cause: unknown) => {
      throw new RealtimeError('network', 'Part of the chat could not be loaded.', { cause });
    });
    const { environment, metrics } = this.#options;
    return (this.#plain ??= new PlainRequests({
      ...{ environment, metrics, transport: this.#transport, breaker: this.#breakers.rest },
      onResult: (error) => this.#noteRest(error),
    }));
  }

  async #request<Result>(
    operation: Operation,
    work: (rest: RestTransport) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    return (await this.#usePlain()).run(operation, work, signal);
  }

  #plainHistory(query: HistoryQuery): Promise<HistoryPage> {
    return this.#request('history', (rest) => rest.history(query), query.signal);
  }

  #noteRest(error: RealtimeError | undefined): void {
    const state = error ? 'closed' : 'open';
    const before = this.#health.get('rest');
    const since = before?.state === state ? before.since : this.#options.environment.now();
    this.#health.set('rest', { state, since, error, listeners: undefined });
  }
}

async function connectOrDispose(transport: LiveTransport, signal: AbortSignal): Promise<void> {
  try {
    await transport.connect(signal);
  } catch (error) {
    await transport.dispose();
    throw error;
  }
}
