import { RealtimeError } from '../protocol/errors.ts';
import { parseMessage } from '../protocol/parse.ts';
import { startDeadline } from '../protocol/deadline.ts';
import { EventSourceStream } from './event-source-stream.ts';
import { LinkedTransport, type LinkedTransportOptions } from './linked-transport.ts';
import { requestHeaders, resolveAddress, type Address } from './settings.ts';
import { FetchSseStream, type SseStream, type SseStreamOptions } from './sse-stream.ts';
import type { LiveTransport } from './transport.ts';

export interface SseTransportOptions extends LinkedTransportOptions {
  /** Milliseconds until the server must have greeted every stream. Default 15,000. */
  connectTimeoutMs?: number;
  /** Seconds between the server's heartbeats: 1 to 300. Default 5. */
  heartbeatSeconds?: number;
  /** Heartbeats that may be missing before a stream counts as dead. Default 3. */
  idleFactor?: number;
  /**
   * `fetch` sends the credential in a header. `eventsource` puts it into the address, where it can be logged: only for
   * pages whose origin the server's CORS list does not have. `auto` (default) is `fetch`, and `eventsource` only where
   * `fetch` cannot stream: a page cannot tell a refusal by CORS from a network that is down, so say `eventsource` there.
   */
  mode?: 'fetch' | 'eventsource' | 'auto';
  /** Drop messages of other participants, which the server sends as well. Default `true`. */
  ownMessagesOnly?: boolean;
}

/** A stream's address: `topic` narrows it to one topic other than the default one. */
interface Subscription extends Address {
  readonly topic: string | undefined;
}

const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Messages over server-sent events, for networks that let no WebSocket through. Receives only.
 *
 * One stream for each subscribed workflow and participant; a browser allows about six streams to one host over
 * HTTP/1.1. The streams live and die together: when one is lost, all are opened anew, and what was said in between has
 * to be read from history. With nothing subscribed there is no stream, and `connect()` resolves at once.
 */
export class SseTransport extends LinkedTransport<Subscription> implements LiveTransport {
  readonly kind = 'sse';
  readonly #options: SseTransportOptions & { readonly heartbeatSeconds: number };
  readonly #streams = new Map<string, SseStream>();

  /** Throws `input` for options that cannot work. */
  constructor(options: SseTransportOptions) {
    const { heartbeatSeconds = 5 } = options;
    if (!(heartbeatSeconds >= 1 && heartbeatSeconds <= 300)) {
      throw new RealtimeError('input', 'heartbeatSeconds must be 1 to 300.');
    }
    super(options);
    this.#options = { ...options, heartbeatSeconds };
  }

  /**
   * Without an open connection it only remembers; on an open one it adds a stream, and forgets it again if that fails.
   *
   * @param topic Only this topic's messages; absent: those of all topics.
   */
  async subscribe(workflow: string, participantId?: string, topic?: string): Promise<void> {
    const asked = this.#resolve(workflow, participantId, topic);
    const key = keyOf(asked);
    const subscription = this.subscriptions.get(key) ?? asked;
    this.subscriptions.set(key, subscription);
    if (this.state !== 'open') return;
    try {
      await this.#withDeadline((signal) => this.#openStream(key, subscription, signal));
    } catch (error) {
      if (this.subscriptions.get(key) === subscription) this.subscriptions.delete(key);
      throw error;
    }
  }

