import { backoff } from '../protocol/backoff.ts';
import { orAborted, startDeadline } from '../protocol/deadline.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { isServersWish } from '../protocol/error-details.ts';
import type { Channel, ChannelKind, Connection, ConnectionSnapshot } from './connection.ts';
import type { Environment } from './environment.ts';
import { afterFailure, isFinal } from './connection-failure.ts';
import { STATES } from './connection-states.ts';
import { NudgeTimer } from './nudge-timer.ts';
import type { ConnectionState, StateReason } from './types.ts';
import { watchWake } from './wake-watch.ts';

/** What the supervisor needs from the client. */
export interface SupervisorPorts {
  readonly environment: Environment;
  /** One attempt to open a channel. */
  open(kind: ChannelKind, signal: AbortSignal): Promise<Channel>;
  /** Subscribes everything wanted on `channel` and reads what was missed. */
  sync(channel: Channel): Promise<void>;
  /** Milliseconds for which a channel must not be tried, because it failed again and again; else 0. */
  barredMs(kind: ChannelKind): number;
  /** There is news: what failed again and again may be tried once more. */
  unbar(): void;
  /** Gets another credential in place of one that was refused. Resolves `false` where there is no way to. */
  renewCredential(): Promise<boolean>;
  /** Longest mean wait between two looks for a better channel. Default: 600,000 ms. */
  readonly climbCapMs?: number;
  /** As long as a channel has to stand until another credential is got at once again. Default: 30,000 ms. */
  readonly renewAgainMs?: number;
  onChange(): void;
  onError(error: RealtimeError): void;
}

type SupervisorEvent = 'nudge' | 'lost' | 'climb' | 'due' | 'stop' | 'frozen' | 'unsynced';

/** From the best to the last resort. */
const LADDER: readonly ChannelKind[] = ['hub', 'sse', 'poll'];
/** A connection that lasted this long starts the backoff anew. */
const STABLE_MS = 30_000;
const CLIMB_MS = 30_000;
const CLIMB_CAP_MS = 600_000;
const PROBE_MS = 3_000;
/** A read of what was missed that takes longer is given up with its channel; what it still brings is taken. */
const SYNC_MS = 15_000;
/** After news the connection is more likely dead than slow, and a new one costs little. */
const NEWS_PROBE_MS = 1_000;
/** Until a credential that cannot be renewed is tried again without a nudge. */
const UNAUTHORIZED_ATTEMPT = 4;

/**
 * Keeps one channel open while it is wanted: the best that works, with retries that never end, and a state that says
 * `live` only after everything is subscribed and nothing is missing.
 *
 * One loop runs from `start()` to `stop()`; everything that happens outside reaches it as an event.
 */
export class Supervisor implements Connection {
  readonly #ports: SupervisorPorts;
  #state: ConnectionState = 'idle';
  #reason: StateReason = 'initial';
  #since: number;
  #until: number | undefined;
  #attempt = 0;
  /** Of the failed attempts in a row, those that were followed by a whole wait: they decide on the next one. */
  #waits = 0;
  /** Of the failed looks for a better channel in a row, those whose time had come: they decide on the next one. */
  #climbs = 0;
  /** Reads of what was missed that failed in a row, on an open channel. */
  #misses = 0;
  #lastSyncedAt: number | undefined;
  #error: RealtimeError | undefined;
  #channel: Channel | undefined;
  #lostError: RealtimeError | undefined;
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  /** `start()` was called while an earlier loop was still ending. */
  #restart = false;
  /** Aborts the attempt that is running. */
  #cycle = new AbortController();
  #frozen = false;
  /** `stop(true)` was called: there is no way back. */
  #final = false;
  readonly #nudges: NudgeTimer;
  /** The attempt under way began before the news: it is made anew. */
  #anew = false;
  /** The nudge on its way is about news. */
  #isNews = false;
  /** How long the next probe may take. */
  #probeMs = PROBE_MS;
  /** When the attempt under way began, on the monotonic clock. */
  #attemptedAt = 0;
  /** The server asked not to be tried before, on the monotonic clock: also by a page that froze or was disconnected meanwhile. */
  #notBefore = -Infinity;
  /** Why the last read of what was missed failed, on an open channel. */
  #syncError: RealtimeError | undefined;
  #unwatch: Undo | undefined;
  /** Undo of the timer that repeats a read that failed. */
  #cancelRecheck: Undo | undefined;
  #renewedOnce = false;
  #events: SupervisorEvent[] = [];
  #wake: Undo | undefined;

