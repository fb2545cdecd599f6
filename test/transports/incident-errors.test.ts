import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { graphqlError, graphqlFailures, incidentHttpError } from '../../src/transports/incident-errors.ts';
import { probeGraphql } from '../../src/transports/incident-dialect.ts';
import { createGraphqlReader } from '../../src/transports/incident-graphql.ts';
import { createRestReader } from '../../src/transports/incident-rest.ts';
import { SEED } from '../support/seed.ts';
import { access, fakeServer, incidentBench, json, UNKNOWN_ID } from './incident-readers.ts';
import { rejection } from './support.ts';

const NOW = Date.UTC(2026, 0, 2);
const coded = (code: unknown, more: object = {}) => ({ message: 'words', extensions: { code, ...more } });

describe('errors of GraphQL', () => {
  it('EH1: are recognised in any element of the list', () => {
    const other = { message: 'boom', path: ['incidents'] };
    for (const list of [
      [coded('UNAUTHENTICATED')],
      [other, coded('UNAUTHENTICATED')],
      [coded('INTERNAL_SERVER_ERROR'), other, null, 7, coded('Unauthenticated')],
      [coded('NOT_FOUND'), coded('RATE_LIMITED'), coded('UNAUTHORIZED')],
    ]) {
      assert.equal(graphqlError(list).code, 'unauthorized', inspect(list));
    }
  });

  it('mean what their codes say, however they are spelled', () => {
    const codes = {
      unauthorized:
        'UNAUTHENTICATED UNAUTHORIZED UNAUTHORISED Unauthenticated AUTHENTICATION_ERROR TOKEN_EXPIRED',
      forbidden: 'FORBIDDEN AUTHORIZATION_ERROR PERMISSION_DENIED',
      'rate-limited':
        'RATE_LIMIT_EXCEEDED RATE_LIMITED SUBSCRIPTION_LIMIT_EXCEEDED COMPLEXITY_LIMITED TOO_MANY_REQUESTS',
      server:
        'INTERNAL_SERVER_ERROR INTERNAL_ERROR SERVICE_UNAVAILABLE DATABASE_ERROR WHATEVER GENERATED_FAILURE',
      timeout: 'TIMEOUT',
      input:
        'BAD_USER_INPUT GRAPHQL_PARSE_FAILED GRAPHQL_VALIDATION_FAILED VALIDATION_ERROR CONFLICT INVALID_STATE_TRANSITION',
      'not-found': 'NOT_FOUND INCIDENT_NOT_FOUND',
    };
    for (const [code, words] of Object.entries(codes)) {
      for (const word of words.split(' ')) assert.equal(graphqlError([coded(word)]).code, code, word);
    }
  });

  it('without a code are told apart by what they are about', () => {
    for (const [error, code] of [
      [{ message: 'Incident not found' }, 'not-found'],
      [{ message: 'Incident not found', locations: [{}], path: ['i0'] }, 'not-found'],
      [
        { message: 'Cannot query field "x" on type "Incident".', locations: [{ line: 1, column: 2 }] },
        'input',
      ],
      [{ message: 'Query is too complex.' }, 'input'],
      [{ message: 'Query is nested too deep.' }, 'input'],
      [{ message: 'boom', locations: [{}], path: ['incidents'] }, 'server'],
      [{ message: 'boom' }, 'server'],
      [{ message: 7, locations: [], extensions: 'x' }, 'server'],
      [{}, 'server'],
      ['boom', 'server'],
      [null, 'server'],
    ] as const) {
      assert.equal(graphqlError([error]).code, code, inspect(error));
    }
    for (const none of [undefined, null, 7, 'x', {}, []]) assert.equal(graphqlError(none).code, 'server');
  });

  it('may say how long to wait: in seconds, or until when', () => {
    const wait = (...errors: unknown[]) => graphqlError(errors, { nowMs: NOW }).retryAfterMs;
    assert.equal(wait(coded('RATE_LIMITED', { retryAfter: 7 })), 7_000);
    assert.equal(wait(coded('RATE_LIMITED', { retryAfter: '7' })), 7_000);
    assert.equal(wait(coded('RATE_LIMITED', { reset: NOW / 1_000 + 30 })), 30_000);
    assert.equal(wait(coded('RATE_LIMITED', { reset: NOW / 1_000 - 30 })), 1_000);
    assert.equal(wait(coded('RATE_LIMITED', { retryAfter: 0 })), 1_000);
    assert.equal(wait(coded('RATE_LIMITED', { retryAfter: 1e9 })), 3_600_000);
    assert.equal(wait(coded('X', { retryAfter: 2 }), coded('RATE_LIMITED', { retryAfter: 9 })), 9_000);
    for (const junk of ['soon', null, -1, NaN, {}]) {
      assert.equal(wait(coded('RATE_LIMITED', { retryAfter: junk, reset: 'x' })), undefined);
    }
  });

  it('say whether a change may have been made', () => {
    for (const code of ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'BAD_USER_INPUT', 'NOT_FOUND']) {
      assert.equal(graphqlError([coded(code)]).stored, 'no', code);
    }
    for (const code of ['INTERNAL_ERROR', 'TIMEOUT', '']) {
      assert.equal(graphqlError([coded(code)]).stored, 'maybe', code);
    }
  });

  it(`are read whatever they are, without a word of the server (seed ${SEED})`, () => {
    const error = fc.record(
      {
        message: fc.oneof(fc.constant('words-of-the-server'), fc.anything()),
        path: fc.anything(),
        locations: fc.anything(),
        extensions: fc.oneof(
          fc.record({ code: fc.anything(), retryAfter: fc.anything(), reset: fc.anything() }),
          fc.anything(),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.oneof(error, fc.anything())), fc.anything()), (errors) => {
        assert.doesNotMatch(inspect(graphqlError(errors, { nowMs: NOW })), /words-of-the-server/);
        for (const { retryAfterMs = 1_000 } of graphqlFailures(errors, NOW)) {
          assert.ok(retryAfterMs >= 1_000 && retryAfterMs <= 3_600_000);
        }
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});

describe('errors by HTTP status', () => {
  it('are judged by a code in the body first', () => {
    const headers = new Headers({ 'retry-after': '5' });
    const of = (status: number, body: unknown) => incidentHttpError(status, body, headers);
    assert.equal(of(500, { errors: [coded('UNAUTHENTICATED')] }).code, 'unauthorized');
    assert.equal(
      of(400, { errors: [{ message: 'x' }, coded('RATE_LIMITED', { retryAfter: 9 })] }).retryAfterMs,
      9_000,
    );
    assert.equal(of(429, { errors: [{ message: 'x' }] }).code, 'rate-limited');
    assert.equal(of(429, undefined).retryAfterMs, 5_000);
    assert.equal(of(409, { error: { code: 'INVALID_STATE_TRANSITION' } }).code, 'input');
    assert.equal(of(422, undefined).code, 'input');
    assert.equal(of(405, undefined).code, 'not-found');
    assert.equal(of(418, undefined).code, 'protocol');
    assert.equal(of(413, undefined).stored, 'no');
  });
});

describe('failures of requests', () => {
  const SAID = 'words-of-the-server';
  const SECRET = 'token-of-jane-very-secret';

  it('EH2: reach their caller once, and nobody else', async (t) => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    t.after(() => process.off('unhandledRejection', listen));
    const { request, control, create } = await incidentBench(t);
    const dialect = await probeGraphql(request);
    const ids = await create(...Array.from({ length: 40 }, (_, i) => ({ title: `${i}` })));
    const reader = createGraphqlReader({ request, dialect });
    await control('incidents-errors', { style: 'next', code: 'INTERNAL_ERROR' });
    // Five batches fail; four of their errors have no listener of their own.
    assert.equal((await rejection(reader.read(ids))).code, 'server');
    await control('incidents-fail', { status: 502 });
    assert.equal((await rejection(reader.read(ids))).code, 'server');
    const abort = new AbortController();
    await control('incidents-latency', { ms: 60_000 });
    const given = rejection(reader.read(ids, abort.signal));
    abort.abort();
    assert.equal((await given).code, 'closed');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(unhandled, []);
  });

  it('EH3: carry no word of the server, no text of the caller and no token, in error or log', async (t) => {
    const TEXT = 'unspeakable-words';
    const answers: ((response: ServerResponse) => unknown)[] = [
      (response) => json(response, { data: null, errors: [{ message: SAID, extensions: { code: SAID } }] }),
      (response) => json(response, { errors: [{ message: SAID, locations: [{}] }] }),
      (response) => json(response, { error: { code: SAID, message: SAID } }, 500),
      (response) =>
        json(response, { errors: [{ message: SAID, extensions: { code: 'UNAUTHENTICATED' } }] }, 401),
      (response) => response.writeHead(400, { 'content-type': 'text/plain' }).end(SAID),
      (response) => response.writeHead(502, { 'content-type': 'text/html' }).end(`<h1>${SAID}</h1>`),
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>${SAID}</h1>`),
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(`{"${SAID}`),
      (response) => response.writeHead(302, { location: `http://127.0.0.1:1/${SAID}` }).end(),
      (response) => response.socket?.end(`HTTP/1.1 ${SAID}\r\n\r\n`),
      (response) => response.socket?.destroy(),
    ];
    const bench = await incidentBench(t);
    const dialect = await probeGraphql(bench.request);
    for (const answer of answers) {
      const { url } = await fakeServer(t, (_, response) => answer(response));
      const { request, rest, log } = access(url, { token: SECRET });
      const readers = [createGraphqlReader({ request, dialect }), createRestReader(rest)];
      for (const reader of readers) {
        const errors = [
          await rejection(reader.act({ kind: 'resolve', id: UNKNOWN_ID, method: 'manual', notes: TEXT })),
          await rejection(reader.page({ page: 0, pageSize: 1 })),
          await rejection(reader.details(UNKNOWN_ID)),
        ];
        const told = inspect([errors, log], { depth: 20, showHidden: true });
        assert.doesNotMatch(told, new RegExp(`${SAID}|${TEXT}|${SECRET}`));
      }
    }
  });
});
