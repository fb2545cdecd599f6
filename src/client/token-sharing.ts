import { startDeadline } from '../protocol/deadline.ts';
import type { Environment } from './environment.ts';

/** A token as one tab tells it to the others. Never stored. */
export interface SharedToken {
  readonly token: string;
  /** The token that this one was asked for in the place of. */
  readonly replaces: string | undefined;
  /** Milliseconds from its arrival to its end; `Infinity` when unknown. */
  readonly lifeMs: number;
  /** Milliseconds since its arrival. */
  readonly ageMs: number;
}

export interface TokenSharingPorts {
  readonly environment: Environment;
  readonly locks: LockManager;
  readonly BroadcastChannel: typeof globalThis.BroadcastChannel;
  /** Of the lock and of the channel. */
  readonly name: string;
  /** What this tab has for the others, if it is still fresh. */
  offer(): SharedToken | undefined;
  /** Whether this tab could use it. */
  accept(token: SharedToken): boolean;
}

/** Raised when an older script could no longer understand a newer one. */
const VERSION = 1;
/** For this long a tab that had to wait for another one waits for what that one got, which answers unless it is gone. */
const ASK_MS = 1_000;
/** As long as a tab may take to ask the source: one that takes longer hangs, or is frozen. */
const TURN_MS = 15_000;
const BUSY = Symbol();

/**
 * How the tabs of a site renew one token together: in turn, by a Web Lock, and by telling each other over a channel what
 * came of it. Without the others, or where the browser refuses, a tab is alone, and that works as well.
 */
export class TokenSharing {
  readonly #ports: TokenSharingPorts;
  readonly #channel: BroadcastChannel;
  #onAnswer: () => void = () => {};
  /** Whether this tab was the last to come away from its turn with anything new, be it a failure. */
  #wasLast = false;

  /** Opens the channel. Throws what the browser throws where pages may not talk. */
  constructor(ports: TokenSharingPorts) {
    this.#ports = ports;
    this.#channel = new ports.BroadcastChannel(ports.name);
    this.#channel.addEventListener('message', ({ data }) => this.#receive(data));
  }

  /** Runs `work` while no other tab runs its own. `waited`: another one did, until now. */
  async inTurn<Result>(work: (waited: boolean) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const { environment, locks, name } = this.#ports;
    let begun = false;
    const begin = (waited: boolean) => {
      begun = true;
      // In a row of tabs that all have the token by now, the one that got it is still the one to ask.
      if (!this.#ports.offer()) this.#wasLast = true;
      return work(waited);
    };
    const deadline = startDeadline(environment, TURN_MS, signal);
    try {
      const atOnce = await locks.request(name, { ifAvailable: true }, (lock) => (lock ? begin(false) : BUSY));
      if (atOnce !== BUSY) return atOnce;
      return await locks.request(name, { signal: deadline.signal }, () => begin(true));
    } catch (reason) {
      // Either the others take too long, or the browser refuses locks here: no reason to have no token.
      if (begun || signal.aborted) throw reason;
      return await begin(deadline.signal.aborted);
    } finally {
      deadline.end();
    }
  }

  /**
   * Asks the others for what they have. Resolves as soon as something was accepted or the one that had its turn before has
   * answered, be it that there is nothing; where that one is gone, after a second.
   */
  ask(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        this.#onAnswer = () => {};
        resolve();
      };
      const cancel = this.#ports.environment.setTimer(done, ASK_MS);
      signal.addEventListener('abort', done);
      this.#onAnswer = done;
      if (signal.aborted) done();
      else this.#channel.postMessage({ v: VERSION, kind: 'ask' });
    });
  }

  /** Tells the others what this tab has. `wasLast`: this is an answer, and that of the tab that had its turn before. */
  tell(wasLast?: boolean): void {
    const shared = this.#ports.offer();
    const at = this.#ports.environment.now();
    if (shared || wasLast) this.#channel.postMessage({ v: VERSION, kind: 'token', at, wasLast, ...shared });
  }

  close(): void {
    this.#channel.close();
  }

  #receive(data: unknown): void {
    const { v, kind, wasLast, at, ...shared } = (data ?? {}) as Record<string, unknown>;
    if (v !== VERSION) return;
    const hadTurn = this.#wasLast;
    // Who asks, and who tells without being asked, does so in its turn.
    if (wasLast === undefined) this.#wasLast = false;
    if (kind === 'ask') return this.tell(hadTurn);
    if (this.#isAccepted(shared, at) || wasLast === true) this.#onAnswer();
  }

  #isAccepted({ token, replaces, lifeMs, ageMs }: Record<string, unknown>, at: unknown): boolean {
    if (
      typeof token !== 'string' ||
      (replaces !== undefined && typeof replaces !== 'string') ||
      !isDuration(lifeMs) ||
      !isDuration(ageMs) ||
      typeof at !== 'number'
    ) {
      return false;
    }
    // A tab that was frozen hears late.
    const lateMs = Math.max(0, this.#ports.environment.now() - at);
    return this.#ports.accept({ token, replaces, lifeMs, ageMs: ageMs + lateMs });
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}