  constructor(ports: SupervisorPorts) {
    this.#ports = ports;
    this.#since = ports.environment.now();
    this.#nudges = new NudgeTimer(ports.environment, () => this.#onNudge());
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get channel(): Channel | undefined {
    return this.#channel;
  }

  get snapshot(): ConnectionSnapshot {
    return {
      state: this.#state,
      reason: this.#reason,
      since: this.#since,
      until: this.#until,
      channel: this.#channel?.kind,
      attempt: this.#attempt,
      lastSyncedAt: this.#lastSyncedAt,
      error: this.#error,
    };
  }

  /** Starts the loop; does nothing while it runs. */
  start(): void {
    if (this.#final) return;
    if (this.#running) {
      this.#restart = this.#stop.signal.aborted;
      return;
    }
    this.#frozen &&= this.#restart; // the page may have frozen while the loop before was ending
    this.#restart = this.#anew = this.#isNews = this.#renewedOnce = false;
    this.#reason = 'requested';
    this.#stop = new AbortController();
    this.#attempt = this.#waits = this.#climbs = 0;
    this.#unwatch = watchWake(this.#ports.environment, () => this.nudge(true));
    this.#running = this.#run(this.#stop.signal).finally(() => {
      this.#running = undefined;
      this.#unwatch?.();
      this.#nudges.cancel();
      if (this.#restart) this.start();
    });
  }

  /** Ends the loop and closes the channel. `final`: for good. Never rejects. */
  async stop(final = false, reason: StateReason = 'requested'): Promise<void> {
    this.#restart = false;
    this.#final ||= final;
    this.#stop.abort();
    this.#cycle.abort();
    this.#emit('stop');
    await this.#running;
    if (this.#state !== 'closed' && !this.#running) this.#to(this.#final ? 'closed' : 'idle', reason);
  }

  /**
   * The network, the page or the visitor gives a reason to look now: a wait is cut short, a quiet channel is probed and
   * synced, a slower channel looks for a better one. One takes effect in 3 s; those in between join the next one, which
   * comes when that time is over. `isNews`: what was under way may have died unnoticed, since the machine slept or the
   * network is another one.
   */
  nudge(isNews = false): void {
    this.#frozen = false;
    this.#isNews ||= isNews;
    if (this.#running) this.#nudges.nudge();
  }

  #onNudge(): void {
    this.#ports.unbar();
    this.#emit('nudge');
    this.#probeMs = this.#isNews ? NEWS_PROBE_MS : PROBE_MS;
    if (this.#isNews) this.#reconsider();
    this.#isNews = false;
  }

  /** After news: an attempt that has hung since before it is made anew, once. */
  #reconsider(): void {
    const ageMs = this.#ports.environment.monotonicNow() - this.#attemptedAt;
    if (!STATES[this.#state].attempts || this.#anew || ageMs < PROBE_MS) return;
    this.#anew = true;
    this.#cycle.abort();
  }

  /** The page is about to be frozen: sockets do not survive it, so none is kept. */
  freeze(): void {
    if (!this.#running) return;
    this.#frozen = true;
    this.#cycle.abort();
    this.#emit('frozen');
  }

  async #run(stop: AbortSignal): Promise<void> {
    const { environment } = this.#ports;
    while (!stop.aborted) {
      if (this.#frozen) {
        await this.#sleep(stop);
        continue;
      }
      const heldMs = this.#notBefore - environment.monotonicNow();
      if (heldMs > 0 && this.#error) {
        await this.#rest(this.#error, false, stop, heldMs);
        continue;
      }
      this.#cycle = new AbortController();
      this.#events = [];
      this.#attemptedAt = environment.monotonicNow();
      let failure: unknown;
      let wasOpen = false;
      try {
        await this.#openBest(this.#cycle.signal);
        this.#anew = false;
        wasOpen = true;
        failure = await this.#stay(stop);
      } catch (reason) {
        failure = reason;
      }
      await this.#dropChannel();
      const error = await this.#renew(
        RealtimeError.from(failure, 'network', 'The server cannot be reached.'),
      );
      // Stopped, frozen or to be made anew: all but a failure.
      if (!error || this.#cycle.signal.aborted) continue;
      this.#anew = false;
      const isWhole = await this.#rest(error, wasOpen, stop);
      this.#renewedOnce = false;
      this.#attempt++;
      // Somebody who writes or looks again and again must not push the next regular attempt away; nor does a wait for a
      // way that is barred.
      if (isWhole && error.code !== 'unavailable') this.#waits++;
    }
  }

  /** Nothing is tried while the page is frozen. */
  async #sleep(stop: AbortSignal): Promise<void> {
    this.#to('suspended', 'page-frozen');
    while (this.#frozen && !stop.aborted) await this.#next();
    this.#anew = this.#renewedOnce = false;
    this.#reason = 'nudge';
  }

  /** Opens the best channel that works, and makes it complete. */
  async #openBest(signal: AbortSignal): Promise<void> {
    let failure: RealtimeError | undefined;
    for (const kind of LADDER) {
      if (signal.aborted) break;
      if (this.#ports.barredMs(kind) > 0) continue;
      const error = await this.#try(kind, signal);
      if (!error) return;
      // The lower rungs see more of what is wrong than a refused WebSocket does, unless they were not even asked.
      const isVague = error.code === 'network' || error.code === 'unavailable';
      if (!isVague || !failure || failure.code === 'unavailable') failure = error;
    }
    throw failure ?? new RealtimeError('unavailable', 'The server failed several times in a row.');
  }

  /**
   * One rung; once more with another credential if that is what it takes. Returns why the next one is to be tried, and
   * throws what no other would mend.
   */
  async #try(kind: ChannelKind, signal: AbortSignal): Promise<RealtimeError | undefined> {
    this.#to('connecting', this.#reason);
    try {
      await this.#adopt(await this.#open(kind, signal), signal);
      return undefined;
    } catch (reason) {
      const error = await this.#renew(RealtimeError.from(reason, 'network', 'The server cannot be reached.'));
      if (signal.aborted) throw closed();
      if (!error) return this.#try(kind, signal);
      if (isFinal(kind, error)) throw error;
      return error;
    }
  }

  /** One attempt that can be given up: a channel that opens all the same is closed. */
  async #open(kind: ChannelKind, signal: AbortSignal): Promise<Channel> {
    const opening = this.#ports.open(kind, signal);
    try {
      return await orAborted(opening, signal, closed);
    } catch (reason) {
      if (signal.aborted) void opening.then((channel) => channel.close(), ignore);
      throw reason;
    }
  }

  /** Makes `channel` the one in use once it is subscribed and nothing is missing. Closes it otherwise. */
  async #adopt(channel: Channel, signal: AbortSignal): Promise<void> {
    const previous = this.#channel;
    if (!previous) this.#to('syncing', 'transport-open');
    const deadline = startDeadline(this.#ports.environment, SYNC_MS, signal);
    try {
      const lost = channel.lost.then((error) => Promise.reject(error));
      await deadline.race(Promise.race([this.#ports.sync(channel), lost]));
    } catch (reason) {
      await channel.close();
      throw signal.aborted ? closed() : reason;
    } finally {
      deadline.end();
    }
    this.#channel = channel;
    this.#lastSyncedAt = this.#ports.environment.now();
    this.#error = undefined;
    this.#misses = 0;
    // What the previous one did while this one opened is over with it.
    this.#forget('lost', 'unsynced');
    void channel.lost.then((error) => {
      if (this.#channel !== channel) return;
      this.#lostError = error;
      this.#emit('lost');
    });
    this.#to(channel.kind === 'hub' ? 'live' : 'degraded', 'synced');
    await previous?.close();
  }

  /** Stays until the channel is lost, the page freezes or the loop stops. Returns why. */
  async #stay(stop: AbortSignal): Promise<RealtimeError> {
    this.#lostError = this.#syncError = undefined;
    const { environment, renewAgainMs = STABLE_MS } = this.#ports;
    const undoStable = environment.setTimer(() => (this.#attempt = this.#waits = 0), STABLE_MS);
    const undoRenewed = environment.setTimer(() => (this.#renewedOnce = false), renewAgainMs);
    let cancelClimb = this.#planClimb();
    try {
      while (!stop.aborted) {
        const event = await this.#next();
        if (event === 'lost' || event === 'frozen' || event === 'stop') break;
        // Before a climb too: the slower channel may be the only one to see that the credential has ended.
        const wrong = event === 'unsynced' ? await this.#onUnsynced() : await this.#check(); // it is due after a read that failed
        if (wrong) return wrong;
        const climbs = event === 'climb' || (event === 'nudge' && this.#channel?.kind !== 'hub');
        if (climbs) {
          cancelClimb();
          await this.#climb(event === 'climb');
          cancelClimb = this.#planClimb();
        }
      }
    } finally {
      undoStable();
      undoRenewed();
      cancelClimb();
      this.#cancelRecheck?.();
    }
    return this.#lostError ?? new RealtimeError('network', 'The connection was lost.');
  }

  /** Asks the peer for a sign of life, and begins to read what may have been missed. Returns what is wrong, if anything. */
  async #check(): Promise<RealtimeError | undefined> {
    const channel = this.#channel;
    if (!channel) return undefined;
    const deadline = startDeadline(this.#ports.environment, this.#probeMs, this.#cycle.signal);
    try {
      await deadline.race(channel.probe());
    } catch (reason) {
      return RealtimeError.from(reason, 'timeout', 'The server does not answer.');
    } finally {
      deadline.end();
      this.#probeMs = PROBE_MS;
    }
    this.#resync(channel);
    return undefined;
  }

  /** Reads what may have been missed, in the background: a read that hangs must not keep the next check waiting. */
  #resync(channel: Channel): void {
    this.#ports.sync(channel).then(
      () => {
        if (channel !== this.#channel) return;
        this.#renewedOnce = false;
        this.#misses = 0;
        this.#lastSyncedAt = this.#ports.environment.now();
        this.#ports.onChange();
      },
      (reason: unknown) => {
        if (channel !== this.#channel) return;
        this.#syncError = RealtimeError.from(reason, 'network', 'What was missed could not be read.');
        this.#emit('unsynced');
      },
    );
  }

  /** The channel itself is well: a rate limit or a failing history does not end it. */
  async #onUnsynced(): Promise<RealtimeError | undefined> {
    const error = this.#syncError && (await this.#renew(this.#syncError));
    if (!error) return this.#check();
    if (this.#cycle.signal.aborted) return error;
    // A slower channel is proved by its reads alone.
    const isGone = error.code === 'network' || error.code === 'timeout';
    if (isGone && this.#channel?.kind !== 'hub') return error;
    this.#ports.onError(error);
    this.#cancelRecheck?.();
    this.#cancelRecheck = this.#ports.environment.setTimer(
      () => this.#emit('due'),
      this.#backoff(++this.#misses, error),
    );
    return undefined;
  }

  /** Looks for a better channel and overlaps with the present one until it is complete. `isDue`: by the clock, not by a nudge. */
  async #climb(isDue: boolean): Promise<void> {
    const present = this.#channel?.kind;
    let isTried = false;
    for (const kind of LADDER) {
      const { signal } = this.#cycle;
      if (kind === present || signal.aborted) break;
      if (this.#ports.barredMs(kind) > 0) continue;
      isTried = isDue;
      try {
        await this.#adopt(await this.#open(kind, signal), signal);
        this.#climbs = 0;
        return;
      } catch (reason) {
        // Expected while the better channel is still blocked; shown in the health report, not as a failure.
        this.#error = RealtimeError.from(reason, 'network', 'The faster connection is still not available.');
      }
    }
    if (isTried) this.#climbs++;
  }

  #planClimb(): Undo {
    if (this.#channel?.kind === 'hub') return () => undefined;
    const { environment, climbCapMs = CLIMB_CAP_MS } = this.#ports;
    const width = Math.min(climbCapMs, CLIMB_MS * 2 ** this.#climbs);
    const delayMs = width * (0.5 + environment.random());
    // A better one that was not even tried is looked at as soon as it may be, but only once: it may stay blocked.
    const barredMs = this.#climbs ? 0 : this.#ports.barredMs('hub');
    return environment.setTimer(() => this.#emit('climb'), Math.min(barredMs || delayMs, delayMs));
  }

  /**
   * Waits as long as the failure asks for, or `heldMs`, the rest of an earlier wait. Resolves with `false` if that was cut
   * short.
   */
  async #rest(error: RealtimeError, wasOpen: boolean, stop: AbortSignal, heldMs?: number): Promise<boolean> {
    const { environment, onError } = this.#ports;
    const isBarred = error.code === 'unavailable';
    // A server that named a time is not asked before it.
    const isHeld = isServersWish(error);
    const delayMs = heldMs ?? this.#waitMs(error);
    if (isHeld) this.#notBefore = environment.monotonicNow() + delayMs;
    // That they failed before says more than that they were not tried now.
    if (!isBarred || !this.#error) this.#error = error;
    const [state, reason] = afterFailure(this.#error, environment.isOnline(), wasOpen);
    this.#forget('due');
    this.#to(state, reason, environment.now() + delayMs);
    if (!isBarred && heldMs === undefined) onError(error);
    const cancel = environment.setTimer(() => this.#emit('due'), delayMs);
    try {
      while (!stop.aborted && !this.#frozen) {
        const event = await this.#next();
        if (event === 'due') return true;
        if (event === 'nudge' && !isHeld) {
          this.#reason = 'nudge';
          return false;
        }
      }
      return false;
    } finally {
      cancel();
    }
  }

  #waitMs(error: RealtimeError): number {
    const isRefused = error.code === 'unauthorized' || error.code === 'forbidden';
    const waitMs = this.#backoff(
      isRefused ? Math.max(this.#waits, UNAUTHORIZED_ATTEMPT) : this.#waits,
      error,
    );
    if (error.code !== 'unavailable') return waitMs;
    const barredMs = LADDER.map((kind) => this.#ports.barredMs(kind)).filter((ms) => ms > 0);
    // Until the first of them may be tried; where one was tried and refused, no longer than it said.
    const isAsked = error.retryAfterMs !== undefined || barredMs.length === 0;
    return Math.min(...barredMs, isAsked ? waitMs : Infinity);
  }

  #backoff(attempt: number, { retryAfterMs }: RealtimeError): number {
    const { environment } = this.#ports;
    const hidden = !environment.isVisible();
    return backoff(attempt, { random: () => environment.random(), hidden, retryAfterMs });
  }

  /**
   * Once per wait: a refused credential is replaced at once, without counting as a failed attempt. Resolves with what is
   * wrong all the same, if anything.
   */
  async #renew(error: RealtimeError): Promise<RealtimeError | undefined> {
    const { signal } = this.#cycle;
    // Where the source of tokens itself refuses, there is nothing to be had from it.
    if (error.code !== 'unauthorized' || error.service || this.#renewedOnce || signal.aborted) return error;
    this.#renewedOnce = true;
    if (!this.#channel) this.#to('connecting', 'signing-in');
    try {
      if (!(await orAborted(this.#ports.renewCredential(), signal, closed))) return error;
    } catch (reason) {
      // Not the refusal: the sign-in is what has to be waited for now.
      return RealtimeError.from(reason, 'unauthorized', 'The sign-in could not be renewed.', {
        service: 'sign-in',
      });
    }
    this.#reason = 'credential-renewed';
    return undefined;
  }

  async #dropChannel(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.close();
  }

  #to(state: ConnectionState, reason: StateReason, until?: number): void {
    const changed = state !== this.#state;
    if (changed && !STATES[this.#state].next.includes(state)) {
      this.#ports.onError(
        new RealtimeError('bug', `A connection cannot go from ${this.#state} to ${state}.`),
      );
    }
    this.#reason = reason;
    this.#until = until;
    if (changed) {
      this.#state = state;
      this.#since = this.#ports.environment.now();
    }
    this.#ports.onChange();
  }

  /** Drops events of a phase that is over. */
  #forget(...events: SupervisorEvent[]): void {
    this.#events = this.#events.filter((event) => !events.includes(event));
  }

  #emit(event: SupervisorEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  async #next(): Promise<SupervisorEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event) return event;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function closed(): RealtimeError {
  return new RealtimeError('closed', 'The connection was closed.');
}

function ignore(): void {
  // Nobody waits for it any more.
}
