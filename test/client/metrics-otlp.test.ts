import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Metrics } from '../../src/client/metrics.ts';
import { type OtlpRequest, toOtlp } from '../../src/client/otlp.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { SEED } from '../support/seed.ts';
import { ManualTime } from '../transports/manual-time.ts';
import { problemsOf } from './metrics-otlp-schema.ts';

const STARTED = Date.UTC(2026, 0, 1);
const QUEUE = { waiting: 0, failed: 0, oldestMs: undefined };
const ORIGIN = { instance: '6d1c8f0e-0000-4000-8000-000000000000', startedAt: STARTED };

function setUp() {
  const time = new ManualTime();
  const metrics = new Metrics({ now: () => STARTED + time.now, monotonicNow: time.monotonicNow });
  const took = (ms: number, operation: 'send' | 'connect' = 'send') => {
    const timing = metrics.begin('hub', operation);
    time.advance(ms);
    return timing;
  };
  return { time, metrics, took };
}

/** The points of one metric, by their attributes: `send hub` → point. */
function pointsOf(request: OtlpRequest, name: string): Record<string, Record<string, unknown>> {
  const found = request.resourceMetrics[0]?.scopeMetrics[0]?.metrics.find(
    (metric) => metric.name === `xians.client.${name}`,
  );
  const points = (found?.sum ?? found?.gauge ?? found?.exponentialHistogram)?.dataPoints ?? [];
  return Object.fromEntries(
    points.map((point) => [point.attributes.map(({ value }) => value.stringValue).join(' '), point]),
  );
}

function resourceOf({ resourceMetrics }: OtlpRequest): Record<string, string> {
  const { attributes } = resourceMetrics[0]!.resource;
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}

