import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { KEY } from './support.ts';
import { failToClose, Tenancy } from './tenants.ts';

describe('TenantManager', () => {
  let tenancy: Tenancy;

  beforeEach(async () => {
    tenancy = await Tenancy.open();
  });
  afterEach(() => tenancy.close());

  it('refuses another credential for a tenant that is there', () => {
    const { tenants } = tenancy;
    const getToken = () => 'a.b.c';
    const token = { apiKey: undefined, getToken };
    const client = tenants.add(tenancy.options(token));
    assert.equal(tenants.add(tenancy.options(token)), client);
    for (const other of [
      { apiKey: KEY },
      { apiKey: undefined, tokenUrl: '/token' },
      { apiKey: undefined, getToken: () => 'd.e.f' },
    ]) {
      assert.throws(() => tenants.add(tenancy.options(other)), { code: 'input' }, JSON.stringify(other));
    }
    assert.equal(tenants.size, 1);
  });

  it('removes a tenant at once, and closes its connection and its listeners', async () => {
    const { tenants } = tenancy;
    const heard: string[] = [];
    const acme = tenants.add(tenancy.options(), { state: ({ status }) => heard.push(status.state) });
    const globex = tenants.add(tenancy.globex());
    await waitFor(() => acme.state === 'live' && globex.state === 'live', 'both live');
    heard.length = 0;
    const removal = tenants.remove('acme');
    assert.deepEqual([tenants.size, tenants.get('acme')], [1, undefined]);
    assert.equal(await removal, true);
    assert.equal(acme.state, 'closed');
    assert.deepEqual(heard, []);
    await waitFor(async () => (await tenancy.hubConnections()) === 1, 'one connection is left');
    assert.equal(globex.state, 'live');
    assert.equal(await tenants.remove('acme'), false);
    assert.equal(tenancy.environments[0]!.pendingTimers, 0);
  });

  it('adds a tenant anew while its removal is under way', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const tenants = tenancy.manager((client) => {
      const dispose = client.dispose.bind(client);
      client.dispose = async () => {
        await gate;
        await dispose();
      };
    });
    const first = tenants.add(tenancy.options());
    const removal = tenants.remove('acme');
    // Another credential, too: the one that leaves does not count any more.
    const second = tenants.add(tenancy.options({ participantId: 'tom@example.com' }));
    assert.notEqual(second, first);
    release();
    assert.equal(await removal, true);
    assert.equal(tenants.get('acme'), second);
    assert.equal(first.state, 'closed');
    await waitFor(() => second.state === 'live', 'live');
  });

  it('makes a client anew whose owner has disposed of it', async () => {
    const { tenants } = tenancy;
    const first = tenants.add(tenancy.options());
    await first.dispose();
    const second = tenants.add(tenancy.options());
    assert.notEqual(second, first);
    await waitFor(() => second.state === 'live', 'live');
    assert.equal(tenants.size, 1);
  });

  it('tells the result of a broadcast tenant by tenant, whatever becomes of each', async () => {
    const { tenants } = tenancy;
    const refusal = new RealtimeError('rate-limited', 'Later.', { retryAfterMs: 5 });
    tenants.add(tenancy.options());
    tenants.add(tenancy.globex());
    tenants.add(tenancy.options({ tenantId: 'initech' }));
    const results = await tenants.broadcast(async (client, tenantId) => {
      assert.equal(client, tenants.get(tenantId));
      if (tenantId === 'globex') throw new TypeError('No.');
      await Promise.resolve();
      if (tenantId === 'initech') throw refusal;
      return tenantId.length;
    });
    const [acme, globex, initech] = results;
    assert.equal(results.length, 3);
    assert.deepEqual(acme, { tenantId: 'acme', ok: true, value: 4 });
    assert.ok(globex && !globex.ok && initech && !initech.ok);
    assert.deepEqual([globex.tenantId, globex.error.code], ['globex', 'bug']);
    assert.deepEqual([initech.tenantId, initech.error], ['initech', refusal]);
    assert.deepEqual(await tenants.broadcast(() => 1).then((all) => all.map(({ ok }) => ok)), [
      true,
      true,
      true,
    ]);
  });

  it('sends a broadcast message as each tenant, and to nobody twice', async () => {
    const { tenants, server } = tenancy;
    tenants.add(tenancy.options());
    tenants.add(tenancy.globex());
    const results = await tenants.broadcast((client, tenantId) =>
      client.conversation('Echo Agent:Echo Flow').send(`Hello from ${tenantId}`),
    );
    assert.ok(results.every(({ ok }) => ok));
    const incoming = async () =>
      (await server.report()).stored.filter(({ direction }) => direction === 'Incoming');
    await waitFor(async () => (await incoming()).length >= 2, 'both messages');
    assert.deepEqual((await incoming()).map(({ tenantId, text }) => [tenantId, text]).sort(), [
      ['acme', 'Hello from acme'],
      ['globex', 'Hello from globex'],
    ]);
  });

  it('tells the status of each tenant', async () => {
    const { tenants } = tenancy;
    const acme = tenants.add(tenancy.options());
    const globex = tenants.add(tenancy.globex({ apiKey: 'sk-Xnai-wrong' }));
    // Node cannot tell why a WebSocket is refused: a stream can.
    globex.conversation('Echo Agent:Echo Flow').open();
    await waitFor(() => acme.state === 'live' && globex.state === 'unauthorized', 'one live, one refused');
    const statuses = tenants.statuses();
    assert.deepEqual(
      [...statuses].map(([tenantId, { state }]) => [tenantId, state]),
      [
        ['acme', 'live'],
        ['globex', 'unauthorized'],
      ],
    );
  });

  it('closes every tenant, waits also for removals under way, and tells the first failure', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const tenants = tenancy.manager((client) => {
      const dispose = client.dispose.bind(client);
      if (client.options.tenantId === 'globex') failToClose(client);
      if (client.options.tenantId === 'initech') client.dispose = () => gate.then(dispose);
    });
    const closed: string[] = [];
    for (const options of [tenancy.options(), tenancy.globex(), tenancy.options({ tenantId: 'initech' })]) {
      tenants.add(options);
    }
    void tenants.remove('initech').then(() => closed.push('initech'));
    const end = assert.rejects(tenants.dispose(), { code: 'bug' }).then(() => closed.push('all'));
    const [acme, globex] = tenancy.clients;
    await waitFor(() => acme!.state === 'closed' && globex!.state === 'closed', 'two closed');
    assert.deepEqual(closed, []);
    release();
    await end;
    assert.deepEqual(closed, ['initech', 'all']);
    assert.deepEqual(
      tenancy.clients.map(({ state }) => state),
      ['closed', 'closed', 'closed'],
    );
    await tenants.dispose();
    assert.equal(tenants.size, 0);
    assert.ok(tenants.add(tenancy.options()), 'it can be used again');
  });
});
