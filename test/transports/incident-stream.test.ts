import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incident, incidentTransport, update } from './incident-bench.ts';
import { streamServer, type StreamConnection } from './stream-server.ts';
import { rejection, waitFor } from './support.ts';

const ID = '7b3d1c52-6f0e-4a55-9d0a-2f4d5a1f9c01';

/** Ids of the running subscriptions, by the first field they ask for. */
function running(connection: StreamConnection, field: string): string {
  const frames = connection.of('subscribe').filter(({ payload }) => payload?.query?.includes(`{ ${field} `));
  return frames.at(-1)?.id ?? '';
}

describe('the live stream of incidents', () => {
  it('is open when greeted, subscribed and answered', async (t) => {
    const server = await streamServer(t);
    const { transport, record } = incidentTransport(t, server.url);
    await transport.connect();
    assert.equal(transport.state, 'open');
    assert.deepEqual(record.states, ['connecting', 'open']);
    const [connection] = server.connections;
    assert.equal(connection?.path, '/graphql/ws');
    assert.equal(connection.protocol, 'graphql-transport-ws');
    assert.deepEqual(
      connection.frames.map(({ type }) => type),
      ['connection_init', 'subscribe', 'subscribe', 'ping'],
    );
    assert.deepEqual(connection.frames[0], { type: 'connection_init' });
  });

  it('tells of new incidents, of changes and of heartbeats', async (t) => {
    const server = await streamServer(t);
    const { transport, record } = incidentTransport(t, server.url);
    await transport.connect();
    const connection = server.connections[0]!;
    const updates = running(connection, 'incidentUpdates');
    connection.send({ id: updates, type: 'next', payload: update(null, 'HEARTBEAT') });
    connection.send({ id: updates, type: 'next', payload: update(ID.toUpperCase(), 'StateChanged') });
    connection.send({
      id: running(connection, 'newIncidents'),
      type: 'next',
      payload: { data: { newIncidents: incident(ID) } },
    });
    await waitFor(() => record.events.length === 3, 'three events');
    const [heartbeat, changed, created] = record.events;
    const timestamp = Date.parse('2026-01-02T03:04:05Z');
    assert.deepEqual(heartbeat, { kind: 'heartbeat', timestamp });
    assert.deepEqual(changed, { kind: 'changed', incidentId: ID, updateType: 'STATE_CHANGED', timestamp });
    assert.ok(created?.kind === 'created' && created.incident.id === ID && created.incident.phase === 'open');
    assert.deepEqual(record.errors, []);
  });

  it('rejects when nobody listens there', async (t) => {
    const server = await streamServer(t, { opens: () => false });
    const { transport, record } = incidentTransport(t, server.url);
    const error = await rejection(transport.connect());
    assert.equal(error.code, 'network');
    assert.deepEqual(server.asked, ['/graphql/ws', '/graphql']);
    assert.equal(transport.state, 'closed');
    assert.deepEqual(record.errors, []);
  });
});
