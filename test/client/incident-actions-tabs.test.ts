import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tabsName } from '../../src/client/tab-channel.ts';
import { actionsAccount } from '../../src/client/incident-action-mark.ts';
import type { IncidentAction } from '../../src/protocol/incident.ts';
import { Random } from '../sim/random.ts';
import { SEED } from '../support/seed.ts';
import { acting, INCIDENTS_URL, loseAnswer, loseRequest } from './incident-acting.ts';

const acknowledge = (id: string): IncidentAction => ({ kind: 'acknowledge', id });
const comment = (id: string, text: string): IncidentAction => ({ kind: 'comment', id, text });
const LOCK = tabsName(actionsAccount(INCIDENTS_URL, 'ada'));

/** `STEPS=… SEED=…` plays longer or other schedules. */
const STEPS = Number(process.env['STEPS'] ?? 250);

describe('actions in several tabs', () => {
  it('are sent by one of them, and shown in all', async (t) => {
    const { server, tabs, open, settle, outcome } = acting(t);
    server.add('a');
    server.add('b');
    const [one, two] = [open(), open()];
    await settle();
    let finish = () => {};
    server.answers.push(async (done) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return done();
    });
    const first = one.actions.act(acknowledge('a'));
    await settle();
    const second = two.actions.act(acknowledge('b'));
    await settle();
    assert.equal(tabs.holder(LOCK), one.tab);
    assert.deepEqual(two.shown(), ['acknowledge sending', 'acknowledge queued']);
    assert.deepEqual(server.calls, ['acknowledge a']);
    finish();
    assert.equal(await outcome(first, 0), 'applied');
    assert.equal(await outcome(second, 0), 'applied');
    assert.deepEqual([server.done.length, one.shown(), two.shown()], [2, [], []]);
    assert.equal(tabs.holder(LOCK), undefined, 'nobody holds the lock when nothing waits');
    assert.ok(two.applied.includes('a TRIAGED'), 'the other tab reads what was done');
  });

  it('do not wait for a tab that has no connection', async (t) => {
    const { server, open, settle, outcome } = acting(t);
    server.add('a');
    const hidden = open();
    server.answers.push(() => new Promise(() => {}));
    void hidden.actions.act(comment('a', 'Mine'));
    await settle();
    hidden.disconnect();
    const seen = open();
    server.add('b');
    assert.equal(await outcome(seen.actions.act(acknowledge('b')), 5_000), 'applied');
  });

  it('go on in another tab when the one that sends is killed', async (t) => {
    const { server, open, settle, pass } = acting(t);
    for (const id of ['a', 'b', 'c']) server.add(id);
    const [one, two] = [open(), open()];
    await settle();
    server.answers.push((done) => {
      done();
      return new Promise(() => {});
    });
    for (const id of ['a', 'b', 'c']) void one.actions.act(comment(id, `About ${id}`));
    await settle();
    one.kill();
    await pass(30_000);
    assert.deepEqual([two.shown(), server.done.map(({ id }) => id)], [[], ['a', 'b', 'c']]);
  });

  it('change nothing from a tab that was frozen and overtaken', async (t) => {
    const { server, open, settle, pass } = acting(t);
    server.add('a');
    const [one, two] = [open(), open()];
    await settle();
    server.answers.push((done) => {
      done();
      return new Promise(() => {});
    });
    void one.actions.act(comment('a', 'Mine'));
    await settle();
    one.play('frozen');
    await settle();
    assert.equal(one.tab.uses, 0, 'a frozen page holds up nobody');
    one.tab.freeze();
    await pass(30_000);
    assert.deepEqual([two.shown(), server.done.length], [[], 1]);
    one.tab.thaw();
    one.play('resumed');
    await pass(30_000);
    assert.deepEqual([one.shown(), server.done.length, one.errors], [[], 1, []]);
  });

  it('are sent by one of them where there are no locks', async (t) => {
    const { server, open, settle, pass, outcome } = acting(t);
    server.add('a');
    const [one, two] = [open({ plain: true }), open({ plain: true })];
    await settle();
    server.answers.push(() => new Promise(() => {}));
    void one.actions.act(comment('a', 'First'));
    await settle();
    assert.equal(await outcome(two.actions.act(comment('a', 'Second')), 20_000), 'queued');
    assert.deepEqual(server.calls, ['comment a']);
    one.kill();
    await pass(120_000);
    assert.deepEqual([two.shown(), server.done.length], [[], 2]);
  });

  it('go on where the browser has locks but refuses them', async (t) => {
    const { server, open, outcome } = acting(t);
    server.add('a');
    const page = open();
    page.tab.lockFailure = new DOMException('Not here.', 'SecurityError');
    assert.equal(await outcome(page.actions.act(acknowledge('a'))), 'applied');
    assert.equal(page.errors[0]?.code, 'unsupported');
  });

  it('are never done twice and never lost, whatever happens', async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const chance = new Random(SEED);
    const pick = <Value>(list: readonly Value[]) => list[Math.floor(chance.next() * list.length)]!;
    const { server, world, open, pass, settle } = acting(t);
    world.random = () => chance.next();
    const ids = ['a', 'b', 'c'];
    for (const id of ids) server.add(id);
    let pages = [open(), open()];
    let written = 0;
    for (let step = 0; step < STEPS; step++) {
      const page = pick(pages);
      const dice = chance.next();
      if (dice < 0.45) {
        // What becomes of it is asked of the server in the end.
        page.actions.act(comment(pick(ids), `Comment ${written++}`)).catch(() => undefined);
        await (chance.chance(0.5) ? settle() : undefined);
      } else if (dice < 0.6) server.answers.push(pick([loseAnswer, loseRequest]));
      else if (dice < 0.7) page.disconnect();
      else if (dice < 0.8) page.connect();
      else if (dice < 0.85 && pages.length > 1) {
        await settle(); // what was asked for is stored
        page.kill();
        pages = pages.filter((each) => each !== page);
      } else if (pages.length < 3) pages.push(open());
      if (chance.chance(0.5)) await pass(chance.between(0, 3_000));
    }
    server.answers.length = 0;
    pages.push(open());
    for (const page of pages) page.connect();
    await pass(600_000);
    const text = (action: IncidentAction) => (action.kind === 'comment' ? action.text : action.kind);
    const failed = pages.at(-1)!.actions.pending.map(({ action }) => text(action));
    assert.deepEqual(failed, []);
    const expected = Array.from({ length: written }, (_, index) => `Comment ${index}`);
    assert.deepEqual(server.done.map(text).sort(), expected.sort());
  });
});
