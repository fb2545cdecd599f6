import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
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
  type Result,
} from './incidents-fixture.ts';

describe('as shipped', () => {
  it('answers REST only: no GraphQL, no socket, and 500 on /ws', async (t) => {
    const server = await serve(t);
    const open = await rawGraphql(t, server);
    await server.control({ fault: 'incidents-mode', mode: 'as-shipped' });
    assert.equal((await open.closed).code, 1_006);
    for (const path of ['/graphql', '/graphql/ws', '/graphql/schema', '/graphql/playground']) {
      assert.equal((await fetch(server.url + path)).status, 404);
    }
    assert.equal((await postGraphql(server, { query: '{ health { status } }' })).status, 404);
    assert.deepEqual(
      [
        await refusedUpgrade(server),
        await refusedUpgrade(server, '/graphql'),
        await refusedUpgrade(server, '/ws', []),
      ],
      [404, 404, 500],
    );
    assert.equal((await rest(server, 'GET', '/v1/incidents')).status, 400);
    const headers = { 'X-Execution-Id': randomUUID(), 'X-Parent-Span-Id': randomUUID() };
    assert.equal((await rest(server, 'GET', '/v1/incidents', undefined, headers)).status, 200);
    assert.equal((await rest(server, 'GET', '/health/live')).status, 200);
    assert.equal((await rest(server, 'POST', '/api/v1/events', { execution_id: 'e' })).status, 202);
  });

  it('allows any header but Authorization', async (t) => {
    const server = await serve(t);
    const allowed = async () =>
      (await fetch(`${server.url}/v1/incidents`, { method: 'OPTIONS' })).headers.get(
        'access-control-allow-headers',
      );
    assert.equal(await allowed(), '*, Authorization');
    await server.control({ fault: 'incidents-mode', mode: 'as-shipped' });
    assert.equal(await allowed(), '*');
    await server.control({ fault: 'incidents-cors', authorization: true });
    assert.equal(await allowed(), '*, Authorization');
    await server.control({ fault: 'reset' });
    await server.control({ fault: 'incidents-cors', authorization: false });
    assert.equal(await allowed(), '*');
  });
});

describe('in the other modes', () => {
  it('knows nothing of /ws', async (t) => {
    const server = await serve(t);
    for (const mode of ['full', 'async-graphql']) {
      await server.control({ fault: 'incidents-mode', mode });
      assert.equal(await refusedUpgrade(server, '/ws', []), 404);
    }
  });
});

describe('as async-graphql', () => {
  const asyncServer = async (t: Parameters<typeof serve>[0]) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-mode', mode: 'async-graphql' });
    return server;
  };

  it('answers queries and mutations, but streams heartbeats only', async (t) => {
    const server = await asyncServer(t);
    await server.control({ fault: 'incidents-heartbeats', everyMs: 10 });
    const raw = await rawGraphql(t, server);
    raw.ask('new', CREATED);
    raw.ask('updates', UPDATES);
    await subscribed(server, 2);
    const [id] = await create(server);
    await graphql(server, `mutation { updateIncident(id: "${id}", input: {state: TRIAGED}) { id } }`);
    const before = raw.data('updates').length;
    await waitFor(() => raw.data('updates').length > before + 2, 'three more heartbeats');
    const kinds = raw
      .data('updates')
      .map((data) => (data['incidentUpdates'] as { updateType: string }).updateType);
    assert.deepEqual([...new Set(kinds)], ['HEARTBEAT']);
    assert.deepEqual(raw.data('new'), []);
    const { data } = await graphql(server, `{ incident(id: "${id}") { state } }`);
    assert.deepEqual(data, { incident: { state: 'TRIAGED' } });
  });

  it('tells every error as a result, then complete', async (t) => {
    const server = await asyncServer(t);
    const raw = await rawGraphql(t, server);
    raw.ask('invalid', 'subscription { nothing }');
    raw.ask('wrong', 'subscription ($s: [Severity!]) { newIncidents(severities: $s) { id } }', { s: 'P9' });
    raw.ask('query', '{ health { status } }');
    const ends = (count: number) =>
      waitFor(() => raw.messages.filter(({ type }) => type === 'complete').length === count, `${count} ends`);
    await ends(3);
    await server.control({ fault: 'incidents-errors', style: 'error', count: 1, message: 'Broken' });
    raw.ask('forced', UPDATES);
    await ends(4);
    for (const id of ['invalid', 'wrong', 'forced', 'query']) {
      const own = raw.messages.filter((message) => message.id === id);
      assert.deepEqual(
        own.map(({ type }) => type),
        ['next', 'complete'],
      );
      const { data, errors } = own[0]?.payload as Result;
      if (id === 'query') assert.deepEqual(data, { health: { status: 'healthy' } });
      else assert.ok(data === null && errors?.length === 1, id);
      assert.equal(errors?.[0]?.extensions, undefined);
    }
  });

  it('refuses upgrades without a protocol that it knows', async (t) => {
    const server = await asyncServer(t);
    assert.equal(await refusedUpgrade(server, '/graphql/ws', []), 400);
    assert.equal(await refusedUpgrade(server, '/graphql/ws', ['mqtt']), 400);
  });

  for (const [name, frame, code] of [
    ['what it cannot read', 'hello', 1_002],
    ['an unknown type', { type: 'hello' }, 1_002],
    ['a second greeting', { type: 'connection_init' }, 4_429],
  ] as const) {
    it(`closes with ${code} for ${name}`, async (t) => {
      const raw = await rawGraphql(t, await asyncServer(t));
      raw.send(frame);
      assert.equal((await raw.closed).code, code);
    });
  }

  it('closes with 1011 for a subscription before the greeting, and with 1002 for a refused greeting', async (t) => {
    const server = await asyncServer(t);
    const early = await rawGraphql(t, server, { init: false });
    early.ask('1', UPDATES);
    assert.equal((await early.closed).code, 1_011);
    await server.control({ fault: 'incidents-auth', required: true });
    const stranger = await rawGraphql(t, server, { init: false });
    stranger.send({ type: 'connection_init', payload: { Authorization: 'Bearer x' } });
    assert.equal((await stranger.closed).code, 1_002);
  });

  it('waits for a greeting as long as it takes', async (t) => {
    const server = await serve(t, { secondMs: 1 });
    await server.control({ fault: 'incidents-mode', mode: 'async-graphql' });
    const raw = await rawGraphql(t, server, { init: false });
    raw.send({ type: 'ping' });
    await raw.have(({ type }) => type === 'pong');
    raw.send({ type: 'connection_init' });
    await raw.have(({ type }) => type === 'connection_ack');
  });

  it('puts a second operation of an id in the place of the first, and answers complete with complete', async (t) => {
    const server = await asyncServer(t);
    const raw = await rawGraphql(t, server);
    raw.ask('1', CREATED);
    await subscribed(server);
    raw.ask('1', UPDATES);
    await raw.have(({ type }) => type === 'next');
    assert.equal(server.report().incidents.subscriptions, 1);
    raw.send({ id: '1', type: 'complete' });
    await raw.have(({ type, id }) => type === 'complete' && id === '1');
    assert.equal(server.report().incidents.subscriptions, 0);
    raw.send({ type: 'ping', payload: { a: 1 } });
    assert.deepEqual(await raw.have(({ type }) => type === 'pong'), { type: 'pong' });
  });
});

