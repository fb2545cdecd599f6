import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { DevServer } from '../../demo/server/server.ts';
import { serve } from './fixture.ts';
import { create, graphql, rawGraphql, rest, subscribed, type RawGraphql } from './incidents-fixture.ts';

const SUBSCRIPTIONS = {
  new: 'subscription { newIncidents { id severity } }',
  critical: 'subscription { criticalIncidents { id } }',
  updates: 'subscription { incidentUpdates { updateType incidentId } }',
  states: 'subscription { incidentStateChanges { incidentId oldState newState changedBy } }',
  alerts: 'subscription { alerts { incidentId deduplicated isUrgent } }',
};
type Name = keyof typeof SUBSCRIPTIONS;

const REPORT = { source: 'probe', title: 'Down', description: 'It is.', severity: 'P1' };
const ALERT = `mutation ($input: SubmitAlertInput!) {
  submitAlert(input: $input) { incidentId status }
}`;

/** A server without heartbeats, and a socket that has subscribed to everything. */
async function everything(t: TestContext): Promise<{ server: DevServer; raw: RawGraphql }> {
  const server = await serve(t);
  await server.control({ fault: 'incidents-heartbeats', on: false });
  const raw = await rawGraphql(t, server);
  for (const [id, query] of Object.entries(SUBSCRIPTIONS)) raw.ask(id, query);
  await subscribed(server, 5);
  return { server, raw };
}

/** What has come on every subscription. A query on the same socket comes after it: frames keep their order. */
async function heard(raw: RawGraphql, mark: string): Promise<Partial<Record<Name, unknown[]>>> {
  raw.ask(mark, '{ health { status } }');
  await raw.have(({ id, type }) => id === mark && type === 'complete');
  const names = Object.keys(SUBSCRIPTIONS) as Name[];
  return Object.fromEntries(
    names
      .map((name) => [name, raw.data(name).flatMap((data) => Object.values(data))] as const)
      .filter(([, events]) => events.length > 0),
  );
}

/** What is heard of `act`, done to an incident that was there before. */
async function heardOf(
  t: TestContext,
  act: (server: DevServer, id: string) => Promise<unknown>,
  incident: object = {},
) {
  const { server, raw } = await everything(t);
  const [id = ''] = await create(server, [incident], true);
  await act(server, id);
  return { id, ...(await heard(raw, 'mark')) };
}

