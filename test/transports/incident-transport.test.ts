import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { IncidentTransportOptions } from '../../src/transports/incident-transport.ts';
import { startServer, type ServerFault, type TestServer } from '../support/node-server.ts';
import { incidentTransport } from './incident-bench.ts';
import { mintToken, nodeEnvironment, rejection, waitFor } from './support.ts';

/** A development server, and a transport to it. */
async function bench(
  t: TestContext,
  options: Partial<IncidentTransportOptions> = {},
  ...faults: readonly ServerFault[]
) {
  const server = await startServer();
  t.after(() => server.stop());
  for (const fault of faults) await server.control(fault);
  return { server, ...incidentTransport(t, server.url, options) };
}

async function create(
  server: TestServer,
  ...incidents: readonly Record<string, unknown>[]
): Promise<string[]> {
  const { ids } = (await server.control({ fault: 'incidents-create', incidents })) as unknown as {
    ids: string[];
  };
  return ids;
}

const counts = async (server: TestServer) => (await server.report()).incidents;
const byKind = (events: readonly { kind: string }[], kind: string) =>
  events.filter((each) => each.kind === kind);

describe('IncidentTransport with a whole server', () => {
  it('hears a heartbeat at once, then of what is new and of what changes', async (t) => {
    const { server, transport, record } = await bench(t);
    await transport.probe();
    await transport.connect();
    await waitFor(() => byKind(record.events, 'heartbeat').length > 0, 'the first heartbeat');
    const [id = ''] = await create(server, { title: 'Disk is full', severity: 'P0' });
    await server.control({ fault: 'incidents-update', id, state: 'INVESTIGATING' });
    await waitFor(
      () => record.events.some((event) => event.kind === 'changed' && event.updateType === 'STATE_CHANGED'),
      'the change',
    );
    const created = record.events.find((event) => event.kind === 'created');
    assert.ok(created?.kind === 'created');
    assert.deepEqual(
      [created.incident.id, created.incident.title, created.incident.assignees],
      [id, 'Disk is full', []],
    );
    const { incidents, missing } = await transport.read([id, '00000000-0000-4000-8000-000000000000']);
    assert.equal(incidents[0]?.state, 'INVESTIGATING');
    assert.deepEqual(missing, ['00000000-0000-4000-8000-000000000000']);
    assert.deepEqual(record.errors, []);
  });

  it('speaks every dialect of it, on the stream too', async (t) => {
    const { server, transport, record } = await bench(
      t,
      {},
      {
        fault: 'incidents-dialect',
        states: 'schema',
        field: 'status',
        type: 'category',
        owner: 'user',
        time: 'offset9',
      },
    );
    await transport.probe();
    await transport.connect();
    const [id] = await create(server, { title: 'Slow', severity: 'P2' });
    await waitFor(() => byKind(record.events, 'created').length === 1, 'the incident');
    const created = record.events.find((event) => event.kind === 'created');
    assert.ok(created?.kind === 'created' && created.incident.id === id && created.incident.state === 'NEW');
    assert.deepEqual(record.errors, []);
  });

  it('serves with updates alone while it does not know the words for a new incident', async (t) => {
    const { server, transport, record } = await bench(t, {}, { fault: 'incidents-dialect', field: 'status' });
    // Without a probe the words are guessed.
    await transport.connect();
    const [id] = await create(server, { title: 'Slow' });
    await waitFor(() => byKind(record.events, 'changed').length === 1, 'the update');
    assert.deepEqual(
      byKind(record.events, 'changed').map((event) => ({ ...event, timestamp: 0 })),
      [{ kind: 'changed', incidentId: id, updateType: 'CREATED', timestamp: 0 }],
    );
    assert.equal(byKind(record.events, 'created').length, 0);
    assert.deepEqual(record.errors, []);
  });

  it('asks over the stream where HTTP does not get through, and only then', async (t) => {
    let isBlocked = false;
    const environment = nodeEnvironment({
      fetch: (input, init) =>
        isBlocked ? Promise.reject(new TypeError('Failed to fetch')) : fetch(input, init),
    });
    const { server, transport } = await bench(t, { environment });
    const [id = ''] = await create(server, { title: 'Slow' });
    isBlocked = true;
    assert.equal((await rejection(transport.probe())).code, 'network');
    await transport.connect();
    const capabilities = await transport.probe();
    assert.equal(capabilities.via, 'graphql');
    assert.equal((await transport.page({ page: 0, pageSize: 10 })).total, 1);
    const done = await transport.act({ kind: 'comment', id, text: 'On it.' });
    assert.equal(done.id, id);
    assert.equal((await counts(server)).mutations.length, 1);
    await transport.disconnect();
    assert.equal((await rejection(transport.page({ page: 0, pageSize: 10 }))).code, 'network');
    isBlocked = false;
    assert.equal((await transport.page({ page: 0, pageSize: 10 })).incidents.length, 1);
  });

  it('does not repeat a change over the stream that may have arrived over HTTP', async (t) => {
    const environment = nodeEnvironment({
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (typeof init?.body === 'string' && init.body.includes('addComment('))
          throw new TypeError('Failed to fetch');
        return response;
      },
    });
    const { server, transport } = await bench(t, { environment });
    const [id = ''] = await create(server, { title: 'Slow' });
    await transport.probe();
    await transport.connect();
    const error = await rejection(transport.act({ kind: 'comment', id, text: 'On it.' }));
    assert.deepEqual([error.code, error.stored], ['network', 'maybe']);
    assert.equal((await counts(server)).mutations.length, 1);
  });

  it('knows how far the clock of the server is off, and follows it', async (t) => {
    let jumpMs = 0;
    const environment = { ...nodeEnvironment(), now: () => Date.now() + jumpMs };
    const { server, transport, record } = await bench(
      t,
      { environment },
      { fault: 'incidents-clock', aheadMs: 3_600_000 },
    );
    assert.equal(transport.serverClockAheadMs, 0);
    await transport.connect();
    await waitFor(() => record.events.length > 0, 'the first heartbeat');
    assert.ok(Math.abs(transport.serverClockAheadMs - 3_600_000) < 1_000);
    jumpMs = 7_200_000;
    assert.ok(Math.abs(transport.serverClockAheadMs + 3_600_000) < 1_000);
    await server.control({ fault: 'incidents-clear' });
  });
});

