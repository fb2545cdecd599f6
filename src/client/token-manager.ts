import { backoff } from '../protocol/backoff.ts';
import { startDeadline } from '../protocol/deadline.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { normaliseParticipant } from '../protocol/workflow.ts';
import { isUsable } from '../transports/credentials.ts';
import type { Environment } from './environment.ts';
import { HeldToken, stopwatch } from './held-token.ts';
import { belongsTo, subjectOf } from './token-claims.ts';
import { type SharedToken, TokenSharing } from './token-sharing.ts';
import { askForToken, type NewToken, type TokenSource } from './token-source.ts';

export { subjectOf } from './token-claims.ts';
export type { TokenSource } from './token-source.ts';

/** Whose tokens these are. Managers with equal keys and endpoints, in the tabs of one site, renew together. */
export interface TokenKey {
  readonly serverUrl: string;
  readonly tenantId: string;
  /** Absent: the first token says who it is, until `clear()`. */
  readonly participantId?: string | undefined;
}

/** What may be told about a token: nothing of it. */
export interface TokenStatus {
  readonly held: boolean;
  readonly renewing: boolean;
  /** Milliseconds; `undefined` when unknown. */
  readonly expiresInMs: number | undefined;
  /** Why the last attempt to get one failed, until one succeeds. */
  readonly error?: RealtimeError | undefined;
}

export interface TokenManagerOptions {
  /** Runs `ask`, which is one real question to the source, and gives what it gives. Default: does just that. */
  readonly measure?: <Result>(ask: () => Promise<Result>) => Promise<Result>;
}

interface Failure {
  readonly error: RealtimeError;
  readonly ageMs: () => number;
  readonly waitMs: number;
}

const TIMEOUT_MS = 15_000;
/** Refused tokens to remember; more than one is rare. */
const MAX_REFUSED = 16;

/**
 * Holds one participant's token in memory and renews it before it expires. Callers that ask at the same time share one
 * request; so do the tabs of a site, where they have a `key`, Web Locks and `BroadcastChannel`. Lives are counted from
 * the moment a token arrived, so a wrong clock does no harm.
 *
 * After a failure the source is left alone for a while: `get()` rejects at once with the same error, whose `retryAfterMs`
 * says for how long. Every rejection has `service: 'sign-in'`.
 */
export class TokenManager {
  readonly #source: TokenSource & { readonly key?: TokenKey };
  readonly #environment: Environment;
  readonly #measure: NonNullable<TokenManagerOptions['measure']>;
  #held: HeldToken | undefined;
  #pending: Promise<string> | undefined;
  #failure: Failure | undefined;
  #failures = 0;
  /** Ends with `clear()`, and with it everything that is under way. */
  #life = new AbortController();
  #disposed = false;
  #sharing: TokenSharing | undefined;
  /** What was held last, refused or not: the next one replaces it. */
  #last: string | undefined;
  readonly #refused = new Set<string>();
  /** After `clear()`, other tabs may still have the token of before: they are not believed until the source was asked. */
  #isAlone = false;
  #isResting = false;
  /** Of the first token since `clear()` that named one. */
  #subject: string | undefined;

  constructor(
    source: TokenSource & { readonly key?: TokenKey },
    environment: Environment,
    { measure = (ask) => ask() }: TokenManagerOptions = {},
  ) {
    this.#source = source;
    this.#environment = environment;
    this.#measure = measure;
  }

  /** Whether a refused token can be replaced by another. */
  get isRenewable(): boolean {
    return this.#source.token === undefined;
  }

