import { RealtimeError } from '../protocol/errors.ts';
import type { HistoryPage, HistoryQuery } from '../transports/transport.ts';
import type { Channels } from './channels.ts';
import type { Channel, Connection } from './connection.ts';
import { ConnectionReporter } from './connection-report.ts';
import type { Environment } from './environment.ts';
import { FollowerConnection, serveFollower } from './follower-connection.ts';
import type { HistoryReader } from './history-reader.ts';
import { STATES } from './connection-states.ts';
import { Supervisor } from './supervisor.ts';
import { postOnce } from './tab-channel.ts';
import { type LeaderInfo, TabCoordinator, type TabRole } from './tab-coordinator.ts';
import type { StateReason } from './types.ts';

/** Whose connection it is, and by what it goes. */
export interface LinkAccount {
  /** Names the lock and the channel that the tabs of one account share. */
  readonly account: string;
  readonly channels: Channels;
  /** Whether what is written is kept where the other tabs find it; without that a tab is on its own. */
  readonly shared: boolean;
}

/** What the link needs from the client. */
export interface LinkPorts {
  readonly environment: Environment;
  /** Rejects while the participant cannot be known. */
  ready(): Promise<LinkAccount>;
  /** The account, once it is known. */
  account(): string | undefined;
  /** Full ids of the workflows that this tab listens to. */
  workflows(): readonly string[];
  /** Every open conversation reads what it missed. */
  sync(): Promise<void>;
  renewCredential(): Promise<boolean>;
  /** There is a reason to try what failed again and again. */
  onNews(): void;
  /** This tab sends for all from now on, or no longer. Resolves once nothing is under way. */
  onSender(sends: boolean): Promise<void>;
  /** Something from another tab. */
  onNote(note: unknown): void;
  /** Another tab leads now: what only this one has must be offered to it. */
  onLeader(): void;
  onChange(): void;
  onError(error: RealtimeError): void;
}

/**
 * This tab's way to the server: a connection of its own, kept by the {@link Supervisor}, or that of the tab that leads. Which
 * of the two it is may change at any time; the state, the channel and the reader are those of the one in use.
 */
