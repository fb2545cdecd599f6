import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keepsActions } from '../../src/client/incident-action-mark.ts';
import type { IncidentAction } from '../../src/protocol/incident.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { acting, INCIDENTS_URL, loseAnswer, loseRequest, refuse } from './incident-acting.ts';

const acknowledge = (id: string): IncidentAction => ({ kind: 'acknowledge', id });
const comment = (id: string, text: string): IncidentAction => ({ kind: 'comment', id, text });
const assign = (id: string, ...assignees: string[]): IncidentAction => ({ kind: 'assign', id, assignees });
const resolve = (id: string): IncidentAction => ({
  kind: 'resolve',
  id,
  method: 'manual',
  notes: 'Restarted',
});
const escalate = (id: string, severity: string): IncidentAction => ({
  kind: 'escalate',
  id,
  severity,
  reason: 'It spreads',
});
const reopen = (id: string): IncidentAction => ({ kind: 'reopen', id });

describe('an action on a connection', () => {
  it('is shown at once, stored before it is sent, and gone when the server has it', async (t) => {
    const { server, storage, open, settle, outcome } = acting(t);
    server.add('a');
    const page = open();
    await settle();
    assert.equal(storage.connections.length, 0, 'no database before the first action');
    let stored: unknown[] = [];
    server.answers.push(async (done) => {
      stored = (await storage.rows()).filter(({ key }) => key[0] === 'o').map(({ value }) => value);
      return done();
    });
    const acted = page.actions.act(acknowledge('a'));
    assert.deepEqual(page.shown(), ['acknowledge sending']);
    assert.equal(await outcome(acted), 'applied');
    assert.equal((stored[0] as { state: string }).state, 'sending');
    assert.deepEqual([page.shown(), page.applied, server.calls], [[], ['a TRIAGED'], ['acknowledge a']]);
    assert.equal(page.timers, 0);
    assert.equal(page.tab.uses, 1, 'no lock, only the line to the other tabs');
  });

  it('is the same action when it is asked for twice', async (t) => {
    const { server, open, outcome } = acting(t);
    server.add('a');
    const page = open();
    const [one, two] = [page.actions.act(comment('a', 'On it')), page.actions.act(comment('a', 'On it '))];
    assert.equal(await outcome(one), 'applied');
    assert.equal((await two).id, (await one).id);
    assert.equal(server.done.length, 1);
  });

  it('is another one when something else was asked for in between', async (t) => {
    const { server, open, outcome, settle } = acting(t);
    server.add('a');
    const page = open({ offline: true });
    const wishes = [assign('a', 'Ada'), assign('a', 'Ada', 'Bob'), assign('a', 'Ada'), escalate('a', 'P1')];
    for (const each of [...wishes, escalate('a', 'P0'), resolve('a'), reopen('a'), resolve('a')]) {
      assert.equal(await outcome(page.actions.act(each), 0), 'queued');
    }
    page.connect();
    for (let done = 0; done < wishes.length + 4; done++) await settle();
    assert.deepEqual(
      page.actions.pending.map(({ error }) => error?.message),
      [],
    );
    const { assignees, severity, phase } = server.incidents.get('a')!;
    assert.deepEqual([assignees, severity, phase, server.done.length], [['Ada'], 'P0', 'done', 8]);
  });

  it('waits for the one before it on the same incident', async (t) => {
    const { server, open, settle, outcome } = acting(t);
    server.add('a');
    server.add('b');
    const page = open();
    const all = [acknowledge('a'), assign('a', 'Ada'), comment('a', 'Mine'), resolve('a'), acknowledge('b')];
    const acted = all.map((action) => page.actions.act(action));
    await settle();
    for (const each of acted) assert.equal(await outcome(each), 'applied');
    const order = (id: string) => server.done.filter((each) => each.id === id).map(({ kind }) => kind);
    assert.deepEqual(order('a'), ['acknowledge', 'assign', 'comment', 'resolve']);
    assert.deepEqual(order('b'), ['acknowledge']);
  });

  it('that the server refuses is taken back, with why, and can be tried again or forgotten', async (t) => {
    const { server, open, outcome, settle } = acting(t);
    server.add('a');
    const page = open();
    server.answers.push(refuse('server'), refuse('forbidden'));
    assert.equal(await outcome(page.actions.act(acknowledge('a')), 0), 'server: The server says no.');
    assert.equal(await outcome(page.actions.act(resolve('a')), 0), 'forbidden: The server says no.');
    assert.deepEqual(page.shown(), ['acknowledge failed', 'resolve failed']);
    const [first, second] = page.actions.pending;
    assert.equal(first?.error?.message, 'The server says no.');
    assert.equal(await page.actions.retry(first.id), true);
    await settle();
    assert.equal(await page.actions.discard(second!.id), true);
    await settle();
    assert.deepEqual([page.shown(), server.done.length], [[], 1]);
    assert.equal(await page.actions.discard(second!.id), false);
  });

  it('that the server cannot take yet waits, and says so', async (t) => {
    const { server, open, outcome, pass } = acting(t);
    server.add('a');
    const page = open();
    server.answers.push(refuse('rate-limited', { retryAfterMs: 5_000 }));
    assert.equal(await outcome(page.actions.act(acknowledge('a')), 0), 'queued');
    assert.equal(page.actions.pending[0]?.error?.code, 'rate-limited');
    page.actions.wake(true);
    await pass(4_900);
    assert.equal(server.done.length, 0);
    await pass(10_000);
    assert.deepEqual([server.done.length, page.shown()], [1, []]);
  });

  it('does not wait for the end of a pause when there is a reason to try now', async (t) => {
    const { server, open, outcome, settle } = acting(t);
    server.add('a');
    for (const reason of ['wake', 'connect'] as const) {
      const page = open();
      server.answers.push(refuse('network'));
      assert.equal(await outcome(page.actions.act(comment('a', reason)), 0), 'queued');
      if (reason === 'wake') page.actions.wake(true);
      else {
        page.disconnect();
        await settle();
        page.connect();
      }
      await settle();
      assert.deepEqual(page.shown(), [], reason);
    }
  });

  it('renews a refused credential once, then waits for another', async (t) => {
    const { server, open, outcome } = acting(t);
    server.add('a');
    let renewals = 0;
    const page = open({ renew: async () => ++renewals > 0 });
    server.answers.push(refuse('unauthorized'));
    assert.equal(await outcome(page.actions.act(acknowledge('a')), 0), 'applied');
    assert.equal(renewals, 1);
    const other = open();
    server.add('b');
    server.answers.push(refuse('unauthorized'));
    assert.equal(await outcome(other.actions.act(comment('a', 'Hello')), 0), 'queued');
    assert.equal(other.actions.pending[0]?.error?.code, 'unauthorized');
  });

  it('does not keep whoever asked for ever', async (t) => {
    const { server, open, outcome } = acting(t);
    server.add('a');
    const page = open();
    server.answers.push(() => new Promise(() => {}));
    assert.equal(await outcome(page.actions.act(acknowledge('a')), 14_000), 'nothing yet');
    const again = page.actions.act(acknowledge('a'));
    assert.equal(await outcome(again, 2_000), 'queued');
    assert.deepEqual(page.shown(), ['acknowledge sending']);
  });
});

