import { startDeadline } from '../protocol/deadline.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { utf8Length } from '../protocol/limits.ts';
import { parseErrorResponse } from '../protocol/parse-error.ts';
import type { Environment } from './environment.ts';

/** A report on its way out of the page. */
export interface Posting {
  /** Absolute, or relative to the page. */
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** Send it as `application/json` wherever it goes. */
  readonly isStrict?: boolean;
}

const LIMIT_MS = 15_000;
/** Browsers refuse a request that may outlive its page when it, and others like it, are over 64 KiB. */
const KEEPALIVE_BYTES = 60_000;

/**
 * Posts a report, without the page's credentials where it goes to another origin. There it is `text/plain`, so that the
 * browser need not ask first; the answer still needs `Access-Control-Allow-Origin`, or counts as a failure. Resolves
 * with what went wrong, if anything did; never rejects.
 */
export async function post(
  environment: Environment,
  posting: Posting,
  signal?: AbortSignal,
): Promise<RealtimeError | undefined> {
  const deadline = startDeadline(environment, LIMIT_MS, signal);
  try {
    const { url, type } = resolve(environment, posting);
    const { body } = posting;
    const response = await environment.fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
      credentials: 'same-origin',
      keepalive: utf8Length(body) < KEEPALIVE_BYTES,
      signal: deadline.signal,
    });
    await response.body?.cancel();
    return response.ok ? undefined : refusal(response);
  } catch (reason) {
    return (
      deadline.failure() ??
      RealtimeError.from(reason, 'network', 'The address that reports go to cannot be reached.')
    );
  } finally {
    deadline.end();
  }
}

/**
 * Hands a report to the browser, which sends it although the page may be gone the next moment. What becomes of it nobody
 * learns. `false`: it will not be sent.
 */
export function postLast(environment: Environment, posting: Posting): boolean {
  try {
    const { url, type, isForeign } = resolve(environment, posting);
    // A beacon carries cookies, and asks first where the type is not a plain one.
    if (environment.sendBeacon && !(isForeign && posting.isStrict)) {
      return environment.sendBeacon(url, new Blob([posting.body], { type }));
    }
    if (!environment.location) return false;
    void post(environment, posting); // never rejects
    return true;
  } catch {
    return false; // An address that is none; `post()` tells of it.
  }
}

function resolve({ location }: Environment, { url: text, isStrict = false }: Posting) {
  let url: URL;
  try {
    url = new URL(text, location?.href);
  } catch {
    throw new RealtimeError('input', 'The address that reports go to is not a URL.');
  }
  const isForeign = location !== undefined && new URL(location.href).origin !== url.origin;
  return { url, isForeign, type: isForeign && !isStrict ? 'text/plain' : 'application/json' };
}

/** Never `unauthorized`: pages take that for a visitor who has to sign in. */
function refusal({ status, headers }: Response): RealtimeError {
  const { code, retryAfterMs } = parseErrorResponse(status, null, '', headers);
  const isPassing = code === 'rate-limited' || code === 'timeout' || code === 'server';
  return new RealtimeError(isPassing ? code : 'input', 'The address that reports go to does not take them.', {
    status,
    retryAfterMs,
  });
}
