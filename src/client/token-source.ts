import { RealtimeError } from '../protocol/errors.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import { parseRetryAfter } from '../protocol/parse-error.ts';
import { isUsable } from '../transports/credentials.ts';
import type { Environment } from './environment.ts';
import { claimsOf } from './token-claims.ts';

/** Where tokens come from: exactly one of the three. */
export interface TokenSource {
  /** A token that is never renewed. */
  readonly token?: string;
  /** Endpoint asked with the page's cookies; answers `{ token, expiresIn? }` or `{ access_token, expires_in? }`, seconds. */
  readonly tokenUrl?: string;
  /** `signal` fires when nobody waits for the answer any more. */
  readonly getToken?: (request: { readonly signal: AbortSignal }) => string | Promise<string>;
}

/** A token as its source gave it. */
export interface NewToken {
  readonly value: string;
  /** Milliseconds from now; `Infinity` when nothing says how long. */
  readonly lifeMs: number;
}

/** Characters of an answer and of a token. No server takes a longer header. */
const MAX_LENGTH = 65_536;
/** A longer life is no life in seconds. */
const MAX_SECONDS = 100 * 365 * 86_400;

/**
 * Asks `source` once. Rejects with `unauthorized` or `input` when it refuses for good; `network`, `timeout`, `server` or
 * `rate-limited` when it may do better later; `protocol` for an answer that is no token, or one that has expired.
 * No error quotes the answer.
 */
export async function askForToken(
  { token, tokenUrl, getToken }: TokenSource,
  environment: Environment,
  signal: AbortSignal,
): Promise<NewToken> {
  if (token !== undefined) return { value: checked(token), lifeMs: Infinity };
  if (tokenUrl !== undefined) return fetchToken(tokenUrl, environment, signal);
  if (!getToken) throw new RealtimeError('input', 'There is no way to get a token.');
  try {
    const value = checked(await getToken({ signal }));
    return { value, lifeMs: lifeOf(value, undefined, undefined, environment.now()) };
  } catch (reason) {
    // The page's own error, unless it could quote the token: then it is the engine's, about an answer that is not JSON.
    const cause = reason instanceof SyntaxError ? harmlessCause(reason) : reason;
    throw RealtimeError.from(reason, 'network', 'The page could not supply a token.', { cause });
  }
}

async function fetchToken(url: string, environment: Environment, signal: AbortSignal): Promise<NewToken> {
  const { response, text } = await read(url, environment, signal);
  const now = environment.now();
  // Hidden from pages of other origins.
  const date = Date.parse(response.headers.get('date') ?? '');
  const serverNow = Number.isNaN(date) ? undefined : date;
  if (!response.ok) {
    throw refusal(response.status, parseRetryAfter(response.headers.get('retry-after'), serverNow ?? now));
  }
  const fields = parseObject(text);
  const value = checked(fields['token'] ?? fields['access_token']);
  return { value, lifeMs: lifeOf(value, fields['expiresIn'] ?? fields['expires_in'], serverNow, now) };
}

async function read(
  url: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<{ response: Response; text: string }> {
  let address: URL;
  try {
    address = new URL(url, environment.location?.href);
  } catch {
    throw new RealtimeError('input', 'The address for tokens is not an address.'); // the engine's error quotes it
  }
  try {
    const response = await environment.fetch(address, {
      credentials: 'include',
      headers: { Accept: 'application/json' },
      cache: 'no-store',
      signal,
    });
    return { response, text: await readText(response) };
  } catch (reason) {
    throw RealtimeError.from(reason, 'network', 'The sign-in service cannot be reached.', {
      cause: harmlessCause(reason),
    });
  }
}

/** Reads no more than an answer with a token could have. */
async function readText(response: Response): Promise<string> {
  const { body, headers } = response;
  if (!body) return '';
  // Where the length is known, as nearly always: Chromium calls a body that a page read piece by piece aborted.
  if (Number(headers.get('content-length') ?? Infinity) <= MAX_LENGTH) return response.text();
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > MAX_LENGTH) {
      await reader.cancel();
      throw new RealtimeError('protocol', 'The sign-in service gave far more than a token.');
    }
  }
}

function refusal(status: number, retryAfterMs: number | undefined): RealtimeError {
  const options = { status, retryAfterMs };
  if (status === 401 || status === 403) {
    return new RealtimeError('unauthorized', 'The sign-in service does not know this visitor.', options);
  }
  if (status === 429) return new RealtimeError('rate-limited', 'The sign-in service asks to wait.', options);
  return status >= 400 && status < 500 && status !== 408
    ? new RealtimeError('input', 'The sign-in address does not give out tokens.', options)
    : new RealtimeError('server', 'The sign-in service failed.', options);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    // Without the cause: it quotes what could not be read, and that may be the token itself.
    throw new RealtimeError('protocol', 'The sign-in service gave an answer that is not JSON.');
  }
}

function checked(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new RealtimeError('protocol', 'The sign-in service gave an answer without a token.');
  }
  if (!isUsable(value) || value.length > MAX_LENGTH) {
    throw new RealtimeError('protocol', 'The sign-in service gave a token that no request can carry.');
  }
  return value;
}

/**
 * How long `token` lives: the least of what `seconds` says, its own `exp` less its own `iat`, and its `exp` less the
 * time at the server. All three are right whatever this machine's clock says, which is asked only without them.
 */
function lifeOf(token: string, seconds: unknown, serverNow: number | undefined, now: number): number {
  const { exp, iat } = claimsOf(token);
  const end = milliseconds(exp);
  const start = milliseconds(iat);
  const lives = [serverNow, start].flatMap((from) =>
    end !== undefined && from !== undefined ? end - from : [],
  );
  if (seconds !== undefined && seconds !== null) lives.push(secondsOf(seconds) * 1_000);
  if (lives.some((life) => life <= 0)) {
    throw new RealtimeError('protocol', 'The sign-in service gave a token that has expired.');
  }
  // Past by a clock that may be wrong: the server decides.
  if (lives.length === 0 && end !== undefined && end > now) return end - now;
  return Math.min(Infinity, ...lives);
}

function secondsOf(value: unknown): number {
  const seconds = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new RealtimeError('protocol', 'The sign-in service gave a token with a life that makes no sense.');
}

/** A date in a JWT, which is in seconds since 1970. */
function milliseconds(claim: unknown): number | undefined {
  return typeof claim === 'number' && Math.abs(claim) < 1e11 ? claim * 1_000 : undefined;
}