describe('an action without a connection', () => {
  it('is kept, survives the page, and is sent once by the next one', async (t) => {
    const { server, marks, open, settle, outcome } = acting(t);
    server.add('a');
    const before = open({ offline: true });
    const receipts = [before.actions.act(acknowledge('a')), before.actions.act(comment('a', 'On it'))];
    for (const each of receipts) assert.equal(await outcome(each, 0), 'queued');
    assert.deepEqual(before.shown(), ['acknowledge queued', 'comment queued']);
    assert.ok(before.actions.pending.every(({ persisted }) => persisted));
    const page = {
      localStorage: { length: marks.size, key: (i: number) => [...marks.keys()][i] } as Storage,
    };
    assert.equal(keepsActions(page, INCIDENTS_URL, 'ada'), true);
    assert.equal(keepsActions(page, INCIDENTS_URL), true);
    assert.equal(keepsActions(page, INCIDENTS_URL, 'bob'), false);
    assert.equal(keepsActions({ localStorage: undefined }, INCIDENTS_URL), false);
    before.kill();

    const after = open({ offline: true });
    await settle();
    assert.deepEqual(after.shown(), ['acknowledge queued', 'comment queued']);
    after.connect();
    await settle();
    assert.deepEqual([after.shown(), server.done.map(({ kind }) => kind)], [[], ['acknowledge', 'comment']]);
    assert.equal(marks.size, 0);
    assert.deepEqual(after.errors, []);
  });

  it('waits in memory until it is known whose it is', async (t) => {
    const { server, storage, open, outcome, settle } = acting(t);
    server.add('a');
    const whose: { account?: string } = {};
    const page = open({ account: () => whose.account });
    assert.equal(await outcome(page.actions.act(acknowledge('a'))), 'queued');
    assert.deepEqual([page.actions.pending[0]?.persisted, storage.connections.length], [false, 0]);
    whose.account = '["https://incidents.example","#incidents","eve"]';
    page.actions.wake();
    await settle();
    assert.deepEqual([server.done.length, page.shown()], [1, []]);
  });

  it('goes on in memory where nothing can be stored', async (t) => {
    const { server, open, outcome, settle } = acting(t);
    server.add('a');
    const page = open({ memoryOnly: true, plain: true, offline: true });
    assert.equal(await outcome(page.actions.act(acknowledge('a')), 0), 'queued');
    assert.equal(page.actions.pending[0]?.persisted, false);
    page.connect();
    await settle();
    assert.deepEqual([server.done.length, page.shown()], [1, []]);
  });

  it('is resolved as queued when the connection breaks before it left', async (t) => {
    const { server, open, outcome, settle } = acting(t);
    server.add('a');
    const page = open();
    server.answers.push(() => new Promise(() => {}));
    void page.actions.act(acknowledge('a'));
    const second = page.actions.act(comment('a', 'Mine'));
    await settle();
    page.disconnect();
    assert.equal(await outcome(second, 0), 'queued');
    assert.deepEqual(server.done, []);
  });

  it('expires after an hour, also when the machine slept over it', async (t) => {
    const { server, world, open, outcome, pass, settle } = acting(t);
    server.add('a');
    server.add('b');
    const page = open({ offline: true });
    await outcome(page.actions.act(acknowledge('a')), 0);
    await pass(3_590_000);
    assert.deepEqual(page.shown(), ['acknowledge queued']);
    await outcome(page.actions.act(acknowledge('b')), 0);
    await pass(60_000);
    assert.deepEqual(page.shown(), ['acknowledge failed', 'acknowledge queued']);
    assert.equal(page.actions.pending[0]?.error?.code, 'expired');
    world.clockError = 3_600_000; // no timer has run since
    page.connect();
    await settle();
    assert.deepEqual(page.shown(), ['acknowledge failed', 'acknowledge failed']);
    assert.deepEqual(server.calls, []);
  });
});

