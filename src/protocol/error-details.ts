import { RealtimeError, type ErrorCode, type Stored } from './errors.ts';

/** A {@link RealtimeError} as plain data, for storage and for other tabs. It leaves out `cause`, which is this page's alone. */
export interface ErrorDetails {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly status?: number;
  readonly stored: Stored;
  readonly service?: 'sign-in';
}

/** Every code, so that a word from elsewhere is known to be one. A table, so that none can be forgotten. */
const CODES: Readonly<Record<ErrorCode, true>> = {
  network: true,
  timeout: true,
  unauthorized: true,
  forbidden: true,
  'not-found': true,
  'rate-limited': true,
  server: true,
  protocol: true,
  input: true,
  'too-large': true,
  'queue-full': true,
  storage: true,
  expired: true,
  unsupported: true,
  closed: true,
  unavailable: true,
  bug: true,
};

/** No server said any of these. */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['network', 'timeout', 'unavailable']);

/**
 * The error that {@link errorDetails} described. What is not such a description, from another version of this library or
 * damaged, becomes an error with the code `protocol`.
 */
export function errorFromDetails(details: unknown): RealtimeError {
  const { code, message, retryable, retryAfterMs, status, stored, service } = (details ??
    {}) as Partial<ErrorDetails>;
  if (typeof code !== 'string' || !Object.hasOwn(CODES, code) || typeof message !== 'string') {
    return new RealtimeError('protocol', 'An error of an unknown kind.', { stored: 'maybe' });
  }
  return new RealtimeError(code, message, {
    retryable: typeof retryable === 'boolean' ? retryable : undefined,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
    status: typeof status === 'number' ? status : undefined,
    // What is not known to be safe to repeat is looked up first.
    stored: stored === 'no' || stored === 'yes' ? stored : 'maybe',
    service: service === 'sign-in' ? service : undefined,
  });
}

/** An error as plain data that survives structured cloning. */
export function errorDetails(error: RealtimeError): ErrorDetails {
  const { code, message, retryable, retryAfterMs, status, stored, service } = error;
  return {
    code,
    message,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(status !== undefined && { status }),
    stored,
    ...(service && { service }),
  };
}

/**
 * Whether a server wishes the error's `retryAfterMs`, and is not asked before. Any other wait is a rule of our own (who gave no
 * answer named no time, and the page's own source of tokens is asked whenever there is a reason), which a reason to try now
 * breaks.
 */
export function isServersWish({ retryAfterMs, service, code }: RealtimeError): boolean {
  return retryAfterMs !== undefined && !service && !UNANSWERED.has(code);
}
