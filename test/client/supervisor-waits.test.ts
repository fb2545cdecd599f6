import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure, KINDS, Supervised } from './supervised.ts';

/** The next `count` waits of a world in which everything fails, in milliseconds. */
async function waits(world: Supervised, count: number): Promise<(number | undefined)[]> {
  const found = [];
  for (let index = 0; index < count; index++) {
    await world.until(() => world.waitMs !== undefined, 'a wait');
    found.push(world.waitMs);
    await world.pass(world.waitMs ?? 0);
  }
  return found;
}

describe('Supervisor: waits', () => {
  it('waits longer after every failure, up to a cap', async () => {
    const world = new Supervised();
    world.all(failure('network'));
    await world.start();
    assert.deepEqual(await waits(world, 7), [1_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(world.attempts.length, 8 * 3);
    assert.equal(world.supervisor.snapshot.attempt, 7);
  });

  it('waits longer on a page that nobody sees', async () => {
    const world = new Supervised();
    world.visible = false;
    world.all(failure('network'));
    await world.start();
    assert.deepEqual(await waits(world, 5), [15_000, 15_000, 30_000, 60_000, 60_000]);
  });

  for (const [liveMs, waitMs] of [
    [29_800, 30_000],
    [30_000, 1_000],
  ] as const) {
    it(`after ${liveMs / 1_000} s of a connection waits ${waitMs / 1_000} s`, async () => {
      const world = new Supervised();
      world.all(failure('network'));
      await world.start();
      await waits(world, 3);
      world.all('ok');
      await world.until(() => world.state === 'live', 'live');
      await world.pass(liveMs);
      world.last.lose(failure('network'));
      await world.pass(0);
      assert.equal(world.waitMs, waitMs);
    });
  }

  it('is slowed down by a server that lets everybody in and throws them out', async () => {
    const world = new Supervised();
    await world.start();
    const found: number[] = [];
    for (let round = 0; round < 8; round++) {
      await world.until(() => world.state === 'live', 'live');
      world.last.lose(failure('network'));
      await world.pass(0);
      found.push(world.waitMs ?? Number.NaN);
    }
    assert.deepEqual(found.slice(0, 6), [1_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('does not try before the time that the server named, whatever happens on the page', async () => {
    const world = new Supervised();
    world.all(failure('rate-limited', { retryAfterMs: 60_000 }));
    await world.start();
    assert.ok((world.waitMs ?? 0) >= 60_000);
    const end = world.clock.monotonicNow() + 60_000;
    world.all('ok');
    for (let round = 0; round < 4; round++) {
      world.supervisor.nudge();
      world.supervisor.nudge(true);
      await world.pass(4_000);
    }
    assert.equal(world.supervisor.snapshot.attempt, 0, 'the wait goes on');
    world.supervisor.freeze();
    await world.pass(4_000);
    assert.equal(world.state, 'suspended');
    world.supervisor.nudge(true);
    await world.pass(4_000);
    assert.deepEqual([world.state, world.reason], ['waiting', 'rate-limited']);
    await world.supervisor.stop();
    await world.pass(4_000);
    await world.start();
    assert.deepEqual([world.state, world.reason], ['waiting', 'rate-limited']);
    assert.equal(world.attempts.length, 1);
    await world.until(() => world.state === 'live', 'live');
    assert.ok((world.attempts[1]?.at ?? 0) >= end);
    assert.deepEqual(world.wrongs, []);
    assert.equal(world.errors.length, 1, 'told once');
  });

  it('lets a nudge cut a wait that nobody but itself has asked for', async () => {
    const world = new Supervised();
    // A sign-in service that gave no answer is left alone for a while by our own rule.
    world.all(failure('network', { service: 'sign-in', retryAfterMs: 15_000 }));
    await world.start();
    world.all('ok');
    world.supervisor.nudge(true);
    await world.pass(300);
    assert.equal(world.state, 'live');
  });
});

describe('Supervisor: nudges', () => {
  it('skip a wait within 300 ms, spread by chance', async () => {
    for (const [random, ms] of [
      [0, 1],
      [0.5, 150],
      [0.99, 297],
    ] as const) {
      const world = new Supervised();
      world.all(failure('network'));
      await world.start();
      await world.pass(1_000);
      world.random = () => random;
      world.all('ok');
      world.supervisor.nudge();
      assert.equal(await world.until(() => world.state === 'live', 'live', 1_000, 1), ms);
      assert.ok(world.steps.includes('connecting nudge'), world.steps.join());
    }
  });

  it('take effect once in 3 s, and those in between join the next one', async () => {
    const world = new Supervised();
    await world.start();
    for (let ms = 0; ms < 9_000; ms += 100) {
      world.supervisor.nudge();
      await world.pass(100);
    }
    assert.equal(world.last.probes, 3);
    await world.pass(10_000);
    assert.equal(world.last.probes, 4, 'the last one is not forgotten');
  });

  it('do not push the next regular attempt away', async () => {
    const world = new Supervised();
    world.all(failure('network'));
    await world.start();
    await waits(world, 3);
    for (let round = 0; round < 10; round++) {
      world.supervisor.nudge();
      await world.until(() => world.attempts.length === 3 * (round + 5), 'another attempt', 4_000);
    }
    assert.equal(world.supervisor.snapshot.attempt, 13);
    assert.equal(world.waitMs, 16_000, 'as after the fourth failure');
  });

  it('do not push the next look for a better channel away', async () => {
    const world = new Supervised();
    world.opening.hub = failure('network');
    await world.start();
    for (let round = 0; round < 10; round++) {
      world.supervisor.nudge();
      await world.pass(3_500);
    }
    const before = world.attempts.length;
    await world.pass(31_000);
    assert.equal(world.attempts.length, before + 1);
  });

  it('are nothing to a connection that has ended, and leave no timer', async () => {
    const world = new Supervised();
    await world.start();
    const stopping = world.supervisor.stop();
    world.supervisor.nudge(true);
    await stopping;
    world.supervisor.nudge(true);
    assert.deepEqual(world.clock.pending, []);
    await world.start();
    assert.equal(world.state, 'live');
    // The news of before are no news any more.
    world.opening.hub = 'hang';
    world.last.lose(failure('network'));
    await world.pass(world.waitMs ?? 1_000);
    await world.until(() => world.state === 'connecting', 'the next attempt');
    const before = world.attempts.length;
    await world.pass(4_000);
    world.supervisor.nudge();
    await world.pass(300);
    assert.equal(world.attempts.length, before);
  });
});

describe('Supervisor: ways that are barred', () => {
  it('waits exactly until the first may be tried when all are', async () => {
    const world = new Supervised();
    world.bar('hub', 14_000);
    world.bar('sse', 33_000);
    world.bar('poll', 31_000);
    await world.start();
    assert.deepEqual([world.state, world.waitMs], ['waiting', 14_000]);
    await world.pass(13_999);
    assert.equal(world.attempts.length, 0);
    await world.pass(1);
    assert.deepEqual([world.state, world.triedKinds], ['live', ['hub']]);
    assert.deepEqual(world.errors, [], 'what was not tried has not failed');
  });

  it('tells why they failed, not that they are not tried', async () => {
    const world = new Supervised();
    world.all(failure('server'));
    await world.start();
    for (const kind of KINDS) world.bar(kind, 20_000);
    await world.pass(1_000);
    assert.deepEqual([world.state, world.reason, world.waitMs], ['waiting', 'server-error', 19_000]);
    assert.equal(world.supervisor.snapshot.error?.code, 'server');
    assert.ok(!world.steps.includes('connecting server-error'), world.steps.join());
  });

  it('does not count such a wait as a failure that makes the next one longer', async () => {
    const world = new Supervised();
    world.all(failure('network'));
    await world.start();
    for (let round = 0; round < 5; round++) {
      for (const kind of KINDS) world.bar(kind, 20_000);
      await world.pass(19_000);
    }
    assert.equal(world.attempts.length, 3);
    await world.until(() => world.attempts.length === 6, 'an attempt', 20_000);
    assert.equal(world.waitMs, 4_000);
  });

  it('is cut short by a nudge, after which they may be tried', async () => {
    const world = new Supervised();
    for (const kind of KINDS) world.bar(kind, 20_000);
    await world.start();
    world.supervisor.nudge();
    await world.pass(300);
    assert.deepEqual([world.state, world.unbars], ['live', 1]);
  });

  it('takes SSE at once when the hub is barred, and climbs as soon as the hub may be tried', async () => {
    const world = new Supervised();
    world.bar('hub', 5_000);
    await world.start();
    assert.deepEqual([world.state, world.triedKinds], ['degraded', ['sse']]);
    await world.pass(4_999);
    assert.equal(world.state, 'degraded');
    await world.pass(1);
    assert.deepEqual([world.state, world.triedKinds], ['live', ['sse', 'hub']]);
  });

  it('looks ever more rarely at a hub that stays blocked, although its breaker opens every time', async () => {
    const world = new Supervised();
    world.opening.hub = failure('network');
    world.onOpen = (kind) => {
      if (kind === 'hub') world.bar('hub', 15_000);
    };
    await world.start();
    await world.pass(3_600_000);
    const looks = world.triedKinds.filter((kind) => kind === 'hub').length;
    assert.ok(looks > 5 && looks < 15, `${looks} looks in an hour`);
    world.opening.hub = 'ok';
    await world.until(() => world.state === 'live', 'live', 900_000);
  });

  it('waits when a way that is not barred refuses all the same', async () => {
    const world = new Supervised();
    // Another client of the page probes the hub, and history over REST rests.
    world.opening.hub = failure('unavailable', { retryAfterMs: 5_000 });
    world.bar('poll', 20_000);
    world.syncing = failure('unavailable', { retryAfterMs: 20_000 });
    await world.start();
    assert.ok((world.waitMs ?? 0) >= 5_000, `${world.waitMs}`);
    await world.pass(60_000);
    assert.ok(world.attempts.length < 20, `${world.attempts.length} attempts in a minute`);
  });

  it('tells of the way that was tried and failed, not of the one that was not', async () => {
    const world = new Supervised();
    world.all(failure('unavailable', { retryAfterMs: 5_000 }));
    world.opening.sse = failure('network');
    await world.start();
    assert.equal(world.supervisor.snapshot.error?.code, 'network');
    assert.deepEqual(
      world.errors.map(({ code }) => code),
      ['network'],
    );
  });
});
