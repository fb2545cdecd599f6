import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type Mock, mock } from 'node:test';
import type { Environment } from '../../src/client/environment.ts';
import { Instruments } from '../../src/client/instruments.ts';
import type { HybridClient } from '../../src/client/types.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { redact } from '../../src/protocol/redact.ts';
import { HandClock } from './hand-clock.ts';

function instruments() {
  const clock = new HandClock();
  const environment: Partial<Environment> = { ...clock.environment, random: () => 0.5 };
  const watch = new Instruments(environment as Environment);
  let snapshots = 0;
  const client: Partial<HybridClient> = {
    options: { serverUrl: 'https://xians.test', tenantId: 'acme' },
    metrics: () => {
      snapshots++;
      return watch.metrics.snapshot({ waiting: 0, failed: 0, oldestMs: 0 });
    },
  };
  const measure = () => watch.metrics.begin('hub', 'probe').succeed();
  return {
    clock,
    watch,
    measure,
    start: () => watch.start(client as HybridClient, () => undefined),
    snapshots: () => snapshots,
  };
}

describe('Instruments: listeners', () => {
  // What Node prints, where a page has reportError.
  let printed: Mock<typeof console.error>;
  beforeEach(() => {
    printed = mock.method(console, 'error', () => undefined);
  });
  afterEach(() => printed.mock.restore());

  it('tells of a listener that throws, as a bug and to the page, and calls the others', () => {
    const { watch } = instruments();
    const errors: RealtimeError[] = [];
    const heard: string[] = [];
    const thrown = new TypeError('The page has a fault');
    watch.emitter.on('error', (error) => errors.push(error));
    watch.emitter.on('unread', () => heard.push('before'));
    watch.emitter.on('unread', () => {
      throw thrown;
    });
    watch.emitter.on('unread', () => heard.push('after'));
    watch.emitter.emit('unread', 1);
    assert.deepEqual(heard, ['before', 'after']);
    assert.deepEqual(
      errors.map(({ code, cause }) => [code, cause]),
      [['bug', thrown]],
    );
    assert.match(errors[0]?.message ?? '', /"unread"/);
    assert.equal(printed.mock.callCount(), 1);
    assert.match(String(printed.mock.calls[0]?.arguments[0]), /The page has a fault/);
  });

  it('does not go round in circles when a listener of errors throws', () => {
    const { watch } = instruments();
    let calls = 0;
    let others = 0;
    watch.emitter.on('error', () => {
      calls++;
      throw new Error('Not here either');
    });
    watch.emitter.on('error', () => others++);
    watch.emitter.emit('error', new RealtimeError('network', 'Lost.'));
    assert.deepEqual([calls, others, printed.mock.callCount()], [1, 1, 1]);
    watch.emitter.on('unread', () => {
      throw new Error('Nor here');
    });
    watch.emitter.emit('unread', 1);
    assert.deepEqual([calls, others, printed.mock.callCount()], [2, 2, 3]);
  });

  it('survives whatever a listener throws', () => {
    const { watch } = instruments();
    const errors: RealtimeError[] = [];
    watch.emitter.on('error', (error) => errors.push(error));
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const thrown of [
      undefined,
      null,
      'words',
      7,
      Symbol('s'),
      Object.create(null),
      proxy,
    ] as unknown[]) {
      const undo = watch.emitter.on('unread', () => {
        throw thrown;
      });
      watch.emitter.emit('unread', 1);
      undo();
    }
    assert.equal(errors.length, 7);
  });
});

describe('Instruments: metrics', () => {
  it('come 10 s after something was measured, and at most every 10 s', async () => {
    const { clock, watch, measure, start } = instruments();
    const times: number[] = [];
    watch.emitter.on('metrics', () => times.push(clock.monotonicNow()));
    start();
    const from = clock.monotonicNow();
    await clock.pass(60_000);
    assert.deepEqual(times, [], 'nothing happened');
    for (let ms = 0; ms < 60_000; ms += 100) {
      measure();
      await clock.pass(100);
    }
    assert.deepEqual(
      times.map((time) => time - from),
      [70, 80, 90, 100, 110, 120].map((seconds) => seconds * 1_000),
    );
    await clock.pass(60_000);
    assert.equal(times.length, 6);
  });

  it('are neither taken nor planned while nobody listens', async () => {
    const { clock, watch, measure, start, snapshots } = instruments();
    start();
    measure();
    assert.deepEqual(clock.pending, []);
    const undo = watch.emitter.on('metrics', () => undefined);
    measure();
    assert.deepEqual(clock.pending, [10_000]);
    await clock.pass(10_000);
    undo();
    measure();
    assert.deepEqual([clock.pending, snapshots()], [[], 1]);
  });

  it('end with it: no timer is left, and none begins', async () => {
    const { clock, watch, measure, start } = instruments();
    watch.emitter.on('metrics', () => assert.fail('told after the end'));
    start();
    measure();
    await watch.dispose();
    assert.deepEqual(clock.pending, []);
    start();
    watch.emitter.on('metrics', () => assert.fail('told after the end'));
    measure();
    assert.deepEqual(clock.pending, []);
    await clock.pass(60_000);
    await watch.dispose();

    const calm = instruments();
    calm.start();
    await calm.watch.dispose();
    calm.watch.emitter.on('metrics', () => undefined);
    calm.measure();
    assert.deepEqual(calm.clock.pending, []);
  });
});

describe('Instruments: credentials', () => {
  /** Does not look like a credential: only being remembered hides it. */
  const secret = (index: number) => `plainwords number ${index} of many`;
  const isHidden = (index: number) => !redact(`It was ${secret(index)} indeed`).includes('plainwords');

  it('remembers the latest three, so that a day of renewals costs nothing', async () => {
    const { watch } = instruments();
    for (let index = 0; index < 300; index++) {
      assert.equal(watch.remember(secret(index)), secret(index));
      assert.ok(isHidden(index));
    }
    assert.deepEqual([296, 297, 298, 299].map(isHidden), [false, true, true, true]);
    await watch.dispose();
  });

  it('keeps one that is used again and again', async () => {
    const { watch } = instruments();
    for (let index = 0; index < 10; index++) {
      watch.remember(secret(index));
      assert.ok(isHidden(0));
      watch.remember(secret(0));
    }
    await watch.dispose();
  });

  it('forgets them at the end, and remembers none that comes late', async () => {
    const { watch } = instruments();
    for (const index of [1, 2]) watch.remember(secret(index));
    await watch.dispose();
    assert.deepEqual([1, 2].map(isHidden), [false, false]);
    watch.remember(secret(3));
    assert.equal(isHidden(3), false, 'nobody would forget it');
    await watch.dispose();
  });

  it('are hidden as long as any client uses them', async () => {
    const [one, other] = [instruments().watch, instruments().watch];
    one.remember(secret(1));
    other.remember(secret(1));
    await one.dispose();
    assert.ok(isHidden(1));
    await other.dispose();
    assert.ok(!isHidden(1));
  });
});
