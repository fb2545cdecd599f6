import { within } from '../protocol/deadline.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { errorDetails } from '../protocol/error-details.ts';
import type { Environment, LifecycleEvent } from './environment.ts';
import { LeaderWatch } from './leader-watch.ts';
import { TabCalls } from './tab-calls.ts';
import { type Leadership, TabChannel, type TabMessage, tabsName } from './tab-channel.ts';
import { TabLock } from './tab-lock.ts';

/**
 * What this tab is to the other tabs of the account.
 *
 * - `none`: it takes no part. `leader`: it has the connection and sends; there is one.
 * - `follower`: another tab leads. `alone`: the browser offers no way to agree; every tab has a connection of its own.
 */
export type TabRole = 'none' | 'leader' | 'follower' | 'alone';

/** The tab that leads, by its last sign of life. */
export interface LeaderInfo extends Leadership {
  readonly tab: string;
}

/** What the coordinator needs from its client. */
export interface TabPorts {
  /** Whose tabs: server, tenant and participant in one string. */
  readonly account: string;
  readonly environment: Environment;
  /** The role became another one by itself or by `join()`; not told of `leave()`. */
  onRole(role: TabRole): void;
  /** Another tab posted `note`. */
  onNote(note: unknown, from: string): void;
  /** A follower calls this tab, which leads. What it resolves or rejects with goes back. */
  onCall(method: string, args: readonly unknown[]): Promise<unknown>;
  /** A sign of life of the leader, or `undefined` when it is gone. Only while this tab follows. */
  onLeader(leader: LeaderInfo | undefined): void;
  /** What followers are told about this tab's connection: plain data, as `LeaderInfo.state`. */
  describe(): unknown;
  /** Another tab takes over: stop sending and close the connection. Given 2 s. */
  onHandOver(): Promise<void>;
  onError(error: RealtimeError): void;
}

/** A leader hidden for this long is asked to hand over. */
const HIDDEN_MS = 3_000;
/** For the leader to let go, and for the other tab to come for it. */
const HAND_OVER_MS = 2_000;
const CALL_MS = 10_000;
/** The one call that the coordinator answers itself. */
const HAND_OVER = 'hand-over';

/**
 * Makes all tabs of one account act as one: one of them leads, the others follow it, and when it closes, freezes or is
 * hidden, another takes its place. It moves words only; what they mean is the client's matter.
 */
export class TabCoordinator {
  readonly #ports: TabPorts;
  readonly #tab: string;
  readonly #calls: TabCalls;
  #role: TabRole = 'none';
  #joining: Promise<TabRole> | undefined;
  #channel: TabChannel | undefined;
  #lock: TabLock | undefined;
  #unlisten: Undo = () => {};
  #leader: LeaderInfo | undefined;
  /** Start of the latest leadership known. */
  #latest = 0;
  /** This tab's own leadership. */
  #own: Pick<Leadership, 'term' | 'since'> | undefined;
  /** It was asked to hand over. */
  #isHandingOver = false;
  readonly #watch: LeaderWatch;
  #cancelWish: Undo | undefined;
  #cancelReturn: Undo | undefined;

