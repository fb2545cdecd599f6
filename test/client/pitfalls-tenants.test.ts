import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { TenantListeners } from '../../src/client/tenant-manager.ts';
import { waitFor } from '../support/wait.ts';
import { failToClose, failToConnect, Tenancy } from './tenants.ts';

describe('pitfalls of several tenants', () => {
  let tenancy: Tenancy;

  beforeEach(async () => {
    tenancy = await Tenancy.open();
  });
  afterEach(() => tenancy.close());

  it('T1: adding a tenant twice gives the same client and opens nothing more', async () => {
    const { tenants } = tenancy;
    const first = tenants.add(tenancy.options());
    await waitFor(() => first.state === 'live', 'live');
    assert.equal(tenants.add(tenancy.options()), first);
    assert.deepEqual([tenants.size, tenancy.clients.length], [1, 1]);
    assert.equal(await tenancy.hubConnections(), 1);
    assert.throws(() => tenants.add(tenancy.options({ participantId: 'someone@else' })), { code: 'input' });
    assert.equal(tenancy.clients.length, 1);
  });

  it('T1: takes an address with and without a slash at its end for the same server', () => {
    const { tenants, server } = tenancy;
    const first = tenants.add(tenancy.options());
    assert.equal(tenants.add(tenancy.options({ serverUrl: `${server.url}/` })), first);
  });

  it('T1: adding a tenant again while it is being added gives the same client', async () => {
    const { tenants } = tenancy;
    const again: unknown[] = [];
    const client = tenants.add(tenancy.options(), {
      state: () => again.push(tenants.add(tenancy.options())),
      status: () => again.push(tenants.add(tenancy.options())),
    });
    await waitFor(() => client.state === 'live', 'live');
    assert.ok(again.length > 0 && again.every((each) => each === client));
    assert.equal(tenancy.clients.length, 1);
    assert.equal(await tenancy.hubConnections(), 1);
  });

  it('T1: adding it twice at a time from several places opens one connection', async () => {
    const { tenants } = tenancy;
    const places = Array.from({ length: 20 }, async () => tenants.add(tenancy.options()));
    const [first, ...others] = await Promise.all(places);
    assert.ok(others.every((each) => each === first));
    await waitFor(() => first!.state === 'live', 'live');
    assert.deepEqual([tenancy.clients.length, await tenancy.hubConnections()], [1, 1]);
  });

  it('T2: a tenant that cannot be added leaves nothing behind', () => {
    const { tenants } = tenancy;
    assert.throws(() => tenants.add(tenancy.options({ serverUrl: 'not an address' })), { code: 'input' });
    assert.equal(tenants.size, 0);
    assert.equal(tenants.get('acme'), undefined);
    assert.ok(tenants.add(tenancy.options()));
  });

  it('T2: one that cannot be connected is closed, and its listeners hear no more', async () => {
    const tenants = tenancy.manager(failToConnect);
    const heard: unknown[] = [];
    const listeners: TenantListeners = {
      state: () => heard.push('state'),
      status: () => heard.push('status'),
    };
    assert.throws(() => tenants.add(tenancy.options(), listeners), /No way in/);
    assert.deepEqual([tenants.size, tenants.get('acme')], [0, undefined]);
    const [client] = tenancy.clients;
    await waitFor(() => client!.state === 'closed', 'closed');
    assert.deepEqual(heard, []);
    assert.equal(tenancy.environments[0]!.pendingTimers, 0);
  });

  it('T2: one whose listeners cannot be added is closed', async () => {
    const tenants = tenancy.manager((client) => {
      client.on = () => {
        throw new Error('Nobody listens here.');
      };
    });
    assert.throws(() => tenants.add(tenancy.options(), { state: () => undefined }), /Nobody listens/);
    assert.equal(tenants.size, 0);
    await waitFor(() => tenancy.clients[0]!.state === 'closed', 'closed');
  });

  it('T2: reports it when what could not be connected cannot be closed either', async (t) => {
    const printed = t.mock.method(console, 'error', () => undefined).mock;
    const tenants = tenancy.manager((client) => {
      failToConnect(client);
      failToClose(client);
    });
    assert.throws(() => tenants.add(tenancy.options()), /No way in/);
    await waitFor(() => printed.callCount() > 0, 'the report');
    assert.match(String(printed.calls[0]?.arguments), /disk/);
    assert.equal(tenants.size, 0);
  });

  it('T2: refuses a listener that is not a function before anything is made', () => {
    const { tenants } = tenancy;
    const listeners = { state: undefined, error: 'log it' } as unknown as TenantListeners;
    assert.throws(() => tenants.add(tenancy.options(), listeners), { code: 'input' });
    assert.deepEqual([tenancy.clients.length, tenants.size], [0, 0]);
  });

  it('T3: a tenant is gone even when closing it fails', async () => {
    const tenants = tenancy.manager(failToClose);
    tenants.add(tenancy.options());
    await assert.rejects(tenants.remove('acme'), /disk/);
    assert.equal(tenants.size, 0);
    assert.equal(await tenants.remove('acme'), false);
    await tenants.dispose();
  });

  it("T4: the caller's listeners hear everything, beside others", async () => {
    const { tenants } = tenancy;
    const heard: string[] = [];
    const client = tenants.add(tenancy.options(), {
      state: ({ status }) => heard.push(`first ${status.state}`),
    });
    tenants.add(tenancy.options(), { state: ({ status }) => heard.push(`second ${status.state}`) });
    client.on('state', ({ status }) => heard.push(`third ${status.state}`));
    await waitFor(() => client.state === 'live', 'live');
    for (const who of ['first', 'second', 'third']) assert.ok(heard.includes(`${who} live`), who);
  });

  it('T4: a listener that is added twice hears everything once, and one that throws stops no other', async (t) => {
    t.mock.method(console, 'error', () => undefined);
    const { tenants } = tenancy;
    const heard: string[] = [];
    const listeners: TenantListeners = {
      state: ({ status }) => {
        heard.push(status.state);
        throw new Error('I cannot bear it.');
      },
    };
    const client = tenants.add(tenancy.options(), listeners);
    tenants.add(tenancy.options(), listeners);
    tenants.add(tenancy.options(), { state: ({ status }) => heard.push(`other ${status.state}`) });
    await waitFor(() => heard.includes('other live'), 'live');
    assert.equal(heard.filter((each) => each === 'live').length, 1);
    assert.equal(client.state, 'live');
  });
});
