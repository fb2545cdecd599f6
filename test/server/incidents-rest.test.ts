import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { serve } from './fixture.ts';
import { create, NOBODY, rest } from './incidents-fixture.ts';

const REPORT = {
  source: 'probe',
  title: 'Down',
  description: 'It is.',
  severity: 'P1',
  incident_type: 'Availability',
};
const HEADERS = { 'X-Execution-Id': randomUUID(), 'X-Parent-Span-Id': randomUUID() };

type Body = Record<string, unknown>;
const json = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Body;
const code = async (answer: Promise<Response>) => {
  const response = await answer;
  const { error } = (await response.json()) as { error: { code: string; status: number } };
  assert.equal(error.status, response.status);
  return `${response.status} ${error.code}`;
};

describe('/v1', () => {
  it('tells incidents in snake_case with Pascal enums', async (t) => {
    const server = await serve(t);
    const created = await rest(server, 'POST', '/v1/incidents', REPORT);
    assert.equal(created.status, 201);
    const { execution, ...incident } = await json(created);
    assert.ok(execution);
    const { id, created_at: createdAt, updated_at: updatedAt, ...told } = incident;
    assert.match(String(createdAt), /Z$/);
    assert.equal(updatedAt, createdAt);
    assert.deepEqual(told, {
      state: 'Detected',
      severity: 'P1',
      incident_type: 'Availability',
      source: 'probe',
      title: 'Down',
      description: 'It is.',
      affected_resources: [],
      labels: {},
      assignees: [],
      resolution: null,
    });
    assert.deepEqual(await json(rest(server, 'GET', `/v1/incidents/${String(id)}`)), incident);
    assert.equal(await code(rest(server, 'POST', '/v1/incidents', REPORT)), '400 VALIDATION_ERROR');
  });

  it('lists newest first, in pages of 20, at most 100, all or active ones', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-seed', count: 150 });
    const list = (query: string) => json(rest(server, 'GET', `/v1/incidents${query}`));
    const { incidents: rows, ...page } = await list('');
    assert.deepEqual(page, { total: 150, page: 0, page_size: 20 });
    const times = (rows as { created_at: string }[]).map(({ created_at: at }) => at);
    assert.deepEqual(times, [...times].sort().reverse());
    const wide = await list('?page_size=500&page=1');
    assert.deepEqual([wide['page_size'], (wide['incidents'] as []).length], [100, 50]);
    const active = await list('?active_only=true&page_size=100');
    const states = new Set((active['incidents'] as { state: string }[]).map(({ state }) => state));
    assert.ok(!states.has('Resolved') && !states.has('Closed') && states.size > 1);
    assert.ok((active['total'] as number) < 150);
  });

  it('answers plain 400 to what it cannot read from a query or a path', async (t) => {
    const server = await serve(t);
    for (const path of [
      '/v1/incidents?states=Detected',
      '/v1/incidents?severities=P0',
      '/v1/incidents?sources=a',
      '/v1/incidents?page=-1',
      '/v1/incidents?page_size=many',
      '/v1/incidents?active_only=yes',
      '/v1/incidents/seven',
    ]) {
      const answer = await rest(server, 'GET', path);
      assert.equal(answer.status, 400, path);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    }
  });

  it('answers plain text to bodies that do not decode, and JSON to those that it refuses', async (t) => {
    const server = await serve(t);
    const post = (body: unknown, headers?: Record<string, string>) =>
      rest(server, 'POST', '/v1/incidents', body, headers);
    const plain: [Promise<Response>, number][] = [
      [post('{'), 400],
      [post('[]'), 422],
      [post({ ...REPORT, title: undefined }), 422],
      [post({ ...REPORT, title: 7 }), 422],
      [post({ ...REPORT, severity: 'p1' }), 422],
      [post({ ...REPORT, incident_type: 'availability' }), 422],
      [post(REPORT, { 'Content-Type': 'text/plain' }), 415],
    ];
    for (const [answer, status] of plain) {
      const response = await answer;
      assert.equal(response.status, status);
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    }
    assert.equal(await code(post({ ...REPORT, source: '' })), '400 VALIDATION_ERROR');
    assert.equal(await code(post({ ...REPORT, title: 'x'.repeat(501) })), '400 VALIDATION_ERROR');
  });

  it('changes state with an actor, and assigns without a trace', async (t) => {
    const server = await serve(t);
    const [id = ''] = await create(server);
    const path = `/v1/incidents/${id}`;
    const before = await json(rest(server, 'GET', path));
    const assigned = await json(rest(server, 'PUT', path, { assignees: ['jane'] }));
    assert.deepEqual(assigned, { ...before, assignees: ['jane'] });
    const moved = await json(rest(server, 'PUT', path, { state: 'Closed', actor: 'jane' }));
    assert.equal(moved['state'], 'Closed');
    assert.ok(String(moved['updated_at']) > String(before['updated_at']));
    assert.deepEqual(await json(rest(server, 'PUT', path, {})), moved);
  });

  it('resolves, and says who, how and why', async (t) => {
    const server = await serve(t);
    const [id = ''] = await create(server);
    const body = {
      resolved_by: 'jane',
      method: 'AutoAssistedManual',
      notes: 'Off and on',
      root_cause: 'Dust',
    };
    const { resolution, state } = await json(rest(server, 'POST', `/v1/incidents/${id}/resolve`, body));
    const { resolved_at: at, ...told } = resolution as Body;
    assert.match(String(at), /Z$/);
    assert.deepEqual(told, {
      resolved_by: 'jane',
      resolution_method: 'AutoAssistedManual',
      root_cause: 'Dust',
      notes: 'Off and on',
    });
    assert.equal(state, 'Resolved');
    const missing = await rest(server, 'POST', `/v1/incidents/${id}/resolve`, {
      method: 'Manual',
      notes: '',
    });
    assert.equal(missing.status, 422);
  });

  it('has nothing else', async (t) => {
    const server = await serve(t);
    const [id = ''] = await create(server);
    for (const action of ['acknowledge', 'close', 'escalate', 'comments', 'timeline']) {
      assert.equal((await rest(server, 'POST', `/v1/incidents/${id}/${action}`, {})).status, 404, action);
    }
    assert.equal((await rest(server, 'DELETE', `/v1/incidents/${id}`)).status, 405);
    assert.equal(await code(rest(server, 'GET', `/v1/incidents/${NOBODY}`)), '404 NOT_FOUND');
    assert.equal(await code(rest(server, 'PUT', `/v1/incidents/${NOBODY}`, {})), '404 NOT_FOUND');
    const event = await rest(server, 'POST', '/api/v1/events', { execution_id: 'e1', event_type: 'x' });
    assert.deepEqual([event.status, await event.json()], [202, { status: 'accepted', execution_id: 'e1' }]);
  });

  it('takes an alert for the incident it is about', async (t) => {
    const server = await serve(t);
    const { incident_type: type, ...report } = REPORT;
    const alert = { ...report, alert_type: type, labels: { a: 'b' }, affected_services: ['x'] };
    const first = await json(rest(server, 'POST', '/v1/alerts', alert));
    const second = await json(rest(server, 'POST', '/v1/alerts', alert));
    assert.deepEqual([first['status'], second['status']], ['Accepted', 'Duplicate']);
    assert.equal(first['incident_id'], second['incident_id']);
    assert.notEqual(first['alert_id'], second['alert_id']);
    const incident = await json(rest(server, 'GET', `/v1/incidents/${String(first['incident_id'])}`));
    assert.deepEqual([incident['labels'], incident['affected_resources']], [{}, []]);
    assert.ok(String(incident['updated_at']) > String(incident['created_at']));
  });

  it('asks for execution headers when it is told to, and tells them back', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-strict-headers', on: true });
    const list = (headers: Record<string, string>) =>
      rest(server, 'GET', '/v1/incidents', undefined, headers);
    assert.equal(await code(list({})), '400 EXECUTION_VIOLATION');
    assert.equal(await code(list({ ...HEADERS, 'X-Parent-Span-Id': 'seven' })), '400 EXECUTION_VIOLATION');
    assert.equal((await list(HEADERS)).status, 200);
    const { execution } = await json(rest(server, 'POST', '/v1/incidents', REPORT, HEADERS));
    assert.equal((execution as Body)['execution_id'], HEADERS['X-Execution-Id']);
  });
});
