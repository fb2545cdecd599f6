import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { waitFor } from '../support/wait.ts';
import { serve } from './fixture.ts';
import {
  create,
  CREATED,
  graphql,
  PROTOCOL,
  rawGraphql,
  rest,
  subscribed,
  UPDATES,
  type Result,
} from './incidents-fixture.ts';

const PAGE = 'https://shop.example.com';

describe('graphql-transport-ws, seen from outside', () => {
  it('acknowledges once, and closes with 4429 when it is greeted twice', async (t) => {
    const raw = await rawGraphql(t, await serve(t));
    raw.send({ type: 'connection_init' });
    assert.equal((await raw.closed).code, 4_429);
    assert.deepEqual(raw.messages, [{ type: 'connection_ack' }]);
  });

  it('closes with 4401 when somebody subscribes before the greeting', async (t) => {
    const raw = await rawGraphql(t, await serve(t), { init: false });
    raw.ask('1', UPDATES);
    assert.equal((await raw.closed).code, 4_401);
  });

  it('closes with 4408 when nobody greets', async (t) => {
    const raw = await rawGraphql(t, await serve(t, { secondMs: 20 }), { init: false });
    assert.equal((await raw.closed).code, 4_408);
  });

  for (const [name, text] of [
    ['no JSON', 'hello'],
    ['an unknown type', '{"type":"start","id":"1","payload":{"query":"{health{status}}"}}'],
    ['a subscription without an id', '{"type":"subscribe","payload":{"query":"{health{status}}"}}'],
    ['a subscription without a query', '{"type":"subscribe","id":"1","payload":{}}'],
    ['a list', '[]'],
  ] as const) {
    it(`closes with 4400 for ${name}`, async (t) => {
      const raw = await rawGraphql(t, await serve(t));
      raw.send(text);
      assert.equal((await raw.closed).code, 4_400);
    });
  }

  it('closes with 4409 for an id that is in use, and takes it again after its end', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    raw.ask('1', UPDATES);
    await subscribed(server);
    raw.send({ id: '1', type: 'complete' });
    await subscribed(server, 0);
    raw.ask('1', CREATED);
    await subscribed(server);
    raw.ask('1', CREATED);
    assert.equal((await raw.closed).code, 4_409);
  });

  it('closes with 4406 for a protocol that it does not speak', async (t) => {
    const raw = await rawGraphql(t, await serve(t), { protocols: ['graphql-ws'], init: false });
    assert.equal((await raw.closed).code, 4_406);
  });

  it('answers a ping with its payload, or with none', async (t) => {
    const raw = await rawGraphql(t, await serve(t));
    raw.send({ type: 'ping', payload: { at: 7 } });
    raw.send({ type: 'ping' });
    await waitFor(() => raw.messages.length === 3, 'two pongs');
    assert.deepEqual(raw.messages.slice(1), [{ type: 'pong', payload: { at: 7 } }, { type: 'pong' }]);
  });

  it('answers queries with next and complete, and broken ones with an error and nothing more', async (t) => {
    const raw = await rawGraphql(t, await serve(t));
    raw.ask('good', '{ health { status } }');
    await raw.have(({ type, id }) => type === 'complete' && id === 'good');
    raw.ask('bad', '{ nothing }');
    raw.ask('worse', '{');
    await raw.have(({ id }) => id === 'worse');
    assert.deepEqual(raw.messages.slice(1, 3), [
      { id: 'good', type: 'next', payload: { data: { health: { status: 'healthy' } } } },
      { id: 'good', type: 'complete' },
    ]);
    const [bad, worse] = raw.messages.slice(3);
    for (const message of [bad, worse]) {
      assert.equal(message?.type, 'error');
      assert.ok(Array.isArray(message.payload) && typeof message.payload[0].message === 'string');
    }
    assert.equal(raw.socket.readyState, WebSocket.OPEN);
  });

  it('refuses arguments that are wrong with an error', async (t) => {
    const raw = await rawGraphql(t, await serve(t));
    raw.ask('1', 'subscription ($s: [Severity!]) { newIncidents(severities: $s) { id } }', { s: ['P9'] });
    const { type, payload } = await raw.have(({ id }) => id === '1');
    assert.equal(type, 'next');
    assert.match((payload as Result).errors?.[0]?.message ?? '', /P9/);
    await raw.have((message) => message.type === 'complete' && message.id === '1');
  });
});