describe('an action that has waited', () => {
  /** What becomes of `action`, decided on the incident as it is, when `meanwhile` has happened before the connection is back. */
  async function waited(
    t: Parameters<typeof acting>[0],
    action: IncidentAction,
    meanwhile: Parameters<ReturnType<typeof acting>['server']['change']>[1],
    start: typeof meanwhile = {},
  ) {
    const scene = acting(t);
    const { server, open, outcome, settle } = scene;
    server.add('a', start);
    const page = open({ offline: true });
    assert.equal(await outcome(page.actions.act(action), 0), 'queued');
    scene.time.advance(60_000);
    server.change('a', meanwhile);
    page.connect();
    await settle();
    const [pending] = page.actions.pending;
    return { ...scene, page, pending, done: server.done.length, why: pending?.error?.message };
  }
  const DONE = { state: 'RESOLVED', phase: 'done' } as const;

  it('is not done where others have done it', async (t) => {
    const cases: [IncidentAction, object, object?][] = [
      [acknowledge('a'), { state: 'INVESTIGATING', phase: 'working' }],
      [acknowledge('a'), DONE],
      [resolve('a'), { state: 'CLOSED', phase: 'done' }],
      [reopen('a'), { state: 'INVESTIGATING', phase: 'working' }, DONE],
      [escalate('a', 'P0'), { severity: 'P0' }],
      [assign('a', 'Ada', 'Bob'), { assignees: ['Bob', 'Ada'] }],
    ];
    for (const [action, meanwhile, start] of cases) {
      const { server, page, done, pending } = await waited(t, action, meanwhile, start);
      assert.deepEqual([done, pending, server.calls], [0, undefined, ['read a']], action.kind);
      assert.equal(page.applied.length, 1, 'the row that was read is shown');
    }
  });

  it('is done where it still makes sense', async (t) => {
    const cases: [IncidentAction, object?][] = [
      [acknowledge('a')],
      [resolve('a')],
      [reopen('a'), DONE],
      [escalate('a', 'P0')],
      [assign('a', 'Ada')],
      [assign('a'), { assignees: ['Bob'] }],
      [comment('a', 'Still here'), DONE],
    ];
    for (const [action, start] of cases) {
      const { done, pending } = await waited(t, action, { title: 'Something else changed' }, start);
      assert.deepEqual([done, pending], [1, undefined], action.kind);
    }
  });

  it('undoes nothing that others decided meanwhile', async (t) => {
    const cases: [IncidentAction, object, string][] = [
      [escalate('a', 'P0'), DONE, 'It was resolved meanwhile.'],
      [assign('a', 'Ada'), DONE, 'It was resolved meanwhile.'],
      [escalate('a', 'P1'), { severity: 'P0' }, 'Its severity was changed meanwhile, to P0.'],
      [assign('a', 'Ada'), { assignees: ['Bob', 'Eve'] }, 'It was assigned meanwhile, to Bob, Eve.'],
    ];
    for (const [action, meanwhile, words] of cases) {
      const { done, pending, why } = await waited(t, action, meanwhile);
      assert.deepEqual([done, pending?.state, why], [0, 'failed', words], action.kind);
    }
  });

  it('is done all the same when somebody insists, but not on an incident that is over', async (t) => {
    const first = await waited(t, escalate('a', 'P1'), { severity: 'P0' });
    await first.page.actions.retry(first.pending!.id);
    await first.settle();
    assert.equal(first.server.incidents.get('a')?.severity, 'P1');
    const second = await waited(t, assign('a', 'Ada'), DONE);
    await second.page.actions.retry(second.pending!.id);
    await second.settle();
    assert.deepEqual([second.server.done.length, second.page.shown()], [0, ['assign failed']]);
  });

  it('fails where the incident is gone, or the server can no longer do it', async (t) => {
    const { server, open, outcome, settle } = acting(t);
    server.add('a');
    server.add('b');
    const page = open({ offline: true });
    await outcome(page.actions.act(acknowledge('a')), 0);
    await outcome(page.actions.act(comment('b', 'Hello')), 0);
    server.incidents.delete('a');
    server.capabilities = { ...server.capabilities, actions: new Set(['acknowledge']) };
    page.connect();
    await settle();
    const why = page.actions.pending.map(({ error }) => error?.message);
    assert.deepEqual(why, [
      'The server does not have this incident any more.',
      'This server takes no comments.',
    ]);
  });

  it('tries again where the incident cannot be read', async (t) => {
    const { server, open, outcome, pass } = acting(t);
    server.add('a');
    const page = open({ offline: true });
    await outcome(page.actions.act(acknowledge('a')), 0);
    server.readFailure = new RealtimeError('timeout', 'It took too long.');
    page.connect();
    await pass(5_000);
    assert.deepEqual([page.shown(), server.done.length], [['acknowledge queued'], 0]);
    server.readFailure = undefined;
    await pass(60_000);
    assert.deepEqual([page.shown(), server.done.length], [[], 1]);
  });
});

