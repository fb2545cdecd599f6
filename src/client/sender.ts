import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { HUB_RECORD_BYTES } from '../protocol/limits.ts';
import type { Message } from '../protocol/types.ts';
import { Dispatcher, type Route } from '../queue/dispatcher.ts';
import { type NewRecord, Outbox, type OutboxEvents, type OutboxNote } from '../queue/outbox.ts';
import { mayBeStored, type OutboxRecord } from '../queue/outbox-record.ts';
import { setWaitingMark } from '../queue/waiting-mark.ts';
import { Channels } from './channels.ts';
import { type Environment, sharesTabs } from './environment.ts';
import { type HistoryReader, readBack } from './history-reader.ts';
import { normaliseOutgoing } from './outgoing.ts';
import type { ChannelKind } from './connection.ts';
import type { Metrics } from './metrics.ts';
import type { HybridClientOptions, OutboxView } from './types.ts';

/** What the sender needs from its client. */
export interface SenderPorts {
  readonly environment: Environment;
  readonly options: HybridClientOptions;
  readonly metrics: Metrics;
  participantId(): string | undefined;
  /** What this tab's own connection is now; `undefined` where there is none. */
  channelKind(): ChannelKind | undefined;
  channels(): Promise<Channels>;
  /** Milliseconds for which plain requests are not tried, because they failed again and again; else 0. */
  restBarredMs(): number;
  /** `undefined` while nothing is connected. */
  reader(): HistoryReader | undefined;
  renewCredential(): Promise<boolean>;
  /** A record came, changed or went. */
  onRecord(record: OutboxRecord, event: OutboxEvents['change']['event']): void;
  /** A look in history found a message of ours. */
  onFound(message: Message): void;
  /** A message was given another chance. */
  onHurry(): void;
  /** Draft or reading mark of a conversation changed by something this tab did not do. */
  onPlace(conversation: string): void;
  /** Something the other tabs have to know. */
  onNote(note: OutboxNote): void;
  onError(error: RealtimeError): void;
}

const HISTORY_PAGE = 100;
/** Pages read to find out whether a message was stored, when nothing tells how far back it could be. */
const HISTORY_PAGES = 10;
/** Server instances stamp messages with their own clocks. */
const CLOCK_OVERLAP_MS = 5_000;
/** How long a tab may send without word, where the browser has no locks: longer than any attempt takes. */
const LEASE_MS = 45_000;
/** Before a tab that was overtaken looks whether it may send again. */
const RETURN_MS = 1_000;
/** How often the sender looks in storage for what a tab left there that ended before it could tell, or that is too old. */
const UPKEEP_MS = 30_000;
/** How long a message that was given up is looked for, in case one of its attempts still arrives. */
const LATE_MS = 600_000;

/** What this participant wrote, and its way to the server: the outbox, and the dispatcher while this tab is the sender. */
export class Sender {
  readonly outbox: Outbox;
  /** What the page may see and do of it. */
  readonly view: OutboxView;
  readonly #ports: SenderPorts;
  readonly #dispatcher: Dispatcher;
  readonly #undos: readonly Undo[];
  #sends = false;
  /** Account and content of the mark that was last set. */
  #marked: string | undefined;
  #cancelReturn: Undo | undefined;
  #cancelUpkeep: Undo | undefined;
  /** Undo of the look at what may leave once plain requests are tried again. */
  #cancelWake: Undo | undefined;
  /** When each message was written here, on the monotonic clock. */
  readonly #writtenAt = new Map<string, number>();