describe('the thirteen rules of a faithful incident manager', () => {
  it('rule 1: speaks at /graphql/ws and /graphql, and answers POST /graphql', async (t) => {
    const server = await serve(t);
    for (const path of ['/graphql/ws', '/graphql']) {
      const raw = await rawGraphql(t, server, { path });
      assert.deepEqual(raw.messages, [{ type: 'connection_ack' }]);
    }
    assert.deepEqual(await graphql(server, '{ health { status } }'), {
      data: { health: { status: 'healthy' } },
    });
  });

  it('rule 2: speaks to those who offer no subprotocol, and names none', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server, { protocols: [] });
    assert.equal(raw.socket.protocol, '');
    raw.ask('1', CREATED);
    await subscribed(server);
    await create(server);
    assert.equal((await raw.events('1', 1)).length, 1);
  });

  it('rule 3: selects graphql-transport-ws wherever it stands among those offered', async (t) => {
    const server = await serve(t);
    for (const protocols of [[PROTOCOL], ['graphql-ws', PROTOCOL], [PROTOCOL, 'graphql-ws']]) {
      assert.equal((await rawGraphql(t, server, { protocols })).socket.protocol, PROTOCOL);
    }
  });

  it('rule 4: says connection_ack before anything else, once, whatever happens meanwhile', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server, { init: false });
    await create(server);
    raw.send({ type: 'connection_init' });
    await raw.have(({ type }) => type === 'connection_ack');
    raw.ask('1', UPDATES);
    await raw.have(({ type }) => type === 'next');
    assert.deepEqual(
      raw.messages.map(({ type }) => type),
      ['connection_ack', 'next'],
    );
  });

  it('rule 5: sends no ping or pong unasked, of either kind', async (t) => {
    const server = await serve(t, { hubPingMs: 5 });
    await server.control({ fault: 'incidents-heartbeats', everyMs: 5 });
    const raw = await rawGraphql(t, server);
    raw.ask('1', UPDATES);
    await waitFor(() => raw.data('1').length > 20, 'twenty heartbeats');
    assert.deepEqual([...new Set(raw.messages.map(({ type }) => type))], ['connection_ack', 'next']);
  });

  it('rule 6: answers pings, ignores pongs', async (t) => {
    const raw = await rawGraphql(t, await serve(t));
    raw.send({ type: 'pong' });
    raw.send({ type: 'pong', payload: {} });
    raw.send({ type: 'ping' });
    await raw.have(({ type }) => type === 'pong');
    assert.equal(raw.messages.length, 2);
  });

  it('rule 7: sends text only: next with data, error with a list, complete', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    raw.ask('a', UPDATES);
    raw.ask('b', CREATED);
    raw.ask('c', 'subscription { nothing }');
    raw.ask('d', '{ incidentStats { total } }');
    await subscribed(server, 2);
    await create(server);
    await raw.events('b', 1);
    await raw.have(({ type }) => type === 'complete');
    for (const { type, id, payload } of raw.messages.slice(1)) {
      if (type === 'next') assert.ok(typeof id === 'string' && (payload as Result).data !== undefined);
      else if (type === 'error') assert.ok(Array.isArray(payload));
      else assert.equal(type, 'complete');
    }
  });

  it('rule 8: takes any token or none, in payload and header, in either spelling', async (t) => {
    const server = await serve(t);
    for (const init of [
      {},
      { Authorization: 'Bearer YOUR_JWT_TOKEN' },
      { authorization: 'Bearer undefined' },
      { Authorization: 'Bearer null', more: [1] },
    ]) {
      await rawGraphql(t, server, { init });
    }
    await rawGraphql(t, server, { headers: { Authorization: 'Bearer nonsense' } });
    assert.deepEqual(server.report().incidents.credentials, {
      none: 1,
      'payload-other': 3,
      'header-other': 1,
    });
  });

  it('rule 9: validates what the clients in use ask for, __typename too', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    const fields =
      'id title description severity state createdAt affectedResources source incidentType __typename';
    const id = '11111111-1111-4111-8111-111111111111';
    raw.ask('a', `subscription C { criticalIncidents { ${fields} } }`);
    raw.ask(
      'b',
      `subscription N($severities: [Severity!]) { newIncidents(severities: $severities) { ${fields} } }`,
      {
        severities: ['P0', 'P1'],
      },
    );
    raw.ask(
      'c',
      'subscription U($ids: [UUID!]!) { incidentUpdates(incidentIds: $ids) { updateType incidentId timestamp } }',
      { ids: [id.toUpperCase()] },
    );
    raw.ask('d', 'subscription { newIncidents(severities: [P0, P1]) { id } }');
    raw.ask('e', 'subscription { incidentUpdates(severities: [P0], activeOnly: true) { updateType } }');
    await subscribed(server, 5);
    await create(server, [{ id, severity: 'P0', title: 'Fire' }]);
    const [incident] = await raw.events('a', 1);
    assert.equal((incident?.['criticalIncidents'] as { __typename: string }).__typename, 'Incident');
    for (const other of ['b', 'c', 'd', 'e']) await raw.events(other, 1);
    assert.deepEqual(
      raw.messages.filter(({ type }) => type === 'error'),
      [],
    );
  });

  it('rule 10: beats at once and then regularly, with no incident; affected resources are never null', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-heartbeats', everyMs: 10 });
    const raw = await rawGraphql(t, server);
    raw.ask('1', 'subscription { incidentUpdates(severities: [P0]) { updateType incidentId timestamp } }');
    await waitFor(() => raw.data('1').length > 2, 'three heartbeats');
    const beat = raw.data('1')[0]?.['incidentUpdates'] as Record<string, unknown>;
    assert.deepEqual([beat['updateType'], beat['incidentId']], ['HEARTBEAT', null]);
    await server.control({ fault: 'incidents-heartbeats', on: false });
    const silent = await rawGraphql(t, server);
    silent.ask('1', UPDATES);
    await subscribed(server, 2);
    await create(server);
    assert.equal((await silent.events('1', 1)).length, silent.data('1').length);
    const listed = await graphql(server, '{ incidents { incidents { affectedResources } } }');
    assert.match(JSON.stringify(listed), /"affectedResources":\[\]/);
  });

  it('rule 11: carries several subscriptions with ids of any form, each until its own end', async (t) => {
    const server = await serve(t);
    const raw = await rawGraphql(t, server);
    const ids = ['critical-incidents', '1', '7d3f6f4e-5d0a-4a5e-9c58-0a2f5a3b1c11', 'with "quotes"', 'ünï'];
    for (const id of ids) raw.ask(id, CREATED);
    await subscribed(server, ids.length);
    await create(server);
    for (const id of ids) await raw.events(id, 1);
    raw.send({ id: ids[0], type: 'complete' });
    raw.send({ id: 'unheard-of', type: 'complete' });
    await subscribed(server, ids.length - 1);
    await create(server);
    for (const id of ids.slice(1)) await raw.events(id, 2);
    assert.equal(raw.data('critical-incidents').length, 1);
    raw.socket.close();
    await subscribed(server, 0);
  });

  it('rule 12: lets pages of any origin in, with the headers that clients send', async (t) => {
    const server = await serve(t);
    for (const path of ['/graphql', '/v1/incidents', '/v1/alerts']) {
      const preflight = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          Origin: PAGE,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type,x-execution-id,x-parent-span-id',
        },
      });
      assert.equal(preflight.status, 200);
      assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
      assert.equal(preflight.headers.get('access-control-allow-methods'), '*');
      assert.equal(preflight.headers.get('access-control-allow-headers'), '*, Authorization');
      assert.equal(preflight.headers.get('access-control-allow-credentials'), null);
    }
    const answers = [
      await rest(server, 'GET', '/v1/incidents', undefined, { Origin: PAGE }),
      await rest(server, 'GET', '/v1/nothing', undefined, { Origin: PAGE }),
      await rest(server, 'POST', '/graphql', 'no json', { Origin: PAGE }),
    ];
    assert.deepEqual(
      answers.map(({ status, headers }) => [status, headers.get('access-control-allow-origin')]),
      [
        [200, '*'],
        [404, '*'],
        [400, '*'],
      ],
    );
  });

  it('rule 13: REST takes alerts, lists, reads, changes and resolves, without execution headers', async (t) => {
    const server = await serve(t);
    const alert = {
      source: 'probe',
      title: 'Down',
      description: 'It is down.',
      severity: 'P1',
      alert_type: 'Availability',
    };
    const accepted = (await (await rest(server, 'POST', '/v1/alerts', alert)).json()) as Record<
      string,
      string
    >;
    assert.equal(accepted['status'], 'Accepted');
    const path = `/v1/incidents/${accepted['incident_id']}`;
    assert.equal((await rest(server, 'GET', path)).status, 200);
    assert.equal((await rest(server, 'PUT', path, { state: 'Triaged', actor: 'jane' })).status, 200);
    const resolution = { resolved_by: 'jane', method: 'Manual', notes: '' };
    assert.equal((await rest(server, 'POST', `${path}/resolve`, resolution)).status, 200);
    const list = (await (await rest(server, 'GET', '/v1/incidents')).json()) as { incidents: object[] };
    assert.equal(list.incidents.length, 1);
    for (const health of ['/health/live', '/health/ready']) {
      assert.deepEqual(await (await rest(server, 'GET', health)).json(), {
        status: 'healthy',
        version: '1.0.1',
        uptime_seconds: 0,
      });
    }
    const asked = await rest(server, 'GET', '/health', undefined, { Accept: 'application/json' });
    assert.equal(((await asked.json()) as { status: string }).status, 'healthy');
    assert.match(await (await rest(server, 'GET', '/metrics')).text(), /incidents_total 1\n/);
  });
});

describe('a client that follows the protocol', () => {
  it('is served as by the reference server', async (t) => {
    const server = await serve(t);
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql/ws`,
      webSocketImpl: WebSocket,
    });
    t.after(() => client.dispose());
    const titles: unknown[] = [];
    const undo = client.subscribe<{ newIncidents: { title: string } }>(
      { query: 'subscription { newIncidents { title } }' },
      {
        next: ({ data }) => titles.push(data?.newIncidents.title),
        error: (error) => titles.push(error),
        complete: () => undefined,
      },
    );
    await subscribed(server);
    await create(server, [{ title: 'One' }, { title: 'Two' }]);
    await waitFor(() => titles.length === 2, 'two incidents');
    assert.deepEqual(titles, ['One', 'Two']);
    undo();
    await subscribed(server, 0);
  });
});
