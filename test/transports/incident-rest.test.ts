import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IncidentAction } from '../../src/protocol/incident.ts';
import { createRestReader, probeRest } from '../../src/transports/incident-rest.ts';
import { access, fakeServer, incidentBench, json, row, UNKNOWN_ID } from './incident-readers.ts';
import { rejection } from './support.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

describe('probeRest', () => {
  it('finds out what the server can do, and changes nothing', async (t) => {
    const { rest, control, server } = await incidentBench(t);
    await control('incidents-seed', { count: 3 });
    for (const mode of ['full', 'as-shipped', 'async-graphql']) {
      await control('incidents-mode', { mode });
      const { via, actions, timeline, severities } = await probeRest(rest);
      assert.equal(via, 'rest');
      assert.deepEqual([...actions], ['acknowledge', 'assign', 'reopen', 'resolve']);
      assert.deepEqual([timeline, severities], [false, []]);
    }
    assert.deepEqual((await server.report()).incidents.mutations, []);
  });

  it('offers only what has a route', async (t) => {
    const notFound = { error: { code: 'NOT_FOUND', message: 'x', status: 404 } };
    const answers = {
      'no PUT': { PUT: [405, ''], POST: [404, notFound], actions: ['resolve'] },
      'no resolve': {
        PUT: [404, notFound],
        POST: [404, { error: 'no route' }],
        actions: ['acknowledge', 'assign', 'reopen'],
      },
      'bodies are looked at first': {
        PUT: [404, notFound],
        POST: [422, 'missing field'],
        actions: ['acknowledge', 'assign', 'reopen', 'resolve'],
      },
      'read only': { PUT: [403, {}], POST: [401, {}], actions: [] },
      'broken writes': { PUT: [500, {}], POST: [502, '<html>'], actions: [] },
    } as const;
    for (const [name, { actions, ...statuses }] of Object.entries(answers)) {
      const { url } = await fakeServer(t, ({ method }, response) => {
        if (method === 'GET') return json(response, { incidents: [], total: 0 });
        const [status, body] = statuses[method as 'PUT'];
        if (typeof body === 'string') return response.writeHead(status).end(body);
        return json(response, body, status);
      });
      const capabilities = await probeRest(access(url).rest);
      assert.deepEqual([...capabilities.actions], actions, name);
    }
  });

  it('offers reading alone where writing is not even answered', async (t) => {
    const { url } = await fakeServer(t, ({ method }, response) =>
      method === 'GET' ? json(response, { incidents: [] }) : response.destroy(),
    );
    assert.equal((await probeRest(access(url).rest)).actions.size, 0);
  });

  it('rejects with what went wrong', async (t) => {
    const { rest, control } = await incidentBench(t);
    for (const [status, code] of [
      [401, 'unauthorized'],
      [404, 'not-found'],
      [429, 'rate-limited'],
      [500, 'server'],
    ] as const) {
      await control('incidents-fail', { status, count: 1, what: 'rest' });
      assert.equal((await rejection(probeRest(rest))).code, code);
    }
    const { url } = await fakeServer(t, (_, response) => json(response, { users: [] }));
    assert.equal((await rejection(probeRest(access(url).rest))).code, 'not-found');
  });
});

