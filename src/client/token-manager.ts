import { within } from '../protocol/deadline.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';

/** Where tokens come from: exactly one of the three. */
export interface TokenSource {
  /** A token that is never renewed. */
  readonly token?: string;
  /** Endpoint asked with the page's cookies; answers `{ token, expiresIn? }` or `{ access_token, expires_in? }`, seconds. */
  readonly tokenUrl?: string;
  readonly getToken?: () => string | Promise<string>;
}

/** What may be told about a token: nothing of it. */
export interface TokenStatus {
  readonly held: boolean;
  readonly renewing: boolean;
  /** Milliseconds; `undefined` when unknown. */
  readonly expiresInMs: number | undefined;
}

interface Held {
  readonly value: string;
  /** On the monotonic clock; `Infinity` when the token does not say how long it lives. */
  readonly refreshAt: number;
  readonly expiresAt: number;
}

const TIMEOUT_MS = 15_000;
const EARLY_MS = 60_000;

/**
 * Holds one participant's token in memory and renews it before it expires. Callers that ask at the same time share one
 * request. Lives are counted on the monotonic clock from the moment a token arrived, so a wrong wall clock does no harm.
 */
export class TokenManager {
  readonly #source: TokenSource;
  readonly #environment: Environment;
  #held: Held | undefined;
  #pending: Promise<string> | undefined;
  /** Raised by `clear()`, so that an answer that was under way is not kept. */
  #epoch = 0;

  constructor(source: TokenSource, environment: Environment) {
    this.#source = source;
    this.#environment = environment;
  }

  /** Whether a refused token can be replaced by another. */
  get isRenewable(): boolean {
    return this.#source.token === undefined;
  }

  /**
   * A token that is believed good. Rejects with `unauthorized` when the source refuses, `network`, `timeout` or
   * `protocol` when it fails; a token that still lives is returned when renewing it early fails.
   */
  async get(): Promise<string> {
    const now = this.#environment.monotonicNow();
    const held = this.#held;
    if (held && now < held.refreshAt) return held.value;
    this.#pending ??= this.#renew().finally(() => (this.#pending = undefined));
    try {
      return await this.#pending;
    } catch (error) {
      if (held && held === this.#held && this.#environment.monotonicNow() < held.expiresAt) return held.value;
      throw error;
    }
  }

  /** The server refused `token`: it is dropped if it is still the current one. */
  invalidate(token: string): void {
    if (this.#held?.value === token) this.#held = undefined;
  }

  /** The token in hand, without asking for one. */
  get current(): string | undefined {
    return this.#held?.value;
  }

  /** Forgets everything, including an answer that is still under way. */
  clear(): void {
    this.#epoch++;
    this.#held = undefined;
    this.#pending = undefined;
  }

  /** For displays: no token in it. */
  status(): TokenStatus {
    const expiresAt = this.#held?.expiresAt ?? Infinity;
    const left = expiresAt - this.#environment.monotonicNow();
    return {
      held: this.#held !== undefined,
      renewing: this.#pending !== undefined,
      expiresInMs: Number.isFinite(left) ? Math.max(0, left) : undefined,
    };
  }

  async #renew(): Promise<string> {
    const epoch = this.#epoch;
    const { value, lifeMs } = await within(this.#environment, TIMEOUT_MS, (signal) => this.#ask(signal));
    if (epoch !== this.#epoch) throw new RealtimeError('closed', 'Signed out while a token was on its way.');
    const now = this.#environment.monotonicNow();
    this.#held = {
      value,
      refreshAt: now + (lifeMs === undefined ? Infinity : refreshAfter(lifeMs)),
      expiresAt: now + (lifeMs ?? Infinity),
    };
    return value;
  }

  async #ask(signal: AbortSignal): Promise<{ value: string; lifeMs: number | undefined }> {
    const { token, tokenUrl, getToken } = this.#source;
    if (token !== undefined) return { value: token, lifeMs: undefined };
    if (tokenUrl !== undefined) return this.#fetchToken(tokenUrl, signal);
    if (!getToken) throw new RealtimeError('input', 'There is no way to get a token.');
    let value: unknown;
    try {
      value = await getToken();
    } catch (cause) {
      throw RealtimeError.from(cause, 'network', 'The page could not supply a token.');
    }
    return { value: checked(value), lifeMs: lifeOf(value as string, this.#environment.now()) };
  }

  async #fetchToken(
    url: string,
    signal: AbortSignal,
  ): Promise<{ value: string; lifeMs: number | undefined }> {
    const absolute = new URL(url, this.#environment.location?.href);
    let response: Response;
    try {
      response = await this.#environment.fetch(absolute, {
        credentials: 'include',
        headers: { Accept: 'application/json' },
        cache: 'no-store',
        signal,
      });
    } catch (cause) {
      throw new RealtimeError('network', 'The sign-in service cannot be reached.', { cause });
    }
    if (response.status === 401 || response.status === 403) {
      throw new RealtimeError('unauthorized', 'The sign-in service does not know this visitor.', {
        status: response.status,
      });
    }
    const { status } = response;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      throw new RealtimeError('input', 'The sign-in address does not give out tokens.', { status });
    }
    if (!response.ok) {
      throw new RealtimeError('server', 'The sign-in service failed.', { status: response.status });
    }
    let body: unknown;
    try {
      body = await response.json();
    } catch {
      // Without the cause: it quotes what could not be read, and that may be the token itself.
      throw new RealtimeError('protocol', 'The sign-in service gave an answer that is not JSON.');
    }
    const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const value = checked(fields['token'] ?? fields['access_token']);
    const seconds = Number(fields['expiresIn'] ?? fields['expires_in']);
    return { value, lifeMs: seconds > 0 ? seconds * 1_000 : lifeOf(value, this.#environment.now()) };
  }
}

/** The `sub` of a JWT, unverified: it tells who the page says it is, and the server decides. */
export function subjectOf(token: string): string | undefined {
  const { sub } = claimsOf(token);
  return typeof sub === 'string' && sub !== '' ? sub : undefined;
}

/** 80 % of a token's life, or a minute before its end if that is earlier, but never in the first half. */
function refreshAfter(lifeMs: number): number {
  return Math.max(0.5 * lifeMs, Math.min(0.8 * lifeMs, lifeMs - EARLY_MS));
}

/** Life in milliseconds by the token's own `iat` and `exp`, both on the issuer's clock; by this machine's without `iat`. */
function lifeOf(token: string, nowMs: number): number | undefined {
  const { exp, iat } = claimsOf(token);
  if (typeof exp !== 'number') return undefined;
  const from = typeof iat === 'number' ? iat : nowMs / 1_000;
  return exp > from ? (exp - from) * 1_000 : undefined;
}

function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split('.')[1];
  if (!payload) return {};
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (char) =>
      char.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    // Not a JWT that can be read here. The server decides whether it is one.
    return {};
  }
}

function checked(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new RealtimeError('protocol', 'The sign-in service gave an answer without a token.');
}
