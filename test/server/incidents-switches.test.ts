import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mintToken } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';
import { serve } from './fixture.ts';
import {
  create,
  CREATED,
  graphql,
  postGraphql,
  rawGraphql,
  refusedUpgrade,
  rest,
  subscribed,
  UPDATES,
} from './incidents-fixture.ts';

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const ids = (data: Record<string, unknown>[]) =>
  data.map(({ newIncidents }) => (newIncidents as { id: string }).id);

describe('Who may come in', () => {
  it('asks for a good token when it is told to: by payload or header, over sockets and HTTP', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-auth', required: true });
    for (const init of [{}, bearer('nonsense'), bearer(mintToken('jane', { ttlSeconds: -1 }))]) {
      const raw = await rawGraphql(t, server, { init: false });
      raw.send({ type: 'connection_init', payload: init });
      assert.equal((await raw.closed).code, 4_403);
      assert.deepEqual(raw.messages, []);
    }
    const token = mintToken('jane');
    await rawGraphql(t, server, { init: bearer(token) });
    await rawGraphql(t, server, { init: { authorization: `bearer ${token}` } });
    await rawGraphql(t, server, { headers: bearer(token) });
    const query = '{ health { status } }';
    const refused = await postGraphql(server, { query });
    const { data, errors } = (await refused.json()) as { data: null; errors: { extensions: object }[] };
    assert.deepEqual([refused.status, data, errors[0]?.extensions], [200, null, { code: 'UNAUTHENTICATED' }]);
    assert.equal((await rest(server, 'GET', '/v1/incidents')).status, 401);
    const good = await postGraphql(server, { query }, bearer(token));
    assert.deepEqual(await good.json(), { data: { health: { status: 'healthy' } } });
    assert.equal((await rest(server, 'GET', '/v1/incidents', undefined, bearer(token))).status, 200);
    await server.control({ fault: 'incidents-auth', required: true, http: 401 });
    assert.equal((await postGraphql(server, { query })).status, 401);
  });

  it('closes live sockets whose tokens expire, by themselves or by a fault', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-auth', required: true });
    const short = await rawGraphql(t, server, { init: bearer(mintToken('jane', { ttlSeconds: 2 })) });
    const long = await rawGraphql(t, server, { init: bearer(mintToken('jane')) });
    assert.equal((await short.closed).code, 4_401);
    await waitFor(() => server.report().incidents.sockets === 1, 'the other socket only');
    await server.control({ fault: 'incidents-auth', required: true, expiry: 4_403 });
    await server.control({ fault: 'expire-tokens' });
    assert.equal((await long.closed).code, 4_403);
    await waitFor(() => server.report().incidents.sockets === 0, 'no socket');
    await server.control({ fault: 'incidents-auth', required: true, expiry: 0 });
    const token = mintToken('jane');
    await rawGraphql(t, server, { init: bearer(token) });
    await server.control({ fault: 'expire-tokens' });
    assert.equal(server.report().incidents.sockets, 1);
    const next = await rawGraphql(t, server, { init: false });
    next.send({ type: 'connection_init', payload: bearer(token) });
    assert.equal((await next.closed).code, 4_403);
  });
});

