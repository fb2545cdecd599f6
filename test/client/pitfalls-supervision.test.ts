import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure, KINDS, Supervised } from './supervised.ts';

describe('pitfalls of the sample connections, in the supervisor', () => {
  it('H4: a first failure is retried like a later one', async () => {
    const world = new Supervised();
    world.all(failure('network'));
    await world.start();
    assert.deepEqual([world.state, world.waitMs], ['waiting', 1_000]);
    world.all('ok');
    await world.pass(1_000);
    assert.equal(world.state, 'live');
  });

  it('H5: messages have ways of their own to arrive: hub, then SSE, then history', async () => {
    const world = new Supervised();
    for (const [index, kind] of KINDS.entries()) {
      world.all(failure('network'));
      world.opening[kind] = 'ok';
      await world.supervisor.stop();
      await world.start();
      assert.equal(world.supervisor.snapshot.channel, kind);
      assert.deepEqual(world.triedKinds.splice(0), KINDS.slice(0, index + 1));
      world.attempts.length = 0;
    }
  });

  it('W1: stop() never leads to another connection, whatever closes afterwards', async () => {
    const world = new Supervised();
    await world.start();
    const channel = world.last;
    const stopped = world.supervisor.stop();
    channel.lose(failure('network')); // its own close event
    await stopped;
    await world.pass(600_000);
    assert.deepEqual([world.state, world.channels.length, world.clock.pending], ['idle', 1, []]);
  });

  it('W3: what counts is how long a connection lasted, not that it opened', async () => {
    const world = new Supervised();
    world.onOpen = () => world.clock.later(100, () => world.last.lose(failure('network')));
    await world.start();
    await world.pass(3_600_000);
    // At the base rate of 1 s it would be thousands.
    assert.ok(world.attempts.length < 130, `${world.attempts.length} connections in an hour`);
    assert.ok(world.attempts.length > 100, `${world.attempts.length} connections in an hour`);
  });

  it('W4: a channel that closes before it is complete ends the attempt', async () => {
    const world = new Supervised();
    world.syncing = 'hang';
    world.onOpen = () => world.clock.later(100, () => world.last.lose(failure('network')));
    await world.start();
    await world.pass(300);
    assert.deepEqual([world.state, world.attempts.length], ['waiting', 3]);
  });

  it('W9: one connection, however often it is asked for', async () => {
    const world = new Supervised();
    for (let call = 0; call < 50; call++) {
      world.supervisor.start();
      world.supervisor.nudge(true);
    }
    await world.pass(60_000);
    assert.deepEqual([world.state, world.attempts.length], ['live', 1]);
  });

  it('W11: two pages that fail in the same moment do not come back in the same moment', async () => {
    const waits = [];
    for (const random of [0.1, 0.6, 0.9]) {
      const world = new Supervised();
      world.random = () => random;
      world.all(failure('network'));
      await world.start();
      waits.push(Math.round(world.waitMs ?? 0));
    }
    assert.deepEqual(waits, [200, 1_200, 1_800]);
  });

  it('W12: asks for a sign of life whenever there is reason to doubt', async () => {
    const world = new Supervised();
    await world.start();
    const channel = world.last;
    channel.probing = failure('timeout');
    world.supervisor.nudge(true);
    await world.pass(300);
    assert.deepEqual([world.state, channel.probes, channel.isClosed], ['waiting', 1, true]);
  });

  it('R2: keeps its spread at the longest wait', async () => {
    const longest = [];
    for (const random of [0, 0.5, 0.999]) {
      const world = new Supervised();
      world.all(failure('network'));
      await world.start();
      await world.pass(3_600_000);
      world.random = () => random;
      await world.pass(world.waitMs ?? 0);
      longest.push(Math.round((world.waitMs ?? 0) / 1_000));
    }
    assert.deepEqual(longest, [15, 30, 45]);
  });

  it('R4: goes on after any number of failures, and begins anew after a success', async () => {
    const world = new Supervised();
    for (let round = 0; round < 3; round++) {
      world.all(failure('network'));
      if (round === 0) await world.start();
      else world.last.lose(failure('network'));
      await world.pass(7_200_000);
      assert.ok(world.supervisor.snapshot.attempt > 200);
      world.all('ok');
      await world.until(() => world.state === 'live', 'live', 60_000);
      await world.pass(30_000);
      world.supervisor.nudge(); // so that the status is told anew
      await world.pass(300);
      assert.equal(world.supervisor.snapshot.attempt, 0);
    }
  });

  it('R5–R7: makes one attempt at a time, which can be given up, and does not repeat a refusal', async () => {
    const world = new Supervised();
    world.opening.hub = 'hang';
    await world.start();
    for (let call = 0; call < 20; call++) {
      world.supervisor.start();
      world.supervisor.nudge();
      await world.pass(500);
    }
    assert.equal(world.attempts.length, 1);
    await world.supervisor.stop();
    assert.equal(world.attempts[0]?.signal.aborted, true);
    world.all(failure('forbidden'));
    await world.start();
    const before = world.attempts.length;
    await world.pass(29_000);
    assert.deepEqual([world.state, world.attempts.length], ['unauthorized', before]);
    assert.deepEqual(world.wrongs, []);
  });

  it('X1: what it says is true of the connection, not of what arrives on it', async () => {
    const world = new Supervised();
    await world.start();
    await world.pass(86_400_000); // nothing arrives for a day
    assert.equal(world.state, 'live');
    world.last.lose(failure('network'));
    await world.pass(0);
    assert.equal(world.state, 'waiting');
  });
});
