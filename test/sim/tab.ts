import type { Tab as SharedTab } from '../support/tabs.ts';
import { type TabWorld } from '../support/tabs.ts';
import type { Environment, LifecycleEvent } from '../../src/client.ts';
import type { Conversation, ConnectionStatus, HybridClient, Message } from '../../src/client.ts';
import type { Entry } from './ledger.ts';
import type { Product } from './product.ts';
import type { Random } from './random.ts';
import { fetchOf } from './rest.ts';
import { webSocketOf } from './socket.ts';
import type { Process } from './virtual-time.ts';
import type { World } from './world.ts';

export const SERVER_URL = 'https://xians.example';
export const WORKFLOW = 'Support Agent:Chat Flow';
const SHORTEST_MS = 0.01;
const OTHER_WORKFLOW = 'Sales Agent:Chat Flow';
/** What every tab has open. */
export const CONVERSATIONS: readonly { readonly workflow: string; readonly topic?: string }[] = [
  { workflow: WORKFLOW },
  { workflow: WORKFLOW, topic: 'billing' },
  { workflow: OTHER_WORKFLOW },
];

export interface TabOptions {
  readonly participant: string;
  /** Whether the page says who the visitor is; else the token does. */
  readonly isNamed: boolean;
  readonly storage: 'allowed' | 'denied' | 'absent';
}

/** One page with one client, as a visitor uses it. */
export class Tab {
  readonly options: TabOptions;
  readonly process: Process;
  readonly client: HybridClient;
  readonly conversations: readonly Conversation[];
  isVisible = true;
  isDisposed = false;
  /** When the tab began to read what it had missed. */
  syncedFrom: number | undefined;
  readonly #world: World;
  readonly #shared: SharedTab;
  readonly #listeners = new Set<(event: LifecycleEvent) => void>();

  constructor(world: World, product: Product, name: string, options: TabOptions) {
    this.#world = world;
    this.options = options;
    this.process = { name, state: 'running', held: [] };
    this.#shared = sharedTab(world.tabs, world, this.process);
    const environment = this.#environment(world.random.fork());
    // Whatever the client sets up in here is this tab's.
    world.time.current = this.process;
    this.client = product.createHybridClient({
      serverUrl: SERVER_URL,
      tenantId: 'acme',
      tokenUrl: `${SERVER_URL}/token?who=${encodeURIComponent(options.participant)}`,
      ...(options.isNamed ? { participantId: options.participant } : {}),
      environment,
    });
    this.client.on('state', ({ status, previous }) => this.#onState(status, previous));
    this.client.on('error', (error) => world.log(`${name} error ${error.code}: ${error.message}`));
    this.conversations = CONVERSATIONS.map(({ workflow, topic }) =>
      this.client.conversation(workflow, topic),
    );
    for (const conversation of this.conversations) conversation.open();
  }

  get name(): string {
    return this.process.name;
  }

  get isAlive(): boolean {
    return this.process.state !== 'dead' && !this.isDisposed;
  }

  /** Locks and channels that it uses. */
  get uses(): number {
    return this.#shared.uses;
  }

  /** Hands a message to the client, and writes down what it says. */
  send(index: number, priority: string): void {
    const { ledger, time } = this.#world;
    const conversation = this.conversations[index % this.conversations.length]!;
    const entry = ledger.write({
      participant: this.options.participant,
      tab: this.name,
      workflowId: conversation.workflowId,
      scope: conversation.topic ?? null,
      priority,
      calledAt: time.now,
    });
    const message = { text: entry.texts[0]!, priority } as { text: string };
    this.act(() => this.#follow(entry, conversation.send(message)));
  }

  /** The visitor decides about one of the messages that wait or failed. */
  decide(what: 'discard' | 'retry' | 'edit', pick: number): void {
    this.act(async () => {
      const own = this.conversations.flatMap((conversation) =>
        conversation.messages
          .filter(({ delivery }) => delivery && !['sent', 'answered'].includes(delivery.state))
          .map(({ requestId = '', text }) => [conversation, requestId, text] as const),
      );
      const chosen = own[pick % Math.max(1, own.length)];
      if (!chosen) return;
      const [conversation, requestId, text] = chosen;
      const entry = this.#world.ledger.of(text);
      if (what === 'retry') await conversation.retry(requestId);
      else if (what === 'discard') await this.#discard(conversation, requestId, entry);
      else await this.#edit(conversation, requestId, entry);
    });
  }

  retryAll(): void {
    this.act(() => Promise.all(this.conversations.map((conversation) => conversation.retryAll())));
  }

  draft(index: number): void {
    const conversation = this.conversations[index % this.conversations.length];
    this.act(async () => conversation?.setDraft(`${this.options.participant} draft ${this.#world.time.now}`));
  }

  /** Signs out: what this participant wrote before may be forgotten. */
  logout(): void {
    this.act(async () => {
      this.#world.signOut(this.options.participant);
      await this.client.logout();
      this.#world.signOut(this.options.participant);
      this.#world.log(`${this.name} has signed out`);
      for (const conversation of this.conversations) conversation.open();
      this.client.connect();
    });
  }

  /** Runs `work` as this tab's code; later if the tab is frozen, never if it is gone. */
  act(work: () => Promise<unknown>): void {
    this.#world.time.schedule(
      () => {
        if (this.isDisposed) return;
        work().catch((error: unknown) => this.#world.log(`${this.name} refused: ${String(error)}`));
      },
      0,
      this.process,
    );
  }

  /** Tells the page of `event`. */
  tell(event: LifecycleEvent): void {
    this.#world.time.schedule(() => this.#hear(event), 0, this.process);
  }

  /** Goes on after a freeze; `told`: the page hears of it before anything else happens. */
  thaw(told: boolean): void {
    this.#world.time.thaw(this.process, told ? () => this.#hear('resumed') : undefined);
  }

  show(isVisible: boolean): void {
    if (this.isVisible === isVisible) return;
    this.isVisible = isVisible;
    this.tell(isVisible ? 'visible' : 'hidden');
  }

  /** Takes the process away without a word to it. */
  kill(): void {
    const { time, network, storage } = this.#world;
    time.kill(this.process);
    this.#shared.kill();
    network.cutOf(this.process);
    storage.kill(this.process);
  }

  dispose(): void {
    this.isDisposed = true;
    this.#world.time.schedule(() => void this.client.dispose(), 0, this.process);
  }

  /** What it shows of everything that it has open. */
  shown(): readonly (readonly Message[])[] {
    return this.conversations.map(({ messages }) => messages);
  }

  #hear(event: LifecycleEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  async #discard(conversation: Conversation, requestId: string, entry: Entry | undefined): Promise<void> {
    const isGone = await conversation.discard(requestId);
    this.#world.log(`${this.name} discard ${requestId}: ${String(isGone)}`);
    if (entry && isGone) entry.withdrawn = true;
  }

  async #edit(conversation: Conversation, requestId: string, entry: Entry | undefined): Promise<void> {
    if (!entry) return;
    const before = entry.texts;
    const text = `${entry.participant} #${entry.number} edited at ${Math.floor(this.#world.time.now)}`;
    // Until it is known which, both may be stored.
    entry.texts = [...before, text];
    const isEdited = await conversation.edit(requestId, text);
    this.#world.log(`${this.name} edit ${requestId}: ${String(isEdited)}`);
    entry.texts = isEdited ? [text] : before;
  }

