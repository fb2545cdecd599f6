import { RealtimeError, type ErrorCode, type Stored } from './errors.ts';

const MIN_RETRY_AFTER_MS = 1_000;
/** A longer wish is a mistake or a hostile proxy: nobody waits for it in front of a chat. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** No date is longer. What is would cost the pattern below the square of its length. */
const MAX_RETRY_AFTER_CHARS = 64;

/** What each status means. Everything not listed is `server` from 500 up, else `protocol`. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'input',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'protocol',
  408: 'timeout',
  413: 'too-large',
  414: 'too-large',
  415: 'input',
  429: 'rate-limited',
  431: 'too-large',
  499: 'closed',
  504: 'timeout',
};

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  input: 'The server did not accept the request.',
  unauthorized: 'The server does not accept the credential.',
  forbidden: 'The credential does not allow this.',
  'not-found': 'The server knows no such thread or address.',
  timeout: 'The server did not get an answer in time.',
  'too-large': 'The request is larger than the server accepts.',
  'rate-limited': 'Too many requests were sent from here. The server asks to wait.',
  closed: 'The server saw the request being cancelled.',
  server: 'The server had an internal problem.',
  protocol: 'The server gave an answer that does not belong to this protocol.',
};

/** Refused before anything was stored, so that a repeat is safe. */
const NOT_STORED: ReadonlySet<number> = new Set([400, 401, 403, 404, 413, 414, 415, 429, 431]);

/** The server's own sentences that help whoever wrote the request, and that hold nothing but themselves. */
const KNOWN_SENTENCES: ReadonlySet<string> = new Set([
  'Invalid message type specified.',
  'Message type is required.',
  'WorkflowId is required.',
  'Timeout must be between 1 and 600 seconds.',
  'Workflow and participantId are required parameters',
  'Workflow is required parameter',
  'Page and PageSize must be greater than 0',
  'Thread not found',
  'No response received within timeout period',
]);

/**
 * The failure behind an HTTP answer that is not a success. Understands the server's four body shapes (a bare string,
 * `{error}`, `{error, message}`, problem+json) and bodies that are empty or come from something in between.
 *
 * `stored` tells whether a send may have been stored all the same. `retryAfterMs` comes from the body, since browsers
 * hide the header from other origins; else from the header in seconds or as a date; at least one second.
 */
export function parseErrorResponse(
  status: number,
  contentType: string | null,
  bodyText: string,
  headers?: Pick<Headers, 'get'>,
): RealtimeError {
  const body = parseBody(contentType, bodyText);
  const code = CODES[status] ?? (status >= 500 ? 'server' : 'protocol');
  const sentence = knownSentence(body);
  const words = WORDS[code] ?? 'The request failed.';
  return new RealtimeError(code, sentence ? `${words} It says: ${sentence}` : words, {
    status,
    stored: storedAfter(status, body),
    retryAfterMs: retryAfter(body, headers),
    // A converse that timed out was stored: repeating it would ask the agent twice.
    retryable: storedAfter(status, body) === 'yes' ? false : undefined,
  });
}

/** `Retry-After` of a header or body in milliseconds: seconds or an HTTP date. `undefined` for anything else. */
export function parseRetryAfter(value: unknown, nowMs: number): number | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const waitMs = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1_000
    : text.length <= MAX_RETRY_AFTER_CHARS && /[a-z]{3}.*\d{4}/i.test(text)
      ? Date.parse(text) - nowMs
      : Number.NaN;
  if (!Number.isFinite(waitMs)) return undefined;
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(MIN_RETRY_AFTER_MS, waitMs));
}

function retryAfter(body: unknown, headers: Pick<Headers, 'get'> | undefined): number | undefined {
  // Against the server's own clock where it is visible, so that a wrong clock here does not matter.
  const serverNow = Date.parse(headers?.get('date') ?? '');
  const now = Number.isNaN(serverNow) ? Date.now() : serverNow;
  return (
    parseRetryAfter(field(body, 'retryAfter'), now) ?? parseRetryAfter(headers?.get('retry-after') ?? '', now)
  );
}

function storedAfter(status: number, body: unknown): Stored {
  if (NOT_STORED.has(status)) return 'no';
  // Only converse answers 408 with a problem document, after it has stored the message. A proxy's 408 says nothing.
  if (status === 408 && field(body, 'detail') !== undefined) return 'yes';
  return 'maybe';
}

function knownSentence(body: unknown): string | undefined {
  const candidates = [body, field(body, 'message'), field(body, 'detail'), field(body, 'error')];
  return candidates.find(
    (candidate): candidate is string => typeof candidate === 'string' && KNOWN_SENTENCES.has(candidate),
  );
}

function parseBody(contentType: string | null, text: string): unknown {
  if (!text || !/\bjson\b/i.test(contentType ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The status alone says enough; a body cut short adds nothing.
  }
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
}
