import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import type { Environment } from '../../src/client/environment.ts';
import { createIncidentClient } from '../../src/client/incident-client.ts';
import type { IncidentFeed } from '../../src/client/incident-types.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { IncidentAction } from '../../src/protocol/incident.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startServer, type ServerFault } from '../support/node-server.ts';
import { TabWorld } from '../support/tabs.ts';
import { waitFor } from '../support/wait.ts';
import { storageOf } from './incident-acting.ts';
import { testEnvironment, type TestEnvironment } from './support.ts';

/** How much faster the clients' time runs than that of the server. */
const SPEED = 5;

/** One of each kind, that together end an incident. */
const ACTIONS = {
  acknowledge: (id: string): IncidentAction => ({ kind: 'acknowledge', id }),
  assign: (id: string): IncidentAction => ({ kind: 'assign', id, assignees: ['Ada'] }),
  escalate: (id: string): IncidentAction => ({ kind: 'escalate', id, severity: 'P0', reason: 'It spreads' }),
  comment: (id: string): IncidentAction => ({ kind: 'comment', id, text: 'On it' }),
  resolve: (id: string): IncidentAction => ({ kind: 'resolve', id, method: 'manual', notes: 'Restarted' }),
};

/** The local server behind a network that can be spoilt, and a browser with pages that show its incidents. */
async function watching(t: TestContext, incidents: object[] = [{}]) {
  const server = await startServer();
  const proxy = await FaultProxy.start(server.url);
  const indexedDB = new IDBFactory();
  const localStorage = storageOf(new Map());
  const tabs = new TabWorld();
  const closers: (() => Promise<void>)[] = [];
  t.after(async () => {
    await Promise.all(closers.map((close) => close()));
    proxy.stop();
    await server.stop();
  });
  const control = (fault: object) => server.control(fault as ServerFault);
  const { ids } = (await control({ fault: 'incidents-create', incidents })) as unknown as { ids: string[] };

  const open = () => {
    const tab = tabs.open();
    const base = testEnvironment(SPEED);
    const own: Partial<Environment> = {
      indexedDB,
      localStorage,
      locks: tab.locks,
      BroadcastChannel: tab.BroadcastChannel,
    };
    const environment = Object.create(base, Object.getOwnPropertyDescriptors(own)) as TestEnvironment;
    const client = createIncidentClient({ incidentsUrl: proxy.url, participantId: 'ada', environment });
    const feed = client.feed();
    feed.open();
    closers.push(() => client.dispose());
    return { client, feed, environment, tab };
  };
  const isReady = (feed: IncidentFeed) =>
    waitFor(
      () => feed.incidents.length === ids.length && feed.status.capabilities && feed.status.mode,
      'rows, and a connection over which something can be done',
    );
  const done = async () => (await server.report()).incidents.mutations.map(({ name }) => name);
  return { server, proxy, control, ids, open, isReady, done, id: ids[0]! };
}

const of = (feed: IncidentFeed, id: string) => feed.get(id);
/** The outcome, or the code and the words of the failure. */
const act = (feed: IncidentFeed, action: IncidentAction) =>
  feed.act(action).then(
    ({ outcome }) => outcome,
    (error: unknown) => (error instanceof RealtimeError ? `${error.code}: ${error.message}` : String(error)),
  );