describe('toOtlp', () => {
  it('says everything that a snapshot says', () => {
    const { time, metrics, took } = setUp();
    metrics.opened('hub');
    for (const ms of [100, 100, 100, 800]) took(ms).succeed();
    took(5).fail(new RealtimeError('timeout', 'Too slow.'));
    took(5).fail(new RealtimeError('server', 'Down.'));
    took(5).cancel();
    metrics.closed('hub');
    metrics.opened('hub');
    metrics.delivered(250);
    metrics.undelivered();
    metrics.replied(4_000);
    time.advance(60_000);
    const request = toOtlp(metrics.snapshot({ waiting: 3, failed: 1, oldestMs: 1_500 }), ORIGIN);
    assert.deepEqual(problemsOf(JSON.stringify(request)), []);

    const value = (name: string, of: string) => {
      const { asInt, asDouble }: Record<string, unknown> = pointsOf(request, name)[of] ?? {};
      return asInt ?? asDouble;
    };
    assert.equal(value('operation.started', 'hub send'), '7');
    assert.equal(value('operation.finished', 'hub send'), '4');
    assert.equal(value('operation.finished', 'hub send timeout'), '1');
    assert.equal(value('operation.finished', 'hub send server'), '1');
    assert.equal(value('connection.uptime', 'hub'), 61.115);
    assert.equal(value('connection.reconnects', 'hub'), '1');
    assert.equal(value('connection.open', 'hub'), '1');
    assert.equal(value('queue.messages', 'waiting'), '3');
    assert.equal(value('queue.messages', 'failed'), '1');
    assert.equal(value('queue.oldest', ''), 1.5);
    assert.equal(value('delivery.messages', 'delivered'), '1');
    assert.equal(value('delivery.messages', 'failed'), '1');

    const { count, sum, max, scale, positive, startTimeUnixNano, timeUnixNano }: Record<string, unknown> =
      pointsOf(request, 'operation.duration')['hub send'] ?? {};
    assert.deepEqual([count, sum, max, scale], ['4', 1.1, 0.8, 3]);
    assert.deepEqual(positive, {
      offset: -27, // 2^(-27/8) s = 96 ms
      bucketCounts: ['3', ...Array.from({ length: 23 }, () => '0'), '1'],
    });
    assert.deepEqual([startTimeUnixNano, timeUnixNano], ['1767225600000000000', '1767225661115000000']);
    assert.equal(pointsOf(request, 'delivery.duration')['']?.['sum'], 0.25);
    assert.equal(pointsOf(request, 'reply.duration')['']?.['max'], 4);
  });

  it('leaves out what there is nothing to tell of', () => {
    const request = toOtlp(setUp().metrics.snapshot(QUEUE), ORIGIN);
    assert.deepEqual(problemsOf(JSON.stringify(request)), []);
    assert.deepEqual(
      request.resourceMetrics[0]?.scopeMetrics[0]?.metrics.map(({ name }) => name),
      ['xians.client.queue.messages', 'xians.client.delivery.messages'],
    );
  });

  it('names the version of the package, and the tenant only if it is given', async () => {
    const { version, name } = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, string>;
    const snapshot = setUp().metrics.snapshot(QUEUE);
    const request = toOtlp(snapshot, ORIGIN);
    assert.deepEqual(request.resourceMetrics[0]?.scopeMetrics[0]?.scope, { name, version });
    assert.deepEqual(resourceOf(request), {
      'service.name': name,
      'service.version': version,
      'service.instance.id': ORIGIN.instance,
    });
    assert.equal(resourceOf(toOtlp(snapshot, { ...ORIGIN, tenantId: 'acme' }))['xians.tenant'], 'acme');
  });

  it('keeps the start of its series and never ends before it, whatever the machine’s clock does', () => {
    const time = new ManualTime();
    let wall = STARTED;
    const metrics = new Metrics({ now: () => wall, monotonicNow: time.monotonicNow });
    const times = [0, 3_600_000, -3_600_000].map((jump) => {
      time.advance(1_000);
      wall += jump;
      metrics.delivered(1);
      const { startTimeUnixNano, timeUnixNano } = pointsOf(
        toOtlp(metrics.snapshot(QUEUE), ORIGIN),
        'delivery.messages',
      )['delivered']!;
      return [startTimeUnixNano, timeUnixNano];
    });
    assert.deepEqual(times, [
      ['1767225600000000000', '1767225601000000000'],
      ['1767225600000000000', '1767225602000000000'],
      ['1767225600000000000', '1767225603000000000'],
    ]);
  });

  it('is valid whatever was measured', () => {
    const ms = fc.double({ min: 0, max: 1e10, noNaN: true });
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('send' as const, 'connect' as const), ms }),
      fc.record({ kind: fc.constantFrom('fail' as const, 'delivered' as const, 'replied' as const), ms }),
      fc.record({ kind: fc.constantFrom('opened' as const, 'closed' as const, 'wait' as const), ms }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { time, metrics, took } = setUp();
        for (const { kind, ms } of steps) {
          if (kind === 'send' || kind === 'connect') took(ms, kind).succeed();
          else if (kind === 'fail') took(ms).fail(new Error());
          else if (kind === 'wait') time.advance(ms);
          else if (kind === 'opened' || kind === 'closed') metrics[kind]('sse');
          else metrics[kind](ms);
        }
        assert.deepEqual(problemsOf(JSON.stringify(toOtlp(metrics.snapshot(QUEUE), ORIGIN))), []);
      }),
      { seed: SEED },
    );
  });
});

describe('the reader that these tests use', () => {
  it('finds what collectors would refuse or take for something else', () => {
    const { metrics, took } = setUp();
    took(100).succeed();
    took(200).succeed();
    const body = JSON.stringify(toOtlp(metrics.snapshot(QUEUE), ORIGIN));
    assert.deepEqual(problemsOf(body), []);
    for (const [from, to] of [
      ['"asInt":"0"', '"asInt":0'],
      ['"asInt":"0"', '"as_int":"0"'],
      ['"count":"2"', '"count":"3"'],
      ['"count":"2"', '"count":2'],
      ['"bucketCounts":["1"', '"bucketCounts":["1","0"'],
      ['"aggregationTemporality":2', '"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"'],
      ['"timeUnixNano":"1', '"timeUnixNano":"0'],
      ['"startTimeUnixNano":"1767225600000000000"', '"startTimeUnixNano":1767225600000000000'],
      ['"sum":0.3', '"sum":null'],
      ['"max":0.2', '"max":0.3'],
      ['operation.started', 'operation.finished'],
      ['"isMonotonic":true', '"isMonotonic":true,"monotonic":true'],
      ['"metrics":[', '"metrics":[{"name":"empty","unit":"1","gauge":{"dataPoints":[]}},'],
    ] as const) {
      assert.ok(body.includes(from), from);
      assert.notDeepEqual(problemsOf(body.replace(from, to)), [], to);
    }
  });
});
