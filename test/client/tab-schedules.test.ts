import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { SEED } from '../support/seed.ts';
import { TabWorld } from '../support/tabs.ts';
import { LOCK, PageTime, TabPage } from './tab-page.ts';

/** What may happen to tab `at`, and how long nothing happens after it. */
const step = fc.record({
  what: fc.constantFrom('open', 'leave', 'join', 'kill', 'freeze', 'thaw', 'hide', 'show', 'call', 'check'),
  at: fc.nat(9),
  afterMs: fc.constantFrom(0, 0, 100, 1_000, 3_000, 6_000),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const SCHEDULES = Number(process.env.TAB_SCHEDULES ?? 300);
const MOST_TABS = 6;

/**
 * Plays `steps`. Where tabs hear of each other at once, tabs that run have at most one leader among them at every moment;
 * where that takes up to `latencyMs`, a leader may be told late that it is none any more, and the end counts.
 */
async function play(steps: readonly Step[], latencyMs: number): Promise<void> {
  const time = new PageTime();
  let lastDue = 0;
  let draws = 0;
  const world = new TabWorld((task) => {
    if (latencyMs === 0) return queueMicrotask(task);
    lastDue = Math.max(lastDue, time.now + ((draws += 0.618) % 1) * latencyMs);
    time.setTimer(task, lastDue - time.now);
  });
  const pages: TabPage[] = [];
  const calls: Promise<unknown>[] = [];
  const running = () => pages.filter(({ tab }) => tab.state === 'running');
  const check = () => {
    const leaders = running().filter(({ role }) => role === 'leader');
    assert.ok(leaders.length <= 1 || latencyMs > 0, `${leaders.length} leaders`);
  };
  const act = ({ what, at }: Step) => {
    if (what === 'open' || pages.length === 0) {
      if (running().length >= MOST_TABS) return;
      const page = new TabPage(world.open(), time);
      pages.push(page);
      void page.tabs.join();
      return;
    }
    const page = pages[at % pages.length]!;
    const { tab, tabs } = page;
    if (tab.state === 'killed') return;
    if (what === 'thaw') return tab.thaw();
    if (what === 'kill') return tab.kill();
    // A frozen page does nothing by itself, but the browser may hide or show it.
    if (what === 'hide' || what === 'show') return page[what]();
    if (tab.state === 'frozen') return;
    if (what === 'freeze') return tab.freeze();
    if (what === 'call') calls.push(tabs.call('any').catch((error: unknown) => error));
    else if (what === 'join') void tabs.join();
    else tabs[what]();
  };

  for (const each of steps) {
    act(each);
    await time.settle();
    check();
    for (let left = each.afterMs; left > 0; left -= 500) {
      await time.pass(Math.min(500, left));
      check();
    }
  }

  // In the end everything that is left runs and takes part, and one of them is seen.
  for (const page of pages) page.tab.thaw();
  for (const page of running()) void page.tabs.join();
  running()[0]?.show();
  await time.pass(20_000);
  const left = running();
  assert.ok(left.filter(({ role }) => role === 'leader').length <= 1, 'one leads');
  const leader = left.find(({ role }) => role === 'leader');
  assert.equal(leader !== undefined, left.length > 0, 'somebody leads');
  assert.equal(world.holder(LOCK), leader?.tab, 'and has the lock');
  for (const page of left) {
    if (page !== leader) assert.equal(page.role, 'follower');
    if (page !== leader) assert.deepEqual(await reach(page, time), ['reach', []]);
    assert.deepEqual(page.errors, []);
  }
  if (left.some((page) => page.environment.isVisible())) {
    assert.equal(leader?.environment.isVisible(), true, 'a tab that is seen leads where there is one');
  }
  for (const page of left) page.tabs.leave();
  // A tab that was just given the lock learns of it late and gives it back late, and so does each one behind it.
  await time.pass(MOST_TABS * 1_000);
  for (const page of left) assert.equal(page.leftovers, 0, `${page.tab.name} leaves something behind`);
  const settled = await Promise.race([Promise.all(calls).then(() => true), time.settle().then(() => false)]);
  const ofKilled = pages.some(({ tab }) => tab.state === 'killed');
  assert.ok(settled || ofKilled, 'every call has an end');
}

/** What the leader answers at once. */
function reach({ tabs }: TabPage, time: PageTime): Promise<unknown> {
  return Promise.race([tabs.call('reach'), time.pass(1_000).then(() => 'nothing')]);
}

it(`tabs agree on one leader after whatever happens to them (${SCHEDULES} schedules, seed ${SEED})`, async () => {
  const schedules = fc.array(step, { minLength: 4, maxLength: 30 });
  // On failure fast-check prints the shortest schedule that fails.
  await fc.assert(fc.asyncProperty(schedules, fc.constantFrom(0, 0, 20, 400), play), {
    seed: SEED,
    numRuns: SCHEDULES,
    includeErrorInReport: true,
  });
});
