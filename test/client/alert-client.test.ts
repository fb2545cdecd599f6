import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SystemAlert } from '../../src/client/alerts.ts';
import type { HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { ALERTS, publish } from './alerts.ts';
import { clientOf, isLive, testEnvironment } from './support.ts';

describe('a client with an alerts-workflow', () => {
  let server: TestServer;
  let clients: HybridClient[];

  beforeEach(async () => {
    server = await startServer({ rateLimit: false, secondMs: 100 });
    clients = [];
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await server.stop();
  });

  const streams = async () => (await server.report()).connections.sse;
  const open = (more: Partial<HybridClientOptions> = {}) => {
    const client = clientOf(server, { alertsWorkflow: ALERTS, ...more });
    const told: SystemAlert[] = [];
    client.on('alert', (alert) => told.push(alert));
    clients.push(client);
    return Object.assign(client, { told });
  };
  const has = (client: HybridClient, ...texts: string[]) =>
    waitFor(
      () => JSON.stringify(client.alerts.map(({ text }) => text)) === JSON.stringify(texts),
      `alerts: ${texts.join(', ')}`,
    );

  it('asks for nothing before it is connected, and for no stream without a workflow', async () => {
    const quiet = open();
    const plain = open({ alertsWorkflow: undefined, participantId: 'tom@example.com' });
    plain.connect();
    await isLive(plain);
    assert.equal(await streams(), 0);
    assert.deepEqual([quiet.alerts, plain.alerts], [[], []]);
    quiet.dismissAlert('unknown');
  });

  it('tells alerts beside the conversation, and closes them', async () => {
    await publish(server, 'Before');
    const client = open();
    client.connect();
    await has(client, 'Before');
    await publish(server, 'Now');
    await has(client, 'Before', 'Now');
    client.dismissAlert(client.alerts[0]!.id);
    assert.deepEqual(
      client.told.map(({ text, dismissed }) => [text, dismissed]),
      [
        ['Before', false],
        ['Now', false],
        ['Before', true],
      ],
    );
    await has(client, 'Now');
    assert.deepEqual(client.errors, []);
  });

  it('closes the stream with the connection, and opens it with the next one', async () => {
    const client = open();
    client.connect();
    await waitFor(async () => (await streams()) === 1, 'a stream');
    await client.disconnect();
    await waitFor(async () => (await streams()) === 0, 'no stream');
    await publish(server, 'Meanwhile');
    client.connect();
    await has(client, 'Meanwhile');
  });

  it('forgets the alerts of whoever signs out', async () => {
    const client = open();
    client.connect();
    await publish(server, 'For Jane');
    await has(client, 'For Jane');
    await client.logout();
    assert.deepEqual(client.alerts, []);
    await waitFor(async () => (await streams()) === 0, 'no stream');
  });

  it('leaves no stream, timer or word behind when it is disposed of', async () => {
    const environment = testEnvironment();
    const client = open({ environment });
    client.connect();
    await publish(server, 'Something');
    await has(client, 'Something');
    await client.dispose();
    await waitFor(async () => (await streams()) === 0, 'no stream');
    await waitFor(() => environment.pendingTimers === 0, 'no timer');
    assert.deepEqual(client.alerts, []);
  });

  it('has its alerts also when it is disposed of and made anew while the code is loaded', async () => {
    const first = open();
    first.connect();
    await isLive(first);
    const disposal = first.dispose();
    const second = open();
    second.connect();
    await disposal;
    await publish(server, 'For the second');
    await has(second, 'For the second');
    assert.equal(await streams(), 1);
    assert.deepEqual(first.told, []);
  });
});