export class Link implements Connection {
  readonly #ports: LinkPorts;
  readonly #supervisor: Supervisor;
  #follower: FollowerConnection | undefined;
  #tabs: TabCoordinator | undefined;
  #account: LinkAccount | undefined;
  #wanted = false;
  #final = false;
  /** Workflows that other tabs listen to through this one. */
  readonly #others = new Set<string>();
  readonly #reporter = new ConnectionReporter();
  #sends = false;
  #isHandingOver = false;
  /** Leadership of the tab that this one follows. */
  #term: string | undefined;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
    this.#supervisor = new Supervisor({
      environment: ports.environment,
      open: async (kind, signal) => {
        const channels = await this.#elect(signal);
        return channels.open(kind, signal, [...ports.workflows(), ...this.#others]);
      },
      sync: (channel) => this.#sync(channel, [...ports.workflows(), ...this.#others]),
      barredMs: (kind) => this.#account?.channels.barredMs(kind) ?? 0,
      unbar: () => ports.onNews(),
      renewCredential: () => ports.renewCredential(),
      onChange: () => this.#onChange(),
      onError: (error) => ports.onError(error),
    });
  }

  get state() {
    return this.#connection.state;
  }

  get snapshot() {
    return this.#connection.snapshot;
  }

  get channel(): Channel | undefined {
    return this.#connection.channel;
  }

  /** Whether the connection is this tab's own. */
  get isOwn(): boolean {
    return this.#connection === this.#supervisor;
  }

  /** Whether one tab sends for all, this one included. */
  get isShared(): boolean {
    const role = this.#tabs?.role;
    return role === 'leader' || role === 'follower';
  }

  start(): void {
    if (this.#final) return;
    this.#wanted = true;
    this.#connection.start();
  }

  async stop(final = false, reason?: StateReason): Promise<void> {
    this.#wanted = false;
    this.#final ||= final;
    // In this order: the next tab opens its connection once the lock is free.
    const sent = this.#sends;
    await this.#send(false);
    if (this.#wanted) {
      if (sent) await this.#send(true);
      return; // started again meanwhile
    }
    await Promise.all([this.#follower?.stop(final, reason), this.#supervisor.stop(final, reason)]);
    if (this.#wanted) return; // started again meanwhile
    this.#leave();
    this.#ports.onChange();
  }

  /** Storage works by now: a tab that was on its own for want of it looks for the others. */
  rejoin(): void {
    if (!this.#wanted || this.#tabs || !this.#account || this.#account.shared) return;
    this.#account = undefined;
    void this.#supervisor.stop().then(() => {
      if (this.#wanted) this.#supervisor.start();
    });
  }

  nudge(isNews = false): void {
    // A page that froze while it was letting go of its connection has nothing that runs.
    if (this.#wanted && !this.#isHandingOver) this.#connection.start();
    this.#connection.nudge(isNews);
  }

  /** Milliseconds of a round trip to the server now, by way of the tab that leads where it is another one. */
  async probe(): Promise<number> {
    if (!this.channel) throw new RealtimeError('network', 'There is no connection at the moment.');
    if (!this.isOwn) return this.channel.probe();
    if (!this.#account) throw closed();
    return this.#account.channels.probe([...this.#ports.workflows(), ...this.#others][0]);
  }

  /** The page is about to be frozen or kept for the back button: it holds nothing that another tab may need. */
  freeze(): void {
    if (!this.#wanted) return;
    void this.#send(false);
    if (!this.isOwn) {
      void this.#follower?.stop();
      this.#leave();
      this.#supervisor.start();
    }
    this.#supervisor.freeze();
    this.#leave();
  }

  /** Where history is read from now. */
  reader(): HistoryReader | undefined {
    if (!this.channel && !STATES[this.state].reads) return undefined;
    const tabs = this.#tabs;
    if (this.isOwn || !tabs) return this.#account?.channels.reader();
    return { history: async (query) => (await tabs.call('history', [query])) as HistoryPage };
  }

  /** Tells the other tabs, also while this one takes no part. */
  post(note: unknown): void {
    const { environment } = this.#ports;
    const account = this.#ports.account();
    if (this.#tabs) return this.#tabs.post(note);
    if (account === undefined) return;
    try {
      postOnce(environment, account, note);
    } catch (reason) {
      this.#ports.onError(RealtimeError.from(reason, 'unsupported', 'The other tabs could not be told.'));
    }
  }

  get #connection(): Connection {
    return (this.#tabs?.role === 'follower' && this.#follower) || this.#supervisor;
  }

  /** Settles whether this tab connects itself. Rejects where another one does. */
  async #elect(signal: AbortSignal): Promise<Channels> {
    const account = await this.#ports.ready();
    // A page that freezes meanwhile must not hold what the others wait for.
    if (signal.aborted) throw closed();
    if (this.#account?.account !== account.account) this.#leave();
    this.#account = account;
    let role: TabRole = 'alone';
    // Without locks each tab has a connection of its own, and hears of the others all the same.
    if (account.shared && this.#ports.environment.BroadcastChannel) {
      this.#tabs ??= this.#coordinate(account.account);
      const tabs = this.#tabs;
      await tabs.join();
      ({ role } = tabs);
    }
    // `stop()` tells the sender first, and aborts only then.
    if (signal.aborted || !this.#wanted || role === 'follower' || role === 'none') throw closed();
    void this.#send(true);
    return account.channels;
  }

  #coordinate(account: string): TabCoordinator {
    const tabs = new TabCoordinator({
      account,
      environment: this.#ports.environment,
      onRole: (role) => this.#onRole(role),
      onNote: (note) => this.#ports.onNote(note),
      onCall: (method, args) => this.#answer(method, args),
      onLeader: (leader) => this.#onLeader(leader),
      describe: () => this.#reporter.report(this.#supervisor),
      onHandOver: () => this.#handOver(),
      onError: (error) => this.#ports.onError(error),
    });
    this.#follower = new FollowerConnection({
      environment: this.#ports.environment,
      tabs,
      sync: (channel) => this.#sync(channel, this.#ports.workflows()),
      onChange: () => this.#onChange(),
      onError: (error) => this.#ports.onError(error),
    });
    return tabs;
  }

  #onRole(role: TabRole): void {
    if (role !== 'leader') this.#others.clear();
    if (role === 'follower') {
      void this.#send(false);
      void this.#supervisor.stop();
      if (this.#wanted) this.#follower?.start();
    } else if (role === 'leader') {
      void this.#follower?.stop();
      if (this.#wanted) this.#supervisor.start();
    }
    this.#ports.onChange();
  }

  #leave(): void {
    this.#tabs?.leave();
    this.#tabs = this.#follower = undefined;
    this.#others.clear();
  }

  /** A tab that the visitor looks at asks for the connection: this one lets go. */
  async #handOver(): Promise<void> {
    this.#isHandingOver = true;
    await this.#send(false);
    await this.#supervisor.stop();
    this.#isHandingOver = false;
  }

  #onLeader(leader: LeaderInfo | undefined): void {
    if (leader && leader.term !== this.#term) this.#ports.onLeader();
    this.#term = leader?.term;
    this.#follower?.follow(leader);
  }

  async #send(sends: boolean): Promise<void> {
    if (sends === this.#sends) return;
    this.#sends = sends;
    await this.#ports.onSender(sends);
  }

  #onChange(): void {
    this.#tabs?.announce();
    this.#ports.onChange();
  }

  /** What this tab does for the others while it leads. */
  async #answer(method: string, [argument]: readonly unknown[]): Promise<unknown> {
    if (method === 'history') {
      const reader = this.reader();
      if (!reader) throw new RealtimeError('network', 'There is no connection to read from.');
      return reader.history(argument as HistoryQuery);
    }
    if (method === 'probe') return this.probe();
    if (method === 'subscribe') this.#others.add(String(argument));
    const answer = serveFollower(this.#supervisor, method, [argument]);
    if (!answer) throw new RealtimeError('unsupported', 'The tab that leads does not know this call.');
    return answer;
  }

  async #sync(channel: Channel, workflows: readonly string[]): Promise<void> {
    for (const id of new Set(workflows)) await channel.subscribe(id);
    await this.#ports.sync();
  }
}

function closed(): RealtimeError {
  return new RealtimeError('closed', 'Another tab connects.');
}
