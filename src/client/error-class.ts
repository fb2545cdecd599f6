import type { ErrorCode } from '../protocol/errors.ts';
import { parseErrorResponse } from '../protocol/parse-error.ts';
import { isA, read, readList, readNumber, readText } from './careful-read.ts';

/** Kinds of errors in reports. */
export type ErrorClass =
  | 'network'
  | 'timeout'
  | 'unauthorized'
  | 'forbidden'
  | 'rate-limited'
  | 'server'
  | 'protocol'
  | 'storage'
  | 'input'
  | 'bug';

type Kind = ErrorClass | 'cancelled';

/**
 * What our own codes mean. Those without a class of their own: what is missing, too large or unsupported was asked for by
 * whoever set the page up (`input`); a message that expired and a call that was not tried had no way to the server (`network`).
 */
const BY_CODE: Readonly<Record<ErrorCode, Kind>> = {
  network: 'network',
  timeout: 'timeout',
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  'not-found': 'input',
  'rate-limited': 'rate-limited',
  server: 'server',
  protocol: 'protocol',
  input: 'input',
  'too-large': 'input',
  'queue-full': 'storage',
  storage: 'storage',
  expired: 'network',
  unsupported: 'input',
  closed: 'cancelled',
  unavailable: 'network',
  bug: 'bug',
};

/** Names of errors of browsers and libraries that say it all. */
const BY_NAME: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    cancelled: 'AbortError',
    network: 'NetworkError FetchError',
    timeout: 'TimeoutError',
    forbidden: 'NotAllowedError SecurityError',
    storage:
      'QuotaExceededError UnknownError VersionError ConstraintError DataError DataCloneError ReadOnlyError TransactionInactiveError InvalidStateError NotReadableError',
    protocol: 'SyntaxError',
  } satisfies Partial<Record<Kind, string>>).flatMap(([kind, names]) =>
    names.split(' ').map((name) => [name, kind as Kind] as const),
  ),
);

/** Codes that GraphQL servers put under `extensions`. */
const BY_EXTENSION: readonly (readonly [RegExp, Kind])[] = [
  [/UNAUTH(ENTICATED|ORIZED)|INVALID_TOKEN|TOKEN_EXPIRED/, 'unauthorized'],
  [/FORBIDDEN|PERMISSION_DENIED/, 'forbidden'],
  [/RATE_LIMIT|TOO_MANY/, 'rate-limited'],
  [/TIMEOUT|DEADLINE/, 'timeout'],
  [/BAD_USER_INPUT|BAD_REQUEST|VALIDATION|PARSE_FAILED|NOT_FOUND/, 'input'],
];

/** Codes of Node's sockets and of its `fetch`. */
const BY_SYSTEM: readonly (readonly [RegExp, Kind])[] = [
  [/^(E\w*|UND_ERR_\w*)TIME(D)?_?OUT$/, 'timeout'],
  [/^(ECONN|ENOTFOUND|EAI_|EPIPE|EHOST|ENET|UND_ERR_|ERR_SSL|ERR_TLS|CERT_)/, 'network'],
];

/** How engines say that a request got no answer; a `TypeError` in each of them. */
const NO_ANSWER = /^(Failed to fetch|Load failed|NetworkError when attempting|fetch failed|network error)/i;

const MAX_DEPTH = 4;
const MAX_ELEMENTS = 20;
/** Of several errors, the one that something can be done about. */
const FIRST: readonly Kind[] = ['unauthorized', 'forbidden', 'rate-limited', 'bug'];

/**
 * The kind of an error: of ours, of browsers, of Node, of GraphQL answers (an error, or a list with it as any element) or of
 * whatever else was thrown. `undefined` for what was cancelled, which is no error; `'bug'` for what nothing is known about.
 * Never throws.
 */
export function classify(error: unknown): ErrorClass | undefined {
  const kind = kindOf(error, 0) ?? 'bug';
  return kind === 'cancelled' ? undefined : kind;
}

/** The error that an `ErrorEvent` or a `PromiseRejectionEvent` tells of; anything else as it is. */
export function unwrap(value: unknown): unknown {
  if (!isEvent(value)) return value;
  const inner = read(value, 'error') ?? read(value, 'reason');
  return typeof inner === 'object' && inner !== null ? inner : value;
}

function kindOf(value: unknown, depth: number): Kind | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const error = unwrap(value);
  const code = readText(error, 'code');
  if (code !== undefined && Object.hasOwn(BY_CODE, code)) return BY_CODE[code as ErrorCode];
  return (
    ofSeveral(error, depth) ??
    matching(BY_EXTENSION, readText(read(error, 'extensions'), 'code')) ??
    BY_NAME.get(readText(error, 'name') ?? '') ??
    ofStatus(readNumber(error, 'status') ?? readNumber(error, 'statusCode')) ??
    matching(BY_SYSTEM, code) ??
    ofCause(error, depth) ??
    (NO_ANSWER.test(readText(error, 'message')?.slice(0, 100) ?? '') ? 'network' : undefined) ??
    // Sockets and streams say no more than that something failed.
    (isEvent(error) ? 'network' : undefined)
  );
}

/** Of a list, an `AggregateError` and a GraphQL result. */
function ofSeveral(error: unknown, depth: number): Kind | undefined {
  const own = readList(error, MAX_ELEMENTS);
  const kinds = (own.length > 0 ? own : readList(read(error, 'errors'), MAX_ELEMENTS)).map(
    (one) => kindOf(one, depth + 1) ?? kindOfElement(one),
  );
  return (
    FIRST.find((kind) => kinds.includes(kind)) ??
    kinds.find((kind) => kind !== undefined && kind !== 'cancelled') ??
    kinds[0]
  );
}

/** What stands in a list and says no more than a message: thrown here, or told by a server, which has failed then. */
function kindOfElement(one: unknown): Kind | undefined {
  if (isA(one, Error)) return 'bug';
  return read(one, 'message') === undefined ? undefined : 'server';
}

function ofCause(error: unknown, depth: number): Kind | undefined {
  const cause = read(error, 'cause');
  return cause === undefined || cause === null ? undefined : kindOf(cause, depth + 1);
}

function ofStatus(status: number | undefined): Kind | undefined {
  if (status === undefined || status < 400 || status > 599) return undefined;
  return BY_CODE[parseErrorResponse(status, null, '').code];
}

function matching(table: readonly (readonly [RegExp, Kind])[], code: string | undefined): Kind | undefined {
  return code === undefined ? undefined : table.find(([pattern]) => pattern.test(code.slice(0, 100)))?.[1];
}

function isEvent(value: unknown): boolean {
  return isA(value, globalThis.Event);
}
