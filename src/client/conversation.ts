import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Message, OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import { workflowType } from '../protocol/workflow.ts';
import type { OutboxEvents } from '../queue/outbox.ts';
import type { OutboxRecord } from '../queue/outbox-record.ts';
import type { HistoryQuery } from '../transports/transport.ts';
import type { Environment } from './environment.ts';
import { type HistoryReader, readBack } from './history-reader.ts';
import { isLocal, isStep, MessageLog } from './message-log.ts';
import { ReadingPlace } from './reading-place.ts';
import { ReplyWatch } from './reply-watch.ts';
import { handoffSource, isHandoff, Takeovers } from './takeovers.ts';
import type { AwaitingReply, Conversation, ConversationEvents } from './types.ts';
import { type ConversationOutbox, WrittenMessages } from './written-messages.ts';

/** What a conversation needs from its client. */
export interface ConversationPorts {
  readonly environment: Environment;
  participantId(): string | undefined;
  /** `undefined` while nothing is connected. */
  reader(): HistoryReader | undefined;
  /** Listens to a further workflow from now on, across reconnects. */
  subscribe(workflowId: string): void;
  /** Keeps the client connected until the undo runs. */
  retain(conversation: ClientConversation): Undo;
  /** What was written here, and what is kept of the conversation between visits. */
  readonly outbox: ConversationOutbox;
  /** Whether this conversation may take a handoff: another one of the client may have it already. */
  claimHandoff(message: Message, conversation: ClientConversation): boolean;
  deleteThread(workflowId: string): Promise<void>;
  /** A message that was not known before arrived. */
  onMessage(message: Message): void;
  onUnread(): void;
  /** A read of history found `messages` of agents that no live channel had told of. */
  onGap(messages: number): void;
  /** The first reply to a message came so long after the server had it. */
  onReplied(ms: number): void;
  onError(error: RealtimeError): void;
}

const PAGE_SIZE = 50;
/** Pages read to close a gap: 1,000 messages. A longer gap starts the view anew at the newest messages. */
const GAP_PAGES = 20;
/** Pages searched for the handoff that began a takeover. */
const HANDOFF_PAGES = 10;
/** Server instances stamp messages with their own clocks; history is read this far past the last known message. */
const CLOCK_OVERLAP_MS = 5_000;
/** Live messages beyond the limit of the log before the oldest go: many at once cost no more than one. */
const TRIM_SLACK = 500;
/** A read of history that takes longer is not waited for by those that come after it. */
const STALE_MS = 8_000;
/** Plumbing messages that are remembered at most. */
const HIDDEN_LIMIT = 1_000;
/** Messages that leave one after another within this time may cross with answers. */
const CROSSING_MS = 10_000;
/** After a reply to a question that is not known here. */
const CATCH_UP_MS = 1_000;
/** Types that are plumbing, not conversation. */
const HIDDEN: ReadonlySet<string> = new Set(['Heartbeat', 'Webhook']);

/** The read of history that is under way, and the one that is asked for after it. */
interface Syncs {
  running?: Promise<void> | undefined;
  /** When it began, on the monotonic clock. */
  startedAt?: number;
  next?: Promise<void>;
}

/** The client's implementation of {@link Conversation}. */
export class ClientConversation implements Conversation {
  readonly workflowId: string;
  readonly topic: string | undefined;
  readonly key: string;
  readonly #ports: ConversationPorts;
  readonly #log = new MessageLog();
  readonly #emitter: Emitter<ConversationEvents>;
  readonly #replies: ReplyWatch;
  readonly #written: WrittenMessages;
  readonly #place: ReadingPlace;
  readonly #takeovers: Takeovers;
  /** Server ids of plumbing messages: they count when an older page is asked for. */
  readonly #hidden = new Set<string>();
  #loading: 'initial' | 'earlier' | undefined = 'initial';
  #hasEarlier = false;
  #error: RealtimeError | undefined;
  #syncedThrough = 0;
  #syncs: Syncs = {};
  /** Raised by `forget()`, so that a read that is under way brings nothing back. */
  #epoch = 0;
  /** Undo of the read that looks for the question to an answer. */
  #cancelCatchUp: Undo | undefined;
  /** On the monotonic clock. */
  #lastSentAt = -Infinity;
  #changed = false;
  #opens = 0;
  #release: Undo | undefined;