describe('an action whose answer is lost', () => {
  const ALL = [
    acknowledge('a'),
    resolve('a'),
    escalate('a', 'P0'),
    assign('a', 'Ada'),
    comment('a', 'On it'),
  ];

  it('is not done twice', async (t) => {
    for (const action of ALL) {
      const { server, open, outcome } = acting(t);
      server.add('a');
      const page = open();
      server.answers.push(loseAnswer);
      assert.equal(await outcome(page.actions.act(action)), 'applied', action.kind);
      assert.deepEqual([server.done.length, page.shown()], [1, []], action.kind);
    }
  });

  it('goes again where the server did not get it', async (t) => {
    for (const action of ALL) {
      const { server, open, outcome } = acting(t);
      server.add('a');
      server.timelines.set('a', [
        {
          at: server.incidents.get('a')!.updatedAt,
          type: 'COMMENT_ADDED',
          actor: 'bob',
          description: 'On it',
        },
      ]);
      const page = open();
      server.answers.push(loseRequest);
      assert.equal(await outcome(page.actions.act(action), 14_000), 'applied', action.kind);
      assert.deepEqual([server.done.length, page.shown()], [1, []], action.kind);
    }
  });

  it('is looked up by the page after the one that was closed in the middle of it', async (t) => {
    for (const action of ALL) {
      const { server, open, settle, pass } = acting(t);
      server.add('a');
      const before = open();
      server.answers.push((done) => {
        done();
        return new Promise(() => {});
      });
      void before.actions.act(action);
      await settle();
      before.kill();
      const after = open();
      await pass(10_000);
      assert.deepEqual([server.done.length, after.shown()], [1, []], action.kind);
    }
  });

  it('is said to be perhaps done where nobody can tell, and goes again only when somebody wants it', async (t) => {
    const { server, open, outcome, pass } = acting(t);
    server.add('a');
    server.capabilities = { ...server.capabilities, timeline: false };
    const page = open();
    server.answers.push(loseAnswer);
    const told = await outcome(page.actions.act(comment('a', 'On it')));
    assert.match(told, /^network: .*may have been added all the same/);
    assert.deepEqual([server.done.length, page.shown()], [1, ['comment failed']]);
    await pass(300_000);
    assert.equal(server.done.length, 1);
    await page.actions.retry(page.actions.pending[0]!.id);
    await pass(10_000);
    assert.deepEqual([server.done.length, page.shown()], [2, []]);
  });

  it('is said to be perhaps done by the next page, too', async (t) => {
    const { server, open, settle, pass } = acting(t);
    server.add('a');
    server.capabilities = { ...server.capabilities, timeline: false };
    const before = open();
    server.answers.push((done) => {
      done();
      return new Promise(() => {});
    });
    void before.actions.act(comment('a', 'On it'));
    await settle();
    before.kill();
    const after = open();
    await pass(60_000);
    assert.deepEqual([server.done.length, after.shown()], [1, ['comment failed']]);
    assert.match(after.actions.pending[0]?.error?.message ?? '', /may have been added/);
    await after.actions.retry(after.actions.pending[0]!.id);
    await pass(10_000);
    assert.deepEqual([server.done.length, after.shown()], [2, []]);
  });
});