describe('What can go wrong with events', () => {
  it('loses them, so many or all, and keeps what happened', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    raw.ask('1', CREATED);
    await subscribed(server);
    await server.control({ fault: 'incidents-drop-events', count: 2 });
    await create(server); // The incident, and its update.
    const [second] = await create(server);
    assert.deepEqual(ids(await raw.events('1', 1)), [second]);
    await server.control({ fault: 'incidents-drop-events' });
    await create(server);
    await server.control({ fault: 'incidents-drop-events', on: false });
    const [last] = await create(server);
    assert.deepEqual(ids(await raw.events('1', 2)), [second, last]);
    const { count, events, dropped } = server.report().incidents;
    assert.deepEqual({ count, events, dropped }, { count: 4, events: 8, dropped: 4 });
  });

  it('repeats and reorders them', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    raw.ask('1', CREATED);
    await subscribed(server);
    await server.control({ fault: 'incidents-duplicate-events', times: 2, count: 1 });
    const [one] = await create(server);
    assert.deepEqual(ids(await raw.events('1', 3)), [one, one, one]);
    await server.control({ fault: 'incidents-reorder-events', on: true });
    const three = await create(server, [{}, {}, {}]);
    assert.deepEqual(ids(await raw.events('1', 6)).slice(3), three.toReversed());
  });

  it('keeps silent about what is done silently', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-heartbeats', on: false });
    const raw = await rawGraphql(t, server);
    raw.ask('1', UPDATES);
    await subscribed(server);
    const [id = ''] = await create(server, [{}], true);
    await server.control({ fault: 'incidents-update', id, state: 'CLOSED', severity: 'P0', silent: true });
    await server.control({ fault: 'incidents-update', id, title: 'Loud' });
    assert.equal((await raw.events('1', 1)).length, 1);
    const { data } = await graphql(server, `{ incident(id: "${id}") { state severity title } }`);
    assert.deepEqual(data, { incident: { state: 'CLOSED', severity: 'P0', title: 'Loud' } });
  });

  it('makes thousands of them in a moment, and all arrive', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    raw.ask('1', CREATED);
    await subscribed(server);
    await server.control({
      fault: 'incidents-generate',
      perSecond: 5_000,
      seconds: 0.5,
      updates: 0,
      duplicates: 0,
    });
    const events = await raw.events('1', 2_500);
    assert.equal(new Set(ids(events)).size, 2_500);
    assert.equal(server.report().incidents.count, 2_500);
  });

  it('makes new ones, changes and duplicates in the shares that are asked for', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-seed', count: 200 });
    const raw = await rawGraphql(t, server);
    raw.ask('1', UPDATES);
    raw.ask('2', 'subscription { alerts { deduplicated } }');
    await subscribed(server, 2);
    await server.control({
      fault: 'incidents-generate',
      perSecond: 2_000,
      seconds: 0.5,
      updates: 0.4,
      duplicates: 0.2,
    });
    await raw.events('1', 1_000);
    const kinds = new Map<string, number>();
    for (const { incidentUpdates } of raw.data('1')) {
      const { updateType } = incidentUpdates as { updateType: string };
      kinds.set(updateType, (kinds.get(updateType) ?? 0) + 1);
    }
    const created = kinds.get('CREATED') ?? 0;
    assert.ok(created > 300 && created < 700, `${created} of 1000 are new`);
    for (const kind of ['STATE_CHANGED', 'ASSIGNED', 'UPDATED', 'RESOLVED', 'COMMENT_ADDED']) {
      assert.ok((kinds.get(kind) ?? 0) > 0, `some are ${kind}`);
    }
    await server.control({ fault: 'incidents-generate', perSecond: 0 });
  });
});

