import { RealtimeError } from '../protocol/errors.ts';
import { errorFromDetails } from '../protocol/error-details.ts';
import { redact } from '../protocol/redact.ts';
import { isA, read, readNumber, readText } from './careful-read.ts';
import { classify, type ErrorClass, unwrap } from './error-class.ts';
import { harmlessFrames } from './harmless-place.ts';
import type { MeasuredTransport, Operation } from './metrics.ts';

/** What was under way. Anything else in such an object is left out. */
export interface ErrorContext {
  readonly transport?: MeasuredTransport;
  readonly operation?: Operation;
}

/** What is told of an error: these fields, each of them checked, and nothing else. */
export interface ErrorFacts extends ErrorContext {
  readonly class: ErrorClass;
  /** `RealtimeError`, or the name of an error of the platform; `Error` for any other, and the type of what is none. */
  readonly name: string;
  /** An `ErrorCode`, or a well-known one of the system or of GraphQL such as `ECONNREFUSED`. */
  readonly code?: string;
  /** A sentence of ours, or the constant part of one of an engine. Nobody else's: what it holds cannot be known. */
  readonly message?: string;
  /** HTTP status. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly service?: 'sign-in';
  /** Names, codes and sentences of the causes, as above, outermost first; at most 3. */
  readonly causes?: readonly string[];
  /** Where it was thrown: `name file:line:column`, innermost first; at most 5. */
  readonly frames: readonly string[];
}

const MAX_CAUSES = 3;
const MAX_MESSAGE = 300;

const TRANSPORTS: readonly unknown[] = [
  'hub',
  'sse',
  'rest',
  'incidents',
  'token',
] satisfies MeasuredTransport[];
const OPERATIONS: readonly unknown[] = [
  'connect',
  'send',
  'history',
  'converse',
  'delete',
  'probe',
  'token',
  'query',
  'details',
  'act',
] satisfies Operation[];

const NAMES: ReadonlySet<string> = new Set(
  (
    'Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError RealtimeError AbortError TimeoutError ' +
    'NetworkError NotAllowedError SecurityError NotSupportedError NotFoundError InvalidStateError InvalidAccessError ' +
    'QuotaExceededError UnknownError VersionError ConstraintError DataError DataCloneError ReadOnlyError NotReadableError ' +
    'TransactionInactiveError OperationError EncodingError HttpError FetchError'
  ).split(' '),
);

/** Of Node's sockets, its `fetch` and GraphQL servers. */
const CODES: ReadonlySet<string> = new Set(
  (
    'ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENETDOWN EPROTO ' +
    'UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT UND_ERR_SOCKET UND_ERR_ABORTED ' +
    'UNAUTHENTICATED FORBIDDEN BAD_USER_INPUT GRAPHQL_PARSE_FAILED GRAPHQL_VALIDATION_FAILED INTERNAL_SERVER_ERROR'
  ).split(' '),
);

/** What engines say, as far as it is the same every time. */
const SENTENCES = [
  'Failed to fetch',
  'Load failed',
  'NetworkError when attempting to fetch resource',
  'fetch failed',
  'network error',
  'operation was aborted',
  'aborted a request',
  'signal is aborted without reason',
  'timed out',
  'Cannot read properties of undefined',
  'Cannot read properties of null',
  'Cannot set properties of undefined',
  'Cannot set properties of null',
  'undefined is not an object',
  'null is not an object',
  'is not a function',
  'is not a constructor',
  'is not iterable',
  'is not defined',
  'is undefined',
  'is null',
  'before initialization',
  'Assignment to constant variable',
  'Maximum call stack size exceeded',
  'too much recursion',
  'Invalid array length',
  'Invalid time value',
  'circular structure',
  'cyclic object value',
  'Unexpected token',
  'Unexpected end of JSON input',
  'JSON Parse error',
  'JSON.parse',
  'could not be cloned',
  'quota has been exceeded',
  'database connection is closing',
  'transaction was aborted',
  'Failed to execute',
  'dynamically imported module',
  'revoked',
] as const;

/**
 * What may be told of `error`, whatever was thrown; `undefined` for what was cancelled, which is no error. Never throws, and takes
 * the same time for a message of any length.
 */
export function describeError(error: unknown, context?: ErrorContext): ErrorFacts | undefined {
  const kind = classify(error);
  if (!kind) return undefined;
  const reason = unwrap(error);
  const causes = causesOf(reason);
  // A listener that threw is named by what it threw.
  const origin =
    kind === 'bug' ? (causes.find((cause) => harmlessFrames(cause).length > 0) ?? reason) : reason;
  return withoutGaps({
    class: kind,
    name: nameOf(reason),
    code: codeOf(reason),
    message: messageOf(reason),
    status: integer(readNumber(reason, 'status') ?? readNumber(reason, 'statusCode')),
    retryAfterMs: integer(readNumber(reason, 'retryAfterMs')),
    service: read(reason, 'service') === 'sign-in' ? 'sign-in' : undefined,
    transport: oneOf(TRANSPORTS, read(context, 'transport')) as MeasuredTransport | undefined,
    operation: oneOf(OPERATIONS, read(context, 'operation')) as Operation | undefined,
    causes: causes.length > 0 ? causes.map(summary) : undefined,
    frames: harmlessFrames(origin),
  });
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  let cause = read(error, 'cause');
  while (cause !== undefined && cause !== null && causes.length < MAX_CAUSES) {
    causes.push(cause);
    cause = read(cause, 'cause');
  }
  return causes;
}

/** For example `TypeError: is not a function`, `Error (ECONNREFUSED)`. */
function summary(cause: unknown): string {
  const code = codeOf(cause);
  const message = messageOf(cause);
  return `${nameOf(cause)}${code ? ` (${code})` : ''}${message ? `: ${message}` : ''}`;
}

function nameOf(error: unknown): string {
  if (isA(error, RealtimeError)) return 'RealtimeError';
  if (isA(error, globalThis.Event)) return 'Event';
  const name = readText(error, 'name') ?? '';
  if (NAMES.has(name)) return name;
  return isA(error, Error) ? 'Error' : error === null ? 'null' : typeof error;
}

function codeOf(error: unknown): string | undefined {
  const code = readText(error, 'code') ?? readText(read(error, 'extensions'), 'code');
  if (code === undefined) return undefined;
  if (isA(error, RealtimeError)) return errorFromDetails({ code, message: '' }).code;
  return CODES.has(code) ? code : undefined;
}

function messageOf(error: unknown): string | undefined {
  const message = typeof error === 'string' ? error : readText(error, 'message');
  if (message === undefined) return undefined;
  if (isA(error, RealtimeError)) return message.length > MAX_MESSAGE ? undefined : redact(message);
  const beginning = message.slice(0, MAX_MESSAGE);
  return SENTENCES.find((sentence) => beginning.includes(sentence));
}

function integer(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

function oneOf(allowed: readonly unknown[], value: unknown): unknown {
  return allowed.includes(value) ? value : undefined;
}

function withoutGaps(facts: ErrorFacts): ErrorFacts {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  ) as unknown as ErrorFacts;
}