  constructor(ports: SenderPorts) {
    this.#ports = ports;
    const { environment } = ports;
    this.outbox = new Outbox({
      environment,
      ...(!sharesTabs(environment) && { leaseMs: LEASE_MS }),
    });
    this.#dispatcher = new Dispatcher(this.outbox, {
      environment,
      route: (record) => this.#route(record),
      send: async (record, route) => (await ports.channels()).send(route, toRequest(record)),
      canVerify: () => ports.reader() !== undefined,
      isStored: (record) => this.#isStored(record),
      renewCredential: async () => {
        if (!(await ports.renewCredential())) {
          throw new RealtimeError('unauthorized', 'The server does not accept this sign-in.');
        }
      },
      onFenced: () => this.#return(),
      onError: (error) => ports.onError(error),
    });
    this.view = this.#makeView();
    this.#undos = [
      this.outbox.on('change', ({ record, event, here }) => {
        this.mark();
        this.#measure(record, event, here);
        ports.onRecord(record, event);
      }),
      this.outbox.on('place', ({ conversation, here }) => {
        if (!here) ports.onPlace(conversation);
      }),
      this.outbox.on('note', (note) => ports.onNote(note)),
      this.outbox.on('error', (error) => ports.onError(error)),
    ];
  }

  /** Messages that wait for a server, the failed ones not counted. */
  get waiting(): number {
    return this.outbox.size - this.outbox.failed;
  }

  /** Sends from now on: this tab is the only one that does. */
  start(): void {
    this.#sends = true;
    this.#dispatcher.start();
    this.refresh();
    this.#planUpkeep();
  }

  /** Reads what other tabs may have written. */
  refresh(): void {
    const { persisted } = this.outbox;
    this.outbox.refresh().catch((error: unknown) => {
      // Where storage does not work anyway, that is no news.
      if (persisted) this.#fail(error);
    });
  }

  /** Lets go; what was under way is for the next sender to find out. */
  stop(): Promise<void> {
    this.#sends = false;
    this.#cancelReturn?.();
    this.#cancelUpkeep?.();
    return this.#dispatcher.stop();
  }

  /** Offers what only this tab has to a tab that begins to send. */
  offer(): void {
    for (const note of this.outbox.unpersisted()) this.#ports.onNote(note);
  }

  wake(now = false): void {
    this.#dispatcher.wake(now);
  }

  /** Bytes of UTF-8 that a message could have more in one record of the hub; negative: it has too many. */
  room(entry: NewRecord): number {
    return Channels.room(this.#place, toRequest(entry));
  }

  async enqueue(entry: NewRecord): Promise<OutboxRecord> {
    this.#checkSize(entry);
    const writtenAt = this.#ports.environment.monotonicNow();
    const record = await this.outbox.enqueue(entry);
    if (this.outbox.get(record.id)) this.#writtenAt.set(record.id, writtenAt);
    return record;
  }

  confirm(id: string): void {
    if (!this.outbox.get(id)) return;
    this.outbox.acknowledge(id).catch((error: unknown) => this.#fail(error));
  }

  /** Lets the next page know whether it has something to send. */
  mark(): void {
    const { localStorage } = this.#ports.environment;
    const { account } = this.outbox;
    const mark = JSON.stringify([account, this.waiting > 0]);
    if (!localStorage || account === undefined || mark === this.#marked) return;
    if (setWaitingMark(localStorage, account, this.waiting > 0)) this.#marked = mark;
  }

  /** Forgets everything of the participant, in storage too. */
  async purge(): Promise<void> {
    const { localStorage } = this.#ports.environment;
    const { account } = this.outbox;
    if (localStorage && account !== undefined) setWaitingMark(localStorage, account, false);
    this.#marked = undefined;
    await this.outbox.purge();
  }

  async dispose(): Promise<void> {
    await this.stop();
    this.#dispatcher.dispose();
    this.#cancelWake?.();
    await this.outbox.close();
    for (const undo of this.#undos) undo();
  }

  /** Another tab sent meanwhile, as one may after a long sleep. If it is still this one's turn, it begins anew. */
  #return(): void {
    this.#cancelReturn?.();
    this.#cancelReturn = this.#ports.environment.setTimer(() => {
      if (this.#sends) this.#dispatcher.start();
    }, RETURN_MS);
  }

  #planUpkeep(): void {
    this.#cancelUpkeep?.();
    this.#cancelUpkeep = this.#ports.environment.setTimer(() => {
      this.refresh();
      this.#lookForLate().catch((error: unknown) => this.#fail(error));
      this.outbox.expire().catch((error: unknown) => this.#fail(error));
      this.#planUpkeep();
    }, UPKEEP_MS);
  }

  /** What was given up and arrived all the same must not be called failed. */
  async #lookForLate(): Promise<void> {
    const since = this.#ports.environment.now() - LATE_MS;
    for (const record of this.outbox.list()) {
      const { state, failedAt = 0 } = record;
      if (state !== 'failed' || failedAt < since || !mayBeStored(record)) continue;
      if (this.#ports.reader()) await this.#isStored(record);
    }
  }

  #makeView(): OutboxView {
    const { outbox } = this;
    /** A connection is looked for at once, and no pause keeps anybody back. */
    const hurry = <Result>(result: Result): Result => {
      if (!result) return result;
      this.#ports.onHurry();
      this.wake(true);
      return result;
    };
    return {
      status: () => outbox.status(),
      list: (conversation) => outbox.list(conversation),
      retry: async (id) => hurry(await outbox.retry(id)),
      retryAll: async () => hurry(await outbox.retryAll()),
      discard: (id) => outbox.discard(id),
      edit: async (id, text) => {
        const record = outbox.get(id);
        if (!record) return false;
        const message = normaliseOutgoing({ ...record.message, text });
        this.#checkSize({ ...record, message });
        return hurry(await outbox.edit(id, text));
      },
      exportDeadLetters: () => outbox.exportDeadLetters(),
    };
  }

  #checkSize(entry: NewRecord): void {
    const { hub, rest } = this.#carriers(entry);
    if (hub || rest) return;
    throw new RealtimeError(
      'too-large',
      `The message is too long: ${HUB_RECORD_BYTES / 1_024} kB is the most that one message can have.`,
    );
  }

  #route(record: OutboxRecord): Route {
    const kind = this.#ports.channelKind();
    if (!kind) return undefined;
    const { hub, rest } = this.#carriers(record);
    if (kind === 'hub' && hub) return 'hub';
    const barredMs = rest ? this.#ports.restBarredMs() : 0;
    if (barredMs > 0) this.#wakeIn(barredMs);
    return rest && barredMs === 0 ? 'rest' : undefined;
  }

  #wakeIn(delayMs: number): void {
    this.#cancelWake ??= this.#ports.environment.setTimer(() => {
      this.#cancelWake = undefined;
      this.wake();
    }, delayMs);
  }

  #carriers(record: NewRecord) {
    return Channels.carriers(this.#place, toRequest(record));
  }

  get #place(): HybridClientOptions {
    return { ...this.#ports.options, participantId: this.#ports.participantId() };
  }

  /** Whether history has the message, read back to what was there before it was written. */
  async #isStored(record: OutboxRecord): Promise<boolean> {
    const reader = this.#ports.reader();
    if (!reader) throw new RealtimeError('network', 'There is no connection to read from.');
    const query = {
      workflow: record.workflow,
      topic: record.topic,
      participantId: this.#ports.participantId(),
      pageSize: HISTORY_PAGE,
    };
    const since = (record.after ?? 0) - CLOCK_OVERLAP_MS;
    const isEnough = (page: readonly Message[]) =>
      page.some((message) => isCopy(message, record)) || (page[0]?.createdAt ?? 0) < since;
    const { messages } = await readBack(reader, query, HISTORY_PAGES, isEnough);
    // A look for one may show others that arrived late.
    for (const message of messages) {
      const { requestId } = message;
      const waiting = requestId && this.outbox.get(requestId);
      if (!waiting || !isCopy(message, waiting)) continue;
      this.confirm(waiting.id);
      this.#ports.onFound(message);
    }
    return messages.some((message) => isCopy(message, record));
  }

  /** What left from this tab, and how long it took: by the monotonic clock, unless an earlier page or another tab wrote it. */
  #measure({ id, createdAt }: OutboxRecord, event: OutboxEvents['change']['event'], here: boolean): void {
    const { environment, metrics } = this.#ports;
    if (event === 'queued' || event === 'changed') return;
    const writtenAt = this.#writtenAt.get(id);
    if (event !== 'failed') this.#writtenAt.delete(id);
    if (!here) return;
    const ms =
      writtenAt === undefined ? environment.now() - createdAt : environment.monotonicNow() - writtenAt;
    if (event === 'sent') metrics.delivered(Math.max(0, ms));
    else if (event === 'failed') metrics.undelivered();
  }

  #fail(reason: unknown): void {
    this.#ports.onError(RealtimeError.from(reason, 'storage', 'The queue could not be written.'));
  }
}

/** Whether `message` is what the server made of `record`. */
function isCopy({ author, requestId }: Message, record: OutboxRecord): boolean {
  return author === 'participant' && requestId === record.id;
}

function toRequest({ id, message, workflow, topic }: NewRecord) {
  return { ...message, requestId: id, workflow, topic };
}
