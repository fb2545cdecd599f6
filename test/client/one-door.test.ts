import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { HybridClient } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, shows, testEnvironment, texts } from './support.ts';

const JANE = 'jane@example.com';
const BILLING = 'Billing Agent:Billing Flow';
const DESK = 'Triage Agent:Front Desk';

describe('what a conversation lets in, and lets go', () => {
  let server: TestServer;
  const clients: HybridClient[] = [];
  const open = (options: Parameters<typeof clientOf>[1] = {}) => {
    const client = clientOf(server, options);
    clients.push(client);
    return client;
  };
  const publish = (workflow: string, text: string) =>
    server.control({ fault: 'publish', workflow, participantId: JANE, text });

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
  });
  afterEach(async () => {
    await Promise.allSettled(clients.splice(0).map((client) => client.dispose()));
    await server.stop();
  });

  it('reads the history of a conversation that is opened on a live connection', async () => {
    await publish('Support Agent:Chat Flow', 'From yesterday');
    const client = open();
    client.conversation(ECHO).open();
    await isLive(client);
    const second = client.conversation('Support Agent:Chat Flow');
    second.open();
    await shows(second, 'From yesterday');
    await publish('Support Agent:Chat Flow', 'From today');
    await shows(second, 'From today');
  });

  it('leaves out what the next agent said before it took over', async () => {
    await publish(BILLING, 'About another matter');
    const environment = testEnvironment();
    const client = open({ environment });
    const conversation = client.conversation(DESK, undefined, { handoffWorkflows: [BILLING] });
    conversation.open();
    await isLive(client);
    await publish(BILLING, 'Still another matter');
    await conversation.send('My bill, please');
    await waitFor(() => conversation.activeWorkflow === BILLING, 'the handoff');
    await publish(BILLING, 'Now about your bill');
    await shows(conversation, 'Now about your bill');
    const { lastSyncedAt } = client.status;
    environment.play('visible');
    await waitFor(() => client.status.lastSyncedAt !== lastSyncedAt, 'a further read of history');
    assert.ok(!texts(conversation).some((text) => text?.includes('another matter')));
    const reloaded = open().conversation(DESK, undefined, { handoffWorkflows: [BILLING] });
    reloaded.open();
    await shows(reloaded, 'Now about your bill');
    assert.deepEqual(texts(reloaded), texts(conversation));
  });

  it('takes a reply as the proof that its request was stored, also when history cannot be read', async () => {
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'agents', on: false });
    await server.control({ fault: 'store-then-500', count: 1 });
    await server.control({ fault: 'latency', ms: 200 });
    const { requestId } = await conversation.send('Is this stored?');
    await waitFor(async () => (await server.report()).stored.length === 1, 'stored');
    // Before the failure has come back, so that looking in history fails from the first time.
    await server.control({ fault: 'fail', what: ['hub', 'history'], status: 500 });
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'It is', requestId });
    await shows(conversation, 'It is');
    await waitFor(() => client.status.pending === 0, 'nothing pending');
    assert.deepEqual(texts(conversation), ['Is this stored?', 'It is']);
    assert.equal(
      (await server.report()).stored.filter((message) => message.direction === 'Incoming').length,
      1,
    );
  });

  it('asks for each older page once', async () => {
    await server.control({ fault: 'burst', workflow: ECHO, participantId: JANE, count: 120 });
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await waitFor(() => conversation.loading === undefined, 'loaded');
    await conversation.loadEarlier();
    await conversation.loadEarlier();
    const reads = (await server.report()).received.filter((request) => request.target === 'GetThreadHistory');
    assert.equal(reads.length, 3);
  });

  it('closes the slower channel once the better one is complete', async () => {
    await server.control({ fault: 'block-websockets', on: true });
    const client = open({ environment: testEnvironment(20) });
    client.conversation(ECHO).open();
    await waitFor(() => client.status.channel === 'sse', 'SSE');
    await server.control({ fault: 'block-websockets', on: false });
    await isLive(client);
    await waitFor(async () => (await server.report()).connections.sse === 0, 'no stream left');
  });

  it('asks for one new token a try, however often the server refuses', async () => {
    const tokenUrl = `${server.url}/demo/token?participant=${JANE}`;
    let asked = 0;
    const getToken = async () => {
      asked++;
      const { token } = (await (await fetch(tokenUrl)).json()) as { token: string };
      return token;
    };
    await server.control({ fault: 'refuse', what: ['upgrade', 'sse', 'rest'], status: 401 });
    const client = open({ getToken, environment: testEnvironment(20) });
    client.conversation(ECHO).open();
    await waitFor(() => client.status.attempt >= 2, 'three tries');
    assert.ok(
      asked <= 2 * (client.status.attempt + 1),
      `${asked} tokens in ${client.status.attempt + 1} tries`,
    );
    await server.control({ fault: 'reset' });
    await isLive(client);
  });

  it('sends nothing after logout that was written before it', async () => {
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    const close = conversation.open();
    await isLive(client);
    await server.control({ fault: 'down' });
    await waitFor(() => client.state !== 'live', 'noticed');
    await conversation.send('Never mind');
    await client.logout();
    close();
    await server.control({ fault: 'up' });
    const after = client.conversation(ECHO);
    after.open();
    await isLive(client);
    await after.send('Somebody else');
    await shows(after, 'Echo: Somebody else');
    assert.deepEqual(texts(after), ['Somebody else', 'Echo: Somebody else']);
  });

  it('fetches a lost reply although a later request is answered', async () => {
    const client = open({ environment: testEnvironment(50) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'suspend-broadcasts', on: true });
    await conversation.send('First');
    await waitFor(async () => (await server.report()).stored.length === 2, 'answered in silence');
    await server.control({ fault: 'suspend-broadcasts', on: false });
    await conversation.send('Second');
    await shows(conversation, 'Echo: Second');
    await shows(conversation, 'Echo: First');
    assert.equal(conversation.awaitingReply, undefined);
  });

  it('finds the question to an answer that was asked for in another tab', async () => {
    const first = open().conversation(ECHO);
    const second = open({ environment: testEnvironment(20) }).conversation(ECHO);
    first.open();
    second.open();
    await waitFor(() => second.loading === undefined && first.loading === undefined, 'both loaded');
    await first.send('From the first tab');
    await shows(second, 'From the first tab');
    assert.deepEqual(texts(second), ['From the first tab', 'Echo: From the first tab']);
  });

  it('forgets a thread that was deleted elsewhere', async () => {
    const environment = testEnvironment();
    const first = open().conversation(ECHO);
    const second = open({ environment }).conversation(ECHO);
    first.open();
    second.open();
    await first.send('Before');
    await shows(second, 'Echo: Before');
    await first.delete();
    await first.send('After');
    await shows(second, 'Echo: After');
    environment.play('visible');
    await waitFor(() => !texts(second).includes('Echo: Before'), 'the old thread gone');
    assert.deepEqual(texts(second), ['After', 'Echo: After']);
  });

  it('gives a handoff to the topic that was written in last', async () => {
    const client = open();
    const options = { handoffWorkflows: [BILLING] };
    const general = client.conversation(DESK, undefined, options);
    const topic = client.conversation(DESK, 'invoices', options);
    general.open();
    topic.open();
    await isLive(client);
    await topic.send('My bill, please');
    await waitFor(() => topic.activeWorkflow === BILLING, 'the handoff');
    await topic.send('Why so much?');
    await waitFor(() => topic.messages.at(-1)?.author === 'agent' && !topic.awaitingReply, 'an answer');
    const question = (await server.report()).stored.find((message) => message.text === 'Why so much?');
    assert.deepEqual([question?.workflowType, question?.scope], [BILLING, 'invoices']);
    assert.equal(general.activeWorkflow, DESK);
    assert.deepEqual(general.messages, []);
  });

  it('deletes what took over along with the rest', async () => {
    const client = open();
    const conversation = client.conversation(DESK, undefined, { handoffWorkflows: [BILLING] });
    conversation.open();
    await isLive(client);
    await conversation.send('My bill, please');
    await waitFor(() => conversation.activeWorkflow === BILLING, 'the handoff');
    await waitFor(() => conversation.messages.at(-1)?.workflowType === BILLING, 'a greeting');
    await conversation.delete();
    assert.equal(conversation.activeWorkflow, DESK);
    assert.deepEqual((await server.report()).stored, []);
  });

  it('Q15: refuses a request id that is none, and takes nothing back that may have left', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await assert.rejects(conversation.send({ text: 'x', requestId: '' }), { code: 'input' });
    await assert.rejects(conversation.send({ text: 'x', requestId: 7 as never }), { code: 'input' });
    await server.control({ fault: 'latency', ms: 100 });
    const { requestId } = await conversation.send('On its way');
    await waitFor(() => conversation.messages[0]?.delivery?.state === 'sending', 'sending');
    assert.equal(await conversation.discard(requestId), false);
    assert.deepEqual(texts(conversation), ['On its way']);
    await shows(conversation, 'Echo: On its way');
  });

  it('sends what was written, whatever becomes of the object it was written in', async () => {
    await server.control({ fault: 'down' });
    const client = open({ environment: testEnvironment(20) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    const data = { order: 1, items: ['a'] };
    await conversation.send({ text: 'My order', data });
    data.order = 2;
    data.items.push('b');
    await server.control({ fault: 'up' });
    await shows(conversation, 'Echo: My order');
    const stored = (await server.report()).stored.find((message) => message.text === 'My order');
    assert.deepEqual(stored?.data, { order: 1, items: ['a'] });
  });
});