describe('What can go wrong with sockets', () => {
  it('closes them with any code, and cuts them for those that cannot be sent', async (t) => {
    const server = await serve(t);
    for (const [code, seen = code] of [[1_000], [1_012], [3_008], [4_401], [4_499], [1_006]] as const) {
      const raw = await rawGraphql(t, server);
      const { sockets } = await server.control({ fault: 'incidents-close', code, reason: 'Told to' });
      assert.equal(sockets, 1);
      assert.deepEqual(await raw.closed, { code: seen, reason: code === 1_006 ? '' : 'Told to' });
    }
  });

  it('acknowledges and closes, for ever', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-flap', on: true, code: 4_500 });
    for (let round = 0; round < 3; round += 1) {
      const raw = await rawGraphql(t, server);
      assert.equal((await raw.closed).code, 4_500);
      assert.deepEqual(raw.messages, [{ type: 'connection_ack' }]);
    }
  });

  it('falls mute: no event, no heartbeat, no pong, and nothing of it later', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-heartbeats', everyMs: 5 });
    const raw = await rawGraphql(t, server);
    raw.ask('1', CREATED);
    raw.ask('2', UPDATES);
    await subscribed(server, 2);
    await server.control({ fault: 'incidents-mute', on: true });
    raw.send({ type: 'ping', payload: { n: 1 } });
    await create(server);
    await rest(server, 'GET', '/v1/incidents'); // Answered: only the sockets are mute.
    await waitFor(() => server.report().incidents.events === 2, 'the events to have happened');
    await server.control({ fault: 'incidents-mute', on: false });
    const [id] = await create(server);
    raw.send({ type: 'ping', payload: { n: 2 } });
    await raw.have(({ type }) => type === 'pong');
    assert.deepEqual(ids(raw.data('1')), [id]);
    assert.deepEqual(
      raw.messages.filter(({ type }) => type === 'pong').map(({ payload }) => payload),
      [{ n: 2 }],
    );
  });

  it('refuses them, and leaves those alone that are open', async (t) => {
    const server = await serve(t);
    const open = await rawGraphql(t, server);
    await server.control({ fault: 'incidents-refuse-sockets', on: true });
    assert.equal(await refusedUpgrade(server), 503);
    open.send({ type: 'ping' });
    await open.have(({ type }) => type === 'pong');
    await server.control({ fault: 'incidents-refuse-sockets', on: false });
    assert.equal(await refusedUpgrade(server), 101);
  });

  it('takes part in faults of the whole network', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    await server.control({ fault: 'drop-sockets', kind: 'incidents' });
    assert.equal((await raw.closed).code, 1_006);
    const other = await rawGraphql(t, server);
    await server.control({ fault: 'down' });
    assert.equal((await other.closed).code, 1_006);
    await assert.rejects(rest(server, 'GET', '/v1/incidents'));
    await server.control({ fault: 'up' });
    await server.control({ fault: 'captive-portal', on: true });
    assert.match(await (await postGraphql(server, {})).text(), /guest network/);
    assert.equal(await refusedUpgrade(server), 200);
    await server.control({ fault: 'reset' });
    await server.control({ fault: 'block-websockets', on: true });
    assert.equal(await refusedUpgrade(server), 502);
    await server.control({ fault: 'fail', what: 'incidents', status: 503, count: 1 });
    assert.equal((await rest(server, 'GET', '/v1/incidents')).status, 503);
  });

  it('sends whatever it is told to', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    await server.control({ fault: 'incidents-raw-frame', text: '{"type":"ka"}' });
    await raw.have(({ type }) => type === 'ka');
  });

  it('is slow, in order', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-latency', ms: 30 });
    const began = performance.now();
    const raw = await rawGraphql(t, server);
    raw.ask('1', CREATED);
    await subscribed(server);
    const created = await create(server, [{}, {}, {}]);
    assert.deepEqual(ids(await raw.events('1', 3)), created);
    await graphql(server, '{ health { status } }');
    assert.ok(performance.now() - began >= 80, 'three waits of 30 ms, give or take a timer');
  });
});

