import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type ConnectionReport, ConnectionReporter, readReport } from '../../src/client/connection-report.ts';
import type { Channel, ConnectionSnapshot } from '../../src/client/connection.ts';
import { FollowerConnection, serveFollower } from '../../src/client/follower-connection.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { errorDetails } from '../../src/protocol/error-details.ts';
import { TabWorld } from '../support/tabs.ts';
import { PageTime, TabPage } from './tab-page.ts';

/** The connection of a leader that a test plays. */
class LeaderConnection {
  channel: Channel | undefined;
  nudges = 0;
  readonly subscribed: string[] = [];
  snapshot: ConnectionSnapshot = {
    ...{ state: 'connecting', reason: 'requested', since: 1e12, until: undefined },
    ...{ channel: undefined, attempt: 0, lastSyncedAt: undefined, error: undefined },
  };
  readonly #announce: () => void;

  constructor(announce: () => void) {
    this.#announce = announce;
  }

  nudge(): void {
    this.nudges++;
  }

  become(change: Partial<ConnectionSnapshot>): void {
    this.channel = undefined;
    this.snapshot = { ...this.snapshot, until: undefined, attempt: 0, error: undefined, ...change };
    this.#announce();
  }

  open(kind: Channel['kind'], probe = () => Promise.resolve(12)): void {
    this.channel = {
      kind,
      lost: new Promise(() => {}),
      subscribe: async (id) => void this.subscribed.push(id),
      probe,
      close: () => Promise.resolve(),
    };
    const state = kind === 'hub' ? 'live' : 'degraded';
    this.snapshot = {
      ...this.snapshot,
      state,
      reason: 'synced',
      attempt: 0,
      error: undefined,
      channel: kind,
    };
    this.#announce();
  }
}

