import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mintToken } from '../../demo/server/jwt.ts';
import { createIncidentClient } from '../../src/client/incident-client.ts';
import type { IncidentClientOptions, IncidentFeed, IncidentFilter } from '../../src/client/incident-types.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { testEnvironment } from './support.ts';

/** How much faster the client's time runs than that of the server. */
const SPEED = 10;

/** The local server, and a client of it. */
async function watching(t: TestContext, options: Partial<IncidentClientOptions> = {}, seeded = 40) {
  const server = await startServer();
  const proxy = await FaultProxy.start(server.url);
  const environment = testEnvironment(SPEED);
  const client = createIncidentClient({ incidentsUrl: proxy.url, environment, ...options });
  t.after(async () => {
    await client.dispose();
    proxy.stop();
    await server.stop();
  });
  const control = async (fault: string, more: object = {}) =>
    (await server.control({ fault, ...more })) as { ids?: string[] };
  await control('incidents-heartbeats', { everyMs: 5_000 / SPEED });
  if (seeded > 0) await control('incidents-seed', { count: seeded });
  const create = async (parts: object = {}, silent = false) => {
    const { ids } = await control('incidents-create', { incidents: [parts], silent });
    return ids?.[0] ?? '';
  };
  const report = async () => (await server.report()).incidents;
  const open = (filter?: IncidentFilter) => {
    const feed = client.feed(filter);
    const received: string[] = [];
    feed.on('received', (incidents) => received.push(...incidents.map(({ id }) => id)));
    return { feed, received, close: feed.open() };
  };
  return { server, proxy, environment, client, control, create, report, open };
}

function is(feed: IncidentFeed, state: string): Promise<true> {
  return waitFor(
    () => feed.status.state === state,
    `${state}, but it is ${feed.status.state}, ${feed.status.reason}`,
    20_000,
  );
}

