import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import { hubCanCarry } from '../transports/hub-request.ts';
import { HubTransport } from '../transports/hub-transport.ts';
import { restCanCarry } from '../transports/rest-request.ts';
import type { ConverseRequest, RestTransport } from '../transports/rest-transport.ts';
import type { LiveTransport, SendRequest, TransportOptions } from '../transports/transport.ts';
import type { Environment } from './environment.ts';
import type { HistoryReader } from './history-reader.ts';
import type { Channel, ChannelKind } from './connection.ts';
import type { ClientHealth, HybridClientOptions } from './types.ts';

export interface ChannelsOptions extends HybridClientOptions {
  readonly participantId: string;
  readonly environment: Environment;
  readonly getToken?: () => Promise<string>;
  readonly onMessage: (message: Message) => void;
  readonly onError: (error: RealtimeError) => void;
  /** Reads what is new in every open conversation; what polling repeats. */
  readonly syncAll: () => Promise<void>;
  /** Whether somebody waits for a reply, so that polling hurries. */
  readonly isAwaiting: () => boolean;
}

type Health = ClientHealth['channels'][number];

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
  readonly #health = new Map<Health['kind'], Health>();
  #hub: HubTransport | undefined;
  #rest: RestTransport | undefined;

  constructor(options: ChannelsOptions) {
    this.#options = options;
    const { serverUrl, tenantId, participantId, apiKey, getToken, logger, environment } = options;
    this.#transport = {
      serverUrl,
      tenantId,
      participantId,
      logger,
      environment,
      ...(getToken ? { getToken } : { apiKey }),
    };
  }

  /** Which transports could carry `request` unchanged. */
  static carriers(
    { serverUrl, tenantId, participantId = UNKNOWN_PARTICIPANT }: Omit<HybridClientOptions, 'environment'>,
    request: SendRequest,
  ): { readonly hub: boolean; readonly rest: boolean } {
    const place = { serverUrl, tenantId, participantId };
    return { hub: hubCanCarry(place, request), rest: restCanCarry(place, request) };
  }

  /** One attempt to open a channel of `kind` for `workflows`. */
  async open(kind: ChannelKind, signal: AbortSignal, workflows: readonly string[]): Promise<Channel> {
    if (kind === 'hub') return this.#openHub(signal);
    if (workflows.length === 0) throw new RealtimeError('network', 'There is nothing to listen to yet.');
    return kind === 'sse' ? this.#openSse(signal, workflows) : this.#openPoll();
  }

  async send(route: 'hub' | 'rest', request: SendRequest): Promise<void> {
    if (route === 'rest') await this.#timed((rest) => rest.send(request));
    else if (this.#hub) await this.#hub.send(request);
    else throw new RealtimeError('network', 'The connection was lost before the message left.');
  }

  /** The hub while it is open, because it has no rate limit; REST otherwise. */
  reader(): HistoryReader {
    if (this.#hub?.state === 'open') return this.#hub;
    return { history: (query) => this.#timed((rest) => rest.history(query)) };
  }

  async converse(request: ConverseRequest): Promise<Message> {
    return (await this.#useRest()).converse(request);
  }

  async deleteThread(workflow: string): Promise<void> {
    const transport = this.#hub?.state === 'open' ? this.#hub : await this.#useRest();
    await transport.deleteThread({ workflow });
  }

  health(): readonly Health[] {
    return [...this.#health.values()];
  }

  async dispose(): Promise<void> {
    this.#rest?.dispose();
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
      probe: async () => {
        const latencyMs = await hub.probe();
        this.#note('hub', { state: hub.state, latencyMs, error: undefined });
        return latencyMs;
      },
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
      // The server writes on its own every few seconds and the transport watches for it; a probe would prove no more.
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
    transport.on('message', (message) => this.#options.onMessage(message));
    transport.on('error', (error) => this.#options.onError(error));
    return new Promise((resolve) => {
      transport.on('state', ({ state, error }) => {
        this.#note(transport.kind, { state, error, latencyMs: this.#health.get(transport.kind)?.latencyMs });
        if (state !== 'closed') return;
        onEnd?.();
        resolve(error ?? new RealtimeError('network', 'The connection was lost.'));
      });
    });
  }

  /** Loaded when the hub does not serve: most conversations never need it. */
  async #useRest(): Promise<RestTransport> {
    const { RestTransport } = await import('../transports/http-transports.ts');
    return (this.#rest ??= new RestTransport(this.#transport));
  }

  async #timed<Result>(work: (rest: RestTransport) => Promise<Result>): Promise<Result> {
    const { environment } = this.#options;
    const startedAt = environment.monotonicNow();
    try {
      const result = await work(await this.#useRest());
      const latencyMs = environment.monotonicNow() - startedAt;
      this.#note('rest', { state: 'open', latencyMs, error: undefined });
      return result;
    } catch (reason) {
      const error = RealtimeError.from(reason, 'network', 'The server cannot be reached.');
      this.#note('rest', { state: 'closed', latencyMs: this.#health.get('rest')?.latencyMs, error });
      throw error;
    }
  }

  #note(kind: Health['kind'], health: Omit<Health, 'kind'>): void {
    this.#health.set(kind, { kind, ...health });
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