describe('actions at the local server', () => {
  it('are all done, and shown before the server has answered', async (t) => {
    const { open, isReady, done, id } = await watching(t, [{ severity: 'P2', assignees: [] }]);
    const { feed } = open();
    await isReady(feed);
    assert.deepEqual([...feed.status.capabilities!.actions].sort(), [
      'acknowledge',
      'assign',
      'comment',
      'escalate',
      'reopen',
      'resolve',
    ]);
    const acted = act(feed, { kind: 'acknowledge', id });
    await waitFor(() => of(feed, id)?.phase === 'acknowledged', 'the change on the screen');
    assert.equal(await acted, 'applied');
    assert.equal(await act(feed, { kind: 'assign', id, assignees: ['Ada', 'Bob'] }), 'applied');
    assert.equal(await act(feed, { kind: 'escalate', id, severity: 'P0', reason: 'It spreads' }), 'applied');
    assert.equal(await act(feed, { kind: 'comment', id, text: 'On it' }), 'applied');
    assert.equal(
      await act(feed, {
        kind: 'resolve',
        id,
        method: 'auto-assisted',
        notes: 'Restarted',
        rootCause: 'A leak',
      }),
      'applied',
    );
    assert.deepEqual(feed.pending, []);
    const row = of(feed, id)!;
    assert.deepEqual([row.state, row.severity, row.assignees], ['RESOLVED', 'P0', ['Ada', 'Bob']]);
    const { timeline, resolution } = await feed.details(id);
    assert.ok(timeline?.some(({ description }) => description === 'On it'));
    assert.deepEqual([resolution?.notes, resolution?.rootCause], ['Restarted', 'A leak']);
    assert.equal(await act(feed, { kind: 'reopen', id }), 'applied');
    assert.notEqual(of(feed, id)?.phase, 'done');
    assert.equal((await done()).filter((name) => name !== 'createIncident').length, 6);
  });

  it('wait while there is no network, survive the page, and are done once by the next', async (t) => {
    const { proxy, open, isReady, done, id } = await watching(t);
    const first = open();
    await isReady(first.feed);
    proxy.refuse();
    proxy.reset();
    await waitFor(() => first.feed.status.mode === undefined, 'the loss of the connection');
    assert.equal(await act(first.feed, { kind: 'acknowledge', id }), 'queued');
    assert.equal(await act(first.feed, { kind: 'comment', id, text: 'On it' }), 'queued');
    assert.equal(of(first.feed, id)?.phase, 'acknowledged');
    await first.client.dispose();
    first.tab.kill();

    const second = open();
    await proxy.accept();
    second.feed.retryNow();
    await waitFor(async () => (await done()).length === 2, 'both at the server');
    await waitFor(() => second.feed.pending.length === 0, 'nothing left to send');
    await isReady(second.feed);
    assert.equal(of(second.feed, id)?.phase, 'acknowledged');
    assert.deepEqual(await done(), ['updateIncident', 'addComment']);
  });

  for (const [name, action] of Object.entries(ACTIONS)) {
    it(`are not done twice when the answer is lost: ${name}`, async (t) => {
      const { proxy, open, isReady, done, id } = await watching(t);
      const { feed } = open();
      await isReady(feed);
      proxy.stall('down');
      const acted = act(feed, action(id));
      await waitFor(async () => (await done()).length === 1, 'the action at the server');
      proxy.reset();
      await proxy.heal();
      assert.match(await acted, /^(applied|queued)$/);
      await waitFor(() => feed.pending.length === 0, 'that its outcome is known');
      assert.equal((await done()).length, 1);
    });
  }

  it('are not done twice by another page when the one that asked is killed', async (t) => {
    const { proxy, open, isReady, done, id } = await watching(t);
    const [first, second] = [open(), open()];
    await isReady(first.feed);
    await isReady(second.feed);
    proxy.stall('down');
    void act(first.feed, { kind: 'comment', id, text: 'On it' });
    await waitFor(async () => (await done()).length === 1, 'the comment at the server');
    first.tab.kill();
    proxy.reset();
    await proxy.heal();
    assert.match(await act(second.feed, { kind: 'acknowledge', id }), /^(applied|queued)$/);
    await waitFor(() => second.feed.pending.length === 0, 'that nothing is left to do');
    assert.deepEqual(await done(), ['addComment', 'updateIncident']);
  });

  it('are taken back, with the reason, when the server refuses', async (t) => {
    const { control, open, isReady, done, id } = await watching(t);
    const { feed } = open();
    await isReady(feed);
    await control({
      fault: 'incidents-errors',
      style: 'error',
      count: 1,
      code: 'FORBIDDEN',
      what: 'mutation',
    });
    assert.match(await act(feed, { kind: 'acknowledge', id }), /^forbidden: /);
    assert.equal(of(feed, id)?.phase, 'open');
    const [failed] = feed.pending;
    assert.deepEqual([failed?.state, failed?.error?.code], ['failed', 'forbidden']);
    assert.equal(await feed.retry(failed!.id), true);
    await waitFor(() => feed.pending.length === 0, 'the second attempt');
    assert.deepEqual(await done(), ['updateIncident']);
  });

  it('do not undo what others did while there was no network', async (t) => {
    const { proxy, control, open, isReady, done, ids } = await watching(t, [
      { title: 'One' },
      { title: 'Two' },
    ]);
    const { feed } = open();
    await isReady(feed);
    proxy.refuse();
    proxy.reset();
    await waitFor(() => feed.status.mode === undefined, 'the loss of the connection');
    const [one = '', two = ''] = ids;
    await act(feed, { kind: 'acknowledge', id: one });
    await act(feed, { kind: 'assign', id: two, assignees: ['Ada'] });
    await control({ fault: 'incidents-update', id: one, state: 'INVESTIGATING' });
    await control({ fault: 'incidents-update', id: two, state: 'RESOLVED' });
    await proxy.accept();
    feed.retryNow();
    await waitFor(() => feed.pending.length === 1, 'that the first one is seen to be needless');
    await waitFor(() => feed.pending[0]?.state === 'failed', 'that the other one is seen to come too late');
    assert.equal(feed.pending[0]?.error?.message, 'It was resolved meanwhile.');
    await waitFor(() => of(feed, one)?.phase === 'working', 'what the others did');
    assert.deepEqual(await done(), []);
  });

  it('are those that a server without GraphQL can do', async (t) => {
    const { control, open, isReady, id, server } = await watching(t);
    await control({ fault: 'incidents-mode', mode: 'as-shipped' });
    const { feed } = open();
    await isReady(feed);
    const { actions, timeline } = feed.status.capabilities!;
    assert.deepEqual(
      [[...actions].sort(), timeline],
      [['acknowledge', 'assign', 'reopen', 'resolve'], false],
    );
    assert.equal(await act(feed, { kind: 'acknowledge', id }), 'applied');
    assert.equal(await act(feed, { kind: 'assign', id, assignees: ['Ada'] }), 'applied');
    assert.match(
      await act(feed, { kind: 'comment', id, text: 'On it' }),
      /^input: This server takes no comments/,
    );
    assert.equal(await act(feed, { kind: 'resolve', id, method: 'manual', notes: '' }), 'applied');
    assert.equal(await act(feed, { kind: 'reopen', id }), 'applied');
    assert.deepEqual(of(feed, id)?.assignees, ['Ada']);
    assert.equal((await server.report()).incidents.mutations.length, 4);
  });

  for (const [states, list] of [
    ['schema', 'edges'],
    ['websocket', 'incidents'],
  ]) {
    it(`are understood in the dialect of states "${states}"`, async (t) => {
      const { control, open, isReady, ids } = await watching(t, []);
      await control({ fault: 'incidents-dialect', states, list });
      const made = (await control({ fault: 'incidents-create', incidents: [{}] })) as unknown as {
        ids: string[];
      };
      ids.push(...made.ids);
      const [id = ''] = ids;
      const { feed } = open();
      await isReady(feed);
      for (const action of Object.values(ACTIONS)) {
        if (!feed.status.capabilities?.actions.has(action(id).kind)) continue;
        assert.equal(await act(feed, action(id)), 'applied', action(id).kind);
      }
      assert.equal(of(feed, id)?.phase, 'done');
    });
  }
});
