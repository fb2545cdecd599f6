import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { serve } from './fixture.ts';
import { create, graphql, NOBODY, postGraphql, rest } from './incidents-fixture.ts';

const LIST =
  '{ incidents { incidents { id title } pageInfo { page pageSize totalCount totalPages hasNextPage } } }';

interface Listed {
  incidents: { id: string; [field: string]: unknown }[];
  pageInfo: Record<string, unknown>;
}
interface TimelineEntry {
  eventType: string;
  actor: string;
  description: string;
  metadata: { key: string; value: string }[];
}
const message = ({ errors }: { errors?: { message: string }[] }) => errors?.[0]?.message;

describe('POST /graphql', () => {
  it('answers 200 to everything that is a request; data is always there, errors only if there are some', async (t) => {
    const server = await serve(t);
    const good = await postGraphql(server, {
      query: '{ health { version } }',
      extensions: { a: 1 },
      variables: 7,
    });
    assert.equal(good.status, 200);
    assert.deepEqual(await good.json(), { data: { health: { version: '1.0.1' } } });
    for (const query of ['{', '{ nothing }', 'subscription { newIncidents { id } }', '']) {
      const answer = await postGraphql(server, { query });
      const body = (await answer.json()) as { data: unknown; errors: object[] };
      assert.deepEqual([answer.status, body.data, body.errors.length], [200, null, 1], query);
      assert.ok(!('extensions' in (body.errors[0] ?? {})));
    }
  });

  it('answers plain text to everything else', async (t) => {
    const server = await serve(t);
    const bodies: [unknown, number, Record<string, string>?][] = [
      ['{', 400],
      [[{ query: '{ health { status } }' }], 422],
      [{}, 422],
      [{ query: 1 }, 422],
      [{ query: '{ health { status } }' }, 415, { 'Content-Type': 'text/plain' }],
      ['x'.repeat(2_200_000), 413],
    ];
    for (const [body, status, headers] of bodies) {
      const answer = await postGraphql(server, body, headers);
      assert.equal(answer.status, status);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    }
    assert.equal((await fetch(`${server.url}/graphql?query={health{status}}`)).status, 405);
    assert.equal((await fetch(`${server.url}/graphql/playground`)).status, 404);
  });

  it('refuses a name for an operation that has none, and asks for one where there are two', async (t) => {
    const server = await serve(t);
    const run = async (body: object) => (await (await postGraphql(server, body)).json()) as { errors?: [] };
    assert.match(message(await run({ query: '{ health { status } }', operationName: 'A' })) ?? '', /"A"/);
    const two = 'query A { health { status } } query B { health { version } }';
    assert.match(message(await run({ query: two })) ?? '', /name required/);
    assert.equal((await run({ query: two, operationName: 'B' })).errors, undefined);
  });

  it('offers its schema as a file', async (t) => {
    const server = await serve(t);
    const text = await (await fetch(`${server.url}/graphql/schema`)).text();
    const schema = buildSchema(text);
    assert.deepEqual(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}), [
      'incidentUpdates',
      'newIncidents',
      'criticalIncidents',
      'incidentStateChanges',
      'alerts',
    ]);
    const { data } = await graphql(server, '{ _service { sdl } }');
    assert.equal((data?.['_service'] as { sdl: string }).sdl, text);
  });

  it('refuses what is nested more than 10 deep or has more than 100 fields, introspection too', async (t) => {
    const server = await serve(t);
    const [id] = await create(server);
    const nested = (depth: number) =>
      `{ incident(id: "${id}") ${'{ relatedIncidents '.repeat(depth - 2)}{ id } ${'}'.repeat(depth - 1)}`;
    assert.equal(message(await graphql(server, nested(10))), undefined);
    assert.equal(message(await graphql(server, nested(11))), 'Query is nested too deep.');
    const wide = (count: number) =>
      `{ incident(id: "${id}") { ${Array.from({ length: count - 1 }, (_, index) => `f${index}: id`).join(' ')} } }`;
    assert.equal(message(await graphql(server, wide(100))), undefined);
    assert.equal(message(await graphql(server, wide(101))), 'Query is too complex.');
    const fragments = `query { a: incident(id: "${id}") { ...F } b: incident(id: "${id}") { ...F } }
      fragment F on Incident { ${Array.from({ length: 50 }, (_, index) => `f${index}: id`).join(' ')} }`;
    assert.equal(message(await graphql(server, fragments)), 'Query is too complex.');
    assert.equal(message(await graphql(server, getIntrospectionQuery())), 'Query is nested too deep.');
    const probe = await graphql(server, '{ __type(name: "IncidentConnection") { fields { name } } }');
    assert.match(JSON.stringify(probe), /"incidents"/);
    const defaults = '{ __type(name: "CreateIncidentInput") { inputFields { name defaultValue } } }';
    assert.equal(message(await graphql(server, defaults)), undefined);
  });
});