  async #follow(entry: Entry, sending: Promise<{ requestId: string; persisted: boolean }>): Promise<void> {
    const { time } = this.#world;
    try {
      const { requestId, persisted } = await sending;
      entry.requestId = requestId;
      entry.persisted = persisted;
      entry.acceptedAt = time.now;
      this.#world.log(`${this.name} accepted #${entry.number} ${requestId} persisted=${persisted}`);
    } catch (error) {
      entry.refused = (error as { code?: string }).code ?? String(error);
      this.#world.log(`${this.name} refused #${entry.number}: ${String(error)}`);
    }
  }

  #onState(status: ConnectionStatus, previous: ConnectionStatus): void {
    this.#world.log(`${this.name} ${previous.state} → ${status.state} (${status.reason})`);
    if (status.state === 'syncing') this.syncedFrom = this.#world.time.now;
    const isComplete = status.state === 'live' || status.state === 'degraded';
    if (isComplete && previous.state === 'syncing') this.#world.checkComplete(this);
  }

  #environment(random: Random): Environment {
    const world = this.#world;
    const { process, options } = this;
    const startedAt = world.time.now;
    const isDenied = () => options.storage === 'denied';
    return {
      fetch: fetchOf(world.network, process),
      WebSocket: webSocketOf(world.network, process),
      // Never no time at all: of a difference of clock readings, what rounding leaves would go round in circles.
      setTimer: (run, delayMs) => world.time.schedule(run, Math.max(SHORTEST_MS, delayMs), process),
      monotonicNow: () => world.time.now - startedAt - world.sleptMs,
      random: () => random.next(),
      uuid: () => random.uuid(),
      now: () => world.wallNow(),
      isOnline: () => world.isOnline,
      isVisible: () => this.isVisible,
      onLifecycle: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      shared: new Map(),
      location: { href: 'https://shop.example/', hostname: 'shop.example' },
      ...(options.storage === 'absent' ? {} : { indexedDB: world.storage.of(process, isDenied) }),
      ...(world.options.locks
        ? { locks: this.#shared.locks, BroadcastChannel: this.#shared.BroadcastChannel }
        : {}),
    };
  }
}

/** A tab of the shared locks and channels whose tasks keep to virtual time, one by one, also after a thaw. */
function sharedTab(tabs: TabWorld, world: World, process: Process): SharedTab {
  const shared = tabs.open(process.name);
  shared.run = (task) => void world.time.schedule(task, 0, process);
  return shared;
}
