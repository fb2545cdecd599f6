/**
 * What went wrong, for programs.
 *
 * - `network`: no answer came; the request may or may not have arrived.
 * - `timeout`: the answer took too long.
 * - `unauthorized`, `forbidden`: the credential is missing, refused or not allowed here.
 * - `not-found`: no such thread, route or workflow.
 * - `rate-limited`: too many requests; see `retryAfterMs`.
 * - `server`: the server failed.
 * - `protocol`: an answer that breaks the protocol.
 * - `input`: the caller's arguments or the element's attributes.
 * - `too-large`: over a limit of every transport that could carry it.
 * - `queue-full`, `storage`: the outbox cannot take it.
 * - `expired`: it waited in the outbox for longer than messages are kept.
 * - `unsupported`: this browser or server lacks what is needed.
 * - `closed`: the object was disposed of, or the call was aborted.
 * - `unavailable`: not tried, because this way failed again and again a moment ago.
 * - `bug`: a listener of the page, or our own code, threw.
 */
export type ErrorCode =
  | 'network'
  | 'timeout'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  | 'server'
  | 'protocol'
  | 'input'
  | 'too-large'
  | 'queue-full'
  | 'storage'
  | 'expired'
  | 'unsupported'
  | 'closed'
  | 'unavailable'
  | 'bug';

/**
 * Whether a failed send may have been stored by the server: `no` means that a repeat is safe, `yes` that one would be a
 * duplicate, `maybe` that history has to be read first.
 */
export type Stored = 'no' | 'maybe' | 'yes';

export interface RealtimeErrorOptions {
  /** The original failure. It is never rendered, logged or reported as it is. */
  cause?: unknown;
  /** Default: decided by the code. */
  retryable?: boolean;
  /** Milliseconds the server asked to wait. */
  retryAfterMs?: number;
  /** HTTP status, where there was one. */
  status?: number;
  /** Only on failures of a send. Default `'no'`. */
  stored?: Stored;
  /** Set where not the server failed but the page's own source of tokens. */
  service?: 'sign-in';
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'network',
  'timeout',
  'rate-limited',
  'server',
  'protocol',
  'unavailable',
]);

/** The one error class that leaves the library. Its `message` is for people and carries no credential and no raw server text. */
export class RealtimeError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  readonly stored: Stored;
  readonly service: 'sign-in' | undefined;

  constructor(code: ErrorCode, message: string, options: RealtimeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RealtimeError';
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
    this.stored = options.stored ?? 'no';
    this.service = options.service;
  }

  /** `reason` as a RealtimeError: unchanged if it is one, else wrapped under `code` with `message`. */
  static from(
    reason: unknown,
    code: ErrorCode,
    message: string,
    options: RealtimeErrorOptions = {},
  ): RealtimeError {
    return reason instanceof RealtimeError
      ? reason
      : new RealtimeError(code, message, { cause: reason, ...options });
  }
}
