import { RealtimeError } from '../protocol/errors.ts';
import { HUB_SILENCE_MS } from '../protocol/limits.ts';
import { parseMessage } from '../protocol/parse.ts';
import { startDeadline, within, type Deadline } from '../protocol/deadline.ts';
import { checkPaging, toPage, type ThreadAddress } from './history.ts';
import { negotiate } from './hub-access.ts';
import { hubMessage } from './hub-request.ts';
import { HubSession, type HubAnswer } from './hub-session.ts';
import { LinkedTransport, type LinkedTransportOptions } from './linked-transport.ts';
import { resolveAddress, type Address } from './settings.ts';
import type {
  Credential,
  HistoryPage,
  HistoryQuery,
  LiveTransport,
  SendRequest,
  SendResult,
} from './transport.ts';

export interface HubTransportOptions extends LinkedTransportOptions {
  /** Open the socket without a connection token: needs no CORS entry and no sticky sessions. Default `true`. */
  skipNegotiation?: boolean;
  /**
   * Ask over HTTP before every WebSocket whether the server is there and takes the credential: one round trip for a typed
   * `unauthorized`, and for addresses with credentials that browsers do not print to the console. Default `false`.
   */
  checkAccess?: boolean;
  /** Milliseconds until the socket must be open, greeted and subscribed. Default 15,000. */
  connectTimeoutMs?: number;
  /** Milliseconds that a call may take on a connection that is otherwise alive. Default 30,000. */
  requestTimeoutMs?: number;
  /** Milliseconds of silence after which the connection counts as lost. Default 30,000; the server pings every 15,000. */
  silenceTimeoutMs?: number;
  /** Drop messages of participants that were not subscribed to. Default `true`. */
  ownMessagesOnly?: boolean;
}

const CONNECT_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 5_000;

/**
 * The live connection of choice: a SignalR hub over one WebSocket, for messages in both directions.
 *
 * Subscriptions are remembered and repeated on every new connection, before it counts as open; what was said in between
 * has to be read from history. Refused credentials show as `network`, since a browser hides why a socket did not open
 * (with `skipNegotiation: false` they show as `unauthorized`).
 */
export class HubTransport extends LinkedTransport<Address> implements LiveTransport {
  readonly kind = 'hub';
  readonly #options: HubTransportOptions;
  #session: HubSession | undefined;
  /** The session that was told of all subscriptions; it hears of changes one by one, an earlier one all at once. */
  #told: HubSession | undefined;

  /** Throws `input` for options that cannot work. */
  constructor(options: HubTransportOptions) {
    super(options);
    this.#options = options;
  }

