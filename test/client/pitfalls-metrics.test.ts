import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metrics } from '../../src/client/metrics.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { ManualTime } from '../transports/manual-time.ts';

const QUEUE = { waiting: 0, failed: 0, oldestMs: undefined };

describe('the pitfalls of measuring', () => {
  const setUp = () => {
    const time = new ManualTime();
    let wall = 1_700_000_000_000;
    const metrics = new Metrics({ now: () => wall, monotonicNow: time.monotonicNow });
    return { time, metrics, setWall: (at: number) => (wall = at) };
  };

  it('M1: each channel has an uptime of its own', () => {
    const { time, metrics } = setUp();
    metrics.opened('hub');
    time.advance(60_000);
    metrics.opened('sse');
    time.advance(60_000);
    metrics.closed('hub');
    metrics.closed('sse');
    assert.deepEqual([metrics.uptimeMs('hub'), metrics.uptimeMs('sse')], [120_000, 60_000]);
  });

  it('M2: the uptime of a channel that is open grows', () => {
    const { time, metrics } = setUp();
    metrics.opened('hub');
    for (const expected of [5_000, 10_000]) {
      time.advance(5_000);
      assert.equal(metrics.uptimeMs('hub'), expected);
      assert.deepEqual(metrics.snapshot(QUEUE).connections, [
        { transport: 'hub', isOpen: true, uptimeMs: expected, reconnects: 0 },
      ]);
    }
  });

  it('M3: the mean is that of the operations that succeeded, whatever else was started', () => {
    const { time, metrics } = setUp();
    const pending = Array.from({ length: 5 }, () => metrics.begin('rest', 'send'));
    for (let i = 0; i < 10; i++) {
      const timing = metrics.begin('rest', 'send');
      time.advance(100);
      timing.succeed();
    }
    pending[0]?.fail(new RealtimeError('timeout', 'Too slow.'));
    const [send] = metrics.snapshot(QUEUE).operations;
    assert.deepEqual(
      [send?.started, send?.succeeded, send?.latency.count, send?.latency.meanMs, send?.latency.p50Ms],
      [15, 10, 10, 100, 100],
    );
  });

  it('M4: operations that start in the same millisecond are timed apart, on the monotonic clock', () => {
    const { time, metrics, setWall } = setUp();
    const [first, second] = [metrics.begin('rest', 'send'), metrics.begin('rest', 'send')];
    time.advance(100);
    first.succeed();
    setWall(0); // the machine's clock is put back
    time.advance(800);
    second.succeed();
    const { meanMs, maxMs } = metrics.snapshot(QUEUE).operations[0]!.latency;
    assert.deepEqual([meanMs, maxMs], [500, 900]);
    assert.deepEqual(
      metrics.latencies('rest').map(({ ms }) => ms),
      [100, 900],
    );
  });

  it('M6: a snapshot is a copy: nothing done to it or later changes what was measured', () => {
    const { metrics } = setUp();
    const queue = { ...QUEUE, waiting: 1 };
    metrics.begin('hub', 'send').fail(new RealtimeError('server', 'Down.'));
    metrics.opened('hub');
    metrics.delivered(5);
    const before = metrics.snapshot(queue);
    const kept = structuredClone(before);
    metrics.begin('hub', 'send').fail(new RealtimeError('server', 'Down.'));
    metrics.delivered(5);
    metrics.closed('hub');
    queue.waiting = 9;
    assert.deepEqual(before, kept);

    const damaged = metrics.snapshot(queue) as unknown as {
      operations: { started: number; failures: { server: number } }[];
      delivery: { latency: { buckets: Record<number, number> } };
    };
    const whole = structuredClone(damaged);
    damaged.operations[0]!.started = damaged.operations[0]!.failures.server = 99;
    damaged.delivery.latency.buckets = {};
    damaged.operations.length = 1;
    assert.deepEqual(metrics.snapshot(queue), whole);
    const latencies = metrics.latencies('hub') as unknown[];
    metrics.begin('hub', 'probe').succeed();
    assert.equal(latencies.length, 0);
    (metrics.latencies('hub') as unknown[]).length = 0;
    metrics.begin('hub', 'probe').succeed();
    assert.equal(metrics.latencies('hub').length, 1);
  });
});
