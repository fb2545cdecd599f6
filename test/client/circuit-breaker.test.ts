import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import {
  CircuitBreaker,
  sharedBreaker,
  type BreakerStatus,
  type Pass,
} from '../../src/client/circuit-breaker.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { ManualTime } from '../transports/manual-time.ts';

const OFFLINE = new RealtimeError('network', 'The server cannot be reached.');

describe('CircuitBreaker', () => {
  let time: ManualTime;
  let chance: number;
  let breaker: CircuitBreaker;
  beforeEach(() => {
    time = new ManualTime();
    chance = 0;
    const environment = { monotonicNow: time.monotonicNow, random: () => chance };
    breaker = new CircuitBreaker({ failures: 3, windowMs: 30_000, openMs: 15_000 }, environment);
  });

  function pass(): Pass {
    const given = breaker.begin();
    assert.ok(given, 'the breaker refused');
    return given;
  }

  function trip(): void {
    for (let i = 0; i < 3; i++) pass().fail(OFFLINE);
    assert.equal(breaker.state, 'open');
  }

  it('B1: lets one of a hundred through when half-open', () => {
    trip();
    time.advance(15_000);
    const passes = Array.from({ length: 100 }, () => breaker.begin());
    assert.equal(passes.filter(Boolean).length, 1);
    passes[0]?.succeed();
    assert.equal(breaker.state, 'closed');
  });

  it('B2: stays open when a slow call from before succeeds', () => {
    const slow = pass();
    trip();
    slow.succeed();
    assert.deepEqual(breaker.status(), { state: 'open', failures: 3, waitMs: 15_000 });
    time.advance(15_000);
    const probe = pass();
    slow.succeed();
    assert.equal(breaker.state, 'half-open', 'the probe alone decides');
    probe.fail(OFFLINE);
    assert.equal(breaker.state, 'open');
  });

  it('B3: is not held open longer by late failures', () => {
    const late = Array.from({ length: 10 }, pass);
    trip();
    time.advance(14_000);
    for (const each of late) each.fail(OFFLINE);
    assert.equal(breaker.waitMs, 1_000);
    time.advance(1_000);
    assert.equal(breaker.state, 'half-open');
  });

  it('B4: counts the failures of the last 30 s only, and opens at the third', () => {
    pass().fail(OFFLINE);
    time.advance(20_000);
    pass().fail(OFFLINE);
    time.advance(10_000);
    assert.equal(breaker.status().failures, 1);
    pass().fail(OFFLINE);
    assert.equal(breaker.state, 'closed');
    pass().fail(OFFLINE);
    assert.equal(breaker.state, 'open');
  });

  it('B4: stays closed while most calls succeed', () => {
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 3; j++) pass().succeed();
      pass().fail(OFFLINE);
    }
    assert.equal(breaker.state, 'closed');
    for (let i = 0; i < 100; i++) pass().succeed();
    for (let i = 0; i < 3; i++) pass().fail(OFFLINE);
    assert.equal(breaker.state, 'open', 'what worked a while ago does not excuse three failures in a row');
  });

  it('B5: has no wall clock that could be set back', (context) => {
    const clock = context.mock.method(Date, 'now', () => 3_600_000);
    trip();
    clock.mock.mockImplementation(() => 0);
    time.advance(15_000);
    assert.equal(breaker.state, 'half-open');
  });

  it('B6: leaves open by time alone, without anybody having tried', () => {
    trip();
    time.advance(14_999);
    assert.equal(breaker.state, 'open');
    time.advance(1);
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.waitMs, 0);
  });

  it('B7: counts no answer, 408 and 5xx, and not that the server refused', () => {
    const refusals = [400, 401, 403, 404, 405, 413, 429].map((status) => {
      return new RealtimeError(status === 405 ? 'protocol' : 'input', 'refused', { status });
    });
    for (const error of refusals) pass().fail(error);
    assert.deepEqual(breaker.status(), { state: 'closed', failures: 0, waitMs: 0 });
    trip();
    for (const [index, status] of [408, 500, 503].entries()) {
      time.advance(15_000);
      pass().fail(new RealtimeError(status === 408 ? 'timeout' : 'server', 'failed', { status }));
      assert.equal(breaker.state, 'open', `${status} (${index})`);
    }
    time.advance(15_000);
    pass().fail(new RealtimeError('protocol', 'a sign-in page', { status: 200 }));
    assert.equal(breaker.state, 'open', 'something in between answered');
    time.advance(15_000);
    pass().fail(new RealtimeError('not-found', 'no such thread'));
    assert.equal(breaker.state, 'closed', 'a refusal shows that the way works');
  });

  it('learns nothing from a failed sign-in, an aborted call or a request that was never made', () => {
    trip();
    time.advance(15_000);
    for (const error of [
      new RealtimeError('network', 'The token cannot be fetched.', { service: 'sign-in' }),
      new RealtimeError('closed', 'The call was cancelled.'),
      new RealtimeError('input', 'A message needs text or data.'),
      new DOMException('Aborted', 'AbortError'),
    ]) {
      pass().fail(error);
      assert.equal(breaker.state, 'half-open', String(error));
    }
    pass().succeed();
    assert.equal(breaker.state, 'closed');
  });

  it('takes a converse whose agent was too slow for a way that works', () => {
    trip();
    time.advance(15_000);
    pass().fail(new RealtimeError('timeout', 'No response.', { status: 408, stored: 'yes' }));
    assert.equal(breaker.state, 'closed');
  });

  it('stays open up to a fifth longer, so that breakers that opened together do not probe together', () => {
    chance = 0.5;
    trip();
    assert.equal(breaker.waitMs, 16_500);
  });

  it('gives another probe when nobody settled the last one within 30 s', () => {
    trip();
    time.advance(15_000);
    const lost = pass();
    time.advance(29_999);
    assert.equal(breaker.begin(), undefined);
    time.advance(1);
    const next = pass();
    lost.fail(OFFLINE);
    assert.equal(breaker.state, 'half-open');
    next.succeed();
    assert.equal(breaker.state, 'closed');
  });

  it('gives the place of a probe that was released to the next', () => {
    trip();
    time.advance(15_000);
    pass().release();
    assert.ok(breaker.begin());
  });

  it('may be probed at once after hasten(), by one', () => {
    trip();
    breaker.hasten();
    assert.equal(breaker.state, 'half-open');
    const probe = pass();
    breaker.hasten();
    assert.equal(breaker.begin(), undefined);
    probe.fail(OFFLINE);
    assert.equal(breaker.waitMs, 15_000);
  });

  it('rejects execute() with `unavailable` and the time to wait, without doing the work', async () => {
    trip();
    time.advance(5_000);
    await assert.rejects(
      breaker.execute(() => assert.fail('it was tried')),
      { code: 'unavailable', retryable: true, stored: 'no', retryAfterMs: 10_000 },
    );
    time.advance(10_000);
    const probing = breaker.execute(() => Promise.resolve('answer'));
    await assert.rejects(
      breaker.execute(() => assert.fail('it was tried')),
      { code: 'unavailable', retryAfterMs: 1_000 },
    );
    assert.equal(await probing, 'answer');
    await assert.rejects(
      breaker.execute(() => Promise.reject(OFFLINE)),
      OFFLINE,
    );
    assert.equal(breaker.status().failures, 1);
  });

  it('tells of every change, and goes on when a listener throws or calls back', (context) => {
    const printed = context.mock.method(console, 'error', () => undefined);
    const heard: BreakerStatus[] = [];
    const undo = breaker.on('change', (status) => heard.push(status));
    breaker.on('change', () => {
      breaker.begin()?.release();
      throw new Error('listener');
    });
    trip();
    time.advance(15_000);
    pass().succeed();
    const seen = heard.map(({ state, failures }) => `${state} ${failures}`);
    assert.deepEqual(seen, ['closed 1', 'closed 2', 'open 3', 'half-open 3', 'closed 0']);
    assert.equal(printed.mock.callCount(), 5);
    undo();
    pass().fail(OFFLINE);
    assert.equal(heard.length, 5);
  });

  it('is one per server, tenant and transport, with the numbers of each', () => {
    const environment = { monotonicNow: time.monotonicNow, random: () => 0, shared: new Map() };
    const key = { serverUrl: 'https://a.example', tenantId: 'acme', transport: 'hub' } as const;
    const hub = sharedBreaker(environment, key);
    const others = [
      sharedBreaker(environment, { ...key, tenantId: 'globex' }),
      sharedBreaker(environment, { ...key, serverUrl: 'https://b.example' }),
      sharedBreaker(environment, { ...key, transport: 'rest' }),
      sharedBreaker(environment, { ...key, transport: 'sse' }),
      sharedBreaker(environment, { ...key, transport: 'incidents' }),
      sharedBreaker({ ...environment, shared: new Map() }, key),
    ];
    for (let i = 0; i < 3; i++) hub.begin()?.fail(OFFLINE);
    assert.equal(sharedBreaker(environment, { ...key }), hub);
    assert.equal(hub.state, 'open');
    assert.deepEqual(
      others.map(({ state }) => state),
      others.map(() => 'closed'),
    );
    const rest = others[2];
    for (let i = 0; i < 4; i++) rest?.begin()?.fail(OFFLINE);
    assert.equal(rest?.state, 'closed');
    rest?.begin()?.fail(OFFLINE);
    assert.deepEqual([rest?.state, rest?.waitMs, hub.waitMs], ['open', 30_000, 15_000]);
  });
});
