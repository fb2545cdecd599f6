import assert from 'node:assert/strict';
import type { Channel, ChannelKind } from '../../src/client/connection.ts';
import { STATES } from '../../src/client/connection-states.ts';
import type { Environment } from '../../src/client/environment.ts';
import { Supervisor, type SupervisorPorts } from '../../src/client/supervisor.ts';
import type { ConnectionState } from '../../src/client/types.ts';
import { RealtimeError, type RealtimeErrorOptions, type ErrorCode } from '../../src/protocol/errors.ts';
import { HandClock, settled } from './hand-clock.ts';

/** What a port does when it is asked: it works, never answers, fails, or works later. */
export type Behaviour = 'ok' | 'hang' | RealtimeError | Promise<void>;
export const KINDS = ['hub', 'sse', 'poll'] as const;

/** What a supervised connection was asked to open. */
export interface Attempt {
  readonly kind: ChannelKind;
  /** On the monotonic clock. */
  readonly at: number;
  readonly signal: AbortSignal;
}

export class FakeChannel implements Channel {
  readonly kind: ChannelKind;
  readonly lost: Promise<RealtimeError>;
  lose!: (error: RealtimeError) => void;
  isOpen = true;
  /** Closed by the supervisor, not lost. */
  isClosed = false;
  probing: Behaviour = 'ok';
  probes = 0;

  constructor(kind: ChannelKind) {
    this.kind = kind;
    this.lost = new Promise((resolve) => {
      this.lose = (error) => {
        this.isOpen = false;
        resolve(error);
      };
    });
  }

  subscribe(): Promise<void> {
    return Promise.resolve();
  }

  async probe(): Promise<number> {
    this.probes++;
    await behave(this.probing);
    return 1;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.lose(failure('closed')); // as every transport says of its own end
    return Promise.resolve();
  }
}

/**
 * A supervisor with a world that a test plays: rungs that open, hang or fail, a history that is read or not, credentials
 * that are renewed or not, breakers, and a page with a network, a visibility and two clocks.
 */
export class Supervised {
  readonly clock = new HandClock();
  readonly supervisor: Supervisor;
  /** How the next attempts on each rung end. */
  readonly opening: Record<ChannelKind, Behaviour> = { hub: 'ok', sse: 'ok', poll: 'ok' };
  /** How reads of what was missed end, on a rung or on all. */
  syncing: Behaviour | ((channel: Channel) => Behaviour) = 'ok';
  /** `false`: a credential that cannot be renewed. */
  renewing: Behaviour | false = 'ok';
  online = true;
  visible = true;
  random = (): number => 0.5;
  /** After which what hangs is given up by whoever opens and reads; as long as a test takes by default. */
  hangMs = Infinity;
  /** Until when each rung must not be tried, on the monotonic clock. */
  readonly barredUntil: Record<ChannelKind, number> = { hub: 0, sse: 0, poll: 0 };
  readonly attempts: Attempt[] = [];
  readonly channels: FakeChannel[] = [];
  readonly errors: RealtimeError[] = [];
  /** Changes of state, each with its reason. */
  readonly steps: string[] = [];
  /** Things that must never happen, and did. */
  readonly wrongs: string[] = [];
  syncs = 0;
  renewals = 0;
  unbars = 0;
  /** Runs before each attempt is answered. */
  onOpen: (kind: ChannelKind) => void = () => undefined;
  /** Runs after each error that is told. */
  onError: (error: RealtimeError) => void = () => undefined;
  /** Attempts on which the supervisor still waits. */
  readonly #underWay = new Set<AbortSignal>();
  #state: ConnectionState = 'idle';

  constructor() {
    const { clock } = this;
    const environment = {
      ...clock.environment,
      random: () => this.random(),
      isOnline: () => this.online,
      isVisible: () => this.visible,
    } as Partial<Environment> as Environment;
    const ports: SupervisorPorts = {
      environment,
      open: (kind, signal) => this.#open(kind, signal),
      sync: (channel) => {
        this.syncs++;
        return this.#behave(typeof this.syncing === 'function' ? this.syncing(channel) : this.syncing);
      },
      barredMs: (kind) => Math.max(0, this.barredUntil[kind] - clock.monotonicNow()),
      unbar: () => {
        this.unbars++;
        for (const kind of KINDS) this.barredUntil[kind] = 0;
      },
      renewCredential: async () => {
        this.renewals++;
        if (this.renewing === false) return false;
        await this.#behave(this.renewing);
        return true;
      },
      onChange: () => this.#onChange(),
      onError: (error) => {
        this.errors.push(error);
        if (error.code === 'bug') this.wrongs.push(error.message);
        this.onError(error);
      },
    };
    this.supervisor = new Supervisor(ports);
  }

