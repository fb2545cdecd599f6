import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createHybridClient } from '../../src/client/hybrid-client.ts';
import { TenantManager, type TenantListeners } from '../../src/client/tenant-manager.ts';
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

  it('T1: takes an address with and without a slash at its end for the same server', () => {
    const first = tenants.add(options());
    assert.equal(tenants.add(options({ serverUrl: `${server.url}/` })), first);
  });

  it('refuses another credential for a tenant that is there', () => {
    const getToken = () => 'a.b.c';
    const token = { apiKey: undefined, getToken };
    const client = tenants.add(options(token));
    assert.equal(tenants.add(options(token)), client);
    for (const other of [
      { apiKey: KEY },
      { apiKey: undefined, tokenUrl: '/token' },
      { apiKey: undefined, getToken: () => 'd.e.f' },
    ]) {
      assert.throws(() => tenants.add(options(other)), { code: 'input' }, JSON.stringify(other));
    }
    assert.equal(tenants.size, 1);
  });

  it('refuses a listener that is not a function before anything is made', () => {
    let made = 0;
    const counted = new TenantManager((given) => {
      made++;
      return createHybridClient(given);
    });
    const listeners = { state: undefined, error: 'log it' } as unknown as TenantListeners;
    assert.throws(() => counted.add(options(), listeners), { code: 'input' });
    assert.deepEqual([made, counted.size], [0, 0]);
  });

  it('T2: reports it when what could not be connected cannot be closed either', async (t) => {
    const printed = t.mock.method(console, 'error', () => undefined).mock;
    const failing = new TenantManager((given) => {
      const client = createHybridClient(given);
      const dispose = client.dispose.bind(client);
      client.connect = () => {
        throw new Error('No way in.');
      };
      client.dispose = async () => {
        await dispose();
        throw new Error('The disk caught fire.');
      };
      return client;
    });
    assert.throws(() => failing.add(options()), /No way in/);
    await waitFor(() => printed.callCount() > 0, 'the report');
    assert.match(String(printed.calls[0]?.arguments), /disk/);
    assert.equal(failing.size, 0);
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