describe('what cannot be an action', () => {
  it('is refused in words, and never kept', async (t) => {
    const { server, storage, open, outcome } = acting(t);
    server.add('a');
    const page = open();
    const bad: [unknown, RegExp][] = [
      [undefined, /must be an object/],
      [{ kind: 'acknowledge' }, /needs the id/],
      [{ kind: 'delete', id: 'a' }, /no such action/],
      [comment('a', ' \n '), /empty comment/],
      [comment('a', 'x'.repeat(10_001)), /too long: 10,000/],
      [{ kind: 'comment', id: 'a', text: 7 }, /must be a text/],
      [escalate('a', 'P9'), /no such severity/],
      [escalate('a', ''), /which severity/],
      [{ kind: 'assign', id: 'a', assignees: 'Ada' }, /list of names/],
      [{ kind: 'assign', id: 'a', assignees: ['x'.repeat(201)] }, /too much/],
      [{ kind: 'resolve', id: 'a', method: 'magic', notes: '' }, /method must be one of/],
    ];
    for (const [action, words] of bad) {
      const told = await outcome(page.actions.act(action as IncidentAction), 0);
      assert.match(told, /^input: /);
      assert.match(told, words);
    }
    server.capabilities = { ...server.capabilities, actions: new Set(['acknowledge']) };
    assert.match(await outcome(page.actions.act(resolve('a')), 0), /^input: This server cannot resolve/);
    assert.deepEqual([page.actions.pending, storage.connections.length, server.calls], [[], 0, []]);
  });

  it('is not what is merely untidy', async (t) => {
    const { server, open, outcome } = acting(t);
    server.add('a', { assignees: ['Bob'] });
    const page = open();
    assert.equal(await outcome(page.actions.act(assign('a', ' Ada ', 'Ada', '')), 0), 'applied');
    assert.equal(await outcome(page.actions.act(escalate('a', 'p0')), 0), 'applied');
    assert.equal(await outcome(page.actions.act(assign('a')), 0), 'applied');
    assert.deepEqual(server.done, [assign('a', 'Ada'), escalate('a', 'P0'), assign('a')]);
  });
});

