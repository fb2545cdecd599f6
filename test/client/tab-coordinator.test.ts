import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { TabPorts, TabRole } from '../../src/client/tab-coordinator.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { TabWorld } from '../support/tabs.ts';
import { LOCK, PageTime, TabPage } from './tab-page.ts';

describe('TabCoordinator', () => {
  let time: PageTime;
  let world: TabWorld;
  let pages: TabPage[];

  const open = (overrides: Partial<TabPorts> = {}) => {
    const page = new TabPage(world.open(), time, overrides);
    pages.push(page);
    return page;
  };
  /** Opens a page and waits until it has a role. */
  const joined = async (overrides: Partial<TabPorts> = {}) => {
    const page = open(overrides);
    await page.tabs.join();
    await time.settle();
    return page;
  };
  const roles = () => pages.map((page) => page.role);
  const sent = (tab: number, kind: string, rest: object) => {
    const stranger = new pages[tab]!.tab.BroadcastChannel(LOCK);
    stranger.postMessage({ v: 1, from: 'stranger', kind, ...rest });
    return stranger;
  };
  const rejectsWith = async (promise: Promise<unknown>, code: string) => {
    await assert.rejects(promise, (error) => error instanceof RealtimeError && error.code === code);
  };

  beforeEach(() => {
    time = new PageTime();
    world = new TabWorld();
    pages = [];
  });
  afterEach(async () => {
    for (const page of pages) page.tabs.leave();
    await time.settle();
    const errors = pages.flatMap((page) => page.errors.map(({ message }) => message));
    assert.deepEqual(errors, []);
    for (const page of pages) {
      if (page.tab.state === 'running')
        assert.equal(page.leftovers, 0, `${page.tab.name} leaves something behind`);
    }
    assert.deepEqual(time.pending, []);
  });

  describe('who leads', () => {
    it('lets the first tab lead and the others follow', async () => {
      await joined();
      await joined();
      await joined();
      assert.deepEqual(roles(), ['leader', 'follower', 'follower']);
      assert.deepEqual(pages[0]!.roles, ['leader']);
      assert.deepEqual(pages[1]!.roles, ['follower']);
    });

    it('tells followers who leads and what its connection is like', async () => {
      const leader = await joined();
      const follower = await joined();
      assert.equal(follower.tabs.leader?.state, 'calm');
      leader.state = 'stormy';
      leader.tabs.announce();
      await time.settle();
      assert.equal(follower.tabs.leader?.state, 'stormy');
      assert.equal(leader.tabs.leader, undefined);
    });

    it('passes the lead on at once when the leader leaves', async () => {
      const leader = await joined();
      const follower = await joined();
      leader.tabs.leave();
      await time.settle();
      assert.equal(leader.role, 'none');
      assert.equal(follower.role, 'leader');
      assert.equal(world.holder(LOCK), follower.tab);
    });

    it('passes the lead on at once when the tab of the leader is killed', async () => {
      const leader = await joined();
      await joined();
      await joined();
      leader.tab.kill();
      await time.settle();
      assert.deepEqual(roles().slice(1), ['leader', 'follower']);
      assert.equal(pages[2]!.tabs.leader?.hidden, false);
      assert.deepEqual(time.now, 0);
    });

    it('is joined once, however often it is asked', async () => {
      const page = open();
      assert.equal(page.tabs.join(), page.tabs.join());
      assert.equal(await page.tabs.join(), 'leader');
      page.tabs.leave();
      page.tabs.leave();
      await time.settle();
      assert.equal(page.leftovers, 0);
    });

    it('keeps accounts apart', async () => {
      await joined();
      await joined({ account: '["https://xians.example","acme","john"]' });
      assert.deepEqual(roles(), ['leader', 'leader']);
    });

    it('takes no part when it leaves while it is still asking for the lock', async () => {
      const page = open();
      const joining = page.tabs.join();
      page.tabs.leave();
      assert.equal(await joining, 'none');
      await time.settle();
      assert.deepEqual(page.roles, []);
      assert.equal(world.holder(LOCK), undefined);
      assert.equal(page.leftovers, 0);
    });

    it('gives up its place in the line when it leaves', async () => {
      await joined();
      const follower = await joined();
      assert.deepEqual(world.waiting(LOCK), [follower.tab]);
      follower.tabs.leave();
      await time.settle();
      assert.deepEqual(world.waiting(LOCK), []);
      assert.equal(follower.leftovers, 0);
    });

    it('can come back in the moment in which it leaves', async () => {
      const page = await joined();
      page.tabs.leave();
      await page.tabs.join();
      await time.settle();
      assert.equal(page.role, 'leader');
      page.tabs.leave();
      const again = page.tabs.join();
      page.tabs.leave();
      await page.tabs.join();
      await again;
      await time.settle();
      assert.equal(page.role, 'leader');
    });

    it('may be left from within its own callbacks', async () => {
      const page: TabPage = open({ onRole: () => page.tabs.leave() });
      await page.tabs.join();
      const follower = await joined();
      assert.deepEqual(roles(), ['none', 'leader']);
      follower.tabs.leave();
      assert.equal(page.leftovers, 0);
    });
  });

  describe('without locks or channels', () => {
    const takeErrors = (page: TabPage) => page.errors.splice(0).map(({ code }) => code);

    it('is alone where there is no lock manager or no channel, which is no error', async () => {
      for (const missing of ['locks', 'BroadcastChannel'] as const) {
        const page = open();
        Object.defineProperty(page.environment, missing, { value: undefined });
        assert.equal(await page.tabs.join(), 'alone');
        assert.deepEqual(page.roles, ['alone']);
      }
    });

    it('is alone, and says so, where the page is refused locks', async () => {
      const page = open();
      page.tab.lockFailure = new DOMException('Denied.', 'SecurityError');
      assert.equal(await page.tabs.join(), 'alone');
      assert.deepEqual(takeErrors(page), ['unsupported']);
    });

    it('is alone, and says so, where the page is refused a channel', async () => {
      const page = open();
      page.tab.channelFailure = new DOMException('Denied.', 'SecurityError');
      assert.equal(await page.tabs.join(), 'alone');
      assert.deepEqual(takeErrors(page), ['unsupported']);
      page.tabs.post('heard by nobody');
    });

    it('still passes notes among tabs that are alone', async () => {
      const [one, other] = [open(), open()];
      for (const page of [one, other]) {
        page.tab.lockFailure = new DOMException('Denied.', 'SecurityError');
        await page.tabs.join();
        takeErrors(page);
      }
      one.tabs.post({ id: 1 });
      await time.settle();
      assert.deepEqual(other.notes, [{ id: 1 }]);
    });
  });

  describe('a leader that is silent', () => {
    it('is overtaken within 6 s after it froze, and follows when it thaws', async () => {
      const leader = await joined();
      const follower = await joined();
      await time.pass(60_000);
      assert.deepEqual(roles(), ['leader', 'follower']);
      leader.tab.freeze();
      await time.pass(6_000);
      assert.equal(follower.role, 'leader');
      leader.tab.thaw();
      await time.settle();
      assert.deepEqual(roles(), ['follower', 'leader']);
      assert.deepEqual(leader.roles, ['leader', 'follower']);
      assert.equal(leader.tabs.leader?.term, follower.leaders.at(-1)?.term ?? leader.tabs.leader?.term);
      assert.equal(follower.leaders.at(-1), undefined);
    });

    it('is believed again by nobody: others stay with the one that took over', async () => {
      const former = await joined();
      const next = await joined();
      const third = await joined();
      third.hide();
      former.tab.freeze();
      await time.pass(6_000);
      assert.equal(next.role, 'leader');
      const term = third.tabs.leader?.term;
      // In the moment of its thaw, before it learns that it lost the lock.
      former.tab.run(() => former.tabs.announce());
      former.tab.thaw();
      await time.settle();
      assert.equal(third.tabs.leader?.term, term);
      assert.deepEqual(roles(), ['follower', 'leader', 'follower']);
    });

    it('is not blamed by a tab that was frozen itself', async () => {
      await joined();
      const follower = await joined();
      await time.pass(2_600); // it asked again, and freezes before the answer comes
      follower.tab.freeze();
      await time.pass(60_000);
      follower.tab.thaw();
      await time.pass(10_000);
      assert.deepEqual(roles(), ['leader', 'follower']);
      assert.deepEqual(follower.roles, ['follower']);
    });

    it('is not blamed when the whole machine slept', async () => {
      const leader = await joined();
      const follower = await joined();
      time.advance(2_800); // it asked again, and everything stops before the leader hears it
      for (const page of pages) page.tab.freeze();
      await time.pass(60_000);
      follower.tab.thaw();
      await time.pass(1_000);
      leader.tab.thaw();
      await time.pass(10_000);
      assert.deepEqual([leader.roles, follower.roles], [['leader'], ['follower']]);
    });

    it('does not mislead a tab that knows of no other', async () => {
      const leader = await joined();
      const follower = await joined();
      sent(1, 'bye', { term: follower.tabs.leader?.term }).close();
      const former = { term: 'former', since: 1, hidden: false, state: 'long past' };
      sent(1, 'leader', former).close();
      await time.settle();
      assert.ok(follower.leaders.some((known) => known?.state === 'long past'));
      assert.equal(follower.tabs.leader?.state, 'calm');
      assert.equal(leader.role, 'leader');
    });

    it('is overtaken by one tab where many look on', async () => {
      const leader = await joined();
      for (let count = 0; count < 9; count++) await joined();
      leader.tab.freeze();
      await time.pass(6_000);
      leader.tab.thaw();
      await time.pass(1_000);
      assert.equal(roles().filter((role) => role === 'leader').length, 1);
      const terms = new Set(pages.flatMap((page) => page.tabs.leader?.term ?? []));
      assert.equal(terms.size, 1);
    });

    it('is left alone by tabs that nobody sees, until one of them needs it', async () => {
      const leader = await joined();
      const follower = await joined();
      follower.hide();
      leader.tab.freeze();
      await time.pass(60_000);
      assert.equal(follower.role, 'follower');
      follower.tabs.check();
      await time.pass(5_100);
      assert.equal(follower.role, 'leader');
    });

    it('is overtaken when the lock went to a frozen tab', async () => {
      const leader = await joined();
      const sleeper = await joined();
      const awake = await joined();
      const unseen = await joined();
      unseen.hide();
      sleeper.tab.freeze();
      leader.tab.kill();
      await time.settle();
      assert.equal(world.holder(LOCK), sleeper.tab);
      await time.pass(6_000);
      assert.equal(awake.role, 'leader');
      sleeper.tab.thaw();
      await time.settle();
      // For a moment it led, and said so.
      assert.deepEqual(sleeper.roles, ['follower', 'leader', 'follower']);
      assert.equal(awake.role, 'leader');
      assert.equal(world.holder(LOCK), awake.tab);
      assert.equal(unseen.tabs.leader?.tab, sleeper.tabs.leader?.tab);
      assert.deepEqual(await unseen.tabs.call('reach'), ['reach', []]);
    });

    it('costs little: ten followers ask about as often as one', async () => {
      for (let count = 0; count < 11; count++) await joined();
      let pings = 0;
      const listener = sent(0, 'note', {});
      listener.addEventListener('message', ({ data }) => {
        if (data.kind === 'ping') pings++;
      });
      await time.pass(25_000);
      listener.close();
      assert.ok(pings >= 9 && pings <= 30, `${pings} pings in 25 s`);
    });
  });

  describe('a leader that is hidden', () => {
    it('hands over to a tab that is seen, 3 s later', async () => {
      const order: string[] = [];
      const leader = await joined({
        onHandOver: () => {
          order.push('let go');
          return Promise.resolve();
        },
        onRole: (role) => order.push(`first ${role}`),
      });
      const follower = await joined({ onRole: (role) => order.push(`second ${role}`) });
      leader.hide();
      await time.pass(2_900);
      assert.deepEqual(roles(), ['leader', 'follower']);
      await time.pass(200);
      assert.deepEqual(roles(), ['follower', 'leader']);
      assert.deepEqual(order.slice(2), ['let go', 'first follower', 'second leader']);
      assert.equal(follower.tabs.leader, undefined);
      assert.equal(leader.tabs.leader?.hidden, false);
    });

    it('keeps the lead when it is seen again in time, and when nobody else is seen', async () => {
      const leader = await joined();
      const follower = await joined();
      leader.hide();
      await time.pass(2_000);
      leader.show();
      await time.pass(10_000);
      assert.deepEqual(roles(), ['leader', 'follower']);
      follower.hide();
      leader.hide();
      await time.pass(60_000);
      assert.deepEqual(roles(), ['leader', 'follower']);
      assert.equal(leader.handOvers, 0);
    });

    it('hands over to one of two that ask at once', async () => {
      const leader = await joined();
      const [one, other] = [await joined(), await joined()];
      leader.hide();
      await time.pass(4_000);
      assert.equal(leader.handOvers, 1);
      assert.deepEqual([one.role, other.role].sort(), ['follower', 'leader']);
      await time.pass(10_000);
      assert.equal(
        [one, other].reduce((sum, page) => sum + page.roles.length, 0),
        3,
      );
    });

    it('leads again when the tab that asked is gone before it takes over', async () => {
      const leader = await joined();
      const follower: TabPage = open();
      await follower.tabs.join();
      leader.hide();
      await time.pass(2_900);
      // The answer reaches a tab that does not run any more.
      const answered = new Promise<void>((resolve) => {
        const listener = sent(0, 'note', {});
        listener.addEventListener('message', ({ data }) => {
          if (data.kind === 'call') follower.tab.freeze();
          if (data.kind === 'answer') {
            listener.close();
            resolve();
          }
        });
      });
      await time.pass(200);
      await answered;
      follower.tab.kill();
      assert.equal(leader.role, 'follower');
      await time.pass(2_000);
      assert.equal(leader.role, 'leader');
      assert.deepEqual(leader.roles, ['leader', 'follower', 'leader']);
    });

    it('hands over even when letting go takes for ever or fails, and says so', async () => {
      for (const onHandOver of [
        () => new Promise<void>(() => {}),
        () => Promise.reject(new Error('stuck')),
      ]) {
        const leader = await joined({ onHandOver });
        const follower = await joined();
        leader.hide();
        await time.pass(5_200);
        assert.deepEqual([leader.role, follower.role], ['follower', 'leader']);
        assert.deepEqual(
          leader.errors.splice(0).map(({ code }) => code),
          ['timeout'],
        );
        leader.tabs.leave();
        follower.tabs.leave();
      }
    });

    it('may leave while it hands over', async () => {
      let letGo = () => {};
      const leader = await joined({ onHandOver: () => new Promise((resolve) => (letGo = resolve)) });
      const follower = await joined();
      leader.hide();
      await time.pass(3_100);
      leader.tabs.leave();
      letGo();
      await time.settle();
      assert.deepEqual(roles(), ['none', 'leader']);
      assert.deepEqual(follower.roles, ['follower', 'leader']);
      assert.equal(leader.leftovers, 0);
    });
  });

  describe('calls to the leader', () => {
    it('come back with its answer', async () => {
      await joined();
      const follower = await joined();
      assert.deepEqual(await follower.tabs.call('add', [1, 2]), ['add', [1, 2]]);
    });

    it('come back with its error, code and all', async () => {
      await joined({
        onCall: () => Promise.reject(new RealtimeError('rate-limited', 'Slowly.', { retryAfterMs: 7_000 })),
      });
      const follower = await joined();
      await assert.rejects(follower.tabs.call('add'), {
        name: 'RealtimeError',
        code: 'rate-limited',
        message: 'Slowly.',
        retryAfterMs: 7_000,
      });
    });

    it('are rejected at once when the leader leaves, is killed or is overtaken', async () => {
      const never = { onCall: () => new Promise<unknown>(() => {}) };
      const leave: Record<string, (leader: TabPage) => unknown> = {
        leaves: (leader) => leader.tabs.leave(),
        killed: (leader) => leader.tab.kill(),
        overtaken: async (leader) => {
          leader.tab.freeze();
          await time.pass(5_200);
        },
      };
      for (const [how, end] of Object.entries(leave)) {
        const leader = await joined(never);
        const next = await joined(never);
        const third = await joined(never);
        const calls = [next, third].map((page) => rejectsWith(page.tabs.call('wait', [], 60_000), 'network'));
        await time.settle();
        await end(leader);
        await Promise.all(calls).catch((error: unknown) => assert.fail(`${how}: ${String(error)}`));
        if (leader.tab.state === 'frozen') leader.tab.thaw();
        for (const page of [leader, next, third]) page.tabs.leave();
        await time.settle();
      }
    });

    it('are rejected when no answer comes in time', async () => {
      await joined({ onCall: () => new Promise<unknown>(() => {}) });
      const follower = await joined();
      const call = rejectsWith(follower.tabs.call('wait'), 'network');
      await time.pass(10_000);
      await call;
    });

    it('wait for a leader where there is none yet', async () => {
      const leader = await joined();
      const follower = await joined();
      leader.tab.freeze();
      sent(1, 'bye', { term: follower.tabs.leader?.term }).close();
      await time.settle();
      assert.equal(follower.tabs.leader, undefined);
      const call = follower.tabs.call('late');
      await time.settle();
      leader.tab.thaw();
      assert.deepEqual(await call, ['late', []]);
    });

    it('are rejected in a tab that does not follow', async () => {
      const page = open();
      await rejectsWith(page.tabs.call('early'), 'closed');
      await page.tabs.join();
      await rejectsWith(page.tabs.call('as the leader'), 'closed');
    });

    it('are rejected with `closed` by leaving', async () => {
      await joined({ onCall: () => new Promise<unknown>(() => {}) });
      const follower = await joined();
      const call = rejectsWith(follower.tabs.call('wait'), 'closed');
      follower.tabs.leave();
      await call;
    });

    it('are rejected when what they carry cannot leave the page, either way', async () => {
      await joined({ onCall: () => Promise.resolve(() => 'a function') });
      const follower = await joined();
      await rejectsWith(follower.tabs.call('give', [() => 'a function']), 'input');
      await rejectsWith(follower.tabs.call('take'), 'input');
    });

    it('are not answered by a tab that only thinks that it leads', async () => {
      let answers = 0;
      const former = await joined({ onCall: () => Promise.resolve(++answers) });
      const next = await joined();
      const third = await joined();
      third.hide();
      former.tab.freeze();
      await time.pass(6_000);
      assert.equal(next.role, 'leader');
      const call = third.tabs.call('who', []);
      former.tab.thaw();
      assert.deepEqual(await call, ['who', []]);
      assert.equal(answers, 0);
    });
  });

  describe('notes', () => {
    it('reach every other tab, in order, whoever leads', async () => {
      for (let count = 0; count < 3; count++) await joined();
      pages[1]!.tabs.post({ id: 1 });
      pages[1]!.tabs.post({ id: 2 });
      await time.settle();
      assert.deepEqual(
        pages.map((page) => page.notes),
        [[{ id: 1 }, { id: 2 }], [], [{ id: 1 }, { id: 2 }]],
      );
    });

    it('are an error when they cannot leave the page', async () => {
      const page = await joined();
      page.tabs.post({ callback: () => {} });
      assert.deepEqual(
        page.errors.splice(0).map(({ code }) => code),
        ['input'],
      );
    });

    it('go nowhere before joining and after leaving', async () => {
      const page = await joined();
      const other = open();
      other.tabs.post('early');
      page.tabs.leave();
      page.tabs.post('late');
      await other.tabs.join();
      assert.deepEqual([page.notes, other.notes], [[], []]);
    });
  });

  it('ignores and counts what makes no sense', async () => {
    const leader = await joined();
    const follower = await joined();
    const stranger = new leader.tab.BroadcastChannel(LOCK);
    const from = 'stranger';
    const nonsense: unknown[] = [
      null,
      'ping',
      42,
      [],
      {},
      { v: 1 },
      { v: 1, from },
      { v: 1, from, kind: 'constructor' },
      { v: 1, from: 7, kind: 'ping' },
      { v: 2, from, kind: 'leader', term: 'x', since: 9e15, hidden: false },
      { v: 1, from, kind: 'leader', term: 'x', since: 'later', hidden: false },
      { v: 1, from, kind: 'leader', term: 'x', since: 1, hidden: 'no' },
      { v: 1, from, kind: 'call', term: 'x', id: 'y', method: 'z', args: 'a' },
      { v: 1, from, kind: 'answer' },
      { v: 1, from, kind: 'bye' },
    ];
    for (const one of nonsense) stranger.postMessage(one);
    await time.settle();
    assert.equal(follower.tabs.ignored, nonsense.length);
    assert.equal(leader.tabs.ignored, nonsense.length);
    assert.deepEqual(roles(), ['leader', 'follower'] satisfies TabRole[]);
    assert.equal(follower.tabs.leader?.state, 'calm');
    stranger.close();
  });
});
