import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RealtimeError, type ErrorCode, type Stored } from '../../src/protocol/errors.ts';
import { parseErrorResponse } from '../../src/protocol/parse-error.ts';
import { SEED } from '../support/seed.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM = 'application/problem+json';

const parse = (
  status: number,
  body: unknown = '',
  type: string = JSON_TYPE,
  headers?: Record<string, string>,
) =>
  parseErrorResponse(
    status,
    type,
    typeof body === 'string' ? body : JSON.stringify(body),
    headers && new Headers(headers),
  );

describe('parseErrorResponse', () => {
  it('knows for every status what it means and whether a send may have been stored', () => {
    const table: [status: number, code: ErrorCode, stored: Stored][] = [
      [400, 'input', 'no'],
      [401, 'unauthorized', 'no'],
      [403, 'forbidden', 'no'],
      [404, 'not-found', 'no'],
      [408, 'timeout', 'maybe'],
      [413, 'too-large', 'no'],
      [414, 'too-large', 'no'],
      [415, 'input', 'no'],
      [418, 'protocol', 'maybe'],
      [429, 'rate-limited', 'no'],
      [431, 'too-large', 'no'],
      [499, 'closed', 'maybe'],
      [500, 'server', 'maybe'],
      [502, 'server', 'maybe'],
      [503, 'server', 'maybe'],
      [504, 'timeout', 'maybe'],
    ];
    for (const [status, code, stored] of table) {
      const error = parse(status, '', 'text/html');
      assert.deepEqual([error.status, error.code, error.stored], [status, code, stored]);
    }
  });

  it('takes a converse that found no reply in time for stored, and not to be repeated', () => {
    const detail = 'Request timed out waiting for response';
    const error = parse(408, { status: 408, title: 'Request Timeout', detail }, PROBLEM);
    assert.deepEqual([error.code, error.stored, error.retryable], ['timeout', 'yes', false]);
  });

  it('W7.2-11: understands a bare string, {error}, {error, message} and problem+json', () => {
    const says = (body: unknown, type?: string) => parse(400, body, type).message;
    assert.match(says('"Invalid message type specified."'), /Invalid message type specified\./);
    assert.match(says({ error: 'Page and PageSize must be greater than 0' }), /Page and PageSize/);
    assert.match(says({ error: 'x', message: 'WorkflowId is required.' }), /WorkflowId is required\./);
    assert.match(
      says({ detail: 'No response received within timeout period' }, PROBLEM),
      /No response received/,
    );
  });

  it('shows none of the server’s own text that it does not know', () => {
    for (const body of [
      '"stack trace of sk-Xnai-abc"',
      { error: 'secret' },
      { message: 'secret' },
      'secret',
    ]) {
      assert.doesNotMatch(parse(400, body).message, /secret|sk-|stack/);
    }
  });

  it('S11: reads Retry-After from the body, where browsers can see it, before the header', () => {
    const body = { error: 'Rate limit exceeded', message: 'Too many requests.', retryAfter: '37' };
    assert.equal(parse(429, body).retryAfterMs, 37_000);
    assert.equal(parse(429, body, JSON_TYPE, { 'retry-after': '5' }).retryAfterMs, 37_000);
    assert.equal(parse(429, { retryAfter: 12 }).retryAfterMs, 12_000);
    assert.equal(parse(429, '', JSON_TYPE, { 'retry-after': '5' }).retryAfterMs, 5_000);
  });

  it('reads Retry-After as a date, by the server’s clock where there is one', () => {
    const headers = {
      date: 'Wed, 01 Jul 2026 09:00:00 GMT',
      'retry-after': 'Wed, 01 Jul 2026 09:00:42 GMT',
    };
    assert.equal(parse(503, '', JSON_TYPE, headers).retryAfterMs, 42_000);
    const soon = new Date(Date.now() + 20_000).toUTCString();
    const { retryAfterMs = 0 } = parse(503, '', JSON_TYPE, { 'retry-after': soon });
    assert.ok(retryAfterMs > 15_000 && retryAfterMs <= 20_000, String(retryAfterMs));
  });

  it('waits at least a second and at most an hour, and ignores what is no time', () => {
    const wait = (value: string) => parse(429, { retryAfter: value }).retryAfterMs;
    assert.equal(wait('0'), 1_000);
    assert.equal(wait('99999999999'), 3_600_000);
    for (const garbage of ['', '-5', 'soon', '1e9', 'NaN', 'Infinity', '12 parsecs', '{}']) {
      assert.equal(wait(garbage), undefined, garbage);
    }
  });

  it('never throws, whatever the answer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.constantFrom(null, '', 'text/html', JSON_TYPE, PROBLEM),
        fc.oneof(fc.string(), fc.json(), fc.json({ maxDepth: 1 })),
        (status, type, body) => {
          const error = parseErrorResponse(status, type, body, new Headers());
          assert.ok(error instanceof RealtimeError);
          assert.ok(error.message.length > 0);
        },
      ),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});