describe('FollowerConnection', () => {
  let time: PageTime;
  let world: TabWorld;
  let leaderPage: TabPage;
  let followerPage: TabPage;
  let leader: LeaderConnection;
  let follower: FollowerConnection;
  let states: string[];
  let errors: RealtimeError[];
  let sync: (channel: Channel) => Promise<void>;

  const now = () => 1e12 + time.now;
  const state = () => follower.snapshot.state;
  /** A page whose coordinator leads, with its connection. */
  const openLeader = async () => {
    const reporter = new ConnectionReporter();
    const page: TabPage = new TabPage(world.open(), time, {
      describe: () => reporter.report(connection),
      onCall: (method, args) => serveFollower(connection, method, args) ?? Promise.reject(new Error(method)),
    });
    const connection = new LeaderConnection(() => page.tabs.announce());
    await page.tabs.join();
    return { page, connection };
  };

  beforeEach(async () => {
    time = new PageTime();
    world = new TabWorld();
    states = [];
    errors = [];
    sync = async (channel) => channel.subscribe('acme:Support Agent:Chat Flow');
    ({ page: leaderPage, connection: leader } = await openLeader());
    followerPage = new TabPage(world.open(), time, { onLeader: (info) => follower.follow(info) });
    follower = new FollowerConnection({
      environment: followerPage.environment,
      tabs: followerPage.tabs,
      sync: (channel) => sync(channel),
      onChange: () => state() !== states.at(-1) && states.push(state()),
      onError: (error) => errors.push(error),
    });
    await followerPage.tabs.join();
  });
  afterEach(async () => {
    await follower.stop(true);
    followerPage.tabs.leave();
    leaderPage.tabs.leave();
    await time.settle();
    assert.equal(followerPage.leftovers, 0);
    assert.deepEqual(errors, []);
  });

  it('is idle until it is started and after it is stopped, closed in the end', async () => {
    leader.open('hub');
    await time.settle();
    assert.equal(state(), 'idle');
    follower.start();
    follower.start();
    await time.settle();
    assert.equal(state(), 'live');
    await follower.stop();
    assert.deepEqual([state(), follower.channel, follower.snapshot.channel], ['idle', undefined, undefined]);
    follower.start();
    await time.settle();
    assert.equal(state(), 'live');
    await follower.stop(true);
    follower.start();
    assert.equal(state(), 'closed');
  });

  it('shows what the leader says, as it is', async () => {
    const error = new RealtimeError('server', 'The server failed.', { retryAfterMs: 9_000 });
    follower.start();
    leader.become({
      state: 'waiting',
      reason: 'server-error',
      since: 1e12 - 5,
      until: 1e12 + 8_000,
      attempt: 3,
      error,
    });
    await time.settle();
    const { error: shown, ...rest } = follower.snapshot;
    assert.deepEqual(rest, {
      ...{ state: 'waiting', reason: 'server-error', since: 1e12 - 5, until: 1e12 + 8_000 },
      ...{ attempt: 3, channel: undefined, lastSyncedAt: undefined },
    });
    assert.ok(shown instanceof RealtimeError);
    assert.deepEqual(errorDetails(shown), errorDetails(error));
    for (const next of ['offline', 'unauthorized', 'connecting', 'syncing'] as const) {
      leader.become({ state: next });
      await time.settle();
      assert.equal(state(), next);
    }
  });

  it('is connecting while no leader has spoken, and while the leader has not begun', async () => {
    assert.deepEqual([state(), follower.snapshot.reason], ['idle', 'initial']);
    follower.start();
    assert.deepEqual([state(), follower.snapshot.reason], ['connecting', 'requested']);
    for (const next of ['idle', 'suspended', 'closed'] as const) {
      leader.become({ state: next });
      await time.settle();
      assert.equal(state(), 'connecting', next);
    }
  });

  it('is live only after it has subscribed and read by itself', async () => {
    let complete = () => {};
    sync = async (channel) => {
      await channel.subscribe('acme:A:B');
      await new Promise<void>((resolve) => (complete = resolve));
    };
    follower.start();
    leader.open('hub');
    await time.pass(4_000);
    assert.deepEqual(leader.subscribed, ['acme:A:B']);
    assert.equal(state(), 'syncing');
    assert.equal(follower.snapshot.channel, undefined);
    assert.equal(follower.channel === undefined, true);
    assert.equal(follower.snapshot.lastSyncedAt, undefined);
    complete();
    await time.settle();
    assert.equal(state(), 'live');
    assert.deepEqual(states, ['connecting', 'syncing', 'live']);
    const { channel, since, lastSyncedAt, reason } = follower.snapshot;
    assert.deepEqual([channel, since, lastSyncedAt, reason], ['hub', now(), now(), 'synced']);
    assert.equal(await follower.channel?.probe(), 12);
  });

  it('is degraded over a slower channel', async () => {
    follower.start();
    leader.open('sse');
    await time.settle();
    assert.equal(state(), 'degraded');
    assert.equal(follower.snapshot.channel, 'sse');
  });

  it('subscribes and reads again on every new channel and for every new leader', async () => {
    follower.start();
    leader.open('sse');
    await time.settle();
    leader.open('hub');
    await time.settle();
    assert.equal(leader.subscribed.length, 2);
    assert.deepEqual(states, ['connecting', 'syncing', 'degraded', 'syncing', 'live']);
    leader.become({ state: 'waiting', reason: 'transport-lost' });
    await time.settle();
    assert.deepEqual([state(), follower.channel], ['waiting', undefined]);
    leader.open('hub');
    await time.settle();
    assert.equal(state(), 'live');
    assert.equal(leader.subscribed.length, 3);
    leader.open('hub'); // overlapping
    await time.settle();
    assert.equal(leader.subscribed.length, 4);
  });

  it('says at once when the leader goes, and follows the next one', async () => {
    const { page, connection } = await openLeader();
    follower.start();
    leader.open('hub');
    await time.settle();
    // The next in line is this tab itself, which must not lead in this test: it lets the other one pass.
    followerPage.tabs.leave();
    await followerPage.tabs.join();
    await time.settle();
    leaderPage.tabs.leave();
    await time.settle();
    assert.equal(page.role, 'leader');
    assert.equal(state(), 'connecting');
    assert.equal(follower.snapshot.reason, 'requested');
    connection.open('hub');
    await time.settle();
    assert.equal(state(), 'live');
    assert.equal(connection.subscribed.length, 1);
    page.tabs.leave();
  });

  it('waits and tries again when it cannot read, and says why', async () => {
    let isBroken = true;
    sync = async (channel) => {
      await channel.subscribe('acme:A:B');
      if (isBroken) throw new RealtimeError('rate-limited', 'Too many.', { retryAfterMs: 10_000 });
    };
    follower.start();
    leader.open('hub');
    await time.settle();
    const { snapshot } = follower;
    assert.deepEqual([snapshot.state, snapshot.reason, snapshot.attempt], ['waiting', 'rate-limited', 1]);
    assert.equal(snapshot.error?.message, 'Too many.');
    assert.ok(
      snapshot.until !== undefined && snapshot.until >= now() + 10_000,
      'not before the time that was named',
    );
    isBroken = false;
    follower.nudge(); // which changes nothing about the time that the server named
    await time.pass(9_000);
    assert.equal(state(), 'waiting');
    await time.pass(4_000);
    assert.equal(state(), 'live');
    assert.equal(follower.snapshot.error, undefined);
    assert.deepEqual(
      errors.splice(0).map(({ code }) => code),
      ['rate-limited'],
    );
  });

  it('gives up a sync that belongs to a channel that is gone', async () => {
    const pending: (() => void)[] = [];
    sync = () => new Promise<void>((resolve) => pending.push(resolve));
    follower.start();
    leader.open('hub');
    await time.settle();
    leader.become({ state: 'waiting', reason: 'transport-lost' });
    await time.settle();
    pending[0]?.();
    await time.settle();
    assert.equal(state(), 'waiting');
    leader.open('hub');
    await time.settle();
    assert.equal(state(), 'syncing');
    pending[1]?.();
    await time.settle();
    assert.equal(state(), 'live');
  });

  describe('when there is a reason to look', () => {
    it('has the leader look, and reads what it may have missed', async () => {
      let reads = 0;
      sync = async () => void reads++;
      follower.start();
      leader.open('hub');
      await time.pass(1_000);
      assert.equal(reads, 1);
      follower.nudge();
      await time.pass(100);
      assert.deepEqual([reads, leader.nudges, follower.snapshot.lastSyncedAt], [2, 1, now()]);
      for (let count = 0; count < 10; count++) follower.nudge();
      await time.pass(2_500);
      assert.equal(reads, 2);
      await time.pass(1_000);
      assert.deepEqual([reads, leader.nudges], [3, 2]);
      assert.deepEqual(states, ['connecting', 'syncing', 'live']);
    });

    it('stays live when reading fails, says so and looks again', async () => {
      let reads = 0;
      sync = async () => {
        if (++reads === 2) throw new RealtimeError('server', 'The history failed.');
      };
      follower.start();
      leader.open('hub');
      await time.settle();
      follower.nudge();
      await time.pass(100);
      assert.deepEqual(
        errors.splice(0).map(({ code }) => code),
        ['server'],
      );
      assert.equal(state(), 'live');
      await time.pass(6_000);
      assert.equal(reads, 3);
    });

    it('has a leader that waits try at once', async () => {
      follower.start();
      leader.become({ state: 'waiting', reason: 'unreachable', until: now() + 60_000 });
      await time.settle();
      follower.nudge();
      await time.pass(100);
      assert.equal(leader.nudges, 1);
    });

    it('takes over from a leader that is frozen', async () => {
      follower.start();
      leader.open('hub');
      await time.settle();
      followerPage.hide();
      leaderPage.tab.freeze();
      await time.pass(30_000);
      assert.equal(followerPage.role, 'follower');
      follower.nudge();
      await time.pass(5_200);
      assert.equal(followerPage.role, 'leader');
      leaderPage.tab.thaw();
    });
  });

  it('is suspended while the page is frozen, and comes back with everything read', async () => {
    follower.start();
    leader.open('hub');
    await time.settle();
    follower.freeze();
    followerPage.tabs.leave();
    assert.deepEqual([state(), follower.snapshot.reason], ['suspended', 'page-frozen']);
    await followerPage.tabs.join();
    await time.settle();
    assert.equal(state(), 'suspended');
    follower.nudge();
    await time.settle();
    assert.equal(state(), 'live');
    assert.equal(leader.subscribed.length, 2);
  });

  it('takes for a report only what is one', () => {
    const good: ConnectionReport = {
      ...{ state: 'waiting', reason: 'unreachable', since: 1, until: 2, attempt: 3 },
      ...{ error: undefined, channel: undefined, generation: 4 },
    };
    assert.deepEqual(readReport(structuredClone(good)), good);
    const bad: object[] = [
      { state: 'asleep' },
      { reason: 7 },
      { since: 'then' },
      { until: '2' },
      { attempt: NaN },
      { channel: 'pigeon' },
      { generation: undefined },
    ];
    for (const change of bad)
      assert.equal(readReport({ ...good, ...change }), undefined, JSON.stringify(change));
    for (const value of [undefined, null, 'live', 7, []]) assert.equal(readReport(value), undefined);
    assert.equal(readReport({ ...good, error: 'odd' })?.error?.code, 'protocol');
  });
});