describe('dialects', () => {
  const dialects = [
    {
      set: { states: 'websocket', labels: 'map', owner: 'assignedTo' },
      read: 'state incidentType assignedTo labels',
      told: { state: 'IDENTIFIED', incidentType: 'DATA_INTEGRITY', assignedTo: 'jane', labels: { a: 'b' } },
    },
    {
      set: { states: 'schema', field: 'status', type: 'category', owner: 'user' },
      read: 'status category assignedTo { name email } labels { key value }',
      told: {
        status: 'IN_PROGRESS',
        category: 'OTHER',
        assignedTo: { name: 'jane', email: 'jane@example.com' },
        labels: [{ key: 'a', value: 'b' }],
      },
    },
    {
      set: {},
      read: 'state incidentType assignees labels { key value }',
      told: {
        state: 'INVESTIGATING',
        incidentType: 'DATA',
        assignees: ['jane'],
        labels: [{ key: 'a', value: 'b' }],
      },
    },
  ];
  for (const { set, read, told } of dialects) {
    it(`tell the same in the words of ${JSON.stringify(set)}`, async (t) => {
      const server = await serve(t);
      const incident = { state: 'INVESTIGATING', type: 'DATA', assignees: ['jane'], labels: { a: 'b' } };
      const [id] = await create(server, [incident]);
      await server.control({ fault: 'incidents-dialect', ...set });
      const { data, errors } = await graphql(server, `{ incident(id: "${id}") { ${read} } }`);
      assert.equal(errors, undefined);
      assert.deepEqual(data?.['incident'], told);
      const fields = await graphql(server, '{ __type(name: "Incident") { fields { name } } }');
      for (const name of Object.keys(told)) assert.ok(JSON.stringify(fields).includes(`"${name}"`));
    });
  }

  it('validate what they serve, and nothing else', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-dialect', field: 'status', list: 'edges', states: 'schema' });
    for (const query of [
      '{ incidents { incidents { id } } }',
      '{ incidents { edges { node { state } } } }',
      '{ incidents(filter: {states: [DETECTED]}) { totalCount } }',
    ]) {
      assert.equal((await graphql(server, query)).errors?.length, 1, query);
    }
    const { data } = await graphql(
      server,
      '{ incidents(filter: {states: [NEW]}) { edges { node { status } cursor } pageInfo { hasNextPage } totalCount } }',
    );
    assert.deepEqual(data?.['incidents'], { edges: [], pageInfo: { hasNextPage: false }, totalCount: 0 });
  });

  it('take states in their own words, and can acknowledge where they have a word for it', async (t) => {
    const server = await serve(t);
    const acknowledge = (id: string | undefined) =>
      graphql(
        server,
        `mutation { acknowledgeIncident(id: "${id}", notes: "On it") { incident { state } success } }`,
      );
    const [id] = await create(server);
    assert.equal((await acknowledge(id)).errors?.length, 1);
    await server.control({ fault: 'incidents-dialect', states: 'schema', results: 'payload' });
    assert.deepEqual((await acknowledge(id)).data, {
      acknowledgeIncident: { incident: { state: 'ACKNOWLEDGED' }, success: true },
    });
    const { data } = await graphql(
      server,
      `mutation { updateIncident(id: "${id}", input: {state: ESCALATED}) { incident { state } } }`,
    );
    assert.deepEqual(data, { updateIncident: { incident: { state: 'ESCALATED' } } });
    const told = (await (await rest(server, 'GET', `/v1/incidents/${id}`)).json()) as { state: string };
    assert.equal(told.state, 'Remediating');
  });

  it('have fewer subscriptions, or others that tell whole incidents', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-dialect', subscriptions: 'updates' });
    const raw = await rawGraphql(t, server);
    raw.ask('1', UPDATES);
    raw.ask('2', CREATED);
    await raw.have(({ type, id }) => type === 'error' && id === '2');
    await raw.have(({ type, id }) => type === 'next' && id === '1');
    await server.control({ fault: 'incidents-dialect', subscriptions: 'documents' });
    raw.ask('3', 'subscription { incidentCreated { title } }');
    raw.ask('4', 'subscription { incidentUpdated { title } }');
    await subscribed(server, 3);
    const [id] = await create(server, [{ title: 'Old' }]);
    await server.control({ fault: 'incidents-update', id, title: 'New' });
    assert.deepEqual(await raw.events('4', 1), [{ incidentUpdated: { title: 'New' } }]);
    assert.deepEqual(raw.data('3'), [{ incidentCreated: { title: 'Old' } }]);
    await server.control({ fault: 'incidents-dialect', subscriptions: 'none' });
    raw.ask('5', UPDATES);
    await raw.have(({ type, id: of }) => type === 'error' && of === '5');
  });

  it('keep their schema to themselves', async (t) => {
    const server = await serve(t);
    const query = '{ __type(name: "Incident") { name } }';
    assert.equal((await graphql(server, query)).errors, undefined);
    await server.control({ fault: 'incidents-dialect', introspection: 'refused' });
    assert.match((await graphql(server, query)).errors?.[0]?.message ?? '', /introspection/);
    assert.equal((await graphql(server, '{ health { __typename } }')).errors, undefined);
  });

  it('page from 1, or by cursors', async (t) => {
    const server = await serve(t);
    const ids = await create(
      server,
      Array.from({ length: 5 }, (_, index) => ({ createdAt: index + 1 })),
    );
    await server.control({ fault: 'incidents-dialect', list: 'edges', pages: 'one' });
    const page = async (args: string) => {
      const query = `{ incidents${args} { edges { node { id } } pageInfo { hasNextPage endCursor } totalCount } }`;
      const { data } = await graphql(server, query);
      return data?.['incidents'] as {
        edges: { node: { id: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
        totalCount: number;
      };
    };
    const newest = ids.toReversed();
    const idsOf = ({ edges }: Awaited<ReturnType<typeof page>>) => edges.map(({ node }) => node.id);
    assert.deepEqual(idsOf(await page('(pagination: {page: 2, pageSize: 2})')), newest.slice(2, 4));
    assert.equal((await graphql(server, '{ incidents(pagination: {page: 0}) { totalCount } }')).data, null);
    await server.control({ fault: 'incidents-dialect', pages: 'relay' });
    let [after, walked] = ['', [] as string[]];
    for (;;) {
      const next = await page(`(first: 2, after: "${after}")`);
      walked = [...walked, ...idsOf(next)];
      after = next.pageInfo.endCursor;
      assert.equal(next.totalCount, 5);
      if (!next.pageInfo.hasNextPage) break;
    }
    assert.deepEqual(walked, newest);
  });

  it('tell times in every form, and words that nobody has heard of', async (t) => {
    const server = await serve(t);
    const [id] = await create(server, [{ createdAt: '2026-02-03T04:05:06.789Z' }]);
    for (const [time, text] of [
      ['offset0', '2026-02-03T04:05:06+00:00'],
      ['offset3', '2026-02-03T04:05:06.789+00:00'],
      ['offset6', '2026-02-03T04:05:06.789000+00:00'],
      ['z0', '2026-02-03T04:05:06Z'],
      ['z9', '2026-02-03T04:05:06.789000000Z'],
    ] as const) {
      await server.control({ fault: 'incidents-dialect', time });
      const { data } = await graphql(server, `{ incident(id: "${id}") { createdAt } }`);
      assert.deepEqual(data, { incident: { createdAt: text } });
    }
    await server.control({ fault: 'incidents-dialect', moreStates: ['PONDERED'], moreSeverities: ['SEV9'] });
    const [odd] = await create(server, [{ state: 'PONDERED', severity: 'SEV9' }]);
    const { data } = await graphql(server, `{ incident(id: "${odd}") { state severity isActive } }`);
    assert.deepEqual(data, { incident: { state: 'PONDERED', severity: 'SEV9', isActive: true } });
  });
});
