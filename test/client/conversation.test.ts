import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { HybridClient } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, shows, testEnvironment, texts } from './support.ts';

describe('a conversation', () => {
  let server: TestServer;
  const clients: HybridClient[] = [];
  const open = (options = {}) => {
    const client = clientOf(server, options);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
  });
  afterEach(async () => {
    await Promise.allSettled(clients.splice(0).map((client) => client.dispose()));
    await server.stop();
  });

  it('sends, is answered, and ends in the order of the server', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    const receipt = await conversation.send('Hello');
    assert.equal(receipt.persisted, false);
    await shows(conversation, 'Echo: Hello');
    await conversation.send('Again');
    await shows(conversation, 'Echo: Again');
    assert.deepEqual(texts(conversation), ['Hello', 'Echo: Hello', 'Again', 'Echo: Again']);
    await waitFor(() => conversation.messages[0]?.delivery?.state === 'answered', 'answered');
    assert.equal(conversation.awaitingReply, undefined);
    assert.equal(client.status.pending, 0);
  });

  it('H1: gives every message an id of its own, also those of the same millisecond', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    const receipts = await Promise.all(Array.from({ length: 20 }, (_, i) => conversation.send(`m${i}`)));
    assert.equal(new Set(receipts.map((receipt) => receipt.requestId)).size, 20);
    await shows(conversation, 'Echo: m19');
    const stored = (await server.report()).stored.filter((message) => message.direction === 'Incoming');
    assert.deepEqual(
      stored.map((message) => message.text),
      Array.from({ length: 20 }, (_, i) => `m${i}`),
    );
  });

  it('H3: maps who wrote a message alike from history and live', async () => {
    const first = open();
    const conversation = first.conversation(ECHO);
    conversation.open();
    await isLive(first);
    await conversation.send('Hello');
    await shows(conversation, 'Echo: Hello');
    const live = conversation.messages.map(({ text, author }) => ({ text, author }));
    const second = open();
    const again = second.conversation(ECHO);
    again.open();
    await shows(again, 'Echo: Hello');
    assert.deepEqual(
      again.messages.map(({ text, author }) => ({ text, author })),
      live,
    );
  });

  it('H4: goes on trying when the first connection fails', async () => {
    await server.control({ fault: 'down' });
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await conversation.send('Written before the server was there');
    await waitFor(() => client.state === 'waiting', 'waiting');
    await server.control({ fault: 'up' });
    await shows(conversation, 'Echo: Written before the server was there');
    assert.equal(conversation.loading, undefined);
  });

  it('H5: receives without a hub, over SSE, and climbs back to the hub', async () => {
    await server.control({ fault: 'block-websockets', on: true });
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => client.status.channel === 'sse', 'the SSE channel');
    assert.equal(client.state, 'degraded');
    await conversation.send('Over REST');
    await shows(conversation, 'Echo: Over REST');
    await server.control({ fault: 'block-websockets', on: false });
    await isLive(client);
    assert.equal(client.status.channel, 'hub');
    await conversation.send('Over the hub');
    await shows(conversation, 'Echo: Over the hub');
    assert.deepEqual(texts(conversation), [
      'Over REST',
      'Echo: Over REST',
      'Over the hub',
      'Echo: Over the hub',
    ]);
  });

  it('H5: polls history when neither live channel opens', async () => {
    await server.control({ fault: 'block-websockets', on: true });
    await server.control({ fault: 'refuse', what: ['sse'], status: 500 });
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => client.status.channel === 'poll', 'polling');
    await conversation.send('Slowly');
    await shows(conversation, 'Echo: Slowly');
  });

  it('H7: disposes of everything although one part fails, and twice does no harm', async () => {
    const environment = testEnvironment();
    const client = open({ environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'down' });
    await Promise.all([client.dispose(), client.dispose()]);
    await client.dispose();
    assert.equal(client.state, 'closed');
    assert.equal(environment.pendingTimers, 0);
  });

  it('srv: receives under a mixed-case participant id, which the hub would subscribe as written', async () => {
    const client = open({ participantId: 'Jane@Example.COM' });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('Hello');
    await shows(conversation, 'Echo: Hello');
  });

  for (const blocked of [false, true]) {
    it(`srv: shows nobody else's message (${blocked ? 'SSE' : 'hub'})`, async () => {
      await server.control({ fault: 'block-websockets', on: blocked });
      const client = open({ environment: testEnvironment(blocked ? 20 : 1) });
      const conversation = client.conversation(ECHO);
      const seen: string[] = [];
      client.on('message', (message) => seen.push(message.participantId));
      conversation.open();
      await waitFor(() => client.status.channel === (blocked ? 'sse' : 'hub'), 'the channel');
      await server.control({ fault: 'stranger', workflow: ECHO, text: 'Private' });
      await conversation.send('Mine');
      await shows(conversation, 'Echo: Mine');
      assert.ok(!texts(conversation).includes('Private'));
      assert.ok(seen.every((id) => id === 'jane@example.com'));
    });
  }

  it('srv: misses nothing and shows nothing twice when the server drops everybody', async () => {
    const client = open({ environment: testEnvironment(10) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('One');
    await shows(conversation, 'Echo: One');
    await server.control({ fault: 'down' });
    await waitFor(() => client.state !== 'live', 'noticed');
    await conversation.send('Two');
    await server.control({
      fault: 'publish',
      workflow: ECHO,
      participantId: 'jane@example.com',
      text: 'While away',
    });
    await server.control({ fault: 'up' });
    await shows(conversation, 'Echo: Two');
    await shows(conversation, 'While away');
    await isLive(client);
    const stored = (await server.report()).stored;
    assert.deepEqual(
      texts(conversation),
      stored.map((message) => message.text),
    );
    assert.equal(new Set(texts(conversation)).size, stored.length);
  });

  it('srv: finds a message that a healthy connection lost', async () => {
    const client = open({ environment: testEnvironment(50) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'suspend-broadcasts', on: true });
    await conversation.send('Is anybody there?');
    await shows(conversation, 'Echo: Is anybody there?');
    assert.equal(client.state, 'live');
  });

  it('srv: shows a message once although it is broadcast again, later with a newer date', async () => {
    await server.control({ fault: 'repeat-broadcast', times: 3 });
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('Once');
    await shows(conversation, 'Echo: Once');
    await conversation.send('Twice');
    await shows(conversation, 'Echo: Twice');
    assert.deepEqual(texts(conversation), ['Once', 'Echo: Once', 'Twice', 'Echo: Twice']);
  });

  it('Q21: looks in history before it sends again, when the answer was lost after storing', async () => {
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'store-then-drop', count: 1 });
    await conversation.send('Only once');
    await shows(conversation, 'Echo: Only once');
    await waitFor(() => client.status.pending === 0, 'nothing pending');
    const copies = (await server.report()).stored.filter((message) => message.text === 'Only once');
    assert.equal(copies.length, 1);
  });

  it('sends again what was dropped before it was stored', async () => {
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'drop-before-store', count: 1 });
    await conversation.send('Try again');
    await shows(conversation, 'Echo: Try again');
    const copies = (await server.report()).stored.filter((message) => message.text === 'Try again');
    assert.equal(copies.length, 1);
  });

  it('loads earlier messages page by page, each once', async () => {
    await server.control({ fault: 'burst', workflow: ECHO, participantId: 'jane@example.com', count: 120 });
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => conversation.loading === undefined, 'loaded');
    assert.equal(conversation.messages.length, 50);
    assert.equal(conversation.hasEarlier, true);
    await conversation.loadEarlier();
    await conversation.loadEarlier();
    assert.equal(conversation.messages.length, 120);
    assert.equal(conversation.hasEarlier, false);
    assert.equal(new Set(conversation.messages.map((message) => message.id)).size, 120);
  });

  it('fills a gap of several pages after a reconnect', async () => {
    const client = open({ environment: testEnvironment(10) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({
      fault: 'publish',
      workflow: ECHO,
      participantId: 'jane@example.com',
      text: 'First',
    });
    await shows(conversation, 'First');
    await server.control({ fault: 'down' });
    await waitFor(() => client.state !== 'live', 'noticed');
    await server.control({ fault: 'burst', workflow: ECHO, participantId: 'jane@example.com', count: 180 });
    await server.control({ fault: 'up' });
    await waitFor(() => conversation.messages.length === 181, '181 messages');
  });

  it('keeps topics apart', async () => {
    const client = open();
    const general = client.conversation(ECHO);
    const billing = client.conversation(ECHO, 'billing');
    general.open();
    billing.open();
    await isLive(client);
    await billing.send('About my invoice');
    await shows(billing, 'Echo: About my invoice');
    await general.send('Hello');
    await shows(general, 'Echo: Hello');
    assert.deepEqual(texts(general), ['Hello', 'Echo: Hello']);
    assert.deepEqual(texts(billing), ['About my invoice', 'Echo: About my invoice']);
  });

  it('follows a handoff, and finds it again after a reload', async () => {
    const desk = 'Triage Agent:Front Desk';
    const billing = 'Billing Agent:Billing Flow';
    const client = open();
    const conversation = client.conversation(desk, undefined, { handoffWorkflows: [billing] });
    const handoffs: string[] = [];
    conversation.on('handoff', ({ to }) => handoffs.push(to));
    conversation.open();
    await isLive(client);
    await conversation.send('I have a question about my bill');
    await waitFor(() => conversation.activeWorkflow === billing, 'billing answers');
    await waitFor(
      () =>
        conversation.messages.some((message) => message.workflowType === billing && message.type === 'Chat'),
      'the greeting of billing',
    );
    assert.deepEqual(handoffs, [billing]);
    await conversation.send('Why is it so high?');
    await waitFor(() => conversation.messages.at(-1)?.author === 'agent', 'an answer');
    const { stored } = await server.report();
    const question = stored.find((message) => message.text === 'Why is it so high?');
    assert.equal(question?.workflowType, billing);

    const reloaded = open().conversation(desk, undefined, { handoffWorkflows: [billing] });
    reloaded.open();
    await waitFor(() => reloaded.loading === undefined, 'loaded');
    assert.deepEqual(texts(reloaded), texts(conversation));
    assert.equal(reloaded.activeWorkflow, billing);
  });

  it('refuses what cannot be sent, with a reason, and keeps working', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await assert.rejects(conversation.send('   '), { code: 'input' });
    await assert.rejects(conversation.send('x'.repeat(40_000)), { code: 'too-large' });
    await assert.rejects(conversation.send({ data: { value: 1 } }), { code: 'input' });
    await assert.rejects(conversation.send({ data: [] as never }), { code: 'input' });
    await conversation.send('Fine');
    await shows(conversation, 'Echo: Fine');
  });

  it('marks a message that the server refuses as failed, and sends it on retry', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'hub-error', message: 'MessageType is required', count: 1 });
    const { requestId } = await conversation.send('Please');
    await waitFor(() => conversation.messages[0]?.delivery?.state === 'failed', 'failed');
    assert.ok(conversation.messages[0]?.delivery?.reason);
    assert.equal(client.status.failed, 1);
    assert.equal(await conversation.retry(requestId), true);
    await shows(conversation, 'Echo: Please');
    assert.equal(client.status.failed, 0);
  });

  it('deletes the thread on the server', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await conversation.send('Forget this');
    await shows(conversation, 'Echo: Forget this');
    await conversation.delete();
    assert.deepEqual(conversation.messages, []);
    assert.deepEqual((await server.report()).stored, []);
  });

  it('answers one question at a time with converse()', async () => {
    const client = open();
    const reply = await client.converse(ECHO, 'Quick question', { timeoutSeconds: 5 });
    assert.equal(reply.text, 'Echo: Quick question');
    assert.equal(reply.author, 'agent');
  });
});
