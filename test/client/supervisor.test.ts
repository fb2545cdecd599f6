import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { failure, KINDS, Supervised } from './supervised.ts';

const SIGN_IN = { service: 'sign-in' } as const;

describe('Supervisor', () => {
  it('is live once everything is subscribed and read, and not before', async () => {
    const world = new Supervised();
    world.syncing = 'hang';
    await world.start();
    await world.pass(2_000);
    assert.deepEqual(world.steps, ['connecting requested', 'syncing transport-open']);
    assert.equal(world.supervisor.channel, undefined);
    const other = new Supervised();
    await other.start();
    assert.deepEqual(other.steps, ['connecting requested', 'syncing transport-open', 'live synced']);
    assert.equal(other.supervisor.snapshot.lastSyncedAt, other.clock.now());
  });

  it('goes down the ladder until something works, and is degraded there', async () => {
    const world = new Supervised();
    world.opening.hub = failure('timeout');
    world.opening.sse = failure('protocol');
    await world.start();
    assert.deepEqual([world.state, world.triedKinds], ['degraded', ['hub', 'sse', 'poll']]);
    assert.deepEqual(world.errors, [], 'it works');
  });

  it('closes what opened but could not be completed', async () => {
    const world = new Supervised();
    world.syncing = ({ kind }) => (kind === 'hub' ? failure('server') : 'ok');
    await world.start();
    assert.deepEqual(
      world.channels.map(({ kind, isClosed }) => `${kind} ${isClosed ? 'closed' : 'open'}`),
      ['hub closed', 'sse open'],
    );
  });

  it('does not believe in a channel that is lost while it is completed', async () => {
    const world = new Supervised();
    world.syncing = ({ kind }) => (kind === 'hub' ? 'hang' : 'ok');
    await world.start();
    world.last.lose(failure('network'));
    await world.pass(0);
    assert.deepEqual([world.state, world.supervisor.snapshot.channel], ['degraded', 'sse']);
  });

  describe('why it waits', () => {
    const whys: [ErrorCode, string, string][] = [
      ['network', 'waiting', 'unreachable'],
      ['timeout', 'waiting', 'unreachable'],
      ['protocol', 'waiting', 'intercepted'],
      ['server', 'waiting', 'server-error'],
      ['rate-limited', 'waiting', 'rate-limited'],
      ['input', 'waiting', 'configuration'],
      ['not-found', 'waiting', 'configuration'],
      ['unsupported', 'waiting', 'configuration'],
      ['forbidden', 'unauthorized', 'credential-refused'],
    ];
    for (const [code, state, reason] of whys) {
      it(`after ${code}: ${reason}`, async () => {
        const world = new Supervised();
        world.all(failure(code));
        await world.start();
        assert.deepEqual([world.state, world.reason], [state, reason]);
        assert.deepEqual(
          world.errors.map((error) => error.code),
          [code],
        );
        assert.deepEqual(world.wrongs, []);
      });
    }

    it('transport-lost after a loss, unreachable once an attempt has failed too', async () => {
      const world = new Supervised();
      await world.start();
      world.last.lose(failure('network'));
      await world.pass(0);
      assert.deepEqual([world.state, world.reason], ['waiting', 'transport-lost']);
      world.all(failure('network'));
      await world.pass(1_000);
      assert.deepEqual([world.state, world.reason], ['waiting', 'unreachable']);
    });

    it('no-network where the machine says so, unless a server answers all the same', async () => {
      const world = new Supervised();
      world.online = false;
      world.all(failure('network'));
      await world.start();
      assert.deepEqual([world.state, world.reason], ['offline', 'no-network']);
      world.all(failure('server'));
      await world.pass(1_000);
      assert.deepEqual([world.state, world.reason], ['waiting', 'server-error']);
      assert.deepEqual(world.wrongs, []);
    });

    it('what the lower rungs see counts more than a WebSocket that does not open', async () => {
      const world = new Supervised();
      world.all(failure('network'));
      world.opening.sse = failure('protocol');
      await world.start();
      assert.equal(world.reason, 'intercepted');
    });
  });

  describe('a peer that is dead', () => {
    it('is noticed within 3 s of a nudge, although a read of history hangs', async () => {
      const world = new Supervised();
      await world.start();
      world.syncing = 'hang';
      world.supervisor.nudge();
      await world.pass(3_300);
      assert.deepEqual([world.state, world.last.probes], ['live', 1]);
      world.last.probing = 'hang';
      world.supervisor.nudge();
      const tookMs = await world.until(() => world.state !== 'live', 'noticed');
      assert.ok(tookMs <= 3_300, `${tookMs} ms`);
      assert.equal(world.reason, 'transport-lost');
      assert.ok(world.channels.every(({ isOpen }) => !isOpen));
    });

    it('is noticed after a sleep that no event tells of', async () => {
      const world = new Supervised();
      await world.start();
      world.last.probing = 'hang';
      world.clock.stall(1_800_000, { monotonic: false });
      const tookMs = await world.until(() => world.state !== 'live', 'noticed');
      assert.ok(tookMs <= 1_500 + 300 + 1_000, `${tookMs} ms`);
    });

    it('has one second to answer after news, and three the next time', async () => {
      const world = new Supervised();
      await world.start();
      world.supervisor.nudge(true);
      await world.pass(5_000);
      world.last.probing = 'hang';
      world.supervisor.nudge();
      await world.pass(2_500);
      assert.equal(world.state, 'live', 'slow, perhaps');
      await world.until(() => world.state !== 'live', 'noticed');
      await world.until(() => world.state === 'live', 'live again');
      await world.pass(5_000);
      world.last.probing = 'hang';
      world.supervisor.nudge(true);
      const tookMs = await world.until(() => world.state !== 'live', 'noticed');
      assert.ok(tookMs <= 1_300, `${tookMs} ms`);
    });

    for (const phase of ['opening', 'syncing'] as const) {
      it(`does not hold up an attempt that was ${phase} before the news: it is made anew, once`, async () => {
        const world = new Supervised();
        if (phase === 'opening') world.opening.hub = 'hang';
        else world.syncing = 'hang';
        await world.start();
        await world.pass(5_000);
        world.supervisor.nudge(true);
        await world.pass(300);
        assert.deepEqual([world.attempts.length, world.attempts[0]?.signal.aborted], [2, true]);
        await world.pass(5_000);
        world.supervisor.nudge(true);
        await world.pass(5_000);
        assert.equal(world.attempts.length, 2, 'not again and again');
        assert.equal(world.openChannels.length, phase === 'opening' ? 0 : 1);
        assert.deepEqual([world.errors, world.supervisor.snapshot.attempt], [[], 0], 'no failure');
        assert.deepEqual(world.wrongs, []);
      });
    }

    it('lets an attempt go on that has just begun, and one of which there is no news', async () => {
      const world = new Supervised();
      world.opening.hub = 'hang';
      await world.start();
      await world.pass(2_000);
      world.supervisor.nudge(true);
      await world.pass(3_500);
      world.supervisor.nudge();
      await world.pass(500);
      assert.equal(world.attempts.length, 1);
    });

    it('makes a later attempt anew as well', async () => {
      const world = new Supervised();
      world.opening.hub = 'hang';
      await world.start();
      await world.pass(5_000);
      world.opening.hub = failure('network');
      world.opening.sse = world.opening.poll = failure('network');
      world.supervisor.nudge(true);
      await world.until(() => world.state === 'waiting', 'waiting');
      world.opening.hub = 'hang';
      await world.until(() => world.state === 'connecting', 'another attempt');
      const before = world.attempts.length;
      await world.pass(5_000);
      world.supervisor.nudge(true);
      await world.pass(300);
      assert.equal(world.attempts.length, before + 1);
    });
  });

  describe('a credential that is refused', () => {
    it('is replaced on the rung where it was refused, and nothing else is tried', async () => {
      const world = new Supervised();
      world.opening.hub = failure('unauthorized');
      world.onOpen = () => {
        if (world.attempts.length === 2) world.opening.hub = 'ok';
      };
      await world.start();
      assert.deepEqual([world.state, world.triedKinds, world.renewals], ['live', ['hub', 'hub'], 1]);
      assert.ok(world.steps.includes('connecting signing-in'), world.steps.join());
      assert.deepEqual([world.errors, world.supervisor.snapshot.attempt], [[], 0]);
    });

    it('is replaced once a try, with a long wait in between', async () => {
      const world = new Supervised();
      world.all(failure('unauthorized'));
      await world.start();
      for (let round = 1; round <= 3; round++) {
        assert.deepEqual(
          [world.state, world.reason, world.waitMs],
          ['unauthorized', 'credential-refused', 30_000],
        );
        assert.deepEqual([world.renewals, world.attempts.length], [round, round * 3]);
        await world.pass(30_000);
      }
      assert.deepEqual(world.triedKinds.slice(0, 3), ['hub', 'hub', 'sse']);
    });

    it('cannot be replaced when it is a key: refused by the hub alone it serves for SSE', async () => {
      const world = new Supervised();
      world.renewing = false;
      world.opening.hub = failure('unauthorized');
      await world.start();
      assert.deepEqual([world.state, world.triedKinds], ['degraded', ['hub', 'sse']]);
      const other = new Supervised();
      other.renewing = false;
      other.all(failure('unauthorized'));
      await other.start();
      assert.deepEqual([other.state, other.triedKinds], ['unauthorized', ['hub', 'sse']]);
    });

    for (const when of ['before', 'while'] as const) {
      it(`is waited for when the sign-in fails ${when} it is replaced, not sought on lower rungs`, async () => {
        const world = new Supervised();
        const down = failure('network', SIGN_IN);
        world.opening.hub = when === 'before' ? down : failure('unauthorized');
        world.renewing = down;
        await world.start();
        assert.deepEqual([world.state, world.reason], ['waiting', 'sign-in-unreachable']);
        assert.deepEqual([world.triedKinds, world.waitMs], [['hub'], 1_000]);
        assert.deepEqual(world.errors, [down], 'told once');
        world.opening.hub = 'ok';
        await world.pass(1_000);
        assert.equal(world.state, 'live');
      });
    }

    it('is waited for when the sign-in fails after the server has ended the connection', async () => {
      const world = new Supervised();
      await world.start();
      world.renewing = failure('server', SIGN_IN);
      world.opening.hub = failure('server', SIGN_IN);
      world.last.lose(failure('unauthorized'));
      await world.pass(0);
      assert.deepEqual([world.reason, world.waitMs], ['sign-in-unreachable', 1_000]);
      world.opening.hub = 'ok';
      await world.pass(1_000);
      assert.equal(world.state, 'live');
    });

    it('ends in a wait where the sign-in itself refuses', async () => {
      const world = new Supervised();
      world.opening.hub = failure('unauthorized');
      world.renewing = failure('unauthorized', SIGN_IN);
      await world.start();
      assert.deepEqual([world.state, world.triedKinds, world.renewals], ['unauthorized', ['hub'], 1]);
      const other = new Supervised();
      other.all(failure('unauthorized', SIGN_IN));
      await other.start();
      assert.deepEqual([other.state, other.triedKinds, other.renewals], ['unauthorized', ['hub'], 0]);
    });

    it('is not replaced without end by a server that lets everybody in and then refuses', async () => {
      const world = new Supervised();
      await world.start();
      for (let round = 0; round < 5; round++) {
        if (world.last.isOpen) world.last.lose(failure('unauthorized'));
        await world.pass(0);
      }
      assert.deepEqual([world.state, world.renewals, world.attempts.length], ['unauthorized', 1, 2]);
    });

    it('is replaced again when the next one has ended in its turn', async () => {
      const world = new Supervised();
      await world.start();
      for (let round = 1; round <= 3; round++) {
        await world.pass(31_000);
        world.last.lose(failure('unauthorized'));
        await world.pass(0);
        assert.deepEqual([world.state, world.renewals], ['live', round]);
      }
      assert.deepEqual(world.errors, []);
    });

    it('is replaced on an open channel when a read of history finds it refused', async () => {
      const world = new Supervised();
      await world.start();
      for (let round = 1; round <= 2; round++) {
        let isRefused = true;
        world.syncing = () => {
          const behaviour = isRefused ? failure('unauthorized') : 'ok';
          isRefused = false;
          return behaviour;
        };
        world.supervisor.nudge();
        await world.pass(3_500);
        assert.equal(world.syncs, 1 + 2 * round);
        assert.deepEqual([world.state, world.renewals, world.channels.length], ['live', round, 1]);
      }
      assert.deepEqual(world.errors, []);
    });

    it('that hangs on its way is asked for anew after a sleep', async () => {
      const world = new Supervised();
      world.opening.hub = failure('unauthorized');
      world.renewing = 'hang';
      await world.start();
      await world.pass(5_000);
      assert.deepEqual([world.state, world.reason], ['connecting', 'signing-in']);
      world.opening.hub = 'ok';
      world.supervisor.nudge(true);
      await world.pass(300);
      assert.deepEqual([world.state, world.errors], ['live', []]);
      assert.deepEqual(world.wrongs, []);
    });
  });

  describe('a read of what was missed that fails on an open channel', () => {
    it('is told and repeated ever more rarely, and ends nothing', async () => {
      const world = new Supervised();
      await world.start();
      world.syncing = failure('server');
      world.supervisor.nudge();
      await world.pass(600_000);
      assert.deepEqual([world.state, world.channels.length], ['live', 1]);
      assert.ok(world.syncs > 15 && world.syncs < 30, `${world.syncs} reads in ten minutes`);
      assert.equal(world.errors.length, world.syncs - 1);
      world.syncing = 'ok';
      const before = world.supervisor.snapshot.lastSyncedAt ?? 0;
      await world.pass(45_000);
      assert.ok((world.supervisor.snapshot.lastSyncedAt ?? 0) > before);
      const { syncs } = world;
      await world.pass(600_000);
      assert.equal(world.syncs, syncs, 'then there is an end of it');
    });

    it('is repeated after the time that the server named, and no news to what is barred', async () => {
      const world = new Supervised();
      await world.start();
      world.syncing = failure('rate-limited', { retryAfterMs: 60_000 });
      world.supervisor.nudge();
      await world.pass(3_300);
      const { syncs, unbars } = world;
      await world.pass(56_000);
      assert.equal(world.syncs, syncs);
      world.syncing = 'ok';
      await world.pass(10_000);
      assert.deepEqual([world.syncs, world.unbars], [syncs + 1, unbars]);
    });
  });

  describe('a climb', () => {
    const degraded = async () => {
      const world = new Supervised();
      world.opening.hub = failure('network');
      await world.start();
      assert.equal(world.state, 'degraded');
      return world;
    };

    it('overlaps: the slower channel is closed once the better one is complete', async () => {
      const world = await degraded();
      const slow = world.last;
      world.opening.hub = 'ok';
      world.syncing = ({ kind }) => (kind === 'hub' ? 'hang' : 'ok');
      await world.until(() => world.last.kind === 'hub', 'a look');
      await world.pass(1_000);
      assert.deepEqual([world.state, slow.isOpen], ['degraded', true]);
      world.last.lose(failure('network'));
      world.syncing = 'ok';
      await world.until(() => world.state === 'live', 'live');
      assert.deepEqual([slow.isClosed, world.openChannels.length], [true, 1]);
    });

    it('is kept when the slower channel is lost meanwhile', async () => {
      const world = await degraded();
      const slow = world.last;
      world.opening.hub = 'ok';
      world.onOpen = () => slow.lose(failure('network'));
      await world.until(() => world.state === 'live', 'live');
      await world.pass(60_000);
      assert.deepEqual([world.state, world.channels.length], ['live', 2]);
    });

    it('that fails with the slower channel lost meanwhile begins at the top', async () => {
      const world = await degraded();
      const slow = world.last;
      world.onOpen = () => slow.lose(failure('network'));
      await world.until(() => world.state === 'waiting', 'waiting');
      assert.equal(world.reason, 'transport-lost');
    });

    it('is tried after every nudge', async () => {
      const world = await degraded();
      world.opening.hub = 'ok';
      world.supervisor.nudge();
      await world.pass(300);
      assert.equal(world.state, 'live');
    });

    it('goes from polling to SSE when the hub stays blocked', async () => {
      const world = new Supervised();
      world.opening.hub = world.opening.sse = failure('network');
      await world.start();
      world.opening.sse = 'ok';
      await world.until(() => world.supervisor.snapshot.channel === 'sse', 'SSE', 60_000);
      assert.equal(world.openChannels.length, 1);
    });
  });

  describe('a page that freezes', () => {
    const phases: Record<string, (world: Supervised) => void> = {
      connecting: (world) => (world.opening.hub = 'hang'),
      syncing: (world) => (world.syncing = 'hang'),
      live: () => undefined,
      waiting: (world) => world.all(failure('network')),
      unauthorized: (world) => world.all(failure('unauthorized')),
    };
    for (const [phase, prepare] of Object.entries(phases)) {
      it(`holds nothing, tries nothing while it is frozen, and goes on afterwards: while ${phase}`, async () => {
        const world = new Supervised();
        prepare(world);
        await world.start();
        assert.equal(world.state, phase);
        world.supervisor.freeze();
        world.all('ok');
        world.syncing = 'ok';
        const before = world.attempts.length;
        await world.pass(600_000);
        assert.deepEqual([world.state, world.reason], ['suspended', 'page-frozen']);
        assert.deepEqual([world.openChannels, world.attempts.length], [[], before]);
        world.supervisor.nudge(true);
        await world.pass(300);
        assert.equal(world.state, 'live');
        assert.ok(world.steps.includes('connecting nudge'), world.steps.join());
        assert.deepEqual(world.wrongs, []);
      });

      it(`leaves no timer and no channel when it is stopped while ${phase}, also frozen`, async () => {
        for (const freezes of [false, true]) {
          const world = new Supervised();
          prepare(world);
          await world.start();
          world.supervisor.nudge();
          if (freezes) world.supervisor.freeze();
          await world.supervisor.stop();
          await world.pass(0);
          assert.deepEqual([world.clock.pending, world.openChannels], [[], []]);
          assert.deepEqual([world.state, world.waitMs], ['idle', undefined]);
        }
      });
    }
  });

  it('leaves no timer when it is stopped while it asks for a sign of life', async () => {
    const world = new Supervised();
    await world.start();
    world.last.probing = 'hang';
    world.supervisor.nudge();
    await world.pass(1_000);
    assert.equal(world.last.probes, 1);
    await world.supervisor.stop();
    assert.deepEqual([world.state, world.clock.pending], ['idle', []]);
  });

  it('tries nothing more once it is stopped or frozen, in whatever moment', async () => {
    for (let moment = 0; moment < 60; moment++) {
      for (const end of ['stop', 'freeze'] as const) {
        const world = new Supervised();
        world.opening.hub = failure('unauthorized');
        world.opening.sse = failure('network');
        world.onOpen = () => {
          if (world.renewals === 1) world.opening.hub = failure('network');
        };
        world.supervisor.start();
        for (let turn = 0; turn < moment; turn++) await Promise.resolve();
        const before = world.attempts.length;
        void world.supervisor[end]();
        await world.pass(60_000);
        assert.deepEqual([world.attempts.length, world.openChannels], [before, []], `${end} at ${moment}`);
        assert.deepEqual([world.state, world.wrongs], [end === 'stop' ? 'idle' : 'suspended', []]);
      }
    }
  });

  it('closes a channel that opens after it was given up', async () => {
    const world = new Supervised();
    let release = (): void => undefined;
    const late: Promise<void> = new Promise((resolve) => (release = resolve));
    world.opening.hub = late;
    await world.start();
    await world.supervisor.stop();
    assert.equal(world.channels.length, 0);
    release();
    await world.pass(0);
    assert.deepEqual(
      world.channels.map(({ isClosed }) => isClosed),
      [true],
    );
  });

  it('starts again when it is asked to while it stops, and never after the last stop', async () => {
    const world = new Supervised();
    await world.start();
    const stopping = world.supervisor.stop();
    world.supervisor.start();
    await stopping;
    await world.pass(0);
    assert.deepEqual([world.state, world.channels.length, world.openChannels.length], ['live', 2, 1]);
    await Promise.all([world.supervisor.stop(), world.supervisor.stop(true)]);
    world.supervisor.start();
    world.supervisor.nudge(true);
    await world.pass(10_000);
    assert.deepEqual([world.state, world.channels.length], ['closed', 2]);
    assert.deepEqual(world.clock.pending, []);
  });

  it('tells that it was asked to connect, not why it had ended', async () => {
    const world = new Supervised();
    await world.start();
    await world.supervisor.stop(false, 'idle');
    assert.equal(world.reason, 'idle');
    world.all('hang');
    await world.start();
    assert.deepEqual([world.state, world.reason], ['connecting', 'requested']);
  });

  it('tries every rung as often as it takes, for days', async () => {
    const world = new Supervised();
    world.all(failure('network'));
    await world.start();
    await world.pass(2 * 86_400_000);
    const tries = world.attempts.length / KINDS.length;
    assert.ok(tries > 5_000, `${tries} tries in two days`);
    world.all('ok');
    await world.until(() => world.state === 'live', 'live', 60_000);
  });
});
