import { backoff } from '../protocol/backoff.ts';
import { orAborted } from '../protocol/deadline.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Channel, ChannelKind, Connection, ConnectionSnapshot } from './connection.ts';
import { readReport } from './connection-report.ts';
import type { Environment } from './environment.ts';
import { NudgeTimer } from './nudge-timer.ts';
import type { LeaderInfo, TabCoordinator } from './tab-coordinator.ts';
import type { StateReason } from './types.ts';

/** What a follower's connection needs from its client. */
export interface FollowerPorts {
  readonly environment: Environment;
  readonly tabs: Pick<TabCoordinator, 'call' | 'check' | 'leader'>;
  /** Subscribes everything wanted on `channel` and reads what was missed. */
  sync(channel: Channel): Promise<void>;
  onChange(): void;
  onError(error: RealtimeError): void;
}

/** A state that this tab has by itself, with what belongs to it. */
type Own = Omit<ConnectionSnapshot, 'channel' | 'lastSyncedAt'>;

/**
 * The connection of a tab that has none: what the leading tab says about its own, except that it is `live` here only once
 * this tab has subscribed and read what it missed by itself.
 */
export class FollowerConnection implements Connection {
  readonly #ports: FollowerPorts;
  /** What is so without a leader: `connecting` while this runs. */
  #alone: Own;
  #leader: LeaderInfo | undefined;
  #report: ReturnType<typeof readReport>;
  /** Names the leader's channel that `#own` and `#channel` are about. */
  #key: string | undefined;
  /** Where this tab stands with that channel. */
  #own: Own | undefined;
  #channel: Channel | undefined;
  #lastSyncedAt: number | undefined;
  #failures = 0;
  #cycle = new AbortController();
  #cancelRetry: Undo | undefined;
  /** On the monotonic clock. */
  #notBefore = -Infinity;
  readonly #nudges: NudgeTimer;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    this.#alone = this.#make('idle', 'initial');
    this.#nudges = new NudgeTimer(ports.environment, () => void this.#look(), 0);
  }

  get state(): ConnectionSnapshot['state'] {
    return this.snapshot.state;
  }

  get channel(): Channel | undefined {
    return this.#channel;
  }

  get snapshot(): ConnectionSnapshot {
    const { state, reason, since, until, attempt, error } = this.#own ?? this.#report ?? this.#alone;
    return {
      ...{ state, reason, since, until, attempt },
      channel: this.#channel?.kind,
      lastSyncedAt: this.#lastSyncedAt,
      error: error ?? this.#report?.error,
    };
  }

  start(): void {
    if (this.#isRunning || this.#alone.state === 'closed') return;
    this.#enter('connecting', 'requested');
    this.follow(this.#ports.tabs.leader);
  }

  stop(final = false, reason: StateReason = 'requested'): Promise<void> {
    if (this.#alone.state !== 'closed') this.#enter(final ? 'closed' : 'idle', reason);
    return Promise.resolve();
  }

  freeze(): void {
    if (this.#isRunning) this.#enter('suspended', 'page-frozen');
  }

  /**
   * The leader looks after its connection, and this tab reads what it may have missed. One takes effect in 3 s; those in
   * between join the next one, which comes when that time is over.
   */
  nudge(): void {
    if (this.#alone.state === 'suspended') this.start();
    if (this.#isRunning) this.#nudges.nudge();
  }

  /** The leader gave a sign of life, or is gone. For {@link TabPorts.onLeader}. */
  follow(leader: LeaderInfo | undefined): void {
    if (!this.#isRunning) return;
    if (this.#leader && leader?.term !== this.#leader.term)
      this.#alone = this.#make('connecting', 'transport-lost');
    this.#leader = leader;
    this.#report = readReport(leader?.state);
    const { channel, generation } = this.#report ?? {};
    const key = leader && channel && `${leader.term} ${channel} ${generation}`;
    if (key !== this.#key) {
      this.#forget();
      this.#key = key;
      if (channel) void this.#sync(channel);
    }
    this.#ports.onChange();
  }

  get #isRunning(): boolean {
    return this.#alone.state === 'connecting';
  }

  #enter(state: Own['state'], reason: Own['reason']): void {
    this.#alone = this.#make(state, reason);
    this.#leader = this.#report = undefined;
    this.#nudges.cancel();
    this.#forget();
    this.#ports.onChange();
  }

  /** A state that begins now, in which nothing is wrong. */
  #make(state: Own['state'], reason: Own['reason']): Own {
    const since = this.#ports.environment.now();
    return { state, reason, since, until: undefined, attempt: 0, error: undefined };
  }

  /** Whatever was known about the leader's channel is past. */
  #forget(): void {
    this.#cycle.abort();
    this.#cycle = new AbortController();
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#key = this.#own = this.#channel = undefined;
    this.#failures = 0;
  }

  /** Makes the leader's channel this tab's own: subscribed, and nothing missing. */
  async #sync(kind: ChannelKind): Promise<void> {
    const channel = this.#channelOf(kind);
    this.#own = this.#make('syncing', 'transport-open');
    if (!(await this.#complete(channel))) return;
    this.#channel = channel;
    this.#own = this.#make(kind === 'hub' ? 'live' : 'degraded', 'synced');
    this.#ports.onChange();
  }

  /** Has the leader look after its connection, and reads what may have been missed. */
  async #look(): Promise<void> {
    const { tabs } = this.#ports;
    const cycle = this.#cycle;
    tabs.check();
    if (!this.#leader) return;
    try {
      await orAborted(tabs.call('nudge'), cycle.signal, closed);
      await this.#again();
    } catch (reason) {
      this.#failed(reason, cycle);
    }
  }

  async #again(): Promise<void> {
    const kind = this.#report?.channel;
    // A server that named a time is not asked before it.
    if (!kind || this.#ports.environment.monotonicNow() < this.#notBefore) return;
    this.#cancelRetry?.();
    if (!this.#channel) {
      if (this.#own?.state !== 'syncing') await this.#sync(kind);
    } else if (await this.#complete(this.#channel)) {
      this.#ports.onChange();
    }
  }

  /** Whether everything is subscribed on `channel` and nothing is missing; if not, it is tried again later. */
  async #complete(channel: Channel): Promise<boolean> {
    const cycle = this.#cycle;
    try {
      await orAborted(this.#ports.sync(channel), cycle.signal, closed);
    } catch (reason) {
      this.#failed(reason, cycle);
      return false;
    }
    this.#failures = 0;
    this.#lastSyncedAt = this.#ports.environment.now();
    return true;
  }

  /** Something that the leader's channel should have done failed. What was complete stays so, and is looked at again. */
  #failed(reason: unknown, cycle: AbortController): void {
    if (cycle.signal.aborted) return; // the leader or its channel is another one: a new attempt is under way
    const { environment } = this.#ports;
    const error = RealtimeError.from(reason, 'network', 'What was missed could not be read.');
    const delayMs = backoff(this.#failures++, {
      random: () => environment.random(),
      hidden: !environment.isVisible(),
      retryAfterMs: error.retryAfterMs,
    });
    if (!this.#channel && this.#own) {
      const now = environment.now();
      const reason = error.code === 'rate-limited' ? error.code : 'unreachable';
      const times = { since: now, until: now + delayMs, attempt: this.#failures };
      this.#own = { state: 'waiting', reason, ...times, error };
    }
    this.#cancelRetry?.();
    this.#cancelRetry = environment.setTimer(() => void this.#again(), delayMs);
    if (error.retryAfterMs !== undefined) this.#notBefore = environment.monotonicNow() + delayMs;
    this.#ports.onChange();
    this.#ports.onError(error);
  }

  #channelOf(kind: ChannelKind): Channel {
    const { tabs } = this.#ports;
    return {
      kind,
      lost: new Promise(() => {}), // the leader's next sign of life tells
      subscribe: async (workflowId) => void (await tabs.call('subscribe', [workflowId])),
      probe: async () => Number(await tabs.call('probe')),
      close: () => Promise.resolve(),
    };
  }
}

/** Answers the calls that a {@link FollowerConnection} makes; `undefined` when `method` is none of them. For the leader. */
export function serveFollower(
  connection: Pick<Connection, 'channel' | 'nudge'>,
  method: string,
  [workflowId]: readonly unknown[],
): Promise<unknown> | undefined {
  const { channel } = connection;
  const none = () => Promise.reject(new RealtimeError('network', 'There is no connection at the moment.'));
  switch (method) {
    case 'subscribe':
      return channel ? channel.subscribe(String(workflowId)) : none();
    case 'probe':
      return channel ? channel.probe() : none();
    case 'nudge':
      return Promise.resolve(connection.nudge());
    default:
      return undefined;
  }
}

function closed(): RealtimeError {
  return new RealtimeError('closed', 'The connection was closed.');
}
