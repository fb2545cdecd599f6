import { orAborted } from '../protocol/deadline.ts';
import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { HUB_RECORD_BYTES } from '../protocol/limits.ts';
import { redact } from '../protocol/redact.ts';
import type { Message, OutgoingMessage } from '../protocol/types.ts';
import { normaliseParticipant, workflowId } from '../protocol/workflow.ts';
import { Dispatcher, type Route } from '../queue/dispatcher.ts';
import { Outbox, OUTBOX_LIMIT, type OutboxRecord } from '../queue/outbox.ts';
import { checkServer } from '../transports/settings.ts';
import { warnAboutApiKey } from './api-key-warning.ts';
import { Channels } from './channels.ts';
import {
  ClientConversation,
  conversationKey,
  type ConversationPorts,
  type HistoryReader,
} from './conversation.ts';
import { defaultEnvironment, type Environment } from './environment.ts';
import { normaliseOutgoing } from './outgoing.ts';
import { type Channel, Supervisor } from './supervisor.ts';
import { isHandoff } from './takeovers.ts';
import { subjectOf, TokenManager } from './token-manager.ts';
import type {
  ClientHealth,
  ConnectionState,
  ConnectionStatus,
  Conversation,
  ConversationOptions,
  HybridClient,
  HybridClientEvents,
  HybridClientOptions,
} from './types.ts';

/** How long an unwanted connection is kept, so that closing and opening a panel costs nothing. */
const LINGER_MS = 120_000;
const HISTORY_PAGE = 50;

/**
 * Creates the client of one participant. Nothing is requested or stored before `connect()` or the first
 * `conversation().open()`.
 *
 * @throws {RealtimeError} `input` for options that cannot work.
 */
export function createHybridClient(options: HybridClientOptions): HybridClient {
  return new Client(options);
}

class Client implements HybridClient {
  readonly #options: Readonly<HybridClientOptions>;
  readonly #environment: Environment;
  readonly #emitter = new Emitter<HybridClientEvents>();
  readonly #tokens: TokenManager | undefined;
  readonly #outbox = new Outbox();
  readonly #dispatcher: Dispatcher;
  readonly #supervisor: Supervisor;
  readonly #conversations = new Map<string, ClientConversation>();
  readonly #open = new Set<ClientConversation>();
  readonly #unwatch: Undo;
  /** The same for every conversation. */
  readonly #ports: ConversationPorts;
  #channels: Channels | undefined;
  #participantId: string | undefined;
  /** `connect()` was called and `disconnect()` was not. */
  #requested = false;
  /** `disconnect()` was called: nothing connects until somebody asks for it again. */
  #paused = false;
  #disposed = false;
  /** Which conversation a handoff belongs to, by the handoff's id: the server records no topic with it. */
  readonly #handoffs = new Map<string, ClientConversation>();
  #cancelLinger: Undo | undefined;
  #status: ConnectionStatus;