describe('What can go wrong with answers', () => {
  it('ends the next operations with an error, in either style, with and without a code', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    await server.control({ fault: 'incidents-errors', style: 'error', code: 'FORBIDDEN', count: 1 });
    raw.ask('1', UPDATES);
    const error = await raw.have(({ id }) => id === '1');
    assert.deepEqual(error, {
      id: '1',
      type: 'error',
      payload: [{ message: 'The server was told to fail.', extensions: { code: 'FORBIDDEN' } }],
    });
    await server.control({
      fault: 'incidents-errors',
      style: 'next',
      count: 1,
      message: 'No',
      what: 'subscription',
    });
    assert.equal((await graphql(server, '{ health { status } }')).errors, undefined);
    raw.ask('2', UPDATES);
    await raw.have(({ id, type }) => id === '2' && type === 'complete');
    assert.deepEqual(raw.messages.slice(-2), [
      { id: '2', type: 'next', payload: { data: null, errors: [{ message: 'No' }] } },
      { id: '2', type: 'complete' },
    ]);
    await server.control({
      fault: 'incidents-errors',
      style: 'error',
      code: 'RATE_LIMITED',
      retryAfter: 3,
      count: 1,
    });
    const { data, errors } = await graphql(server, '{ health { status } }');
    assert.equal(data, null);
    assert.deepEqual(errors?.[0]?.extensions, { code: 'RATE_LIMITED', retryAfter: 3 });
    assert.deepEqual(server.report().faults, {});
  });

  it('answers the next requests with a status', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-fail', status: 429, count: 1, retryAfter: 7, what: 'rest' });
    assert.equal((await postGraphql(server, { query: '{ health { status } }' })).status, 200);
    const limited = await rest(server, 'GET', '/v1/incidents');
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7']);
    assert.equal((await rest(server, 'GET', '/v1/incidents')).status, 200);
  });

  it('goes by a clock that is wrong', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-clock', aheadMs: 3_600_000 });
    const raw = await rawGraphql(t, server);
    raw.ask('1', UPDATES);
    await raw.have(({ type }) => type === 'next');
    const { timestamp } = raw.data('1')[0]?.['incidentUpdates'] as { timestamp: string };
    const answer = await postGraphql(server, { query: '{ health { status } }' });
    for (const text of [timestamp, answer.headers.get('date') ?? '']) {
      assert.ok(Math.abs(Date.parse(text) - Date.now() - 3_600_000) < 60_000, text);
    }
  });

  it('reports what was asked of it, and forgets it on reset', async (t) => {
    const server = await serve(t);
    const [id] = await create(server);
    await graphql(server, `mutation { addComment(incidentId: "${id}", comment: "x") { id } }`);
    await rest(server, 'PUT', `/v1/incidents/${id}`, { state: 'Triaged' });
    await server.control({ fault: 'incidents-dialect', states: 'schema' });
    const { incidents, faults } = server.report();
    assert.deepEqual(incidents.operations, { addComment: 1, 'PUT /v1/incidents/{id}': 1 });
    assert.deepEqual(
      incidents.mutations.map(({ name, id: of }) => [name, of]),
      [
        ['addComment', id],
        ['PUT /v1/incidents/{id}', id],
      ],
    );
    assert.ok('incidents-dialect' in faults);
    await server.control({ fault: 'reset' });
    assert.deepEqual([server.report().faults, server.report().incidents.mutations], [{}, []]);
    assert.equal(server.report().incidents.count, 1);
    await server.control({ fault: 'reset', messages: true });
    assert.equal(server.report().incidents.count, 0);
  });

  it('refuses parameters that are wrong, and changes nothing', async (t) => {
    const server = await serve(t);
    for (const fault of [
      { fault: 'incidents-mode', mode: 'perfect' },
      { fault: 'incidents-dialect', states: 'klingon' },
      { fault: 'incidents-dialect', moreStates: ['no good'] },
      { fault: 'incidents-create', incidents: [{ colour: 'red' }] },
      { fault: 'incidents-create', incidents: [{ severity: 'P9' }] },
      { fault: 'incidents-create', incidents: [{ title: 7 }] },
      { fault: 'incidents-create', incidents: [{ createdAt: 'soon' }] },
      { fault: 'incidents-update', id: 'nobody', title: 'x' },
      { fault: 'incidents-seed', count: 1_000_000 },
      { fault: 'incidents-generate', perSecond: 5_001 },
      { fault: 'incidents-generate', perSecond: 1, updates: 2 },
      { fault: 'incidents-close', code: 5_000 },
      { fault: 'incidents-auth', required: true, http: 500 },
      { fault: 'incidents-clock', aheadMs: 'much' },
    ]) {
      await assert.rejects(server.control(fault), JSON.stringify(fault));
    }
    assert.deepEqual([server.report().faults, server.report().incidents.count], [{}, 0]);
  });
});

describe('The beginning', () => {
  it('is a believable mix, the same for the same seed', async (t) => {
    const [one, other] = [
      await serve(t, { incidents: { seed: 40 } }),
      await serve(t, { incidents: { seed: 40 } }),
    ];
    const query =
      '{ incidents(pagination: {pageSize: 100}) { incidents { title severity state createdAt updatedAt } } }';
    type Rows = { incidents: { incidents: Record<string, string>[] } };
    const rows = async (server: typeof one) =>
      ((await graphql(server, query)).data as unknown as Rows).incidents.incidents;
    const [mine, others] = [await rows(one), await rows(other)];
    const shape = (list: Record<string, string>[]) =>
      list.map(({ title, severity, state }) => [title, severity, state]).sort();
    assert.deepEqual(shape(mine), shape(others));
    assert.equal(mine.length, 40);
    for (const field of ['severity', 'state'] as const) {
      assert.ok(new Set(mine.map((row) => row[field])).size >= 4, field);
    }
    assert.ok(mine.every(({ createdAt = '', updatedAt = '' }) => createdAt <= updatedAt));
    assert.ok(mine.every(({ updatedAt = '' }) => Date.parse(updatedAt) <= Date.now() + 1));
    assert.equal(one.report().incidents.events, 0);
  });

  it('goes on by itself when it is asked to, also after a reset', async (t) => {
    const server = await serve(t, { incidents: { perSecond: 100 } });
    await waitFor(() => server.report().incidents.events > 3, 'something to happen');
    await server.control({ fault: 'incidents-generate', perSecond: 0 });
    await server.control({ fault: 'reset', messages: true });
    await waitFor(() => server.report().incidents.events > 3, 'something to happen again');
  });
});
