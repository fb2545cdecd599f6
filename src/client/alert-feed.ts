import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message } from '../protocol/types.ts';
import { SseTransport } from '../transports/http-transports.ts';
import type { TransportOptions } from '../transports/transport.ts';
import { AlertHistory } from './alert-history.ts';
import type { Environment } from './environment.ts';
import { NudgeTimer } from './nudge-timer.ts';
import type { HistoryReader } from './history-reader.ts';

/** What {@link AlertFeed} needs from its owner. */
export interface AlertFeedPorts {
  readonly environment: Environment;
  /** Server, tenant, credential and so on of the stream; `participantId` is taken from below. */
  readonly transport: TransportOptions;
  /** Full id. */
  readonly workflow: string;
  /** Absent: every topic, of which history has the default one only. */
  readonly topic?: string | undefined;
  /** Lower case. */
  readonly participantId: string;
  /** Where history is read from now, for this tab's own requests. */
  reader(): HistoryReader;
  /** Makes one attempt to connect; the place for a circuit breaker, a pace and so on. Default: just makes it. */
  attempt?(connect: () => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Who listens on the server's instance, this page included; `undefined` while nobody can tell. Not a number of people. */
  onListeners?(count: number | undefined): void;
  /** From the stream or from history: also known ones, in whatever order. */
  onMessages(messages: readonly Message[]): void;
  /** An event of the stream could not be read. */
  onGarbled(): void;
  /** The first failure of each series: the stream and history are tried again until {@link AlertFeed.close}. */
  onError(error: RealtimeError): void;
}

/** A stream that lasted this long was healthy: the next loss starts with the shortest wait again. */
const STABLE_MS = 30_000;
/** A refusal that no retry mends by itself waits at least as long as after this many failures. */
const REFUSED_ATTEMPT = 4;

/**
 * The messages of one workflow over a stream of its own, which is opened again whenever it ends, and from history, which is
 * read after every time it was opened. From its making until {@link close}.
 */
export class AlertFeed {
  readonly #ports: AlertFeedPorts;
  readonly #stream: SseTransport;
  readonly #history: AlertHistory;
  readonly #closing = new AbortController();
  #openedAt: number | undefined;
  /** Failed attempts in a row. */
  #failures = 0;
  /** Ends the wait between two attempts; only while there is one that may be cut short. */
  #wake: (() => void) | undefined;
  readonly #nudges: NudgeTimer;

  constructor(ports: AlertFeedPorts) {
    this.#ports = ports;
    const { environment, transport, participantId } = ports;
    this.#stream = new SseTransport({ ...transport, participantId, environment, reconnect: false });
    this.#history = new AlertHistory({ ...ports, isRepeated: () => this.#openedAt !== undefined });
    this.#nudges = new NudgeTimer(environment, () => this.#wake?.());
    void this.#keepOpen();
  }

  /** The network or the page gives a reason to look: a wait is cut short, at most once in 3 s, and history is read. */
  nudge(): void {
    this.#history.read();
    if (this.#wake) this.#nudges.nudge();
  }

  /** No timer, listener or stream is left. */
  close(): void {
    this.#closing.abort();
    this.#history.stop();
    this.#nudges.cancel();
  }

  async #keepOpen(): Promise<void> {
    const { environment, workflow, topic, participantId, onListeners } = this.#ports;
    const { signal } = this.#closing;
    const stream = this.#stream;
    stream.on('message', (message) => this.#ports.onMessages([message]));
    stream.on('heartbeat', ({ subscriberCount: count }) => {
      if (count !== undefined && !signal.aborted) onListeners?.(count);
    });
    // Events that cannot be read; a loss of the stream comes with its state.
    stream.on('error', ({ code }) => {
      if (code === 'protocol') this.#ports.onGarbled();
    });
    await stream.subscribe(workflow, participantId, topic);
    while (!signal.aborted) {
      const error = await this.#stay();
      if (this.#openedAt !== undefined) {
        if (environment.monotonicNow() - this.#openedAt >= STABLE_MS) this.#failures = 0;
        this.#openedAt = undefined;
        onListeners?.(undefined);
      }
      if (signal.aborted) break;
      if (this.#failures === 0) {
        this.#ports.onError(error);
        // Where something lets no stream through, history still has what was said.
        this.#history.read();
      }
      await this.#rest(error);
      this.#failures++;
    }
    await stream.dispose();
  }

  /** One attempt, and the stream for as long as it lasts. Resolves with why it ended. */
  async #stay(): Promise<RealtimeError> {
    const { environment, attempt = (connect: () => Promise<void>) => connect() } = this.#ports;
    const { signal } = this.#closing;
    const stream = this.#stream;
    let unlisten: Undo = () => undefined;
    const ended = new Promise<RealtimeError>((resolve) => {
      unlisten = stream.on('state', ({ state, error }) => {
        if (state === 'closed') resolve(error ?? new RealtimeError('closed', 'The stream was closed.'));
      });
    });
    const close = () => void stream.disconnect();
    signal.addEventListener('abort', close, { once: true });
    try {
      await attempt(() => stream.connect(signal), signal);
      this.#openedAt = environment.monotonicNow();
      // Only now: what is said between a read and the opening would be in neither.
      if (!signal.aborted) this.#history.read();
      return await ended;
    } catch (reason) {
      return RealtimeError.from(reason, 'network', 'The stream of alerts could not be opened.');
    } finally {
      signal.removeEventListener('abort', close);
      unlisten();
    }
  }

  /** Waits as long as the failure asks for, or until a nudge. */
  async #rest(error: RealtimeError): Promise<void> {
    const { environment } = this.#ports;
    const { signal } = this.#closing;
    const failures = this.#failures;
    // A refused credential is replaced at once: the first retry has another one.
    const isRefused = !error.retryable && !(error.code === 'unauthorized' && failures === 0);
    const waitMs = backoff(isRefused ? Math.max(failures, REFUSED_ATTEMPT) : failures, {
      random: () => environment.random(),
      hidden: !environment.isVisible(),
      retryAfterMs: error.retryAfterMs,
    });
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = environment.setTimer(end, waitMs);
      signal.addEventListener('abort', end);
      // A server that named a time is not asked before it.
      if (error.retryAfterMs === undefined) this.#wake = end;
    });
    this.#wake = undefined;
  }
}