describe('the end', () => {
  it('leaves no timer, lock, channel or listener, and what waits to the next page', async (t) => {
    const { server, open, outcome, settle, pass } = acting(t);
    server.add('a');
    const page = open();
    server.answers.push(refuse('rate-limited', { retryAfterMs: 60_000 }));
    await outcome(page.actions.act(acknowledge('a')), 0);
    const ending = page.actions.dispose();
    await pass(2_000);
    await ending;
    assert.deepEqual([page.timers, page.uses], [0, 0]);
    assert.match(await outcome(page.actions.act(acknowledge('a')), 0), /^closed/);
    const after = open();
    await pass(70_000);
    assert.deepEqual([server.done.length, after.shown()], [1, []]);
    await settle();
  });

  it('answers whoever waits', async (t) => {
    const { server, open, outcome, pass, settle } = acting(t);
    server.add('a');
    const page = open();
    server.answers.push(() => new Promise(() => {}));
    const acted = page.actions.act(acknowledge('a'));
    await settle();
    void page.actions.dispose();
    await pass(2_000);
    assert.equal(await outcome(acted, 0), 'queued');
  });

  it('of a sign-in forgets everything, in every tab', async (t) => {
    const { server, storage, marks, open, outcome, settle } = acting(t);
    server.add('a');
    const one = open({ offline: true });
    const two = open({ offline: true });
    await outcome(one.actions.act(comment('a', 'A secret')), 0);
    await settle();
    assert.deepEqual(two.shown(), ['comment queued']);
    await one.actions.forget();
    await settle();
    assert.deepEqual([one.shown(), two.shown(), marks.size], [[], [], 0]);
    assert.equal(JSON.stringify(await storage.rows()).includes('secret'), false);
    assert.equal(await outcome(one.actions.act(comment('a', 'Again')), 0), 'queued');
    assert.equal(marks.size, 1);
  });
});