  /**
   * Without an open connection it only remembers, and `connect()` then rejects if the server refuses. Refused on an open
   * one, the subscription is forgotten; after any other failure it stays, and the next connection repeats it.
   */
  async subscribe(workflow: string, participantId?: string): Promise<void> {
    const address = resolveAddress(this.settings, workflow, participantId);
    const key = keyOf(address);
    this.subscriptions.set(key, address);
    const session = this.#toldSession();
    if (!session) return;
    try {
      await session.invoke('SubscribeToAgent', this.#groupArguments(address));
    } catch (error) {
      if (error instanceof RealtimeError && !error.retryable) this.subscriptions.delete(key);
      throw error;
    }
  }

  async unsubscribe(workflow: string, participantId?: string): Promise<void> {
    const address = resolveAddress(this.settings, workflow, participantId);
    if (!this.subscriptions.delete(keyOf(address))) return;
    await this.#toldSession()?.invoke('UnsubscribeFromAgent', this.#groupArguments(address));
  }

  /**
   * Resolves when the server has stored the message. A rejection's `stored` tells whether it may have been stored all
   * the same. One message is in flight at a time; aborting one that was
   * already written gives up the waiting, not the message (`stored: 'maybe'`).
   */
  async send(request: SendRequest): Promise<SendResult> {
    const { environment } = this.settings;
    const { request: wire, outgoing } = hubMessage(this.settings, request, () => environment.uuid());
    const answer = await this.#invoke('SendInboundMessage', [wire, outgoing.type], request.signal);
    const threadId = answer.events.get('InboundProcessed');
    if (typeof threadId !== 'string' || threadId === '') {
      throw new RealtimeError('protocol', 'The server did not confirm the message.', { stored: 'maybe' });
    }
    return { threadId, requestId: outgoing.requestId };
  }

  async history(query: HistoryQuery): Promise<HistoryPage> {
    const { page, pageSize } = checkPaging(query);
    const { workflow, participantId } = resolveAddress(this.settings, query.workflow, query.participantId);
    const place = [workflow, participantId, page, pageSize];
    const answer = query.topic
      ? await this.#invoke('GetScopedThreadHistory', [...place, query.topic], query.signal)
      : await this.#invoke('GetThreadHistory', place, query.signal);
    if (!answer.events.has('ThreadHistory')) {
      throw new RealtimeError('protocol', 'The server did not answer with a history.');
    }
    return toPage(answer.events.get('ThreadHistory'), pageSize);
  }

  /** Deletes the thread with all topics. `false`: there was none. */
  async deleteThread(thread: ThreadAddress): Promise<boolean> {
    const { workflow, participantId } = resolveAddress(this.settings, thread.workflow, thread.participantId);
    try {
      const answer = await this.#invoke('DeleteThread', [workflow, participantId], thread.signal);
      if (answer.events.get('ThreadDeleted') === true) return true;
    } catch (error) {
      if (error instanceof RealtimeError && error.code === 'not-found') return false;
      throw error;
    }
    throw new RealtimeError('protocol', 'The server did not confirm the deletion.', { stored: 'maybe' });
  }

  /**
   * Milliseconds of a round trip that changes nothing: a repeated subscription, or a page of a history that does not
   * exist. Rejects with `timeout` after `limitMs` (default 5,000) and leaves the judgement to the caller. Calls queue
   * behind each other, so a slow one in progress delays the answer.
   */
  async probe(limitMs = PROBE_TIMEOUT_MS): Promise<number> {
    const { environment, tenantId } = this.settings;
    const startedAt = environment.monotonicNow();
    const address = this.subscriptions.values().next().value;
    await within(environment, limitMs, () =>
      address
        ? this.#invoke('SubscribeToAgent', this.#groupArguments(address))
        : this.#invoke('GetThreadHistory', [`${tenantId}:Probe:Probe`, 'probe', 1, 2]),
    );
    return environment.monotonicNow() - startedAt;
  }

  protected override async open(signal: AbortSignal): Promise<void> {
    const { environment, log } = this.settings;
    const limitMs = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const deadline = startDeadline(environment, limitMs, signal);
    let session: HubSession | undefined;
    try {
      log('debug', 'hub: connecting');
      const opened = (session = this.#session = await this.#createSession(deadline));
      await deadline.race(opened.start(deadline.signal));
      await deadline.race(this.#subscribeAll(opened));
      log('info', 'hub: open');
    } catch (reason) {
      const error = deadline.failure() ?? RealtimeError.from(reason, 'network', 'The connection failed.');
      log('warn', `hub: ${error.code}, ${error.message}`);
      if (this.#session === session) this.#session = undefined;
      await session?.stop();
      throw error;
    } finally {
      deadline.end();
    }
  }

  async #createSession(deadline: Deadline): Promise<HubSession> {
    const { environment, log, credentials } = this.settings;
    const credential = await deadline.race(credentials.current());
    const session: HubSession = new HubSession({
      url: await this.#address(credential, deadline),
      silenceMs: this.#options.silenceTimeoutMs ?? HUB_SILENCE_MS,
      invocationTimeoutMs: this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      environment,
      log,
      onMessage: (raw) => this.#receive(raw),
      onError: (error) => this.events.emit('error', error),
      onHeard: () => this.events.emit('heartbeat', {}),
      onVerdict: (error) => credentials.judge(credential, error),
      onLost: (error) => this.#onLost(session, error),
    });
    return session;
  }

  /** Address of the WebSocket, credential included: a browser's WebSocket can carry it nowhere else. */
  async #address(credential: Credential, deadline: Deadline): Promise<string> {
    const { serverUrl, tenantId } = this.settings;
    const { skipNegotiation = true, checkAccess = false } = this.#options;
    const url = new URL(`${serverUrl.replace(/^http/, 'ws')}/ws/chat`);
    url.searchParams.set('tenantId', tenantId);
    // The hub looks for a key first: so never both.
    url.searchParams.set(credential.kind === 'api-key' ? 'apikey' : 'access_token', credential.value);
    if (!skipNegotiation || checkAccess) {
      const id = await negotiate(this.settings, credential, deadline);
      if (!skipNegotiation) {
        if (!id) throw new RealtimeError('network', 'The server did not offer a connection.');
        url.searchParams.set('id', id);
      }
    }
    return url.href;
  }

  /** Until nothing is left: subscriptions may be added and taken back while earlier ones are under way. */
  async #subscribeAll(session: HubSession): Promise<void> {
    const told = new Map<string, Address>();
    for (;;) {
      const gone = [...told].find(([key]) => !this.subscriptions.has(key));
      const next = gone ?? [...this.subscriptions].find(([key]) => !told.has(key));
      if (!next) break;
      const [key, address] = next;
      if (gone) told.delete(key);
      else told.set(key, address);
      const method = gone ? 'UnsubscribeFromAgent' : 'SubscribeToAgent';
      await session.invoke(method, this.#groupArguments(address));
    }
    this.#told = session;
  }

  #toldSession(): HubSession | undefined {
    return this.#told === this.#session ? this.#session : undefined;
  }

  protected override async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.stop();
  }

  #onLost(session: HubSession, error: RealtimeError): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.settings.log('warn', `hub: lost, ${error.code}, ${error.message}`);
    this.lost(error);
  }

  #receive(raw: unknown): void {
    try {
      const message = parseMessage(raw);
      if ((this.#options.ownMessagesOnly ?? true) && !this.#isOwn(message.participantId)) return;
      this.events.emit('message', message);
    } catch (reason) {
      this.events.emit('error', RealtimeError.from(reason, 'protocol', 'An unreadable message arrived.'));
    }
  }

  #isOwn(participantId: string): boolean {
    for (const address of this.subscriptions.values()) {
      if (address.participantId === participantId) return true;
    }
    return false;
  }

  #groupArguments({ workflow, participantId }: Address): string[] {
    return [workflow, participantId, this.settings.tenantId];
  }

  async #invoke(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<HubAnswer> {
    if (this.state !== 'open' || !this.#session) {
      throw new RealtimeError('network', 'There is no connection to the server.');
    }
    return this.#session.invoke(method, args, signal);
  }
}

function keyOf({ workflow, participantId }: Address): string {
  return `${workflow}|${participantId}`;
}
