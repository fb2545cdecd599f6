import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createHybridClient } from '../../src/client/hybrid-client.ts';
import { TenantManager } from '../../src/client/tenant-manager.ts';
import type { HybridClientOptions } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { KEY, testEnvironment } from './support.ts';

describe('TenantManager', () => {
  let server: TestServer;
  let tenants: TenantManager;
  const options = (more: Partial<HybridClientOptions> = {}): HybridClientOptions => ({
    serverUrl: server.url,
    tenantId: 'acme',
    participantId: 'jane@example.com',
    apiKey: KEY,
    environment: testEnvironment(),
    ...more,
  });
  const hubConnections = async () => (await server.report()).connections.hub;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
    tenants = new TenantManager();
  });
  afterEach(async () => {
    await tenants.dispose();
    await server.stop();
  });

  it('T1: adding a tenant twice gives the same client and opens nothing more', async () => {
    const first = tenants.add(options());
    await waitFor(() => first.state === 'live', 'live');
    const second = tenants.add(options());
    assert.equal(second, first);
    assert.equal(tenants.size, 1);
    assert.equal(await hubConnections(), 1);
    assert.throws(() => tenants.add(options({ participantId: 'someone@else' })), { code: 'input' });
  });

  it('T2: a tenant that cannot be added leaves nothing behind', () => {
    assert.throws(() => tenants.add(options({ serverUrl: 'not an address' })), { code: 'input' });
    assert.equal(tenants.size, 0);
    assert.equal(tenants.get('acme'), undefined);
    assert.ok(tenants.add(options()));
  });

  it('T3: a tenant is gone even when closing it fails', async () => {
    const failing = new TenantManager((given) => {
      const client = createHybridClient(given);
      const dispose = client.dispose.bind(client);
      client.dispose = async () => {
        await dispose();
        throw new Error('The disk caught fire.');
      };
      return client;
    });
    failing.add(options());
    await assert.rejects(failing.remove('acme'), /disk/);
    assert.equal(failing.size, 0);
    assert.equal(await failing.remove('acme'), false);
  });

  it("T4: the caller's listeners hear everything, beside others", async () => {
    const heard: string[] = [];
    const client = tenants.add(options(), { state: ({ status }) => heard.push(`first ${status.state}`) });
    tenants.add(options(), { state: ({ status }) => heard.push(`second ${status.state}`) });
    client.on('state', ({ status }) => heard.push(`third ${status.state}`));
    await waitFor(() => client.state === 'live', 'live');
    for (const who of ['first', 'second', 'third']) assert.ok(heard.includes(`${who} live`), who);
  });

  it('tells the result of a broadcast tenant by tenant', async () => {
    tenants.add(options());
    tenants.add(options({ tenantId: 'globex' }));
    const results = await tenants.broadcast((_, tenantId) => {
      if (tenantId === 'globex') throw new Error('No.');
      return tenantId.length;
    });
    assert.deepEqual(
      results.map(({ tenantId, ok }) => [tenantId, ok]),
      [
        ['acme', true],
        ['globex', false],
      ],
    );
    assert.deepEqual([...tenants.statuses().keys()], ['acme', 'globex']);
  });
});
