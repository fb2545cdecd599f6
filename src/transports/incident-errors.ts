import { RealtimeError, type ErrorCode, type RealtimeErrorOptions } from '../protocol/errors.ts';
import { enumWord } from '../protocol/incident-parse.ts';
import { now } from '../protocol/page.ts';
import { parseErrorResponse, parseRetryAfter } from '../protocol/parse-error.ts';

/** No server sends more; a hostile one must not keep us busy. */
const MAX_ERRORS = 100;

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthorized: 'The incident server does not accept the credential.',
  forbidden: 'The credential does not allow this.',
  'rate-limited': 'Too many requests were sent from here. The incident server asks to wait.',
  timeout: 'The incident server did not get an answer in time.',
  server: 'The incident server had an internal problem.',
  input: 'The incident server did not accept the request.',
  'not-found': 'The incident server has no such incident or address.',
  'too-large': 'The request is larger than the incident server accepts.',
};

/**
 * What the codes mean that servers and documents name, in the order in which one decides for several: who is not let in need
 * not hear of the rest. Found by what is in them, since every document spells them in its own way.
 */
const MEANINGS: readonly (readonly [ErrorCode, RegExp])[] = [
  ['unauthorized', /UNAUTH|AUTHENTICATION|TOKEN/],
  ['forbidden', /FORBIDDEN|AUTHORIZATION|PERMISSION|DENIED/],
  ['rate-limited', /(^|_)RATE_|LIMIT|THROTTL|TOO_MANY/],
  ['timeout', /TIMEOUT|TIMED_OUT/],
  ['server', /INTERNAL|UNAVAILABLE/],
  ['input', /INPUT|VALIDATION|PARSE|CONFLICT|INVALID|BAD_REQUEST|UNSUPPORTED/],
  ['not-found', /NOT_FOUND/],
];
const ORDER: readonly ErrorCode[] = MEANINGS.map(([code]) => code);

/** Sentences of errors without a code. The limits are those of async-graphql, which names no place for them. */
const SENTENCES: readonly (readonly [ErrorCode, RegExp])[] = [
  ['not-found', /\bincident\b.*\bnot found\b/i],
  ['input', /^Query is (too complex|nested too deep)/],
];

/** Done or not: these say that the server looked at the request and put it aside. */
const NOT_DONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unauthorized',
  'forbidden',
  'rate-limited',
  'input',
  'not-found',
]);

/** One error of a GraphQL answer, as far as it can be understood. */
export interface GraphqlFailure {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  /** First part of its path: the field, or its alias, at the root of the operation. */
  readonly root: string | undefined;
}

/** Every error of the `errors` of an answer; `[]` where it is no list. Never throws. */
export function graphqlFailures(errors: unknown, nowMs = now()): GraphqlFailure[] {
  return Array.isArray(errors) ? errors.slice(0, MAX_ERRORS).map((error) => toFailure(error, nowMs)) : [];
}

/**
 * The failure that `errors` tell of: that of the gravest element, wherever it stands in the list. An error without a code
 * that names a place in the operation but no field is about the operation itself: `input`. Any other is `server`, as is
 * what is no list of errors. `stored` is `maybe` where the server may have done it. No word of the server is in the message.
 */
export function graphqlError(
  errors: unknown,
  options: { nowMs?: number; status?: number } = {},
): RealtimeError {
  const failures = graphqlFailures(errors, options.nowMs);
  const code = ORDER.find((each) => failures.some((failure) => failure.code === each)) ?? 'server';
  const waits = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return incidentError(code, {
    status: options.status,
    retryAfterMs: waits.length ? Math.max(...waits) : undefined,
    stored: NOT_DONE.has(code) ? 'no' : 'maybe',
  });
}

/**
 * The failure behind an HTTP answer that is not a success, of GraphQL or REST. Codes in `body`, its JSON where it is any, say
 * more than the status; what is none, a proxy's page for example, is judged by the status alone.
 */
export function incidentHttpError(
  status: number,
  body: unknown,
  headers: Pick<Headers, 'get'>,
): RealtimeError {
  const byStatus = parseErrorResponse(status, null, '', headers);
  const errors = objectOf(body)?.['errors'];
  const coded = Array.isArray(errors) ? errors.slice(0, MAX_ERRORS).filter(hasCode) : [];
  const failure = coded.length > 0 ? graphqlError(coded) : undefined;
  const code = failure?.code ?? statusCode(status, byStatus.code);
  return incidentError(code, {
    status,
    retryAfterMs: failure?.retryAfterMs ?? byStatus.retryAfterMs,
    // A server that failed, or something before it, may have passed the request on.
    stored: NOT_DONE.has(code) || code === 'too-large' ? 'no' : 'maybe',
  });
}

/** A failure in words about incidents. */
export function incidentError(code: ErrorCode, options: RealtimeErrorOptions = {}): RealtimeError {
  const words = WORDS[code] ?? 'The incident server gave an answer that does not belong to this protocol.';
  return new RealtimeError(code, words, options);
}

function statusCode(status: number, code: ErrorCode): ErrorCode {
  if (status === 405 || status === 410 || status === 501) return 'not-found';
  if (status === 409 || status === 422) return 'input';
  return code;
}

function toFailure(raw: unknown, nowMs: number): GraphqlFailure {
  const error = objectOf(raw);
  const extensions = objectOf(error?.['extensions']);
  const path = error?.['path'];
  return {
    code: codeOf(error, enumWord(extensions?.['code'])),
    retryAfterMs: waitOf(extensions, nowMs),
    root: Array.isArray(path) && typeof path[0] === 'string' ? path[0] : undefined,
  };
}

function codeOf(error: Readonly<Record<string, unknown>> | undefined, word: string): ErrorCode {
  const known = MEANINGS.find(([, pattern]) => pattern.test(word));
  if (known) return known[0];
  const message = error?.['message'];
  const sentence = typeof message === 'string' ? message.slice(0, 1_000) : '';
  const said = SENTENCES.find(([, pattern]) => pattern.test(sentence));
  if (said) return said[0];
  // By the GraphQL specification an error of a field names its path; one of the whole request only its place in the text.
  const locations = error?.['locations'];
  return Array.isArray(locations) && locations.length > 0 && !error?.['path'] ? 'input' : 'server';
}

/** `retryAfter` in seconds, or `reset` in seconds since 1970. */
function waitOf(
  extensions: Readonly<Record<string, unknown>> | undefined,
  nowMs: number,
): number | undefined {
  const reset = extensions?.['reset'];
  const untilReset = typeof reset === 'number' ? Math.max(0, reset - nowMs / 1_000) : undefined;
  return parseRetryAfter(extensions?.['retryAfter'], nowMs) ?? parseRetryAfter(untilReset, nowMs);
}

function hasCode(error: unknown): boolean {
  return enumWord(objectOf(objectOf(error)?.['extensions'])?.['code']) !== '';
}

/** `raw` where it is an object that is no list. */
export function objectOf(raw: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
    ? (raw as Readonly<Record<string, unknown>>)
    : undefined;
}