describe('Queries', () => {
  it('list by creation, newest first, whatever order is asked for', async (t) => {
    const server = await serve(t);
    await create(server, [
      { title: 'Old', createdAt: '2026-01-01T00:00:00Z', severity: 'P0' },
      { title: 'New', createdAt: '2026-01-03T00:00:00Z', severity: 'P4' },
      { title: 'Middle', createdAt: '2026-01-02T00:00:00Z', severity: 'P2' },
    ]);
    for (const sort of ['', '(sort: {field: SEVERITY, order: ASC})']) {
      const { data } = await graphql(server, `{ incidents${sort} { incidents { title } } }`);
      const { incidents } = data?.['incidents'] as Listed;
      assert.deepEqual(
        incidents.map(({ title }) => title),
        ['New', 'Middle', 'Old'],
      );
    }
  });

  it('give pages of 1 to 100, counted from 0', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-seed', count: 250 });
    const page = async (pagination: string) => {
      const { data, errors } = await graphql(
        server,
        LIST.replace('incidents {', `incidents(${pagination}) {`),
      );
      return { listed: data?.['incidents'] as Listed | undefined, errors };
    };
    const seen = new Set<string>();
    for (const number of [0, 1, 2]) {
      const { listed } = await page(`pagination: {page: ${number}, pageSize: 100}`);
      for (const { id } of listed?.incidents ?? []) seen.add(id);
      assert.deepEqual(listed?.pageInfo, {
        page: number,
        pageSize: 100,
        totalCount: 250,
        totalPages: 3,
        hasNextPage: number < 2,
      });
    }
    assert.equal(seen.size, 250);
    assert.equal((await page('filter: {}')).listed?.incidents.length, 20);
    for (const size of [0, 101, -1]) {
      const { errors } = await page(`pagination: {pageSize: ${size}}`);
      assert.match(errors?.[0]?.message ?? '', /between 1 and 100/);
    }
  });

  it('filter by state, severity, part of the source, and activity', async (t) => {
    const server = await serve(t);
    await create(server, [
      { title: 'a', state: 'CLOSED', severity: 'P0', source: 'probe-eu' },
      { title: 'b', state: 'TRIAGED', severity: 'P1', source: 'probe-us' },
      { title: 'c', state: 'RESOLVED', severity: 'P1', source: 'mail' },
      { title: 'd', severity: 'P0', source: 'mail' },
    ]);
    const titles = async (query: string) => {
      const { data } = await graphql(server, `{ found: ${query} { incidents { title } } }`);
      return (data?.['found'] as Listed).incidents.map(({ title }) => title).join('');
    };
    assert.equal(await titles('incidents(filter: {states: [CLOSED, TRIAGED]})'), 'ba');
    assert.equal(await titles('incidents(filter: {severities: [P1]})'), 'cb');
    assert.equal(await titles('incidents(filter: {sources: ["probe"], activeOnly: false})'), 'ba');
    assert.equal(await titles('incidents(filter: {activeOnly: true})'), 'db');
    assert.equal(await titles('activeIncidents'), 'db');
    assert.equal(await titles('criticalIncidents'), 'db');
    assert.equal(await titles('searchIncidents(query: "A")'), 'a');
    const { data } = await graphql(
      server,
      '{ incidentStats { total active resolved bySeverity { p0 p1 p4 } } }',
    );
    assert.deepEqual(data?.['incidentStats'], {
      total: 4,
      active: 2,
      resolved: 2,
      bySeverity: { p0: 1, p1: 1, p4: 0 },
    });
  });

  it('spoil the whole answer when one id of several is unknown', async (t) => {
    const server = await serve(t);
    const [id] = await create(server);
    const both = await graphql(
      server,
      `{ a: incident(id: "${id}") { id } b: incident(id: "${NOBODY}") { id } }`,
    );
    assert.equal(both.data, null);
    assert.equal(message(both), 'Incident not found');
    assert.match(message(await graphql(server, '{ incident(id: "7") { id } }')) ?? '', /UUID/);
    const shouted = await graphql(server, `{ incident(id: "${id?.toUpperCase()}") { id } }`);
    assert.deepEqual(shouted.data, { incident: { id } });
  });

  it('tell instants with nine digits and a numeric offset, where REST has a Z', async (t) => {
    const server = await serve(t);
    const { incident_id: id } = (await (
      await rest(server, 'POST', '/v1/alerts', {
        source: 's',
        title: 't',
        description: 'd',
        severity: 'P2',
        alert_type: 'Data',
      })
    ).json()) as { incident_id: string };
    const { data } = await graphql(server, `{ incident(id: "${id}") { createdAt updatedAt } }`);
    const { createdAt } = data?.['incident'] as { createdAt: string };
    assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\+00:00$/);
    const told = (await (await rest(server, 'GET', `/v1/incidents/${id}`)).json()) as { created_at: string };
    assert.equal(told.created_at, createdAt.replace('+00:00', 'Z'));
  });

  it('tell everything else that the schema has', async (t) => {
    const server = await serve(t);
    const [id, other] = await create(server, [{ labels: { team: 'shop' } }, { title: 'Other' }]);
    await graphql(server, `mutation { linkIncidents(incidentId: "${id}", relatedId: "${other}") { id } }`);
    const { data } = await graphql(
      server,
      `{ incident(id: "${id}") { labels { key value } relatedIncidents { title } activePlaybook { id }
         fingerprint correlationScore isActive isCritical } playbooks { id } }`,
    );
    const { fingerprint, ...rest } = data?.['incident'] as { fingerprint: string };
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.deepEqual(rest, {
      labels: [{ key: 'team', value: 'shop' }],
      relatedIncidents: [{ title: 'Other' }],
      activePlaybook: null,
      correlationScore: null,
      isActive: true,
      isCritical: false,
    });
    assert.deepEqual(data?.['playbooks'], []);
    assert.match(message(await graphql(server, `{ playbook(id: "${NOBODY}") { id } }`)) ?? '', /not found/);
  });
});

