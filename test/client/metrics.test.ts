import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Histogram } from '../../src/client/histogram.ts';
import { Metrics } from '../../src/client/metrics.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { SEED } from '../support/seed.ts';
import { ManualTime } from '../transports/manual-time.ts';

const QUEUE = { waiting: 0, failed: 0, oldestMs: undefined };

function setUp() {
  const time = new ManualTime();
  const metrics = new Metrics({ now: () => 1_000_000 + time.now, monotonicNow: time.monotonicNow });
  const operation = (name: string) =>
    metrics.snapshot(QUEUE).operations.find((each) => each.operation === name);
  return { time, metrics, operation };
}

describe('Metrics', () => {
  it('starts with nothing: no percentage, no mean, and nothing that is not a number', () => {
    const { metrics } = setUp();
    const empty = {
      count: 0,
      meanMs: undefined,
      p50Ms: undefined,
      p95Ms: undefined,
      p99Ms: undefined,
      maxMs: undefined,
      buckets: {},
    };
    assert.deepEqual(metrics.snapshot(QUEUE), {
      at: 1_000_000,
      coveredMs: 0,
      operations: [],
      connections: [],
      queue: QUEUE,
      delivery: { delivered: 0, failed: 0, rate: undefined, latency: empty },
      firstReply: empty,
    });
    assert.equal(metrics.uptimeMs('hub'), 0);
    assert.deepEqual(metrics.latencies('rest'), []);
  });

  it('counts failures by kind, and what the caller cancelled as neither', async () => {
    const { metrics, operation } = setUp();
    const fails = (error: unknown) =>
      assert.rejects(metrics.measure('rest', 'history', () => Promise.reject(error)));
    await fails(new RealtimeError('timeout', 'Too slow.'));
    await fails(new RealtimeError('timeout', 'Too slow.'));
    await fails(new RealtimeError('server', 'Down.'));
    await fails(new TypeError('undefined is not a function'));
    await fails(new RealtimeError('closed', 'Cancelled.'));
    metrics.begin('rest', 'history').cancel();
    assert.equal(await metrics.measure('rest', 'history', () => Promise.resolve(7)), 7);
    const { started, succeeded, failed, failures } = operation('history')!;
    assert.deepEqual({ started, succeeded, failed }, { started: 7, succeeded: 1, failed: 4 });
    assert.deepEqual(failures, { timeout: 2, server: 1, bug: 1 });
  });

  it('counts only the first outcome of an operation', () => {
    const { metrics, operation } = setUp();
    let changes = 0;
    metrics.onChange = () => changes++;
    const timing = metrics.begin('hub', 'send');
    timing.fail(new RealtimeError('timeout', 'Too slow.'));
    timing.succeed();
    timing.cancel();
    timing.fail(new Error());
    assert.equal(changes, 1);
    const { succeeded, failed } = operation('send')!;
    assert.deepEqual({ succeeded, failed }, { succeeded: 0, failed: 1 });
  });

  it('keeps operations of different transports apart', () => {
    const { metrics } = setUp();
    metrics.begin('hub', 'send').succeed();
    metrics.begin('rest', 'send').succeed();
    metrics.begin('rest', 'send').succeed();
    assert.deepEqual(
      metrics.snapshot(QUEUE).operations.map(({ transport, succeeded }) => [transport, succeeded]),
      [
        ['hub', 1],
        ['rest', 2],
      ],
    );
  });

  it('counts reconnects, not the first opening, and a channel that is open already once', () => {
    const { metrics, time } = setUp();
    metrics.closed('hub'); // never was open
    for (let i = 0; i < 3; i++) {
      metrics.opened('hub');
      metrics.opened('hub');
      time.advance(1_000);
      metrics.closed('hub');
      metrics.closed('hub');
      time.advance(500);
    }
    assert.deepEqual(metrics.snapshot(QUEUE).connections, [
      { transport: 'hub', isOpen: false, uptimeMs: 3_000, reconnects: 2 },
    ]);
  });

  it('keeps the last 60 round trips of each transport, oldest first, without connecting or waiting for an agent', () => {
    const { metrics, time } = setUp();
    const take = (operation: 'connect' | 'converse' | 'probe', ms: number) => {
      const timing = metrics.begin('rest', operation);
      time.advance(ms);
      timing.succeed();
    };
    for (let i = 1; i <= 70; i++) take('probe', i);
    take('connect', 5_000);
    take('converse', 5_000);
    metrics.begin('rest', 'probe').fail(new Error());
    const latencies = metrics.latencies('rest');
    assert.deepEqual(
      latencies.map(({ ms }) => ms),
      Array.from({ length: 60 }, (_, i) => i + 11),
    );
    assert.equal(latencies.at(-1)?.at, 1_000_000 + (70 * 71) / 2);
    assert.deepEqual(metrics.latencies('hub'), []);
  });

  it('says which part of the messages was delivered', () => {
    const { metrics } = setUp();
    for (const ms of [100, 200, 300]) metrics.delivered(ms);
    metrics.undelivered();
    metrics.replied(2_000);
    const { delivery, firstReply } = metrics.snapshot({ waiting: 2, failed: 1, oldestMs: 40 });
    assert.deepEqual(
      [delivery.delivered, delivery.failed, delivery.rate, delivery.latency.meanMs],
      [3, 1, 0.75, 200],
    );
    assert.equal(firstReply.maxMs, 2_000);
  });
});

describe('Histogram', () => {
  it('gives percentiles within 5 % of the truth, from 1 ms to 10 minutes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const histogram = new Histogram();
          for (const value of values) histogram.add(value);
          const summary = histogram.summary();
          const sorted = values.toSorted((a, b) => a - b);
          for (const [part, found] of [
            [0.5, summary.p50Ms],
            [0.95, summary.p95Ms],
            [0.99, summary.p99Ms],
          ] as const) {
            const truth = sorted[Math.ceil(part * sorted.length) - 1]!;
            assert.ok(Math.abs(found! - truth) <= 0.05 * truth, `${found} for ${truth} at ${part}`);
          }
          assert.equal(summary.maxMs, sorted.at(-1));
          assert.equal(
            Object.values(summary.buckets).reduce((a, b) => a + b, 0),
            values.length,
          );
        },
      ),
      { seed: SEED },
    );
  });

  it('puts each value into the bucket whose ends are around it', () => {
    const histogram = new Histogram();
    for (const ms of [90_000, 1, 999, 1_000, 1_001]) histogram.add(ms);
    const { buckets } = histogram.summary();
    assert.deepEqual(buckets, { '-80': 1, '-1': 2, '0': 1, '51': 1 });
    for (const [key, ms] of [
      [-80, 1],
      [-1, 999],
      [-1, 1_000],
      [0, 1_001],
      [51, 90_000],
    ] as const) {
      assert.ok(2 ** (key / 8) < ms / 1000 && ms / 1000 <= 2 ** ((key + 1) / 8), `${ms} in ${key}`);
    }
  });

  it('needs no more than 234 buckets, whatever it is given', () => {
    const histogram = new Histogram();
    for (const odd of [0, -5, NaN, Infinity, -Infinity]) histogram.add(odd);
    for (let ms = 0.01; ms < 1e12; ms *= 1.01) histogram.add(ms);
    const { buckets, meanMs, maxMs } = histogram.summary();
    assert.equal(Object.keys(buckets).length, 234);
    assert.equal(maxMs, 7 * 24 * 60 * 60 * 1000);
    assert.ok(Number.isFinite(meanMs));
  });
});
