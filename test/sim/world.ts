import { TabWorld } from '../support/tabs.ts';
import { Faults } from './faults.ts';
import { takeOverGlobals } from './globals.ts';
import {
  isConnected,
  checkAttempt,
  checkComplete,
  checkEnd,
  checkTabs,
  type Violation,
} from './invariants.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { Network } from './network.ts';
import type { Product } from './product.ts';
import { Random } from './random.ts';
import { SERVER_EPOCH_MS, SimulatedServer } from './server.ts';
import { instrument, Storage } from './storage.ts';
import { Tab, type TabOptions } from './tab.ts';
import { VirtualTime } from './virtual-time.ts';

export interface WorldOptions {
  readonly seed: number;
  /** Whether the server stores a request id once. */
  readonly deduplicates: boolean;
  /** Whether the browser has Web Locks and BroadcastChannel. */
  readonly locks: boolean;
}

export const ACCOUNTS = ['jane@example.com', 'eve@example.com'] as const;
export const STRANGER = 'stranger@example.com';

/** A server, the network to it, one browser with its storage, and the tabs in it; and all that is known about them. */
export class World {
  readonly options: WorldOptions;
  readonly random: Random;
  readonly time = new VirtualTime();
  readonly faults = new Faults();
  readonly journal = new Journal();
  readonly ledger = new Ledger();
  readonly server: SimulatedServer;
  readonly network: Network;
  readonly storage: Storage;
  readonly tabs: TabWorld;
  readonly opened: Tab[] = [];
  readonly violations: Violation[] = [];
  readonly lines: string[] = [];
  /** Messages that the server stored more than once. */
  duplicates = 0;
  isOnline = true;
  /** Until this time, what locks and channels tell takes up to `sluggishMs` longer: the browser is busy. */
  sluggish = 0;
  sluggishMs = 0;
  /** How wrong the machine's clock is. */
  clockErrorMs = 0;
  /** The furthest that it ever jumped. */
  furthestJumpMs = 0;
  /** Time that the machine slept with its monotonic clock standing still. */
  sleptMs = 0;
  /** Keeps what happens, in words. */
  isVerbose = false;
  readonly #product: Product;
  #lastTabTask = 0;
  readonly #frozen = new Set<string>();
  readonly #ends = new Set<() => void>();
  readonly #signedOut = new Set<string>();
  readonly #undos: (() => void)[] = [];