describe('IncidentTransport with less of a server', () => {
  it('streams heartbeats of async-graphql, whose subscriptions tell nothing else', async (t) => {
    const { transport, record } = await bench(t, {}, { fault: 'incidents-mode', mode: 'async-graphql' });
    await transport.probe();
    await transport.connect();
    await waitFor(() => record.events.length > 0, 'the first heartbeat');
    assert.deepEqual(record.errors, []);
  });

  it('reads over REST what is shipped, and says that there is no stream', async (t) => {
    const { server, transport } = await bench(t, {}, { fault: 'incidents-mode', mode: 'as-shipped' });
    const [id] = await create(server, { title: 'Slow' });
    assert.equal((await rejection(transport.connect())).code, 'network', 'nothing is known yet');
    assert.equal((await transport.probe()).via, 'rest');
    assert.equal(transport.via, 'rest');
    assert.equal((await rejection(transport.connect())).code, 'not-found');
    assert.equal((await transport.page({ page: 0, pageSize: 10 })).incidents[0]?.id, id);
    await server.control({ fault: 'incidents-mode', mode: 'full' });
    assert.equal((await transport.probe()).via, 'graphql');
    await transport.connect();
  });

  it('rejects where there is no incident manager at all', async (t) => {
    const { server } = await bench(t);
    const { transport } = incidentTransport(t, `${server.url}/nowhere`);
    assert.equal((await rejection(transport.probe())).code, 'unsupported');
    assert.equal(transport.via, undefined);
  });

  it('finds out by itself what the server is, once for all who read at the same time', async (t) => {
    const { server, transport } = await bench(t);
    await create(server, { title: 'Slow' });
    const query = { page: 0, pageSize: 10 };
    const pages = await Promise.all([transport.page(query), transport.page(query)]);
    assert.deepEqual(
      pages.map(({ incidents }) => incidents.length),
      [1, 1],
    );
    const cancelled = new AbortController();
    cancelled.abort();
    assert.equal((await rejection(transport.page({ ...query, signal: cancelled.signal }))).code, 'closed');
  });
});