  constructor(options: HybridClientOptions) {
    this.#options = Object.freeze({ ...options });
    this.#environment = options.environment ?? defaultEnvironment();
    this.#tokens = createTokens(options, this.#environment);
    this.#participantId = fixedParticipant(options);
    checkServer(options);
    if (options.apiKey !== undefined) warnAboutApiKey(this.#environment.location);
    this.#supervisor = new Supervisor({
      environment: this.#environment,
      open: async (kind, signal) => (await this.#ready()).open(kind, signal, this.#wantedWorkflows()),
      sync: (channel) => this.#sync(channel),
      renewCredential: () => this.#renewCredential(),
      onChange: () => this.#refreshStatus(),
      onError: (error) => this.#emitter.emit('error', error),
    });
    this.#dispatcher = new Dispatcher(this.#outbox, {
      environment: this.#environment,
      route: (record) => this.#route(record),
      send: async (record, route) => (await this.#ready()).send(route, toRequest(record)),
      canVerify: () => this.#supervisor.channel !== undefined,
      isStored: (record) => this.#isStored(record),
      renewCredential: async () => {
        if (!(await this.#renewCredential())) {
          throw new RealtimeError('unauthorized', 'The server does not accept this sign-in.');
        }
      },
      onChange: (record, event) => this.#onDelivery(record, event),
    });
    this.#ports = this.#makePorts();
    this.#status = this.#readStatus();
    this.#unwatch = this.#environment.onLifecycle((event) => {
      if (event === 'frozen') this.#supervisor.freeze();
      else if (event !== 'hidden' && event !== 'offline') this.#supervisor.nudge();
    });
  }

  /** An accessor, so that nobody prints a key along with the client. */
  get options(): Readonly<HybridClientOptions> {
    return this.#options;
  }

  get state(): ConnectionState {
    return this.#supervisor.state;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  connect(): void {
    this.#requested = true;
    this.#resume();
  }

  async disconnect(): Promise<void> {
    this.#requested = false;
    this.#paused = true;
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    await this.#supervisor.stop();
  }

  retryNow(): void {
    this.#resume();
    this.#supervisor.nudge();
    this.#dispatcher.wake(true);
  }

  async logout(): Promise<void> {
    this.#requested = false;
    this.#outbox.clear();
    this.#tokens?.clear();
    this.#handoffs.clear();
    // From here on nothing of the participant who leaves comes through the door.
    this.#participantId = fixedParticipant(this.#options);
    for (const conversation of this.#conversations.values()) conversation.forget('initial');
    const channels = this.#channels;
    this.#channels = undefined;
    await Promise.all([this.#supervisor.stop(), channels?.dispose()]);
    this.#refreshStatus();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#unwatch();
    this.#dispatcher.dispose();
    this.#cancelLinger?.();
    await this.#supervisor.stop(true);
    for (const conversation of this.#conversations.values()) conversation.dispose();
    await this.#channels?.dispose();
    this.#tokens?.clear();
    this.#emitter.clear();
  }

  conversation(workflow: string, topic?: string, options: ConversationOptions = {}): Conversation {
    const id = workflowId(this.#options.tenantId, workflow);
    const scope = topic?.trim() || undefined;
    const handoffWorkflowIds = (options.handoffWorkflows ?? []).map((name) =>
      workflowId(this.#options.tenantId, name),
    );
    const key = conversationKey(id, scope);
    const known = this.#conversations.get(key);
    if (known) {
      known.addTakeovers(handoffWorkflowIds);
      return known;
    }
    const conversation = new ClientConversation(this.#ports, {
      workflowId: id,
      topic: scope,
      handoffWorkflowIds,
    });
    this.#conversations.set(key, conversation);
    return conversation;
  }

  async converse(
    workflow: string,
    message: string | OutgoingMessage,
    options: { timeoutSeconds?: number; signal?: AbortSignal } = {},
  ): Promise<Message> {
    const id = workflowId(this.#options.tenantId, workflow);
    const outgoing = normaliseOutgoing(message);
    const ask = async () => (await this.#ready()).converse({ ...outgoing, ...options, workflow: id });
    const answer = ask().catch(async (reason: unknown) => {
      const refused = reason instanceof RealtimeError && reason.code === 'unauthorized';
      if (refused && (await this.#renewCredential())) return ask();
      throw reason;
    });
    const cancelled = () => new RealtimeError('closed', 'The call was cancelled.', { stored: 'maybe' });
    return options.signal ? orAborted(answer, options.signal, cancelled) : answer;
  }

  health(): ClientHealth {
    return { status: this.#status, channels: this.#channels?.health() ?? [] };
  }

  on<Name extends keyof HybridClientEvents>(
    event: Name,
    listener: (value: HybridClientEvents[Name]) => void,
  ): Undo {
    return this.#emitter.on(event, listener);
  }

  /** The transports, made when they are first needed: by then the participant must be known. */
  async #ready(): Promise<Channels> {
    if (this.#disposed) throw disposed();
    if (this.#channels) return this.#channels;
    const tokens = this.#tokens;
    this.#participantId ??= await this.#participantOfToken();
    return (this.#channels ??= new Channels({
      ...this.#options,
      participantId: this.#participantId,
      environment: this.#environment,
      getToken: tokens && (() => tokens.get()),
      onMessage: (message) => this.#receive(message),
      onError: (error) => this.#emitter.emit('error', error),
      syncAll: () => this.#syncOpen(),
      isAwaiting: () => [...this.#open].some((conversation) => conversation.awaitingReply),
    }));
  }

  async #participantOfToken(): Promise<string> {
    const subject = this.#tokens && subjectOf(await this.#tokens.get());
    if (!subject) {
      throw new RealtimeError(
        'input',
        'The participant is not known: give participantId, or a token that names one.',
      );
    }
    return normaliseParticipant(subject);
  }

  #makePorts(): ConversationPorts {
    return {
      environment: this.#environment,
      participantId: () => this.#participantId,
      reader: () => this.#reader(),
      subscribe: (id) => {
        this.#supervisor.channel
          ?.subscribe(id)
          .catch((error: unknown) => this.#doubt(error, 'A workflow could not be subscribed.'));
      },
      retain: (conversation) => this.#retain(conversation),
      enqueue: (record) => this.#enqueue(record),
      confirm: (id) => this.#dispatcher.confirm(id),
      retry: (id) => {
        this.#dispatcher.retry(id);
        this.#resume();
        this.#supervisor.nudge();
      },
      discard: (id) => {
        // What may be under way already is not taken back by forgetting it.
        const state = this.#outbox.get(id)?.state;
        if (state !== 'queued' && state !== 'failed') return false;
        this.#outbox.remove(id);
        this.#refreshStatus();
        this.#dispatcher.wake();
        return true;
      },
      claimHandoff: (message, conversation) => this.#claimHandoff(message, conversation),
      deleteThread: async (id) => (await this.#ready()).deleteThread(id),
      onMessage: (message) => this.#emitter.emit('message', message),
      onError: (error) => this.#emitter.emit('error', error),
    };
  }

  #reader(): HistoryReader | undefined {
    return this.#supervisor.channel || this.#supervisor.state === 'syncing'
      ? this.#channels?.reader()
      : undefined;
  }

  #retain(conversation: ClientConversation): Undo {
    this.#open.add(conversation);
    this.#resume();
    const channel = this.#supervisor.channel;
    // A channel that is already open has to learn of it; one that opens later asks for everything.
    if (channel) void this.#join(channel, conversation);
    return () => {
      this.#open.delete(conversation);
      this.#settle();
    };
  }

  async #join(channel: Channel, conversation: ClientConversation): Promise<void> {
    try {
      for (const id of conversation.workflowIds) await channel.subscribe(id);
      await conversation.sync();
    } catch (error) {
      this.#doubt(error, 'The conversation could not be opened.');
    }
  }

  /** Something failed that a healthy connection would have done: it is told, and the connection is looked at. */
  #doubt(reason: unknown, words: string): void {
    this.#emitter.emit('error', RealtimeError.from(reason, 'network', words));
    this.#supervisor.nudge();
  }

  /** Somebody asks for the connection: an earlier `disconnect()` counts no longer. */
  #resume(): void {
    this.#paused = false;
    this.#settle();
  }

  /** Connects while somebody wants it, and lets go some time after nobody does. */
  #settle(): void {
    if (this.#paused || this.#disposed) return;
    const wanted = this.#requested || this.#open.size > 0 || this.#outbox.size > this.#outbox.failed;
    if (wanted) {
      this.#cancelLinger?.();
      this.#cancelLinger = undefined;
      this.#supervisor.start();
    } else if (!this.#cancelLinger && this.state !== 'idle' && this.state !== 'closed') {
      this.#cancelLinger = this.#environment.setTimer(() => {
        this.#cancelLinger = undefined;
        void this.#supervisor.stop();
      }, LINGER_MS);
    }
  }

  #wantedWorkflows(): string[] {
    return [...new Set([...this.#open].flatMap((conversation) => conversation.workflowIds))];
  }

  /** Subscribes everything that is open and reads what was missed; the channel counts as live after that. */
  async #sync(channel: Channel): Promise<void> {
    for (const id of this.#wantedWorkflows()) await channel.subscribe(id);
    await this.#syncOpen();
  }

  async #syncOpen(): Promise<void> {
    await Promise.all([...this.#open].map((conversation) => conversation.sync()));
  }

  /** The one door for messages that arrive by themselves: nobody else's pass. */
  #receive(message: Message): void {
    if (message.participantId !== this.#participantId) return;
    const conversations = [...this.#conversations.values()];
    // It carries no topic, and most likely answers the conversation that was written in last.
    if (isHandoff(message)) conversations.sort((a, b) => b.lastWrittenAt - a.lastWrittenAt);
    for (const conversation of conversations) conversation.receive(message);
  }

  /** Whether a handoff may be taken by `conversation`: the first that takes it keeps it. */
  #claimHandoff({ id }: Message, conversation: ClientConversation): boolean {
    const owner = this.#handoffs.get(id) ?? conversation;
    this.#handoffs.set(id, owner);
    return owner === conversation;
  }

  async #renewCredential(): Promise<boolean> {
    if (!this.#tokens?.isRenewable) return false;
    const refused = this.#tokens.current;
    if (refused) this.#tokens.invalidate(refused);
    await this.#tokens.get();
    return true;
  }

  #enqueue(record: OutboxRecord): boolean {
    if (this.#disposed) throw disposed();
    const { hub, rest } = this.#carriers(record);
    if (!hub && !rest) {
      throw new RealtimeError(
        'too-large',
        `The message is too long: ${HUB_RECORD_BYTES / 1_024} kB is the most that one message can have.`,
      );
    }
    if (!this.#outbox.add(record)) {
      throw new RealtimeError(
        'queue-full',
        `${OUTBOX_LIMIT} messages wait already. Try again when some have been sent.`,
      );
    }
    queueMicrotask(() => {
      this.#settle();
      if (this.#supervisor.state === 'waiting' || this.#supervisor.state === 'offline')
        this.#supervisor.nudge();
      this.#dispatcher.wake();
      this.#refreshStatus();
    });
    return this.#outbox.persisted;
  }

  #route(record: OutboxRecord): Route {
    const channel = this.#supervisor.channel;
    if (!channel || !this.#channels) return undefined;
    const { hub, rest } = this.#carriers(record);
    if (channel.kind === 'hub' && hub) return 'hub';
    return rest ? 'rest' : undefined;
  }

  #carriers(record: OutboxRecord) {
    return Channels.carriers({ ...this.#options, participantId: this.#participantId }, toRequest(record));
  }

  async #isStored(record: OutboxRecord): Promise<boolean> {
    const reader = this.#reader();
    if (!reader) throw new RealtimeError('network', 'There is no connection to read from.');
    const { messages } = await reader.history({
      workflow: record.workflow,
      topic: record.topic,
      participantId: this.#participantId,
      pageSize: HISTORY_PAGE,
    });
    return messages.some((message) => message.author === 'participant' && message.requestId === record.id);
  }

  #onDelivery(record: OutboxRecord, event: 'changed' | 'sent' | 'failed'): void {
    const conversation = this.#conversations.get(record.conversation);
    conversation?.onDelivery(record, event, this.#outbox.persisted);
    this.#settle();
    this.#refreshStatus();
  }

  #readStatus(): ConnectionStatus {
    const { failed, size, persisted } = this.#outbox;
    return { ...this.#supervisor.snapshot, pending: size, failed, persisted };
  }

  #refreshStatus(): void {
    const previous = this.#status;
    const status = this.#readStatus();
    const changed = (Object.keys(status) as (keyof ConnectionStatus)[]).some(
      (key) => status[key] !== previous[key],
    );
    if (!changed) return;
    this.#status = status;
    if (status.state !== previous.state) {
      this.#options.logger?.('info', redact(`${previous.state} → ${status.state} (${status.reason})`));
      this.#emitter.emit('state', { status, previous });
      // Messages may leave only now: one sent earlier could be answered before anybody listens.
      if (status.state === 'live' || status.state === 'degraded') this.#dispatcher.wake(true);
    }
    this.#emitter.emit('status', status);
  }
}

function fixedParticipant({ participantId }: HybridClientOptions): string | undefined {
  return participantId ? normaliseParticipant(participantId) : undefined;
}

function disposed(): RealtimeError {
  return new RealtimeError('closed', 'The client has been disposed of.');
}

function createTokens(options: HybridClientOptions, environment: Environment): TokenManager | undefined {
  const { apiKey, getToken, tokenUrl } = options;
  const given = [apiKey, getToken, tokenUrl].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new RealtimeError('input', 'Give exactly one of tokenUrl, getToken and apiKey.');
  }
  return apiKey === undefined ? new TokenManager({ getToken, tokenUrl }, environment) : undefined;
}

function toRequest(record: OutboxRecord) {
  return { ...record.message, requestId: record.id, workflow: record.workflow, topic: record.topic };
}