describe('Mutations', () => {
  const READ = `id state severity assignees createdAt updatedAt labels { key value }
    resolution { resolvedBy resolutionMethod rootCause notes }
    timeline { eventType actor description metadata { key value } }`;

  it('bump updatedAt, and leave an entry in the timeline', async (t) => {
    const server = await serve(t);
    const [id = ''] = await create(server);
    const steps: [mutation: string, field: string, value: unknown, entry: Partial<TimelineEntry>][] = [
      [
        'updateIncident(id: $id, input: {state: TRIAGED})',
        'state',
        'TRIAGED',
        {
          eventType: 'STATE_CHANGED',
          metadata: [
            { key: 'old_state', value: 'DETECTED' },
            { key: 'new_state', value: 'TRIAGED' },
          ],
        },
      ],
      [
        'assignIncident(incidentId: $id, assignees: ["b", "a"])',
        'assignees',
        ['b', 'a'],
        { eventType: 'ASSIGNMENT_CHANGED' },
      ],
      [
        'escalateIncident(incidentId: $id, newSeverity: P0, reason: "Big")',
        'severity',
        'P0',
        { eventType: 'ESCALATED' },
      ],
      [
        'addComment(incidentId: $id, comment: "Looking.")',
        'state',
        'TRIAGED',
        {
          eventType: 'COMMENT_ADDED',
          description: 'Looking.',
        },
      ],
      [
        'resolveIncident(id: $id, input: {method: MANUAL, notes: "Done", rootCause: "Rain"})',
        'resolution',
        { resolvedBy: 'api', resolutionMethod: 'MANUAL', rootCause: 'Rain', notes: 'Done' },
        { eventType: 'RESOLVED' },
      ],
      [
        'updateIncident(id: $id, input: {state: INVESTIGATING})',
        'resolution', // Reopening keeps it.
        { resolvedBy: 'api', resolutionMethod: 'MANUAL', rootCause: 'Rain', notes: 'Done' },
        { eventType: 'STATE_CHANGED' },
      ],
      [
        'resolveIncident(id: $id, input: {method: AUTOMATED, notes: ""})',
        'resolution', // Repeating overwrites it.
        { resolvedBy: 'api', resolutionMethod: 'AUTOMATED', rootCause: null, notes: '' },
        { eventType: 'RESOLVED' },
      ],
    ];
    let last = '';
    for (const [index, [mutation, field, value, entry]] of steps.entries()) {
      const { data, errors } = await graphql(
        server,
        `mutation ($id: UUID!) { done: ${mutation} { ${READ} } }`,
        { id },
      );
      assert.equal(errors, undefined);
      const done = data?.['done'] as Record<string, unknown> & {
        updatedAt: string;
        timeline: TimelineEntry[];
      };
      assert.deepEqual(done[field], value);
      assert.ok(done.updatedAt > last, `${mutation} came later`);
      last = done.updatedAt;
      assert.equal(done.timeline.length, index + 2);
      const newest = done.timeline.at(-1);
      assert.deepEqual({ ...newest, ...entry }, newest);
      assert.equal(newest?.actor, 'api');
    }
    assert.deepEqual(
      server.report().incidents.mutations.map(({ name }) => name),
      steps.map(([mutation]) => mutation.split('(')[0]),
    );
  });

  it('label: added first, then removed', async (t) => {
    const server = await serve(t);
    const [id] = await create(server, [{ labels: { a: '1' } }]);
    const { data } = await graphql(
      server,
      `mutation { updateIncident(id: "${id}", input: {addLabels: {b: "2", c: "3"}, removeLabels: ["a", "c"]}) { labels { key value } } }`,
    );
    assert.deepEqual(data?.['updateIncident'], { labels: [{ key: 'b', value: '2' }] });
  });

  it('are refused for unknown incidents, and change nothing when they change nothing', async (t) => {
    const server = await serve(t);
    const refused = await graphql(
      server,
      `mutation { addComment(incidentId: "${NOBODY}", comment: "x") { id } }`,
    );
    assert.deepEqual([refused.data, message(refused)], [null, 'Incident not found']);
    const [id] = await create(server);
    const { data } = await graphql(
      server,
      `mutation { updateIncident(id: "${id}", input: {state: DETECTED}) { createdAt updatedAt timeline { actor } } }`,
    );
    const { createdAt, updatedAt, timeline } = data?.['updateIncident'] as Record<string, unknown[]>;
    assert.equal(updatedAt, createdAt);
    assert.equal(timeline?.length, 1);
  });

  it('count an alert to the active incident of the last 15 minutes that tells the same', async (t) => {
    const server = await serve(t);
    const known = { source: 's', title: 't', type: 'DATA', affectedResources: ['db'] };
    const [id = ''] = await create(server, [known]);
    const submit = async () => {
      const { data } = await graphql(
        server,
        `
          mutation {
            submitAlert(
              input: {
                source: "s"
                title: "t"
                description: ""
                severity: P2
                alertType: DATA
                affectedServices: ["db"]
              }
            ) {
              incidentId
              status
            }
          }
        `,
      );
      return data?.['submitAlert'] as { incidentId: string; status: string };
    };
    assert.deepEqual(await submit(), { incidentId: id, status: 'DUPLICATE' });
    await server.control({ fault: 'incidents-update', id, state: 'RESOLVED' });
    const next = await submit();
    assert.equal(next.status, 'ACCEPTED');
    await server.control({ fault: 'incidents-clock', aheadMs: 901_000 });
    assert.notEqual((await submit()).incidentId, next.incidentId);
    const refused = await graphql(
      server,
      `
        mutation {
          createIncident(
            input: {
              source: "s"
              title: "t"
              description: ""
              severity: P2
              incidentType: DATA
              affectedResources: ["db"]
            }
          ) {
            id
          }
        }
      `,
    );
    assert.match(message(refused) ?? '', /Duplicate/);
  });
});