describe('events of the incident manager', () => {
  it('an accepted alert: a new incident, CREATED, and the alert', async (t) => {
    const { server, raw } = await everything(t);
    const { data } = await graphql(server, ALERT, { input: { ...REPORT, alertType: 'AVAILABILITY' } });
    const { incidentId: id, status } = data?.['submitAlert'] as Record<string, string>;
    assert.equal(status, 'ACCEPTED');
    assert.deepEqual(await heard(raw, 'mark'), {
      new: [{ id, severity: 'P1' }],
      critical: [{ id }],
      updates: [{ updateType: 'CREATED', incidentId: id }],
      alerts: [{ incidentId: id, deduplicated: false, isUrgent: true }],
    });
  });

  it('a direct create: a new incident and CREATED; below P1 it is not critical', async (t) => {
    const { server, raw } = await everything(t);
    const { data } = await graphql(
      server,
      'mutation ($input: CreateIncidentInput!) { createIncident(input: $input) { id } }',
      { input: { ...REPORT, severity: 'P3', incidentType: 'DATA' } },
    );
    const { id } = data?.['createIncident'] as { id: string };
    assert.deepEqual(await heard(raw, 'mark'), {
      new: [{ id, severity: 'P3' }],
      updates: [{ updateType: 'CREATED', incidentId: id }],
    });
  });

  it('a duplicate alert: UPDATED, and the alert as a duplicate', async (t) => {
    const known = { ...REPORT, type: 'AVAILABILITY', affectedResources: ['api'] };
    const { id, ...events } = await heardOf(
      t,
      async (server) => {
        const input = { ...REPORT, alertType: 'AVAILABILITY', affectedServices: ['api'] };
        const { data } = await graphql(server, ALERT, { input });
        assert.equal((data?.['submitAlert'] as { status: string }).status, 'DUPLICATE');
      },
      known,
    );
    assert.deepEqual(events, {
      updates: [{ updateType: 'UPDATED', incidentId: id }],
      alerts: [{ incidentId: id, deduplicated: true, isUrgent: true }],
    });
  });

  it('a change of state: STATE_CHANGED and both states', async (t) => {
    const { id, ...events } = await heardOf(t, (server, incident) =>
      graphql(server, `mutation { updateIncident(id: "${incident}", input: {state: TRIAGED}) { id } }`),
    );
    assert.deepEqual(events, {
      updates: [{ updateType: 'STATE_CHANGED', incidentId: id }],
      states: [{ incidentId: id, oldState: 'DETECTED', newState: 'TRIAGED', changedBy: 'api' }],
    });
  });

  it('a resolution: RESOLVED without STATE_CHANGED, and both states', async (t) => {
    const { id, ...events } = await heardOf(t, (server, incident) =>
      rest(server, 'POST', `/v1/incidents/${incident}/resolve`, {
        resolved_by: 'jane',
        method: 'AutoAssistedManual',
        notes: '',
      }),
    );
    assert.deepEqual(events, {
      updates: [{ updateType: 'RESOLVED', incidentId: id }],
      states: [{ incidentId: id, oldState: 'DETECTED', newState: 'RESOLVED', changedBy: 'jane' }],
    });
  });

  for (const [name, mutation, updateType] of [
    ['an assignment', 'assignIncident(incidentId: $id, assignees: ["jane"])', 'ASSIGNED'],
    ['a comment', 'addComment(incidentId: $id, comment: "Hm.")', 'COMMENT_ADDED'],
    ['labels', 'updateIncident(id: $id, input: {addLabels: {a: "b"}})', 'UPDATED'],
    ['an escalation', 'escalateIncident(incidentId: $id, newSeverity: P0, reason: "")', 'UPDATED'],
    ['a link', 'linkIncidents(incidentId: $id, relatedId: $id)', 'UPDATED'],
  ] as const) {
    it(`${name}: ${updateType} and nothing else`, async (t) => {
      const { id, ...events } = await heardOf(t, (server, incident) =>
        graphql(server, `mutation ($id: UUID!) { ${mutation} { id } }`, { id: incident }),
      );
      assert.deepEqual(events, { updates: [{ updateType, incidentId: id }] });
    });
  }

  it('nothing that changes nothing, and nothing of deletions', async (t) => {
    const { id: _id, ...events } = await heardOf(t, async (server, incident) => {
      await graphql(
        server,
        `mutation { updateIncident(id: "${incident}", input: {state: DETECTED}) { id } }`,
      );
      await server.control({ fault: 'incidents-update', id: incident, title: 'Quiet', silent: true });
      await server.control({ fault: 'incidents-delete', id: incident });
    });
    assert.deepEqual(events, {});
  });

  it('are filtered as asked: incidents, severities, active ones, sources', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'incidents-heartbeats', on: false });
    const [one = '', other = ''] = await create(server, [{ severity: 'P1' }, { severity: 'P3' }], true);
    const raw = await rawGraphql(t, server);
    const updates = (args: string) => `subscription { incidentUpdates(${args}) { incidentId } }`;
    raw.ask('id', updates(`incidentIds: ["${one}"]`));
    raw.ask('both', updates(`incidentIds: ["${one}"], severities: [P3]`));
    raw.ask('severity', updates('severities: [P3, P4]'));
    raw.ask('active', updates('activeOnly: true'));
    raw.ask('empty', updates('incidentIds: [], severities: null'));
    raw.ask('source', 'subscription { alerts(sources: ["elsewhere"]) { id } }');
    raw.ask('state', `subscription { incidentStateChanges(incidentId: "${other}") { incidentId } }`);
    await subscribed(server, 7);
    await server.control({ fault: 'incidents-update', id: one, state: 'RESOLVED' });
    await server.control({ fault: 'incidents-update', id: other, state: 'TRIAGED' });
    await rest(server, 'POST', '/v1/alerts', { ...REPORT, alert_type: 'Data' });
    raw.ask('mark', '{ health { status } }');
    await raw.have(({ id, type }) => id === 'mark' && type === 'complete');
    const ids = (name: string) =>
      raw.data(name).map((data) => (Object.values(data)[0] as { incidentId: string }).incidentId);
    assert.deepEqual(ids('id'), [one]);
    assert.deepEqual(ids('both'), []);
    assert.deepEqual(ids('severity'), [other]);
    assert.equal(ids('active')[0], other); // The change to RESOLVED is swallowed, as such a filter does.
    assert.equal(ids('active').length, 2);
    assert.equal(ids('empty').length, 3);
    assert.deepEqual(ids('source'), []);
    assert.deepEqual(ids('state'), [other]);
  });
});