describe('incidents by REST', () => {
  it('come as those of GraphQL do, but for the way', async (t) => {
    const { control, graphql, restReader } = await incidentBench(t);
    await control('incidents-seed', { count: 130 });
    const [byGraphql, byRest] = [await graphql(), restReader()];
    const query = { pageSize: 50, severities: ['p1', 'P3'], activeOnly: true };
    for (const page of [0, 1, 2]) {
      const whole = await byRest.page({ page, pageSize: 50 });
      assert.deepEqual(whole, await byGraphql.page({ page, pageSize: 50 }));
      assert.deepEqual([whole.total, whole.hasMore, whole.malformed], [130, page < 2, 0]);
      const filtered = await byRest.page({ page, ...query });
      assert.ok(
        filtered.incidents.every(({ severity, phase }) => /P[13]/.test(severity) && phase !== 'done'),
      );
      assert.equal(filtered.total, undefined);
    }
    const { incidents } = await byRest.page({ page: 0, pageSize: 6 });
    const read = await byRest.read([...incidents.map(({ id }) => id), UNKNOWN_ID]);
    assert.deepEqual(read, { incidents, missing: [UNKNOWN_ID] });
    const [first] = incidents;
    const details = await byRest.details(first?.id ?? '');
    assert.deepEqual(details.incident, first);
    assert.equal(details.timeline, undefined);
    assert.equal((await rejection(byRest.details(UNKNOWN_ID))).code, 'not-found');
    assert.equal((await rejection(byRest.page({ page: 0, pageSize: 101 }))).code, 'input');
  });

  it('are asked for with execution headers, new ones each time', async (t) => {
    const { control, restReader, create } = await incidentBench(t);
    await control('incidents-strict-headers', { on: true });
    const [id = ''] = await create({ title: 'a' });
    await restReader().page({ page: 0, pageSize: 1 });
    await restReader().act({ kind: 'acknowledge', id });

    const { url, requests } = await fakeServer(t, (_, response) => json(response, { incidents: [] }));
    const reader = createRestReader(access(url, { token: 'token-of-jane' }).rest);
    await reader.page({ page: 0, pageSize: 1 });
    await reader.page({ page: 2, pageSize: 9, activeOnly: true });
    const ids = requests.flatMap(({ headers }) => [headers['x-execution-id'], headers['x-parent-span-id']]);
    assert.equal(new Set(ids).size, 4);
    for (const each of ids) assert.match(String(each), UUID);
    assert.deepEqual(
      requests.map((request) => request.url),
      ['/v1/incidents?page=0&page_size=1', '/v1/incidents?page=2&page_size=9&active_only=true'],
    );
    assert.equal(requests[0]?.headers.authorization, 'Bearer token-of-jane');
  });

  it('are changed, and come back as what became of them', async (t) => {
    const { control, restReader, create, server } = await incidentBench(t);
    await control('incidents-mode', { mode: 'as-shipped' });
    const [id = ''] = await create({ severity: 'P3' });
    const reader = restReader({ actor: () => 'jane' });
    const steps: [IncidentAction, string, unknown][] = [
      [{ kind: 'acknowledge', id }, 'phase', 'acknowledged'],
      [{ kind: 'assign', id, assignees: ['ann', 'bob'] }, 'assignees', ['ann', 'bob']],
      [{ kind: 'resolve', id, method: 'auto-assisted', notes: 'n', rootCause: 'disk' }, 'phase', 'done'],
      [{ kind: 'reopen', id }, 'phase', 'working'],
    ];
    for (const [action, field, expected] of steps) {
      const incident = await reader.act(action);
      assert.deepEqual(incident[field as 'id'], expected, action.kind);
      assert.deepEqual((await reader.read([id])).incidents, [incident]);
    }
    const { resolution } = await reader.details(id);
    assert.deepEqual(
      [resolution?.by, resolution?.method, resolution?.notes, resolution?.rootCause],
      ['jane', 'AUTO_ASSISTED_MANUAL', 'n', 'disk'],
    );
    const { mutations } = (await server.report()).incidents;
    assert.equal(mutations.length, 4);
    for (const action of [
      { kind: 'comment', id, text: 'x' },
      { kind: 'escalate', id, severity: 'P0', reason: '' },
    ] as const) {
      const error = await rejection(reader.act(action));
      assert.deepEqual([error.code, error.stored], ['input', 'no']);
    }
  });

  it('say by `stored` whether a change may have been made', async (t) => {
    const { control, restReader, create, server } = await incidentBench(t);
    const [id = ''] = await create({ title: 'a' });
    const reader = restReader();
    const act = () => rejection(reader.act({ kind: 'acknowledge', id }));
    for (const [status, code, stored] of [
      [400, 'input', 'no'],
      [401, 'unauthorized', 'no'],
      [403, 'forbidden', 'no'],
      [409, 'input', 'no'],
      [422, 'input', 'no'],
      [429, 'rate-limited', 'no'],
      [500, 'server', 'maybe'],
      [503, 'server', 'maybe'],
      [504, 'timeout', 'maybe'],
    ] as const) {
      await control('incidents-fail', { status, count: 1, what: 'rest' });
      const error = await act();
      assert.deepEqual([error.code, error.stored, error.status], [code, stored, status]);
    }
    const missing = await rejection(reader.act({ kind: 'acknowledge', id: UNKNOWN_ID }));
    assert.deepEqual([missing.code, missing.stored], ['not-found', 'no']);
    await server.stop();
    const gone = await act();
    assert.deepEqual([gone.code, gone.stored], ['network', 'maybe']);
  });

  it('are not called missing because of a wrong address or a proxy', async (t) => {
    for (const [status, type, body] of [
      [404, 'text/html', '<h1>Not Found</h1>'],
      [404, 'application/json', '{"message":"no route"}'],
      [500, 'application/json', '{"error":{"code":"NOT_FOUND"}}'],
    ] as const) {
      const { url } = await fakeServer(t, (_, response) =>
        response.writeHead(status, { 'content-type': type }).end(body),
      );
      const error = await rejection(createRestReader(access(url).rest).read(['a']));
      assert.equal(error.status, status);
    }
  });

  it('that the server does not understand any more say that it has become another server', async (t) => {
    const { restReader, control } = await incidentBench(t);
    await control('incidents-fail', { status: 400, count: 1, what: 'rest' });
    const error = await rejection(restReader().page({ page: 0, pageSize: 1 }));
    assert.deepEqual([error.code, error.status, error.retryable], ['protocol', 400, true]);
  });

  it('keep an id in its place of the address', async (t) => {
    const { url, requests } = await fakeServer(t, (_, response) => json(response, row('x')));
    await createRestReader(access(url).rest).read(['../alerts?x=1#y']);
    assert.equal(requests[0]?.url, '/v1/incidents/..%2Falerts%3Fx%3D1%23y');
  });

  it('may be listed with broken rows and strange counts', async (t) => {
    const { url } = await fakeServer(t, (_, response) =>
      json(response, { incidents: [row('a'), null, { id: 'b' }], total: '7', pagination: { total: 30 } }),
    );
    const page = await createRestReader(access(url).rest).page({ page: 0, pageSize: 10 });
    assert.deepEqual([page.incidents.length, page.malformed, page.total, page.hasMore], [1, 2, 30, true]);
    for (const body of [null, [], 'x', {}, { incidents: {} }]) {
      const { url: strange } = await fakeServer(t, (_, response) => json(response, body));
      const error = await rejection(createRestReader(access(strange).rest).page({ page: 0, pageSize: 1 }));
      assert.equal(error.code, 'protocol');
    }
  });
});
