import { RealtimeError } from '../protocol/errors.ts';
import type { IncidentCapabilities } from '../protocol/incident.ts';
import type { IncidentSource } from '../transports/incident-source.ts';
import type { Channel, ChannelKind } from './connection.ts';
import type { Environment } from './environment.ts';
import type { IncidentRequests } from './incident-requests.ts';
import type { IncidentMode } from './incident-types.ts';
import type { Metrics } from './metrics.ts';

/** The rungs of incidents by the names that the supervisor has for its own. */
export const MODES: Readonly<Record<ChannelKind, IncidentMode>> = {
  hub: 'stream',
  sse: 'query',
  poll: 'rest',
};

/** A rung that stands. */
export interface IncidentChannel extends Channel {
  readonly mode: IncidentMode;
  /** It is of no use any more. */
  lose(error: RealtimeError): void;
}

export interface LadderPorts {
  readonly environment: Environment;
  readonly source: IncidentSource;
  readonly requests: IncidentRequests;
  readonly metrics: Metrics | undefined;
  /** It is known what the server is: it can be asked. */
  onProbed(): void;
}

/** A server without GraphQL may get it, with its next release: looked at after this time, and then less and less often. */
const REPROBE_MS = 60_000;
const REPROBE_CAP_MS = 300_000;

/** How incidents may arrive, best first: a stream beside queries, queries alone, REST alone. One attempt at a time. */
export class IncidentLadder {
  readonly #ports: LadderPorts;
  #capabilities: IncidentCapabilities | undefined;
  /** What the server is has to be found out again. */
  #isDoubted = false;
  /** Until when a server that has only REST is not asked for more, on the monotonic clock. */
  #restUntil = 0;
  #restProbes = 0;
  #signal: AbortSignal | undefined;
  /** Of this attempt, for all of its rungs: the same question would get the same answer. */
  #failure: { readonly signal: AbortSignal | undefined; readonly error: RealtimeError } | undefined;

  constructor(ports: LadderPorts) {
    this.#ports = ports;
  }

  /** What the server can, once it was asked. */
  get capabilities(): IncidentCapabilities | undefined {
    return this.#capabilities;
  }

  /** Milliseconds for which a rung is not to be tried. */
  barredMs(kind: ChannelKind): number {
    const { environment, requests } = this.#ports;
    const isRest = this.#capabilities?.via === 'rest';
    if (kind === 'poll' && this.#capabilities && !isRest) return Infinity;
    const restMs = isRest && kind !== 'poll' ? this.#restUntil - environment.monotonicNow() : 0;
    return Math.max(0, restMs, requests.barredMs);
  }

  /** What was asked for did not come, so nothing else on this attempt's rungs will. */
  failed(error: RealtimeError): void {
    this.#failure = { signal: this.#signal, error };
    if (error.code === 'not-found' || error.code === 'unsupported' || error.code === 'protocol')
      this.#isDoubted = true;
  }

  /** There is news: the server may be another one. */
  doubt(): void {
    this.#isDoubted = true;
    this.#restUntil = 0;
  }

  /** Nothing is known of the server any more. */
  reset(): void {
    this.#capabilities = this.#failure = undefined;
    this.#restUntil = this.#restProbes = 0;
  }

  /** One attempt at one rung. */
  async open(kind: ChannelKind, signal: AbortSignal): Promise<IncidentChannel> {
    this.#signal = signal;
    if (this.#failure?.signal === signal) throw this.#failure.error;
    this.#failure = undefined;
    const { via } = await this.#known(kind, signal);
    const mode = MODES[kind];
    if ((mode === 'rest') !== (via === 'rest')) {
      throw new RealtimeError('unsupported', 'This server tells of incidents only when it is asked.');
    }
    return mode === 'stream' ? this.#openStream(signal) : plainChannel(kind);
  }

  /** What the server can: asked anew where that may have changed. */
  async #known(kind: ChannelKind, signal: AbortSignal): Promise<IncidentCapabilities> {
    const isHigher = kind !== 'poll' && this.#capabilities?.via === 'rest';
    if (this.#capabilities && !this.#isDoubted && !isHigher) return this.#capabilities;
    const { environment, requests, onProbed } = this.#ports;
    try {
      this.#capabilities = await requests.probe(signal);
    } catch (reason) {
      const error = RealtimeError.from(reason, 'bug', 'Asking the server what it is failed.');
      if (error.code !== 'closed') this.#failure = { signal, error };
      throw error;
    }
    this.#isDoubted = false;
    if (this.#capabilities.via === 'rest') {
      const waitMs = Math.min(REPROBE_CAP_MS, REPROBE_MS * 2 ** this.#restProbes++);
      this.#restUntil = environment.monotonicNow() + waitMs;
    } else this.#restProbes = 0;
    onProbed();
    return this.#capabilities;
  }

  async #openStream(signal: AbortSignal): Promise<IncidentChannel> {
    const { source, metrics } = this.#ports;
    let lose: (error: RealtimeError) => void = () => undefined;
    const lost = new Promise<RealtimeError>((resolve) => (lose = resolve));
    const undo = source.on('state', ({ state, error }) => {
      if (state !== 'open' && state !== 'connecting') {
        lose(error ?? new RealtimeError('network', 'The live stream was closed.'));
      }
    });
    void lost.then(() => {
      undo();
      metrics?.closed('incidents');
    });
    try {
      const connect = () => source.connect(signal);
      await (metrics ? metrics.measure('incidents', 'connect', connect) : connect());
    } catch (reason) {
      const error = RealtimeError.from(reason, 'network', 'The live stream could not be opened.');
      lose(error);
      // There is no such address, but queries may do.
      if (error.code !== 'not-found') throw error;
      throw new RealtimeError('unsupported', 'The server has no live stream.', { cause: error });
    }
    metrics?.opened('incidents');
    return {
      kind: 'hub',
      mode: 'stream',
      lost,
      lose,
      subscribe: async () => undefined,
      probe: () => source.ping(),
      close: async () => {
        undo();
        lose(new RealtimeError('closed', 'The live stream was closed.'));
        await source.disconnect();
      },
    };
  }
}

/** A rung without a connection: proved by its reads alone. */
function plainChannel(kind: ChannelKind): IncidentChannel {
  let lose: (error: RealtimeError) => void = () => undefined;
  const lost = new Promise<RealtimeError>((resolve) => (lose = resolve));
  return {
    kind,
    mode: MODES[kind],
    lost,
    lose,
    subscribe: async () => undefined,
    probe: async () => 0,
    close: async () => lose(new RealtimeError('closed', 'Nothing is asked any more.')),
  };
}
