import { orAborted } from '../protocol/deadline.ts';
import type { Emitter, Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { redact } from '../protocol/redact.ts';
import type { Message, OutgoingMessage } from '../protocol/types.ts';
import { workflowId } from '../protocol/workflow.ts';
import type { NewRecord, OutboxEvents, Place } from '../queue/outbox.ts';
import type { OutboxRecord } from '../queue/outbox-record.ts';
import { forgetVisitor } from '../queue/visitor-memory.ts';
import { checkServer } from '../transports/settings.ts';
import { ALERTS_PLACE, AlertDesk } from './alert-desk.ts';
import type { SystemAlert } from './alerts.ts';
import { warnAboutApiKey } from './api-key-warning.ts';
import { Account, disposed } from './account.ts';
import type { Channels } from './channels.ts';
import { ClientConversation, conversationKey, type ConversationPorts } from './conversation.ts';
import { Conversations } from './conversations.ts';
import { defaultEnvironment, type Environment } from './environment.ts';
import { IncidentDesk } from './incident-desk.ts';
import type { IncidentFeed, IncidentFilter } from './incident-types.ts';
import { Link } from './link.ts';
import { Instruments } from './instruments.ts';
import type { Metrics, MetricsSnapshot } from './metrics.ts';
import { normaliseOutgoing } from './outgoing.ts';
import { Sender } from './sender.ts';
import type { Channel } from './connection.ts';
import { STATES } from './connection-states.ts';
import { readTabNote } from './tab-notes.ts';
import type { TopicPorts } from './topics.ts';
import type {
  ClientHealth,
  ConnectionState,
  ConnectionStatus,
  Conversation,
  ConversationOptions,
  HybridClient,
  HybridClientEvents,
  HybridClientOptions,
  OutboxView,
  TopicList,
} from './types.ts';

/** How long an unwanted connection is kept, so that closing and opening a panel costs nothing. */
const LINGER_MS = 120_000;
/** A page that was hidden for longer may have slept. */
const LONG_MS = 30_000;
/** Answers that take longer are slow. */
const SLOW_MS = 3_000;
/** How long slow answers say something about the connection. */
const SLOW_FOR_MS = 30_000;

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
  readonly #instruments: Instruments;
  readonly #emitter: Emitter<HybridClientEvents>;
  readonly #metrics: Metrics;
  readonly #alerts: AlertDesk;
  readonly #account: Account;
  readonly #incidents: IncidentDesk;
  readonly #sender: Sender;
  readonly #link: Link;
  readonly #conversations = new Conversations();
  readonly #unwatch: Undo;
  /** The same for every conversation. */
  readonly #ports: ConversationPorts;
  /** `connect()` was called and `disconnect()` was not. */
  #requested = false;
  /** `disconnect()` was called: nothing connects until somebody asks for it again. */
  #paused = false;
  /** Connects to find out whether anything waits since an earlier visit. */
  #flushing = false;
  #disposed = false;
  #cancelLinger: Undo | undefined;
  #cancelSlow: Undo | undefined;
  #disposing: Promise<void> | undefined;
  /** The participant is signing out. */
  #isLeaving = false;
  /** On the monotonic clock. */
  #hiddenAt = Infinity;
  #lastGap: ConnectionStatus['lastGap'];
  #status: ConnectionStatus;

  constructor(options: HybridClientOptions) {
    this.#options = Object.freeze({ ...options });
    this.#environment = options.environment ?? defaultEnvironment();
    this.#instruments = new Instruments(this.#environment);
    ({ emitter: this.#emitter, metrics: this.#metrics } = this.#instruments);
    checkServer(options);
    const onError = (error: RealtimeError) => this.#emitter.emit('error', error);
    this.#sender = new Sender({
      environment: this.#environment,
      options: this.#options,
      metrics: this.#metrics,
      participantId: () => this.#account.participantId,
      channelKind: () => (this.#link.isOwn ? this.#link.channel?.kind : undefined),
      channels: () => this.#channels(),
      restBarredMs: () => this.#account.channels?.barredMs('poll') ?? 0,
      reader: () => (this.#link.channel ? this.#link.reader() : undefined),
      renewCredential: () => this.#account.renewCredential(),
      onRecord: (record, event) => this.#onRecord(record, event),
      onFound: (message) => this.#arrived(message),
      onHurry: () => {
        this.#resume();
        this.#link.nudge();
      },
      onPlace: (conversation) => {
        if (conversation === ALERTS_PLACE) this.#alerts.refresh();
        this.#conversations.onPlace(conversation);
      },
      onNote: (note) => {
        // What only this tab has is for those that send for it; one that sends by itself keeps it.
        const isOwn = note.kind === 'record' && !note.record.persisted;
        if (!isOwn || this.#link.isShared) this.#link.post({ type: 'outbox', note });
      },
      onError,
    });
    this.#account = new Account({
      environment: this.#environment,
      options: this.#options,
      instruments: this.#instruments,
      outbox: this.#sender.outbox,
      onOpened: () => this.#onOpened(),
      onMessage: (message) => this.#arrived(message),
      syncAll: () => this.#conversations.sync(),
      isAwaiting: () => this.#conversations.isAwaiting,
      onError,
    });
    this.#incidents = new IncidentDesk({
      environment: this.#environment,
      options: this.#options,
      instruments: this.#instruments,
      account: this.#account,
      onError,
    });
    if (options.apiKey !== undefined) warnAboutApiKey(this.#environment.location);
    this.#link = new Link({
      environment: this.#environment,
      ready: () => this.#account.ready(),
      workflows: () => this.#conversations.workflows(),
      sync: () => this.#conversations.sync(),
      renewCredential: () => this.#account.renewCredential(),
      onNews: () => this.#account.hasten(),
      onSender: async (sends) => (sends ? this.#sender.start() : this.#sender.stop()),
      onNote: (note) => this.#onNote(note),
      account: () => this.#account.name,
      onLeader: () => {
        this.#sender.offer();
        // What was written while nobody listened is in storage.
        if (this.#sender.waiting > 0) this.#link.post({ type: 'written' });
      },
      onChange: () => this.#refreshStatus(),
      onError,
    });
    this.#alerts = new AlertDesk({
      environment: this.#environment,
      options: this.#options,
      channels: () => this.#channels(),
      loadDismissed: () => this.#sender.outbox.place(ALERTS_PLACE).draft,
      saveDismissed: (draft) => this.#setPlace(ALERTS_PLACE, { draft }),
      onAlert: (alert) => this.#emitter.emit('alert', alert),
      post: (note) => this.#link.post({ type: 'alert', note }),
      onError,
    });
    this.#ports = this.#makePorts();
    this.#status = this.#readStatus();
    this.#unwatch = this.#environment.onLifecycle((event) => {
      const { outbox } = this.#sender;
      if (event === 'frozen') {
        this.#link.freeze();
        outbox.suspend();
        return;
      }
      outbox.resume();
      if (event === 'visible' || event === 'resumed') this.#sender.refresh();
      if (event === 'hidden') this.#hiddenAt = this.#environment.monotonicNow();
      else if (event !== 'offline') this.#link.nudge(event !== 'visible' || this.#wasHiddenLong());
      // Only a hint, but one that a connection has to answer: what it swallows from here on would be uncertain.
      else if (STATES[this.state].isConnected) this.#link.nudge(true);
    });
  }

  /** An accessor, so that nobody prints a key along with the client. */
  get options(): Readonly<HybridClientOptions> {
    return this.#options;
  }

  get state(): ConnectionState {
    return this.#link.state;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get outbox(): OutboxView {
    return this.#sender.view;
  }

  connect(): void {
    this.#requested = true;
    this.#resume();
  }

  flush(): void {
    // Whose messages wait is known once the participant is; a token tells where the options do not.
    if (this.#account.participantId)
      void this.#account.open(); // never rejects
    else this.#flushing = true;
    this.#settle();
  }

  async disconnect(): Promise<void> {
    this.#requested = false;
    this.#paused = true;
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    await this.#link.stop();
  }

  retryNow(): void {
    this.#resume();
    this.#link.nudge(true);
    this.#sender.wake(true);
  }

  async logout(): Promise<void> {
    // What an earlier visit left goes too, although nothing may have asked for it yet.
    void this.#account.open(); // never rejects
    const { localStorage } = this.#environment;
    if (localStorage) forgetVisitor(localStorage);
    this.#link.post({ type: 'logout' });
    await Promise.all([this.#incidents.forget(), this.#forget(() => this.#sender.purge())]);
  }

  dispose(): Promise<void> {
    return (this.#disposing ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    this.#disposed = true;
    this.#unwatch();
    this.#cancelLinger?.();
    this.#cancelSlow?.();
    this.#alerts.forget();
    this.#sender.outbox.resume(); // a page may end while it is frozen
    // While the other tabs can still be told what was just written.
    await this.#sender.dispose();
    await this.#link.stop(true);
    this.#conversations.dispose();
    await this.#incidents.dispose();
    await this.#account.dispose();
    await this.#instruments.dispose();
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
    this.#conversations.add(conversation);
    return conversation;
  }

  async topics(workflow: string): Promise<TopicList> {
    const id = workflowId(this.#options.tenantId, workflow);
    const { Topics } = await import('./topics.ts');
    const { outbox } = this.#sender;
    const ports: TopicPorts = {
      place: (key) => outbox.place(key),
      setPlace: (key, change) => this.#setPlace(key, change),
      now: () => this.#environment.now(),
      onError: (error) => this.#emitter.emit('error', error),
    };
    return this.#conversations.topics((all) => new Topics(ports, all)).list(id);
  }

  async converse(
    workflow: string,
    message: string | OutgoingMessage,
    options: { timeoutSeconds?: number; signal?: AbortSignal } = {},
  ): Promise<Message> {
    const id = workflowId(this.#options.tenantId, workflow);
    const outgoing = normaliseOutgoing(message);
    const ask = async () => (await this.#channels()).converse({ ...outgoing, ...options, workflow: id });
    const answer = ask().catch(async (reason: unknown) => {
      const refused = reason instanceof RealtimeError && reason.code === 'unauthorized' && !reason.service;
      if (refused && (await this.#account.renewCredential())) return ask();
      throw reason;
    });
    const cancelled = () => new RealtimeError('closed', 'The call was cancelled.', { stored: 'maybe' });
    return options.signal ? orAborted(answer, options.signal, cancelled) : answer;
  }

  incidents(filter: IncidentFilter = {}): Promise<IncidentFeed> {
    return this.#incidents.feed(filter);
  }

  get alerts(): readonly SystemAlert[] {
    return this.#alerts.alerts;
  }

  dismissAlert(id: string): void {
    this.#alerts.dismiss(id);
  }

  health(): ClientHealth {
    return {
      status: this.#status,
      tenantId: this.#options.tenantId,
      channels: [...(this.#account.channels?.health() ?? []), ...this.#incidents.health()],
      token: this.#account.tokens?.status(),
      pausedMs: this.#account.channels?.pausedMs ?? 0,
    };
  }

  metrics(): MetricsSnapshot {
    const { waiting, failed, oldestAt } = this.#sender.outbox.status();
    const oldestMs = oldestAt === undefined ? undefined : Math.max(0, this.#environment.now() - oldestAt);
    return this.#metrics.snapshot({ waiting, failed, oldestMs });
  }

  probe(): Promise<number> {
    return this.#link.probe();
  }

  on<Name extends keyof HybridClientEvents>(
    event: Name,
    listener: (value: HybridClientEvents[Name]) => void,
  ): Undo {
    return this.#emitter.on(event, listener);
  }

  async #channels(): Promise<Channels> {
    return (await this.#account.ready()).channels;
  }

  /** What waits since an earlier visit is known. */
  #onOpened(): void {
    this.#conversations.restore();
    this.#sender.mark();
    this.#flushing = false;
    this.#settle();
    this.#refreshStatus();
  }

  #makePorts(): ConversationPorts {
    const sender = this.#sender;
    return {
      environment: this.#environment,
      participantId: () => this.#account.participantId,
      reader: () => this.#link.reader(),
      subscribe: (id) => {
        this.#link.channel
          ?.subscribe(id)
          .catch((error: unknown) => this.#doubt(error, 'A workflow could not be subscribed.'));
      },
      retain: (conversation) => this.#retain(conversation),
      outbox: {
        get persisted() {
          return sender.outbox.persisted;
        },
        enqueue: (entry) => this.#enqueue(entry),
        room: (entry) => sender.room(entry),
        confirm: (id) => sender.confirm(id),
        ...sender.view,
        get: (id) => sender.outbox.get(id),
        place: (conversation) => sender.outbox.place(conversation),
        setPlace: (conversation, change) => this.#setPlace(conversation, change),
      },
      claimHandoff: (message, conversation) => this.#conversations.claimHandoff(message, conversation),
      deleteThread: async (id) => {
        await (await this.#channels()).deleteThread(id);
        this.#link.post({ type: 'deleted', workflow: id });
        this.#conversations.empty(id); // those of its other topics too
      },
      onMessage: (message) => this.#emitter.emit('message', message),
      onUnread: () => this.#emitter.emit('unread', this.#conversations.unread),
      onGap: (messages) => {
        this.#lastGap = { at: this.#environment.now(), messages };
        this.#refreshStatus();
      },
      onReplied: (ms) => this.#metrics.replied(ms),
      onError: (error) => this.#emitter.emit('error', error),
    };
  }

  #retain(conversation: ClientConversation): Undo {
    this.#conversations.setOpen(conversation, true);
    this.#resume();
    const { channel } = this.#link;
    // A channel that is already open has to learn of it; one that opens later asks for everything.
    if (channel) void this.#join(channel, conversation);
    return () => {
      this.#conversations.setOpen(conversation, false);
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
    this.#link.nudge();
  }

  /** A glance at another tab is no reason to doubt the connection. */
  #wasHiddenLong(): boolean {
    return this.#environment.monotonicNow() - this.#hiddenAt > LONG_MS;
  }

  /** Somebody asks for the connection: an earlier `disconnect()` counts no longer. */
  #resume(): void {
    this.#paused = false;
    this.#settle();
  }

  /** Connects while somebody wants it, and lets go some time after nobody does. */
  #settle(): void {
    if (this.#paused || this.#disposed) return;
    const wanted =
      this.#requested || this.#flushing || this.#conversations.isAnyOpen || this.#sender.waiting > 0;
    if (wanted) {
      this.#cancelLinger?.();
      this.#cancelLinger = undefined;
      this.#instruments.start(this, () => this.#refreshStatus());
      this.#link.start();
    } else if (!this.#cancelLinger && this.state !== 'idle' && this.state !== 'closed') {
      this.#cancelLinger = this.#environment.setTimer(() => {
        this.#cancelLinger = undefined;
        void this.#link.stop(false, 'idle');
      }, LINGER_MS);
    }
  }

  /** A message that came to this tab, and may be news to the others. */
  #arrived(message: Message): void {
    if (message.participantId === this.#account.participantId) this.#link.post({ type: 'message', message });
    this.#receive(message);
  }

  /** The one door for messages that arrive by themselves: nobody else's pass. */
  #receive(message: Message): void {
    if (message.participantId === this.#account.participantId) this.#conversations.receive(message);
  }

  /** What another tab of the same account tells. */
  #onNote(note: unknown): void {
    const told = readTabNote(note);
    switch (told?.type) {
      case 'outbox':
        this.#sender.outbox.receiveNote(told.note);
        if (this.#account.name && this.#sender.outbox.account === undefined)
          void this.#forget(() => undefined);
        break;
      case 'written':
        this.#sender.refresh();
        break;
      case 'message':
        this.#receive(told.message);
        break;
      case 'alert':
        this.#alerts.receiveNote(told.note);
        break;
      case 'deleted':
        this.#conversations.empty(told.workflow);
        break;
      case 'logout':
        void this.#forget(() => this.#sender.outbox.forget()); // never rejects
    }
  }

  async #enqueue(entry: NewRecord): Promise<OutboxRecord> {
    if (this.#disposed) throw disposed();
    await this.#account.open();
    const record = await this.#sender.enqueue(entry);
    if (STATES[this.state].waits && this.state !== 'unauthorized') this.#link.nudge();
    return record;
  }

  #setPlace(conversation: string, change: Partial<Place>): void {
    this.#sender.outbox.setPlace(conversation, change);
    this.#conversations.onPlaces();
    void this.#account.open(); // never rejects
  }

  #onRecord(record: OutboxRecord, event: OutboxEvents['change']['event']): void {
    this.#conversations.get(record.conversation)?.onRecord(record, event);
    this.#settle();
    this.#refreshStatus();
  }

  /** Disconnects, and forgets whose client it was; `empty` does so with the outbox. */
  async #forget(empty: () => void | Promise<void>): Promise<void> {
    this.#requested = this.#flushing = false;
    // What leaves the outbox now is no reason to connect.
    this.#paused = this.#isLeaving = true;
    this.#alerts.forget();
    this.#lastGap = undefined;
    const forgotten = this.#account.forget();
    this.#conversations.forget();
    try {
      await Promise.all([empty(), this.#link.stop(), forgotten]);
    } finally {
      this.#paused = this.#isLeaving = false;
      this.#conversations.onPlaces();
      this.#refreshStatus();
    }
  }

  #readStatus(): ConnectionStatus {
    const { failed, size, persisted } = this.#sender.outbox;
    const { snapshot, isOwn } = this.#link;
    const kind = snapshot.channel === 'hub' ? 'hub' : 'rest';
    const from = this.#environment.now() - SLOW_FOR_MS;
    const last = this.#metrics
      .latencies(kind)
      .filter(({ at }) => at > from)
      .slice(-2);
    return {
      ...snapshot,
      isShared: !isOwn,
      isSlow: snapshot.channel !== undefined && last.length === 2 && last.every(({ ms }) => ms > SLOW_MS),
      lastGap: this.#lastGap,
      pending: size,
      failed,
      persisted,
    };
  }

  /** The stream of alerts goes with the connection, and is in one tab as that is. */
  #settleAlerts({ state, isShared }: ConnectionStatus): void {
    const { isConnected, tells } = STATES[state];
    if (this.#disposed || this.#isLeaving) return;
    if (isConnected) this.#alerts.settle(isShared ? 'follow' : 'start');
    else if (!tells) this.#alerts.settle(undefined);
  }

  #refreshStatus(): void {
    const previous = this.#status;
    const status = this.#readStatus();
    const changed = (Object.keys(status) as (keyof ConnectionStatus)[]).some(
      (key) => status[key] !== previous[key],
    );
    if (!changed) return;
    this.#status = status;
    if (status.isSlow && !this.#disposed) {
      this.#cancelSlow ??= this.#environment.setTimer(() => {
        this.#cancelSlow = undefined;
        this.#refreshStatus();
      }, SLOW_FOR_MS);
    }
    if (status.persisted && !previous.persisted) this.#link.rejoin();
    if (status.state !== previous.state) {
      this.#options.logger?.('info', redact(`${previous.state} → ${status.state} (${status.reason})`));
      this.#emitter.emit('state', { status, previous });
      // Messages may leave only now: one sent earlier could be answered before anybody listens.
      if (STATES[status.state].isConnected) this.#sender.wake(true);
      // A channel between tabs may keep the page from the back/forward cache.
      if (status.state === 'idle' || status.state === 'suspended') this.#account.tokens?.rest();
    }
    this.#settleAlerts(status);
    this.#emitter.emit('status', status);
  }
}