  /**
   * A token that is believed good. Rejects with `unauthorized` when the source refuses or gives somebody else's token,
   * `network`, `timeout`, `server` or `protocol` when it fails, `closed` after `clear()` or `dispose()`. While a token has
   * some life left, nobody waits for its successor, and no failure to get one matters.
   */
  async get(): Promise<string> {
    if (this.#disposed) throw closed();
    const held = this.#held;
    if (held && held.isFresh) return held.value;
    const failure = this.#failure;
    if (!this.#pending && failure && failure.ageMs() < failure.waitMs) {
      return this.#livingOr(this.#failed(failure));
    }
    const pending = (this.#pending ??= this.#begin());
    if (held?.isSafe) return held.value;
    try {
      return await pending;
    } catch (error) {
      return this.#livingOr(error);
    }
  }

  /** The server refused `token`: it is dropped if it is still the current one, and never taken from another tab. */
  invalidate(token: string): void {
    this.#refused.add(token);
    const [oldest] = this.#refused;
    if (oldest !== undefined && this.#refused.size > MAX_REFUSED) this.#refused.delete(oldest);
    if (this.#held?.value !== token) return;
    this.#held = undefined;
    this.hasten();
  }

  /** There is a reason to ask again at once after a failure: the network came back, or somebody signed in. */
  hasten(): void {
    if (this.#failure) this.#failure = { ...this.#failure, waitMs: 0 };
  }

  /** The token in hand, without asking for one. */
  get current(): string | undefined {
    return this.#held?.value;
  }

  /** Forgets everything, including an answer that is still under way. */
  clear(): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#held = this.#pending = this.#failure = this.#last = this.#subject = undefined;
    this.#failures = 0;
    this.#refused.clear();
    this.#isAlone = true;
    this.rest();
  }

  /** Listens to the other tabs no more, until the next renewal: for a page that should be free to go to sleep. */
  rest(): void {
    this.#isResting = true;
    if (this.#pending) return; // then, when it is done
    this.#sharing?.close();
    this.#sharing = undefined;
  }

  /** Like `clear()`, for good: no channel, lock, timer or request is left. */
  dispose(): void {
    this.#disposed = true;
    this.clear();
  }

  /** For displays: no token in it. */
  status(): TokenStatus {
    const leftMs = this.#held?.leftMs ?? Infinity;
    return {
      held: this.#held !== undefined,
      renewing: this.#pending !== undefined,
      expiresInMs: Number.isFinite(leftMs) ? Math.max(0, leftMs) : undefined,
      error: this.#failure?.error,
    };
  }

  #begin(): Promise<string> {
    this.#isResting = false;
    const pending = this.#renew(this.#life.signal).finally(() => {
      if (this.#pending !== pending) return;
      this.#pending = undefined;
      if (this.#isResting) this.rest();
    });
    pending.catch(() => undefined); // nobody may be waiting; status() has it
    return pending;
  }

  async #renew(signal: AbortSignal): Promise<string> {
    try {
      const sharing = (this.#sharing ??= this.#share());
      if (!sharing) return await this.#replace(signal);
      return await sharing.inTurn((waited) => this.#replace(signal, sharing, waited), signal);
    } catch (reason) {
      if (signal.aborted) throw closed();
      throw this.#fail(reason);
    }
  }

  async #replace(signal: AbortSignal, sharing?: TokenSharing, waited = false): Promise<string> {
    if (signal.aborted) throw closed();
    if (waited && !this.#offer() && !this.#isAlone) await sharing?.ask(signal);
    const told = this.#offer();
    if (told) return told.token;
    const { value, lifeMs } = await this.#obtain(signal);
    this.#refused.delete(value); // its source insists
    this.#isAlone = false;
    const replaces = this.#last === value ? undefined : this.#last;
    this.#hold(new HeldToken({ token: value, replaces, lifeMs, ageMs: 0 }, this.#environment));
    sharing?.tell();
    return value;
  }

  /** One attempt, and another one soon after a failure that may be over by then. */
  async #obtain(signal: AbortSignal): Promise<NewToken> {
    try {
      return await this.#measure(() => this.#ask(signal));
    } catch (reason) {
      const { code, retryAfterMs } = reason as RealtimeError;
      const isBrief = (code === 'network' || code === 'server') && retryAfterMs === undefined;
      if (signal.aborted || !isBrief) throw reason;
    }
    const environment = this.#environment;
    await pause(environment, backoff(0, { random: () => environment.random() }), signal);
    return this.#measure(() => this.#ask(signal));
  }

  async #ask(signal: AbortSignal): Promise<NewToken> {
    const deadline = startDeadline(this.#environment, TIMEOUT_MS, signal);
    let token: NewToken;
    try {
      token = await deadline.race(askForToken(this.#source, this.#environment, deadline.signal));
    } catch (reason) {
      // Its own words: the signal makes whatever was under way fail in some way.
      if (!deadline.failure()) throw reason;
      throw signal.aborted
        ? closed()
        : new RealtimeError('timeout', 'The sign-in service did not answer in time.');
    } finally {
      deadline.end();
    }
    if (signal.aborted) throw closed();
    if (this.#isForeign(token.value)) {
      throw new RealtimeError('unauthorized', 'The sign-in service gave a token of somebody else.');
    }
    return token;
  }

  /** Whom the tokens must belong to, as far as that is known. */
  get #owner(): string | undefined {
    const { key } = this.#source;
    return key && (key.participantId ?? this.#subject);
  }

  #isForeign(token: string): boolean {
    return this.#owner !== undefined && belongsTo(token, this.#owner) === false;
  }

  #share(): TokenSharing | undefined {
    const environment = this.#environment;
    const { locks, BroadcastChannel, location } = environment;
    const { key, tokenUrl } = this.#source;
    if (!key || !this.isRenewable || !locks || !BroadcastChannel) return undefined;
    try {
      // As a list, since names joined with a mark between them can be those of somebody else.
      const parts = [
        key.serverUrl.replace(/\/+$/, ''),
        key.tenantId,
        normaliseParticipant(key.participantId ?? ''),
        tokenUrl === undefined ? '' : new URL(tokenUrl, location?.href).href,
      ];
      return new TokenSharing({
        environment,
        locks,
        BroadcastChannel,
        name: `xians-widgets:token:${JSON.stringify(parts)}`,
        offer: () => this.#offer(),
        accept: (token) => this.#accept(token),
      });
    } catch {
      return undefined; // Pages may not talk here, or there is no such address: the request itself will tell.
    }
  }

  /** What this tab holds, while it is fresh. */
  #offer(): SharedToken | undefined {
    return this.#held?.isFresh ? this.#held.share() : undefined;
  }

  /** Takes what another tab has, if it certainly is this participant's and better than what is here. */
  #accept(shared: SharedToken): boolean {
    const { token, replaces } = shared;
    const held = this.#held;
    if (this.#isAlone || token === held?.value || this.#refused.has(token)) return false;
    if (!isUsable(token) || this.#isForeign(token)) return false;
    const isOurs = this.#owner !== undefined && belongsTo(token, this.#owner) === true;
    const follows = replaces !== undefined && (replaces === held?.value || this.#refused.has(replaces));
    const offered = new HeldToken(shared, this.#environment);
    const isBetter = !held || follows || offered.leftMs > held.leftMs;
    if (!(isOurs || follows) || !isBetter || !offered.isFresh) return false;
    this.#hold(offered);
    return true;
  }

  #hold(held: HeldToken): void {
    this.#held = held;
    this.#last = held.value;
    this.#subject ??= subjectOf(held.value);
    this.#failure = undefined;
    this.#failures = 0;
  }

  #fail(reason: unknown): RealtimeError {
    const { message, cause, ...error } = RealtimeError.from(reason, 'bug', 'Asking for a token failed.');
    const environment = this.#environment;
    // The least that the policy waits: whoever tries again spreads by itself.
    const random = () => 0;
    const waitMs = backoff(++this.#failures, { random, retryAfterMs: error.retryAfterMs });
    this.#failure = {
      error: new RealtimeError(error.code, message, { ...error, cause, service: 'sign-in' }),
      ageMs: stopwatch(environment),
      waitMs,
    };
    return this.#failed(this.#failure);
  }

  /** The failure of a moment ago, with what is left of the time to wait. */
  #failed(failure: Failure): RealtimeError {
    const { message, cause, ...error } = failure.error;
    const leftMs = Math.max(0, failure.waitMs - failure.ageMs());
    const retryAfterMs = error.retryable ? leftMs : undefined;
    return new RealtimeError(error.code, message, { ...error, cause, retryAfterMs });
  }

  #livingOr(error: unknown): string {
    if (this.#held && this.#held.leftMs > 0) return this.#held.value;
    throw error;
  }
}

/** Resolves after `delayMs`, or as soon as `signal` fires. */
async function pause(environment: Environment, delayMs: number, signal: AbortSignal): Promise<void> {
  const deadline = startDeadline(environment, delayMs, signal);
  await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
  deadline.end();
}

function closed(): RealtimeError {
  return new RealtimeError('closed', 'Signed out while a token was on its way.', { service: 'sign-in' });
}
