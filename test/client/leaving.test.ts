import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, KEY, shows, testEnvironment, texts } from './support.ts';

const JANE = 'jane@example.com';

describe('leaving a client', () => {
  let server: TestServer;
  const clients: HybridClient[] = [];
  const open = (options: Partial<HybridClientOptions> = {}) => {
    const client = clientOf(server, options);
    clients.push(client);
    return client;
  };
  const tokenOf = async (participant: string) => {
    const answer = await fetch(`${server.url}/demo/token?participant=${participant}`);
    return ((await answer.json()) as { token: string }).token;
  };

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
  });
  afterEach(async () => {
    await Promise.allSettled(clients.splice(0).map((client) => client.dispose()));
    await server.stop();
  });

  it('Q8: whoever signs in after logout() is somebody else', async () => {
    let who = 'alice';
    const client = open({ participantId: undefined, getToken: () => tokenOf(who) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('A secret of Alice');
    await shows(conversation, 'Echo: A secret of Alice');
    await client.logout();
    who = 'bob';
    client.connect();
    await isLive(client);
    await conversation.send('Written by Bob');
    await shows(conversation, 'Echo: Written by Bob');
    assert.deepEqual(texts(conversation), ['Written by Bob', 'Echo: Written by Bob']);
    const stored = (await server.report()).stored.find((message) => message.text === 'Written by Bob');
    assert.equal(stored?.participantId, 'bob');
  });

  it('K7: a read that is under way at logout() brings nothing back', async () => {
    const environment = testEnvironment();
    const client = open({ environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('Private');
    await shows(conversation, 'Echo: Private');
    await server.control({ fault: 'latency', ms: 150 });
    const reads = async () =>
      (await server.report()).received.filter(({ target }) => target === 'GetThreadHistory').length;
    const before = await reads();
    environment.play('visible');
    await waitFor(async () => (await reads()) > before, 'a read under way');
    await client.logout();
    await server.control({ fault: 'reset' });
    client.connect();
    await waitFor(() => conversation.loading === undefined, 'read anew');
    await client.logout();
    assert.deepEqual(conversation.messages, []);
  });

  it('W1: disconnect() stays disconnected, also with a message that waits', async () => {
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'store-then-500', count: 1 });
    await conversation.send('Uncertain');
    const states: string[] = [];
    await client.disconnect();
    client.on('state', ({ status }) => states.push(status.state));
    await server.control({ fault: 'reset' });
    await conversation.send('Waiting');
    // Long enough for what was planned to come: the clock runs 20 times faster.
    await new Promise<void>((resolve) => void testEnvironment(20).setTimer(resolve, 12_000));
    assert.deepEqual(states, []);
    assert.equal((await server.report()).connections.hub, 0);
    client.connect();
    await shows(conversation, 'Echo: Waiting');
  });

  it('dispose() does not wait for what hangs, and is the end', async () => {
    const environment = testEnvironment();
    const client = open({ getToken: () => new Promise<string>(() => undefined), environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => client.state === 'connecting', 'connecting');
    const asking = client.converse(ECHO, 'Hello', { signal: AbortSignal.abort() });
    await assert.rejects(asking, { code: 'closed' });
    await client.dispose();
    assert.equal(client.state, 'closed');
    await assert.rejects(conversation.send('Too late'), { code: 'closed' });
    await assert.rejects(client.converse(ECHO, 'Too late'), { code: 'closed' });
    assert.equal(client.state, 'closed');
  });

  it('dispose() during a send does not come back to life', async () => {
    for (const delayed of [0, 1, 2, 3]) {
      const client = open({ environment: testEnvironment(20) });
      const conversation = client.conversation(ECHO);
      conversation.open();
      await isLive(client);
      await server.control({ fault: 'store-then-500', count: 1 });
      await conversation.send(`Last words ${delayed}`);
      for (let turn = 0; turn < delayed; turn++) await new Promise(setImmediate);
      await client.dispose();
      await server.control({ fault: 'reset' });
      assert.equal(client.state, 'closed');
    }
    await waitFor(async () => (await server.report()).connections.hub === 0, 'no socket');
  });

  it('does not print a key along with the client', () => {
    const client = open();
    assert.ok(!inspect(client, { depth: 6, showHidden: true }).includes(KEY));
    assert.ok(!JSON.stringify(client).includes(KEY));
  });

  it('K4: keeps the answer of a sign-in service out of its errors', async () => {
    const endpoint = createServer((_, response) => response.end('s3cr3t-opaque-token'));
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    const tokenUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
    const client = open({ tokenUrl, participantId: JANE });
    client.conversation(ECHO).open();
    await waitFor(() => client.errors.length > 0, 'an error');
    assert.equal(client.errors[0]?.code, 'protocol');
    assert.ok(!inspect(client.errors, { depth: 8 }).includes('s3cr3t'));
    endpoint.closeAllConnections();
    endpoint.close();
  });
});

describe('a client that is refused', () => {
  let server: TestServer;
  let client: (HybridClient & { errors: unknown[] }) | undefined;
  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
  });
  afterEach(async () => {
    await client?.dispose();
    await server.stop();
  });

  it('goes on over SSE where only the hub refuses', async () => {
    await server.control({ fault: 'refuse', what: ['negotiate', 'upgrade'], status: 401 });
    const environment = Object.defineProperty(testEnvironment(20), 'location', {
      value: new URL('http://localhost/'),
    });
    client = clientOf(server, { environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => client?.status.channel === 'sse', 'SSE');
    await conversation.send('Hello');
    await shows(conversation, 'Echo: Hello');
  });

  it('goes on over SSE for a subject that the hub mistakes for another participant', async () => {
    const token = async () => {
      const answer = await fetch(`${server.url}/demo/token?participant=${encodeURIComponent('auth0|123')}`);
      return ((await answer.json()) as { token: string }).token;
    };
    client = clientOf(server, {
      getToken: token,
      participantId: undefined,
      environment: testEnvironment(20),
    });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => client?.status.channel === 'sse', 'SSE');
    await conversation.send('Hello');
    await shows(conversation, 'Echo: Hello');
  });

  it('says so at once when the sign-in address is wrong', async () => {
    client = clientOf(server, { tokenUrl: `${server.url}/no-such-address`, environment: testEnvironment() });
    client.conversation(ECHO).open();
    await waitFor(() => client?.status.reason === 'configuration', 'a reason');
    assert.equal(client.status.error?.code, 'input');
  });

  it('reads no more than the server allows, however often it is nudged', async () => {
    await server.control({ fault: 'block-websockets', on: true });
    client = clientOf(server, { environment: testEnvironment() });
    client.conversation(ECHO).open();
    await waitFor(() => client?.status.channel === 'sse', 'SSE');
    const before = (await server.report()).received.length;
    for (let i = 0; i < 110; i++) {
      client.retryNow();
      await new Promise(setImmediate);
    }
    await waitFor(async () => (await server.report()).received.length > before, 'a read');
    assert.ok((await server.report()).received.length - before < 10);
    assert.equal(client.state, 'degraded');
  });

  it('keeps a healthy channel when history is limited', async () => {
    const environment = testEnvironment(20);
    await server.control({ fault: 'block-websockets', on: true });
    client = clientOf(server, { environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => client?.status.channel === 'sse', 'SSE');
    await server.control({ fault: 'rate-limit', retryAfter: 2, count: 1 });
    const states: string[] = [];
    client.on('state', ({ status }) => states.push(status.state));
    environment.play('visible');
    await waitFor(() => client?.errors.length, 'the refusal is told');
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'Still here' });
    await shows(conversation, 'Still here');
    assert.ok(!states.includes('waiting'), states.join());
  });

  it('tries at the end of the gap when the visitor asks right after sending', async () => {
    await server.control({ fault: 'down' });
    const environment = testEnvironment(10);
    client = clientOf(server, { environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => (client?.status.attempt ?? 0) >= 3, 'some failures');
    await waitFor(() => client?.state === 'waiting', 'waiting');
    await conversation.send('Hello');
    await waitFor(
      () => client?.state === 'waiting' && client.status.reason === 'unreachable',
      'tried and failed',
    );
    await server.control({ fault: 'up' });
    client.retryNow();
    // 3 s and a little on a clock that runs 10 times faster; the planned wait is up to 45 s.
    await waitFor(() => client?.state === 'live', 'live soon', 1_500);
  });
});