  constructor(product: Product, options: WorldOptions) {
    this.#product = product;
    this.options = options;
    this.random = new Random(options.seed);
    const { time } = this;
    this.server = new SimulatedServer(time, this.random.fork(), {
      deduplicates: options.deduplicates,
      replyChance: 0.6,
    });
    this.network = new Network({ ...this.#parts(), random: this.random.fork() });
    this.storage = new Storage(time, this.random.fork());
    const delays = this.random.fork();
    this.tabs = new TabWorld((task) => {
      const extraMs = time.now < this.sluggish ? delays.between(0, this.sluggishMs) : 0;
      const at = Math.max(this.#lastTabTask, time.now + delays.between(0.1, 4) + extraMs);
      this.#lastTabTask = at;
      time.schedule(task, at - time.now);
    });
    this.journal.onAttempt = (attempt) => {
      this.log(`${attempt.tab} sends ${attempt.requestId} by ${attempt.via}`);
      checkAttempt(this, attempt);
    };
    this.server.listeners.add(({ direction, text, requestId }) => {
      if (direction === 'Incoming') this.log(`server stores ${text} ${requestId}`);
    });
  }

  wallNow(): number {
    return SERVER_EPOCH_MS + this.time.now + this.clockErrorMs;
  }

  log(line: string): void {
    if (this.isVerbose) this.lines.push(`${this.time.now.toFixed(1).padStart(10)} ${line}`);
  }

  violate(kind: Violation['kind'], detail: string): void {
    this.log(`VIOLATION ${kind}: ${detail}`);
    this.violations.push({ kind, detail, at: this.time.now });
  }

  get alive(): Tab[] {
    return this.opened.filter((tab) => tab.isAlive);
  }

  open(options: TabOptions): Tab {
    const tab = new Tab(this, this.#product, `tab${this.opened.length}`, options);
    this.opened.push(tab);
    this.log(`${tab.name} opens for ${options.participant}, storage ${options.storage}`);
    return tab;
  }

  freeze(tab: Tab): void {
    this.#frozen.add(tab.name);
    this.time.freeze(tab.process);
  }

  signOut(participant: string): void {
    this.#signedOut.add(participant);
    for (const entry of this.ledger.entries) if (entry.participant === participant) entry.withdrawn = true;
  }

  hasSignedOut(participant: string): boolean {
    return this.#signedOut.has(participant);
  }

  /** Whether the tab of that name ever stood still. */
  wasFrozen(name: string): boolean {
    return this.#frozen.has(name);
  }

  checkComplete(tab: Tab): void {
    checkComplete(this, tab);
  }

  /** Everything virtual is in force from here to {@link end}. */
  begin(): void {
    const random = this.random.fork();
    const { time, storage } = this;
    const onUnhandled = (reason: unknown) =>
      this.violate('unhandled', reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
    process.on('unhandledRejection', onUnhandled);
    process.on('uncaughtException', onUnhandled);
    this.#undos.push(
      () => process.off('unhandledRejection', onUnhandled),
      () => process.off('uncaughtException', onUnhandled),
      takeOverGlobals({
        time,
        wallNow: () => this.wallNow(),
        random: () => random.next(),
        taskMs: () => storage.stepMs(),
      }),
      instrument(time, storage),
    );
    storage.onWrite = (owner, key) => {
      const tab = this.opened.find((one) => one.process === owner);
      const account = Array.isArray(key) ? String(key[1]) : '';
      if (tab && !account.includes(`"${tab.options.participant}"`)) {
        this.violate('foreign', `${tab.name} wrote the row ${JSON.stringify(key)}`);
      }
    };
  }

  end(): void {
    for (const undo of this.#undos.splice(0).reverse()) undo();
  }

  /** Ends something after `ms`, or when {@link settle} mends everything. */
  endLater(end: () => void, ms: number): void {
    const run = () => {
      this.#ends.delete(run);
      cancel();
      end();
    };
    this.#ends.add(run);
    const cancel = this.time.schedule(run, ms);
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    await this.time.runUntil(this.time.now + ms);
    checkTabs(this);
  }

  /** Mends everything, and lets the tabs finish what they have. */
  async settle(limitMs: number): Promise<void> {
    for (const end of [...this.#ends]) end();
    this.faults.heal();
    this.storage.heal();
    this.sluggish = 0;
    this.isOnline = true;
    for (const tab of this.alive) {
      this.time.thaw(tab.process);
      tab.show(true);
      tab.tell('resumed');
      tab.tell('online');
    }
    const end = this.time.now + limitMs;
    do {
      do await this.pass(2_000);
      while (this.time.now < end && !this.#isSettled());
      // Without locks and channels, a tab learns by reading what another one wrote; and a connection that went nowhere
      // shows only when it is tried.
      for (const tab of this.alive) tab.tell('online');
      await this.pass(45_000);
    } while (this.time.now < end && !this.#isSettled());
  }

  /** Closes every tab and looks whether anything is left. */
  async close(): Promise<void> {
    checkEnd(this);
    const tabs = this.alive;
    for (const tab of tabs) tab.dispose();
    await this.time.runUntil(this.time.now + 30_000);
    for (const tab of tabs) {
      const left = {
        tasks: this.time.pending(tab.process),
        uses: tab.uses,
        connections: [...this.network.connections].filter((one) => one.tab === tab.process).length,
        databases: this.storage.openedBy(tab.process),
      };
      if (Object.values(left).some((count) => count > 0)) {
        this.violate('leak', `${tab.name} leaves ${JSON.stringify(left)}`);
      }
    }
  }

  #isSettled(): boolean {
    if (this.storage.queued > 0) return false;
    return this.alive.every((tab) => {
      const { state, pending, failed } = tab.client.status;
      const isOut = state === 'idle' && this.hasSignedOut(tab.options.participant);
      return (isOut || isConnected(tab)) && pending === failed;
    });
  }

  #parts() {
    const { time, server, faults, journal } = this;
    return { time, server, faults, journal };
  }
}
