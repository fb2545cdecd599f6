import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createHybridClient } from '../../src/client/hybrid-client.ts';
import type { ConnectionState, HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, KEY, shows, testEnvironment, texts } from './support.ts';

const JANE = 'jane@example.com';

describe("a client's connection", () => {
  let server: TestServer;
  const clients: HybridClient[] = [];
  const open = (options: Partial<HybridClientOptions> = {}) => {
    const client = clientOf(server, options);
    clients.push(client);
    return client;
  };
  const tokenUrl = (ttl = 300) => `${server.url}/demo/token?participant=${JANE}&ttl=${ttl}`;
  const statesOf = (client: HybridClient) => {
    const states: ConnectionState[] = [];
    client.on('state', ({ status }) => states.push(status.state));
    return states;
  };

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
  });
  afterEach(async () => {
    await Promise.allSettled(clients.splice(0).map((client) => client.dispose()));
    await server.stop();
  });

  it('asks nothing of anybody before it is wanted', async () => {
    const client = open();
    client.conversation(ECHO);
    assert.equal(client.state, 'idle');
    assert.deepEqual((await server.report()).received, []);
  });

  it('goes through connecting and syncing before it is live', async () => {
    const client = open();
    const states = statesOf(client);
    client.conversation(ECHO).open();
    await isLive(client);
    assert.deepEqual(states, ['connecting', 'syncing', 'live']);
    assert.equal(client.status.reason, 'synced');
    assert.equal(client.status.channel, 'hub');
    assert.ok(client.status.lastSyncedAt);
    assert.equal(client.health().channels[0]?.state, 'open');
  });

  it('learns the participant from the token', async () => {
    const client = open({ tokenUrl: tokenUrl(), participantId: undefined });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('Who am I?');
    await shows(conversation, 'Echo: Who am I?');
    assert.equal((await server.report()).stored[0]?.participantId, JANE);
  });

  it('renews an expired token by itself and loses nothing', async () => {
    const environment = testEnvironment(20);
    const client = open({ tokenUrl: tokenUrl(), environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'expire-tokens' });
    await server.control({ fault: 'drop-sockets', which: 'all' });
    await waitFor(() => client.state !== 'live', 'noticed');
    await conversation.send('Still me');
    await isLive(client);
    await shows(conversation, 'Echo: Still me');
    assert.equal((await server.report()).stored.filter((message) => message.text === 'Still me').length, 1);
  });

  it('says unauthorized for a wrong key, keeps the message, and never shows the key', async () => {
    const wrong = `sk-Xnai-${'w'.repeat(43)}`;
    const client = open({ apiKey: wrong, environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await conversation.send('Hello?');
    await waitFor(() => client.state === 'unauthorized', 'unauthorized');
    assert.equal(client.status.error?.code, 'unauthorized');
    assert.equal(client.status.pending, 1);
    assert.ok(!inspect([client.errors, client.status, client.health()], { depth: 8 }).includes('wwww'));
  });

  it('refuses options that cannot work at once', () => {
    const good = { serverUrl: 'https://xians.example', tenantId: 'acme', apiKey: KEY };
    for (const bad of [
      { ...good, serverUrl: 'xians.example' },
      { ...good, serverUrl: 'ftp://xians.example' },
      { ...good, tenantId: '' },
      { ...good, apiKey: undefined },
      { ...good, tokenUrl: '/token' },
    ]) {
      assert.throws(() => createHybridClient(bad), { name: 'RealtimeError', code: 'input' });
    }
    const client = createHybridClient(good);
    assert.throws(() => client.conversation('support'), { code: 'input' });
    assert.throws(() => client.conversation('other:Agent:Flow'), { code: 'input' });
  });

  it('retries at once when the visitor asks, instead of at the planned time', async () => {
    await server.control({ fault: 'down' });
    const client = open();
    client.conversation(ECHO).open();
    await waitFor(() => client.state === 'waiting', 'waiting');
    assert.ok(client.status.until);
    await server.control({ fault: 'up' });
    client.retryNow();
    await isLive(client);
  });

  it('says offline, not waiting, when the machine has no network, and returns with it', async () => {
    const environment = testEnvironment();
    await server.control({ fault: 'down' });
    environment.online = false;
    const client = open({ environment });
    client.conversation(ECHO).open();
    await waitFor(() => client.state === 'offline', 'offline');
    await server.control({ fault: 'up' });
    environment.online = true;
    environment.play('online');
    await isLive(client);
  });

  it('asks a connection that the machine calls offline for a sign of life, and believes it', async () => {
    const environment = testEnvironment();
    const client = open({ environment });
    client.conversation(ECHO).open();
    await isLive(client);
    environment.online = false;
    environment.play('offline');
    await client.probe();
    assert.equal(client.state, 'live', 'only a hint');
    await server.control({ fault: 'stall-hub', on: true });
    await server.control({ fault: 'hang', what: ['negotiate', 'sse', 'history'] });
    environment.play('offline');
    await waitFor(() => client.state === 'offline', 'offline');
  });

  it('closes its socket when the page freezes, and is live again when it wakes', async () => {
    const environment = testEnvironment();
    const client = open({ environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    environment.play('frozen');
    await waitFor(() => client.state === 'suspended', 'suspended');
    await waitFor(async () => (await server.report()).connections.hub === 0, 'no socket');
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'While you slept' });
    environment.play('resumed');
    await isLive(client);
    assert.deepEqual(texts(conversation), ['While you slept']);
  });

  it('notices a dead peer when the page becomes visible, and recovers', async () => {
    const environment = testEnvironment(10);
    const client = open({ environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'stall-hub', on: true });
    environment.play('visible');
    await waitFor(() => client.state !== 'live', 'noticed');
    await server.control({ fault: 'stall-hub', on: false });
    await isLive(client);
  });

  it('reads what a healthy connection lost when the page becomes visible', async () => {
    const environment = testEnvironment();
    const client = open({ environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'suspend-broadcasts', on: true });
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'Unheard' });
    environment.play('visible');
    await shows(conversation, 'Unheard');
  });

  it('holds no connection some time after nobody looks', async () => {
    const client = open({ environment: testEnvironment(1_000) });
    const close = client.conversation(ECHO).open();
    await isLive(client);
    close();
    await waitFor(() => client.state === 'idle', 'idle');
    await waitFor(async () => (await server.report()).connections.hub === 0, 'no socket');
  });

  it('disconnects and connects again in one breath', async () => {
    const client = open();
    client.conversation(ECHO).open();
    await isLive(client);
    const closing = client.disconnect();
    client.connect();
    await closing;
    await isLive(client);
    await client.disconnect();
    assert.equal(client.state, 'idle');
  });

  it('forgets everything at logout', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('Private');
    await shows(conversation, 'Echo: Private');
    await client.logout();
    assert.deepEqual(conversation.messages, []);
    assert.equal(client.state, 'idle');
    assert.equal(client.status.pending, 0);
  });

  it('waits as long as the server asks before it sends again over REST', async () => {
    await server.control({ fault: 'block-websockets', on: true });
    const environment = testEnvironment(20);
    const client = open({ environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => client.status.channel === 'sse', 'SSE');
    await server.control({ fault: 'rate-limit', retryAfter: 4, count: 1 });
    const before = (await server.report()).received.length;
    await conversation.send('Patience');
    await shows(conversation, 'Echo: Patience');
    const attempts = (await server.report()).received
      .slice(before)
      .filter((request) => request.target?.includes('send') || request.path?.includes('send'));
    assert.deepEqual(
      attempts.map((request) => request.status),
      [429, 200],
    );
    // 4 s on a clock that runs 20 times faster.
    const [first, second] = attempts.map((request) => new Date(request.at).getTime());
    const waitedMs = second! - first!;
    assert.ok(waitedMs >= 200 - 5, `waited ${waitedMs} ms`);
  });

  for (const kind of [
    'hub-garbage',
    'hub-incomplete',
    'hub-wrong-shape',
    'history-garbage',
    'history-html',
  ] as const) {
    it(`survives ${kind}, says so, and misses nothing`, async () => {
      const client = open({ environment: testEnvironment(20) });
      const conversation = client.conversation(ECHO);
      await server.control({ fault: 'malformed', kind, count: 1 });
      conversation.open();
      await conversation.send('Hello');
      await shows(conversation, 'Echo: Hello');
      await isLive(client);
      assert.deepEqual(texts(conversation), ['Hello', 'Echo: Hello']);
    });
  }

  it('shows a sign-in page of the network as a failure of the server, and recovers', async () => {
    await server.control({ fault: 'captive-portal', on: true });
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await conversation.send('In a hotel');
    await waitFor(() => client.state === 'waiting', 'waiting');
    await server.control({ fault: 'captive-portal', on: false });
    await shows(conversation, 'Echo: In a hotel');
    assert.deepEqual(texts(conversation), ['In a hotel', 'Echo: In a hotel']);
  });

  it('takes a reply of 20 MB', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'huge-reply', bytes: 20_000_000, workflow: ECHO, participantId: JANE });
    await waitFor(() => conversation.messages.length === 1, 'the reply');
    assert.ok((conversation.messages[0]?.text?.length ?? 0) >= 19_000_000);
    assert.equal(client.state, 'live');
  });
});