  async unsubscribe(workflow: string, participantId?: string, topic?: string): Promise<void> {
    const key = keyOf(this.#resolve(workflow, participantId, topic));
    this.subscriptions.delete(key);
    this.#streams.get(key)?.close();
    this.#streams.delete(key);
  }

  protected override async open(signal: AbortSignal): Promise<void> {
    const { log } = this.settings;
    log('debug', 'sse: connecting');
    try {
      await this.#withDeadline((limit) => this.#openAll(limit), signal);
      log('info', 'sse: open');
    } catch (reason) {
      this.#closeStreams();
      const error = RealtimeError.from(reason, 'network', 'The stream to the server failed.');
      log('warn', `sse: ${error.code}, ${error.message}`);
      throw error;
    }
  }

  /** Until nothing is left: subscriptions may be added while earlier ones are under way. */
  async #openAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const missing = [...this.subscriptions].filter(([key]) => !this.#streams.has(key));
      if (missing.length === 0) return;
      await Promise.all(missing.map(([key, subscription]) => this.#openStream(key, subscription, signal)));
    }
  }

  /** Resolves without a stream when `subscription` is taken back meanwhile. */
  async #openStream(key: string, subscription: Subscription, signal: AbortSignal): Promise<void> {
    const { credentials, environment } = this.settings;
    const credential = await credentials.current();
    if (signal.aborted) throw new RealtimeError('closed', 'The call was cancelled.');
    const isWanted = () => this.subscriptions.get(key) === subscription;
    if (!isWanted() || this.#streams.has(key)) return;
    const url = this.#url(subscription);
    const stream: SseStream = this.#createStream({
      url,
      credential,
      headers: requestHeaders(this.settings, credential, url, 'text/event-stream'),
      environment,
      idleMs: this.#options.heartbeatSeconds * 1_000 * (this.#options.idleFactor ?? 3),
      onEvent: (name, data) => this.#receive(subscription, name, data),
      onGarbled: (error) => this.events.emit('error', error),
      onLost: (error) => this.#onLost(key, stream, error),
    });
    this.#streams.set(key, stream);
    try {
      await stream.open(signal);
    } catch (error) {
      credentials.judge(credential, error);
      if (this.#streams.get(key) === stream) this.#streams.delete(key);
      if (isWanted() || signal.aborted) throw error;
    }
  }

  #createStream(options: SseStreamOptions): SseStream {
    const { mode = 'auto' } = this.#options;
    const useFetch = mode === 'fetch' || (mode === 'auto' && canStream());
    return useFetch ? new FetchSseStream(options) : new EventSourceStream(options);
  }

  #url({ workflow, participantId, topic }: Subscription): URL {
    const url = new URL(`${this.settings.serverUrl}/api/user/sse/events`);
    url.searchParams.set('workflow', workflow);
    url.searchParams.set('participantId', participantId);
    url.searchParams.set('tenantId', this.settings.tenantId);
    url.searchParams.set('heartbeatSeconds', String(this.#options.heartbeatSeconds));
    if (topic) url.searchParams.set('scope', topic);
    return url;
  }

  #receive(subscription: Subscription, name: string, data: unknown): void {
    if (name === 'connected' || name === 'heartbeat') {
      const count = typeof data === 'object' && data !== null && 'subscriberCount' in data;
      const subscriberCount = count ? data.subscriberCount : undefined;
      this.events.emit('heartbeat', typeof subscriberCount === 'number' ? { subscriberCount } : {});
      return;
    }
    try {
      const message = parseMessage(data);
      // Other people's messages are neither shown nor counted nor logged.
      const isOwn = message.participantId === subscription.participantId;
      if (isOwn || this.#options.ownMessagesOnly === false) this.events.emit('message', message);
    } catch (reason) {
      this.events.emit('error', RealtimeError.from(reason, 'protocol', 'An unreadable message arrived.'));
    }
  }

  #onLost(key: string, stream: SseStream, error: RealtimeError): void {
    if (this.#streams.get(key) !== stream) return;
    this.settings.log('warn', `sse: lost, ${error.code}, ${error.message}`);
    this.#closeStreams();
    this.lost(error);
  }

  protected override close(): Promise<void> {
    this.#closeStreams();
    return Promise.resolve();
  }

  #closeStreams(): void {
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const stream of streams) stream.close();
  }

  async #withDeadline(work: (signal: AbortSignal) => Promise<void>, caller?: AbortSignal): Promise<void> {
    const limitMs = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const deadline = startDeadline(this.settings.environment, limitMs, caller);
    try {
      await deadline.race(work(deadline.signal));
    } catch (error) {
      throw deadline.failure() ?? error;
    } finally {
      deadline.end();
    }
  }

  #resolve(workflow: string, participantId: string | undefined, topic: string | undefined): Subscription {
    const address = resolveAddress(this.settings, workflow, participantId);
    return { ...address, topic: topic?.trim() || undefined };
  }
}

function keyOf({ workflow, participantId, topic }: Subscription): string {
  return JSON.stringify([workflow, participantId, topic]);
}

/** Whether `fetch` hands out an answer while it arrives. */
function canStream(): boolean {
  return typeof Response === 'function' && 'body' in Response.prototype && typeof TextDecoder === 'function';
}