  constructor(
    ports: ConversationPorts,
    options: { workflowId: string; topic: string | undefined; handoffWorkflowIds: readonly string[] },
  ) {
    this.#ports = ports;
    this.workflowId = options.workflowId;
    this.topic = options.topic;
    this.key = conversationKey(options.workflowId, options.topic);
    this.#takeovers = new Takeovers(options.workflowId);
    this.#emitter = new Emitter((error) => ports.onError(listenerFailed(error)));
    this.#replies = new ReplyWatch(ports.environment, {
      onChange: () => this.#touch(),
      onOverdue: () => this.#look(),
    });
    this.#written = new WrittenMessages({
      environment: ports.environment,
      outbox: ports.outbox,
      log: this.#log,
      key: this.key,
      topic: this.topic,
      participantId: () => ports.participantId(),
      workflow: () => this.#takeovers.active,
      sync: () => this.sync(),
      onChange: () => this.#touch(),
      onDelivery: (event, message) => this.#onDelivery(event, message),
      onError: (reason) => ports.onError(readFailed(reason)),
    });
    this.#place = new ReadingPlace({
      load: () => ports.outbox.place(this.key),
      save: (change) => ports.outbox.setPlace(this.key, change),
      onDraft: (draft) => this.#emitter.emit('draft', draft),
      onUnread: () => ports.onUnread(),
    });
    this.addTakeovers(options.handoffWorkflowIds);
    this.restore();
  }

  get activeWorkflow(): string {
    return workflowType(this.#takeovers.active);
  }

  get messages(): readonly Message[] {
    return this.#log.messages;
  }

  get loading(): 'initial' | 'earlier' | undefined {
    return this.#loading;
  }

  get hasEarlier(): boolean {
    return this.#hasEarlier;
  }

  get awaitingReply(): AwaitingReply | undefined {
    return this.#replies.awaiting;
  }

  get error(): RealtimeError | undefined {
    return this.#error;
  }

  get draft(): string {
    return this.#place.draft;
  }

  get unread(): number {
    return this.#place.unread;
  }

  /** Milliseconds since 1970 of the newest message written here; 0 for none. */
  get lastWrittenAt(): number {
    return this.#written.lastWrittenAt;
  }

  /** Whether somebody looks at it. */
  get isOpen(): boolean {
    return this.#opens > 0;
  }

  /** Every workflow whose messages may belong here. */
  get workflowIds(): readonly string[] {
    return [this.workflowId, ...this.#takeovers.candidates];
  }

  /** Workflows that may take over; ones already known are ignored. */
  addTakeovers(workflowIds: readonly string[]): void {
    for (const id of workflowIds) {
      if (this.#takeovers.add(id) && this.isOpen) this.#ports.subscribe(id);
    }
  }

  open(): Undo {
    if (this.#opens++ === 0) this.#release = this.#ports.retain(this);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      if (--this.#opens > 0) return;
      this.#release?.();
      this.#release = undefined;
    };
  }

  on<Name extends keyof ConversationEvents>(
    event: Name,
    listener: (value: ConversationEvents[Name]) => void,
  ): Undo {
    return this.#emitter.on(event, listener);
  }

  send(message: string | OutgoingMessage): Promise<SendReceipt> {
    return this.#written.send(message);
  }

  room(message: OutgoingMessage): number {
    return this.#written.room(message);
  }

  retry(requestId: string): Promise<boolean> {
    return this.#ports.outbox.retry(requestId);
  }

  retryAll(): Promise<number> {
    return this.#written.retryAll();
  }

  discard(requestId: string): Promise<boolean> {
    return this.#ports.outbox.discard(requestId);
  }

  edit(requestId: string, text: string): Promise<boolean> {
    return this.#ports.outbox.edit(requestId, text);
  }

  askAgain(requestId: string): Promise<SendReceipt> {
    return this.#written.sendAgain(requestId);
  }

  stopWaiting(): void {
    this.#replies.giveUp();
  }

  setDraft(text: string): void {
    this.#place.setDraft(text);
  }

  markRead(): void {
    this.#place.markRead();
  }

  /** Shows what the outbox keeps of this conversation: after a reload, or once it is known whose outbox it is. */
  restore(): void {
    this.#written.restore();
    this.onPlace();
  }

  /** The draft or the reading mark changed, here or in another tab. */
  onPlace(): void {
    this.#place.refresh();
    this.#touch();
  }

  async delete(): Promise<void> {
    // What took over has a thread of its own; left there, the conversation would come back with the next read.
    for (const id of [this.workflowId, ...this.#takeovers.tookOver]) await this.#ports.deleteThread(id);
    this.empty();
  }

  /** Its thread is gone on the server; what waits here is not. */
  empty(): void {
    this.forget();
    this.restore();
  }

  /** Empties the view; the server is not asked. `loading`: what is certain then, by default that there is nothing. */
  forget(loading?: 'initial'): void {
    this.#epoch++;
    this.#loading = loading;
    this.#error = undefined;
    this.#cancelCatchUp?.();
    this.#cancelCatchUp = undefined;
    this.#syncs = {};
    this.#log.clear();
    this.#written.reset();
    this.#place.reset();
    this.#hidden.clear();
    this.#replies.stop();
    this.#takeovers.reset();
    this.#syncedThrough = 0;
    this.#hasEarlier = false;
    this.#touch();
  }

  async loadEarlier(): Promise<void> {
    const reader = this.#ports.reader();
    if (!reader || this.#loading || !this.#hasEarlier) return;
    const epoch = this.#epoch;
    this.#loading = 'earlier';
    this.#touch();
    try {
      // Pages shift as messages arrive, so the page is found by count and what is known already falls away.
      let page = Math.floor(this.#knownOnServer() / PAGE_SIZE) + 1;
      for (let added = 0; added === 0 && this.#hasEarlier; page++) {
        const { messages, hasMore } = await reader.history({ ...this.#query(this.workflowId), page });
        if (epoch !== this.#epoch) return;
        for (const message of messages) if (this.#take(message) === 'added') added++;
        this.#hasEarlier = hasMore;
      }
      this.#error = undefined;
    } catch (reason) {
      this.#error = readFailed(reason);
      throw this.#error;
    } finally {
      if (epoch === this.#epoch) this.#loading = undefined;
      this.#touch();
    }
  }

  /**
   * Reads what history has beyond what is known, and merges it. Rejects when history cannot be read; what is shown stays.
   * Calls made while one runs share the next: what runs may have read before the caller's channel was open.
   */
  sync(): Promise<void> {
    const { running, next, startedAt = 0 } = this.#syncs;
    // What has hung for long may hang for longer: nobody else waits for it.
    const isStale = this.#ports.environment.monotonicNow() - startedAt > STALE_MS;
    if (!running || isStale) return this.#startSync();
    if (next) return next;
    const epoch = this.#epoch;
    const afterwards = async () => {
      if (epoch === this.#epoch) await this.#startSync();
    };
    return (this.#syncs.next = running.then(afterwards, afterwards));
  }

  /** One message from any channel, already known to be this participant's. Returns whether it belongs here. */
  receive(message: Message): boolean {
    if (!this.#belongs(message)) return false;
    const isNews = this.#loading !== 'initial';
    if (this.#take(message) === 'added' && isNews) this.#announce(message);
    if (this.#log.trim(TRIM_SLACK)) this.#hasEarlier = true;
    const { author, requestId } = message;
    // Asked from another tab or device, whose messages no channel tells of.
    if (author === 'agent' && requestId && !this.#log.own(requestId)) this.#catchUp();
    return true;
  }

  /** The outbox tells how a message is doing that was written here, in another tab, or before a reload. */
  onRecord(record: OutboxRecord, event: OutboxEvents['change']['event']): void {
    this.#written.follow(record, event);
  }

  dispose(): void {
    this.#epoch++;
    this.#cancelCatchUp?.();
    this.#replies.stop();
    this.#release?.();
    this.#release = undefined;
    this.#emitter.clear();
  }

  #startSync(): Promise<void> {
    const syncs: Syncs = (this.#syncs = { startedAt: this.#ports.environment.monotonicNow() });
    return (syncs.running = this.#sync().finally(() => {
      syncs.running = undefined;
    }));
  }

  async #sync(): Promise<void> {
    const reader = this.#ports.reader();
    if (!reader) throw new RealtimeError('network', 'There is no connection to read the conversation from.');
    const isFirst = this.#loading === 'initial';
    const epoch = this.#epoch;
    try {
      const messages = await this.#readGap(reader, isFirst);
      for (const id of this.#takeovers.candidates) messages.push(...(await this.#readTakeover(reader, id)));
      if (epoch !== this.#epoch) return;
      const thread = messages.findLast(({ workflowId }) => workflowId === this.workflowId)?.threadId;
      if (thread) this.#log.keepThread(this.workflowId, thread);
      let missed = 0;
      for (const message of messages) {
        if (!this.#belongs(message) || this.#take(message) !== 'added' || isFirst) continue;
        if (message.author === 'agent') missed++;
        this.#announce(message);
      }
      if (missed > 0) this.#ports.onGap(missed);
      if (isFirst) this.#resumeWaiting();
      if (isFirst) this.#loading = undefined;
      this.#error = undefined;
    } catch (reason) {
      if (epoch !== this.#epoch) return;
      const error = readFailed(reason);
      // Once something is shown, the state of the connection says what is wrong; what is shown stays right.
      if (isFirst) this.#error = error;
      throw error;
    } finally {
      if (this.#log.trim()) this.#hasEarlier = true;
      this.#touch();
    }
  }

  /** Newest pages of the thread, back to what is known. Oldest message first. */
  async #readGap(reader: HistoryReader, isFirst: boolean): Promise<Message[]> {
    const known = this.#syncedThrough - CLOCK_OVERLAP_MS;
    const { messages, hasMore, reached } = await readBack(
      reader,
      this.#query(this.workflowId),
      isFirst ? 1 : GAP_PAGES,
      ([oldest]) => (oldest?.createdAt ?? 0) <= known,
    );
    if (isFirst) this.#hasEarlier = hasMore;
    else if (!reached) {
      // Too much to read at once: what is older than the hole is dropped, and can be paged back in.
      this.#log.dropBefore(messages[0]?.createdAt ?? 0);
      this.#hasEarlier = true;
    }
    this.#syncedThrough = Math.max(this.#syncedThrough, messages.at(-1)?.createdAt ?? 0);
    return messages;
  }

  /** What a workflow said since it took over; nothing if it never did. */
  async #readTakeover(reader: HistoryReader, workflowId: string): Promise<Message[]> {
    const isEnough = (page: readonly Message[]) => this.#takeovers.isComplete(workflowId, page);
    return (await readBack(reader, this.#query(workflowId), HANDOFF_PAGES, isEnough)).messages;
  }

  #query(workflow: string): HistoryQuery {
    return {
      workflow,
      topic: this.topic,
      participantId: this.#ports.participantId(),
      pageSize: PAGE_SIZE,
    };
  }

  /** Whether a message of this participant is part of this conversation. Notices handoffs on the way. */
  #belongs(message: Message): boolean {
    if (!isHandoff(message)) return message.topic === this.topic && this.#takeovers.covers(message);
    if (!this.#takeovers.concerns(message) || !this.#ports.claimHandoff(message, this)) return false;
    this.addTakeovers([message.workflowId]);
    this.#takeovers.record(message);
    return true;
  }

  #take(message: Message): 'added' | 'updated' | 'known' {
    if (message.requestId) {
      // Anything the agent says for a request, and the server's own copy, proves that the request was stored.
      this.#ports.outbox.confirm(message.requestId);
    }
    if (HIDDEN.has(message.type) || message.requestId?.startsWith('heartbeat')) {
      if (this.#hidden.size < HIDDEN_LIMIT) this.#hidden.add(message.id);
      return 'known';
    }
    const result = this.#log.receive(message);
    if (message.requestId && this.#log.isAnswered(message.requestId)) {
      const ms = this.#replies.answered(message.requestId);
      if (ms !== undefined) this.#ports.onReplied(ms);
    }
    if (result !== 'known') this.#touch();
    return result;
  }

  #onDelivery(event: 'queued' | 'sent' | 'failed', message: Message): void {
    if (message.delivery?.state === 'sent' && message.requestId) this.#replies.expect(message.requestId);
    if (event === 'sent') {
      // The answer to the one before may be stored after this one and have come first: only history has the order.
      const now = this.#ports.environment.monotonicNow();
      if (now - this.#lastSentAt < CROSSING_MS) this.#catchUp();
      this.#lastSentAt = now;
    }
    this.#emitter.emit(event, message);
  }

  /** Reads history soon, once for all that asks for it meanwhile. */
  #catchUp(): void {
    this.#cancelCatchUp ??= this.#ports.environment.setTimer(() => {
      this.#cancelCatchUp = undefined;
      this.#look();
    }, CATCH_UP_MS);
  }

  /** Reads history if there is a connection; without one, the next begins with a read anyway. */
  #look(): void {
    if (!this.#ports.reader()) return;
    this.sync().catch((error: unknown) => this.#ports.onError(readFailed(error)));
  }

  #announce(message: Message): void {
    this.#emitter.emit('message', message);
    if (isHandoff(message)) {
      this.#emitter.emit('handoff', { message, from: handoffSource(message), to: message.workflowType });
    }
    this.#ports.onMessage(message);
  }

  /** After a reload: the newest message is the visitor's and nobody has answered it yet. */
  #resumeWaiting(): void {
    const last = this.#log.messages.findLast(
      (message) => message.author === 'participant' || !isStep(message),
    );
    if (last?.author !== 'participant' || !last.requestId || last.delivery) return;
    const ageMs = this.#ports.environment.now() - last.createdAt;
    if (ageMs < ReplyWatch.PATIENCE_MS) this.#replies.expect(last.requestId, Math.max(0, ageMs));
  }

  #knownOnServer(): number {
    let count = this.#hidden.size;
    for (const message of this.#log.messages) {
      if (message.workflowId === this.workflowId && !isLocal(message)) count++;
    }
    return count;
  }

  /** Tells listeners once, after the current work is done. */
  #touch(): void {
    if (this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      if (this.#loading !== 'initial') this.#place.count(this.messages, this.#log.newestServerTime);
      this.#emitter.emit('change', undefined);
    });
  }
}

/** One key per workflow and topic; the separator cannot occur in a workflow. */
export function conversationKey(workflowId: string, topic: string | undefined): string {
  return topic === undefined ? workflowId : `${workflowId}\n${topic}`;
}

function readFailed(reason: unknown): RealtimeError {
  return RealtimeError.from(reason, 'network', 'The conversation could not be read.');
}

function listenerFailed(error: unknown): RealtimeError {
  return new RealtimeError('bug', 'A listener of the conversation threw.', { cause: error });
}