describe('IncidentTransport and credentials', () => {
  const required = { fault: 'incidents-auth', required: true } as const;

  it('carries the token over HTTP and in the greeting', async (t) => {
    const token = mintToken('jane@example.com');
    const { server, transport, record } = await bench(t, { token }, required);
    await transport.probe();
    await transport.connect();
    assert.equal((await counts(server)).sockets, 1);
    assert.deepEqual(record.errors, []);
  });

  it('tells which one was refused, by GraphQL and by the stream', async (t) => {
    const refused: string[] = [];
    const options = { token: 'wrong.token.here', onRefused: (token: string) => void refused.push(token) };
    const { transport } = await bench(t, options, required);
    assert.equal((await rejection(transport.probe())).code, 'unauthorized');
    assert.equal((await rejection(transport.connect())).code, 'unauthorized');
    assert.deepEqual(refused, ['wrong.token.here', 'wrong.token.here']);
  });

  it('goes on with a new one when the server ends a stream whose token ran out', async (t) => {
    const tokens = [mintToken('jane@example.com', { ttlSeconds: 1 }), mintToken('jane@example.com')];
    const getToken = () => tokens[0] ?? '';
    const onRefused = () => void tokens.shift();
    const { server, transport, record } = await bench(t, { getToken, onRefused, reconnect: true }, required);
    await transport.connect();
    await waitFor(() => record.states.includes('waiting'), 'the end of the first');
    await waitFor(() => transport.state === 'open', 'the second');
    assert.equal((await counts(server)).sockets, 1);
  });

  it('is refused an empty one, and an address that is none', () => {
    for (const options of [
      { incidentsUrl: 'incidents.example.com' },
      { incidentsUrl: 'https://user:pass@incidents.example.com' },
      { incidentsUrl: 'https://incidents.example.com', token: '' },
      { incidentsUrl: 'https://incidents.example.com', token: 'a', getToken: () => 'b' },
    ]) {
      assert.throws(() => incidentTransport({ after: () => {} } as never, options.incidentsUrl, options), {
        code: 'input',
      });
    }
  });
});

describe('IncidentTransport under faults', () => {
  it('sees a mute server die within 15 s of silence, and comes back', async (t) => {
    const { server, transport, record } = await bench(t, { pingMs: 100, pongMs: 100, reconnect: true });
    await transport.connect();
    await server.control({ fault: 'incidents-mute', on: true });
    await waitFor(() => record.states.includes('waiting'), 'the loss');
    assert.equal(record.errors[0]?.code, 'timeout');
    await server.control({ fault: 'incidents-mute', on: false });
    await waitFor(() => transport.state === 'open', 'the return');
  });

  it('keeps up with 1,000 events, and loses none', async (t) => {
    const { server, transport, record } = await bench(t);
    await transport.probe();
    await transport.connect();
    const incidents = Array.from({ length: 1_000 }, (_, index) => ({ title: `Number ${index}` }));
    const ids = await create(server, ...incidents);
    await waitFor(() => byKind(record.events, 'changed').length === 1_000, 'all of them');
    const created = record.events.flatMap((event) => (event.kind === 'created' ? event.incident.id : []));
    assert.deepEqual(created.sort(), ids.sort());
    assert.equal(transport.state, 'open');
  });
});