  get state(): ConnectionState {
    return this.supervisor.state;
  }

  get reason(): string {
    return this.supervisor.snapshot.reason;
  }

  /** The latest channel that was opened. */
  get last(): FakeChannel {
    const channel = this.channels.at(-1);
    assert.ok(channel, 'a channel was opened');
    return channel;
  }

  get openChannels(): FakeChannel[] {
    return this.channels.filter(({ isOpen }) => isOpen);
  }

  /** Milliseconds until the next attempt, as the status tells. */
  get waitMs(): number | undefined {
    const { until } = this.supervisor.snapshot;
    return until === undefined ? undefined : until - this.clock.now();
  }

  get triedKinds(): ChannelKind[] {
    return this.attempts.map(({ kind }) => kind);
  }

  /** Every rung does the same from now on. */
  all(behaviour: Behaviour): void {
    for (const kind of KINDS) this.opening[kind] = behaviour;
  }

  bar(kind: ChannelKind, ms: number): void {
    this.barredUntil[kind] = this.clock.monotonicNow() + ms;
  }

  async start(): Promise<void> {
    this.supervisor.start();
    await settled();
  }

  /** `ms` go by. */
  pass(ms: number): Promise<void> {
    return this.clock.pass(ms);
  }

  /** Turns the clock until `condition` holds. Returns how long that took, in steps of `stepMs`. */
  async until(condition: () => boolean, what: string, limitMs = 600_000, stepMs = 50): Promise<number> {
    const from = this.clock.monotonicNow();
    await settled();
    while (!condition()) {
      if (this.clock.monotonicNow() - from > limitMs) {
        assert.fail(`In vain: ${what}; ${this.state}, ${this.reason}, ${this.steps.slice(-8).join(' · ')}`);
      }
      await this.clock.pass(stepMs);
    }
    return this.clock.monotonicNow() - from;
  }

  #open(kind: ChannelKind, signal: AbortSignal): Promise<Channel> {
    // As a breaker does that has opened since it was asked.
    if (this.barredUntil[kind] > this.clock.monotonicNow()) return Promise.reject(failure('unavailable'));
    this.attempts.push({ kind, at: this.clock.monotonicNow(), signal });
    this.onOpen(kind);
    if (signal.aborted) this.wrongs.push(`${kind} was tried for an attempt that had been given up`);
    if ([...this.#underWay].some((other) => !other.aborted)) this.wrongs.push('two attempts at a time');
    this.#underWay.add(signal);
    const opened = this.#behave(this.opening[kind]).then(() => {
      const channel = new FakeChannel(kind);
      this.channels.push(channel);
      return channel;
    });
    const over = () => void this.#underWay.delete(signal);
    opened.then(over, over);
    return opened;
  }

  #behave(behaviour: Behaviour): Promise<void> {
    if (behaviour !== 'hang' || this.hangMs === Infinity) return behave(behaviour);
    return new Promise((_, reject) => this.clock.later(this.hangMs, () => reject(failure('timeout'))));
  }

  #onChange(): void {
    const { state, reason, until, channel } = this.supervisor.snapshot;
    if (state !== this.#state && !STATES[this.#state].next.includes(state)) {
      this.wrongs.push(`from ${this.#state} to ${state}`);
    }
    this.#state = state;
    if ((until !== undefined) !== (STATES[state].waits === true)) {
      this.wrongs.push(`${state} with ${until === undefined ? 'no time' : 'a time'} of the next attempt`);
    }
    if (STATES[state].isConnected && channel === undefined) this.wrongs.push(`${state} without a channel`);
    const step = `${state} ${reason}`;
    if (this.steps.at(-1) !== step) this.steps.push(step);
  }
}

function behave(behaviour: Behaviour): Promise<void> {
  if (behaviour instanceof Promise) return behaviour;
  if (behaviour === 'hang') return new Promise(() => undefined);
  return behaviour === 'ok' ? Promise.resolve() : Promise.reject(behaviour);
}

export function failure(code: ErrorCode, options?: RealtimeErrorOptions): RealtimeError {
  return new RealtimeError(code, `A ${code} failure.`, options);
}