  constructor(ports: TabPorts) {
    this.#ports = ports;
    this.#tab = ports.environment.uuid();
    this.#calls = new TabCalls(ports.environment, (message) => this.#channel?.post(message));
    this.#watch = new LeaderWatch({
      environment: ports.environment,
      isNeeded: () => ports.environment.isVisible() || this.#calls.size > 0,
      ping: () => this.#post({ kind: 'ping' }),
      onSilence: () => {
        this.#quiet();
        this.#setLeader(undefined);
        this.#lock?.steal();
      },
    });
  }

  get role(): TabRole {
    return this.#role;
  }

  /** The leader that this tab follows. */
  get leader(): LeaderInfo | undefined {
    return this.#leader;
  }

  /** Messages of other tabs that made no sense, since `join()`. */
  get ignored(): number {
    return this.#channel?.ignored ?? 0;
  }

  /** Takes part, until `leave()`. Resolves with the first role, or with `none` if left before that. Never rejects. */
  join(): Promise<TabRole> {
    return (this.#joining ??= this.#join());
  }

  /** Takes no part any more: lock and channel are let go at once, calls are rejected with `closed`. */
  leave(): void {
    if (!this.#joining) return;
    this.#joining = undefined;
    this.#resign();
    this.#unlisten();
    this.#quiet();
    this.#lock?.release();
    this.#lock = undefined;
    this.#channel?.close();
    this.#channel = undefined;
    this.#leader = undefined;
    this.#role = 'none';
    this.#calls.fail(new RealtimeError('closed', 'This tab takes no part any more.'));
  }

  /** Says `note` to every other tab that takes part. */
  post(note: unknown): void {
    this.#post({ kind: 'note', note });
  }

  /** Tells the followers how things stand; to be called whenever {@link TabPorts.describe} would say something new. */
  announce(): void {
    if (!this.#own) return;
    const hidden = !this.#ports.environment.isVisible();
    this.#post({ kind: 'leader', ...this.#own, hidden, state: this.#ports.describe() });
  }

  /**
   * Asks the leader, or whoever leads within `deadlineMs`. Rejects with what the leader's answer was rejected with, with
   * `network` when the leader goes or does not answer, and with `closed` when this tab does not follow.
   */
  call(method: string, args: readonly unknown[] = [], deadlineMs = CALL_MS): Promise<unknown> {
    if (this.#role !== 'follower') {
      return Promise.reject(new RealtimeError('closed', 'This tab follows no other.'));
    }
    const answer = this.#calls.call(this.#leader?.term, method, args, deadlineMs);
    if (!this.#watch.isRunning || !this.#leader) this.check();
    return answer;
  }

  /** Makes sure, also while hidden, that somebody leads: without a sign of life in 5 s, this tab does. */
  check(): void {
    if (this.#role === 'follower' && !this.#isHandingOver) this.#watch.start();
  }

  async #join(): Promise<TabRole> {
    const { environment, account } = this.#ports;
    const { locks } = environment;
    const name = tabsName(account);
    this.#channel = this.#open(name);
    this.#unlisten = environment.onLifecycle((event) => this.#onLifecycle(event));
    if (!locks || !this.#channel) {
      this.#to('alone');
      return this.#role;
    }
    const lock = new TabLock({
      locks,
      name,
      onHeld: () => this.#lead(),
      onLost: () => this.#follow(),
      onFailed: (reason) => this.#giveUp(reason),
    });
    this.#lock = lock;
    const held = await lock.tryNow();
    if (!held && this.#lock === lock && this.#role === 'none') this.#follow();
    return this.#role;
  }

  #open(name: string): TabChannel | undefined {
    const { BroadcastChannel } = this.#ports.environment;
    if (!BroadcastChannel) return undefined;
    try {
      return new TabChannel({
        BroadcastChannel,
        name,
        tab: this.#tab,
        onMessage: (message, from) => this.#receive(message, from),
      });
    } catch (reason) {
      this.#ports.onError(unsupported(reason));
      return undefined;
    }
  }

  /** The browser has locks, but not for this page. Notes still go around. */
  #giveUp(reason: unknown): void {
    this.#lock = undefined;
    this.#quiet();
    this.#to('alone');
    this.#calls.fail(gone());
    this.#ports.onError(unsupported(reason));
  }

  #lead(): void {
    const { environment } = this.#ports;
    this.#quiet();
    this.#leader = undefined;
    // Later than any other known, whatever the clock did meanwhile.
    this.#latest = Math.max(environment.now(), this.#latest + 1);
    this.#own = { term: environment.uuid(), since: this.#latest };
    this.#to('leader');
    this.#calls.fail(gone());
    this.announce();
  }

  #follow(): void {
    this.#quiet();
    this.#resign();
    this.#lock?.wait();
    this.#to('follower');
    if (this.#role === 'follower') this.check();
  }

  #resign(): void {
    const own = this.#own;
    this.#own = undefined;
    if (own) this.#post({ kind: 'bye', term: own.term });
  }

  #to(role: TabRole): void {
    if (role === this.#role) return;
    this.#role = role;
    this.#ports.onRole(role);
  }

  #onLifecycle(event: LifecycleEvent): void {
    if (event !== 'visible' && event !== 'hidden') return;
    this.announce();
    this.#reconsider();
    if (event === 'visible' || this.#calls.size === 0) this.#watch.stop();
    if (event === 'visible') this.check();
  }

  #receive(message: TabMessage, from: string): void {
    switch (message.kind) {
      case 'ping':
        return this.announce();
      case 'leader':
        return this.#hear(message, from);
      case 'bye':
        // It may have thought for a moment that it led, and others with it.
        this.announce();
        if (message.term === this.#leader?.term) this.#setLeader(undefined);
        return;
      case 'note':
        return this.#ports.onNote(message.note, from);
      case 'call':
        if (message.term === this.#own?.term) void this.#answer(message);
        return;
      case 'answer':
        return this.#calls.settle(message);
    }
  }

  /** Somebody says that it leads. */
  #hear({ term, since, hidden, state }: Leadership, tab: string): void {
    if (this.#own) {
      // A former leader that slept and does not know it yet: followers must not be misled. If it is the other way round,
      // the lock tells.
      if (since < this.#own.since) this.announce();
      return;
    }
    if (this.#role !== 'follower') return;
    const known = this.#leader;
    if (known && known.term !== term && since <= known.since) return;
    this.#latest = Math.max(this.#latest, since);
    this.#watch.heard();
    this.#setLeader({ tab, term, since, hidden, state });
  }

  #setLeader(leader: LeaderInfo | undefined): void {
    if (leader?.term !== this.#leader?.term) {
      this.#cancelWish?.();
      this.#cancelWish = undefined;
    }
    this.#leader = leader;
    this.#reconsider();
    this.#ports.onLeader(leader);
    this.#calls.leaderIs(leader?.term);
  }

  /** Whether this tab, which is seen, should have the connection of a leader that is not. */
  #reconsider(): void {
    const { environment } = this.#ports;
    const wishes = this.#role === 'follower' && this.#leader?.hidden && environment.isVisible();
    if (!wishes) {
      this.#cancelWish?.();
      this.#cancelWish = undefined;
    } else {
      this.#cancelWish ??= environment.setTimer(() => void this.#askToHandOver(), HIDDEN_MS);
    }
  }

  async #askToHandOver(): Promise<void> {
    // Without an answer the leader is silent or gone, and that is seen to elsewhere.
    const isMine = await this.call(HAND_OVER).catch(() => false);
    this.#cancelWish = undefined;
    if (isMine === true && this.#role === 'follower') this.#lock?.steal();
    else this.#reconsider();
  }

  async #answer({ id, method, args }: Extract<TabMessage, { kind: 'call' }>): Promise<void> {
    try {
      const value = await (method === HAND_OVER ? this.#handOver() : this.#ports.onCall(method, args));
      this.#channel?.post({ kind: 'answer', id, value });
    } catch (reason) {
      const error = RealtimeError.from(reason, 'network', 'The tab that has the connection failed.');
      this.#post({ kind: 'answer', id, error: errorDetails(error) });
    }
  }

  /** Lets go of everything but the lock, which the other tab takes by force, so that no third one gets it. */
  async #handOver(): Promise<boolean> {
    const { environment } = this.#ports;
    if (this.#isHandingOver || environment.isVisible()) return false;
    const own = this.#own;
    this.#isHandingOver = true;
    try {
      await within(environment, HAND_OVER_MS, () => this.#ports.onHandOver());
    } catch (reason) {
      this.#ports.onError(RealtimeError.from(reason, 'timeout', 'The connection did not close in time.'));
    }
    if (this.#own !== own) return false;
    this.#own = undefined;
    // Set before the role is told, since that may end everything.
    this.#cancelReturn = environment.setTimer(() => this.#lead(), HAND_OVER_MS);
    this.#to('follower');
    return true;
  }

  #post(message: TabMessage): void {
    try {
      this.#channel?.post(message);
    } catch (reason) {
      this.#ports.onError(RealtimeError.from(reason, 'input', 'Another tab could not be told.'));
    }
  }

  /** Cancels whatever is planned. */
  #quiet(): void {
    this.#isHandingOver = false;
    this.#watch.stop();
    this.#cancelWish?.();
    this.#cancelReturn?.();
    this.#cancelWish = this.#cancelReturn = undefined;
  }
}

function gone(): RealtimeError {
  return new RealtimeError('network', 'The tab that had the connection is gone.');
}

function unsupported(reason: unknown): RealtimeError {
  return new RealtimeError(
    'unsupported',
    'This browser does not let the tabs of a page share a connection.',
    {
      cause: reason,
    },
  );
}