describe('an incident feed at the local server', () => {
  const MODES = {
    full: { state: 'live', mode: 'stream', reports: true },
    'async-graphql': { state: 'live', mode: 'stream', reports: false },
    'as-shipped': { state: 'degraded', mode: 'rest', reports: false },
  } as const;
  for (const [mode, expected] of Object.entries(MODES)) {
    it(`shows rows, is fresh and finds what happens: ${mode}`, async (t) => {
      const { control, create, open } = await watching(t);
      await control('incidents-mode', { mode });
      const { feed, received } = open();
      await waitFor(() => feed.incidents.length === 40, 'rows');
      await is(feed, expected.state);
      assert.equal(feed.status.mode, expected.mode);
      assert.equal(feed.freshness.state, 'fresh');
      const id = await create({ severity: 'P0', title: 'It burns' });
      await waitFor(() => feed.get(id)?.title === 'It burns', 'what happened');
      await control('incidents-update', { id, state: 'RESOLVED' });
      await waitFor(() => feed.get(id)?.phase === 'done', 'what became of it');
      await control('incidents-delete', { id });
      await waitFor(() => !feed.get(id), 'its end');
      assert.deepEqual(received, [id]);
      assert.equal(feed.freshness.state, 'fresh');
      assert.equal(feed.status.state, expected.state);
    });
  }

  for (const dialect of [
    { states: 'websocket' },
    { states: 'schema', list: 'edges', field: 'status', time: 'offset9' },
    { states: 'code', list: 'incidents', time: 'z3' },
  ]) {
    it(`understands the dialect ${Object.values(dialect).join(', ')}`, async (t) => {
      const { control, create, open } = await watching(t, {}, 120);
      await control('incidents-dialect', dialect);
      const { feed, received } = open({ limit: 500 });
      await is(feed, 'live');
      await waitFor(() => feed.incidents.length === 120, 'rows of two pages');
      assert.ok(feed.incidents.every(({ phase }) => phase !== 'unknown'));
      const id = await create({ severity: 'P1' });
      await waitFor(() => received.includes(id), 'what happened');
      await control('incidents-update', { id, severity: 'P0' });
      await waitFor(() => feed.get(id)?.severity === 'P0', 'what became of it');
    });
  }

  it('finds events that were lost, comes to know that they are, and takes those that come twice or late', async (t) => {
    const { control, create, environment, open } = await watching(t);
    const { feed, received } = open({ limit: 1_000 });
    await is(feed, 'live');
    const told = await create();
    await waitFor(() => feed.get(told), 'an event');
    await control('incidents-update', { id: told, state: 'TRIAGED' });
    await waitFor(() => feed.status.isProven, 'belief');
    // What happens while a server may still be taking up the subscription is not held against it.
    const since = environment.monotonicNow() + 2_000;
    await waitFor(() => environment.monotonicNow() > since, 'the subscription');
    await feed.refresh();
    await control('incidents-drop-events', { on: true });
    const lost = await create({ severity: 'P0' });
    await waitFor(() => received.includes(lost), 'what was not told', 8_000);
    await waitFor(() => !feed.status.isProven, 'doubt');
    await control('incidents-drop-events', { on: false });
    await control('incidents-duplicate-events', { times: 3 });
    await control('incidents-reorder-events', { on: true });
    const many = await Promise.all(Array.from({ length: 20 }, () => create({ severity: 'P3' })));
    for (const id of many) await control('incidents-update', { id, state: 'RESOLVED' });
    await waitFor(() => many.every((id) => feed.get(id)?.phase === 'done'), 'all of them');
    assert.deepEqual([...received].sort(), [told, lost, ...many].sort());
  });

  it('keeps up with 2,000 events a second by few requests', async (t) => {
    const { control, open, report } = await watching(t, {}, 500);
    const { feed } = open({ limit: 20_000 });
    await is(feed, 'live');
    await waitFor(() => feed.incidents.length === 500, 'rows');
    const asked = (await report()).operations;
    await control('incidents-generate', { perSecond: 2_000, seconds: 2 });
    await waitFor(async () => (await report()).events >= 3_000, 'the flood');
    await control('incidents-generate', { perSecond: 0 });
    const { count } = await report();
    await waitFor(() => feed.incidents.length === count && feed.total === count, `all of ${count}`, 30_000);
    await waitFor(() => feed.freshness.state === 'fresh', 'fresh');
    const sum = (counts: object) =>
      Object.values(counts).reduce((one: number, other: number) => one + other, 0);
    const requests = sum((await report()).operations) - sum(asked);
    assert.ok(requests < 1_000, `${requests} requests`);
    t.diagnostic(`${count} incidents, ${requests} operations`);
  });

  it('says unknown when the network swallows everything, and when it did', async (t) => {
    const { proxy, open } = await watching(t);
    const { feed } = open();
    await is(feed, 'live');
    const from = performance.now();
    proxy.stall();
    await waitFor(() => feed.freshness.state === 'unknown', 'unknown');
    const seconds = ((performance.now() - from) / 1_000) * SPEED;
    t.diagnostic(`unknown after ${seconds.toFixed(1)} s`);
    assert.ok(feed.freshness.asOf);
    assert.equal(feed.incidents.length, 40);
  });

  for (const [name, fault, parameters] of [
    ['refuses sockets', 'incidents-refuse-sockets', {}],
    ['lets sockets hang', 'incidents-refuse-sockets', { how: 'hang' }],
    ['closes each socket at once', 'incidents-flap', {}],
    ['falls silent on its sockets', 'incidents-mute', {}],
  ] as const) {
    it(`stays fresh by asking while the server ${name}, and is live again after that`, async (t) => {
      const { control, create, open } = await watching(t);
      await control(fault, { on: true, ...parameters });
      const { feed } = open();
      await waitFor(() => feed.incidents.length === 40, 'rows');
      const id = await create();
      await waitFor(() => feed.get(id), 'what happened', 20_000);
      assert.equal(feed.freshness.state, 'fresh');
      await control(fault, { on: false });
      await is(feed, 'live');
    });
  }

  it('renews a token that was refused, in requests and in the stream', async (t) => {
    let asked = 0;
    const getToken = () => {
      asked++;
      return asked === 1 ? 'nonsense' : mintToken('ada');
    };
    const { control, open } = await watching(t, { getToken });
    await control('incidents-auth', { required: true });
    const { feed } = open();
    await is(feed, 'live');
    assert.equal(feed.incidents.length, 40);
    assert.equal(asked, 2);
  });

  it('keeps its rows and says why when the server fails, and is whole when it works again', async (t) => {
    const { control, open, create } = await watching(t);
    const { feed } = open();
    await is(feed, 'live');
    await control('incidents-fail', { status: 503, count: 3 });
    const id = await create({}, true);
    await waitFor(() => feed.get(id), 'what happened meanwhile', 30_000);
    await is(feed, 'live');
    assert.equal(feed.incidents.length, 41);
  });

  it('leaves nothing behind', async (t) => {
    const { open, client, environment, report } = await watching(t);
    const { feed } = open();
    await is(feed, 'live');
    await client.dispose();
    assert.equal(environment.pendingTimers, 0);
    await waitFor(async () => (await report()).sockets === 0, 'no socket');
  });
});
