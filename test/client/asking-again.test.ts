import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { HybridClient } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, shows, testEnvironment, texts } from './support.ts';

describe('a conversation whose reply does not come', () => {
  let server: TestServer;
  let client: HybridClient;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
    client = clientOf(server, { environment: testEnvironment(20) });
  });
  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  const opened = async () => {
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    return conversation;
  };
  const written = (text: string) =>
    server.report().then(({ stored }) => stored.filter((message) => message.text === text));

  it('stops waiting when told to, and shows a late reply all the same', async () => {
    await server.control({ fault: 'agents', on: false });
    const conversation = await opened();
    const first = await conversation.send('Is anybody there?');
    await waitFor(() => conversation.awaitingReply, 'waiting');
    conversation.stopWaiting();
    assert.equal(conversation.awaitingReply, undefined);
    await server.control({ fault: 'suspend-broadcasts', on: true });
    await server.control({
      fault: 'publish',
      workflow: ECHO,
      participantId: 'jane@example.com',
      requestId: first.requestId,
      text: 'Sorry, here I am',
    });
    await shows(conversation, 'Sorry, here I am');
    assert.equal(
      conversation.messages.find(({ text }) => text === 'Is anybody there?')?.delivery?.state,
      'answered',
    );
    assert.equal(conversation.awaitingReply, undefined);
  });

  it('waits again for what is asked after that', async () => {
    const conversation = await opened();
    conversation.stopWaiting();
    await conversation.send('One');
    await shows(conversation, 'Echo: One');
    await server.control({ fault: 'agents', on: false });
    const { requestId } = await conversation.send('Two');
    await waitFor(() => conversation.awaitingReply?.requestId === requestId, 'waiting');
  });

  it('asks again with another request id what the server stored without telling its agent', async () => {
    await server.control({ fault: 'agents', on: false });
    const conversation = await opened();
    const { requestId } = await conversation.send('Where is my order?');
    await waitFor(() => conversation.messages[0]?.delivery?.state === 'sent', 'sent');
    await server.control({ fault: 'agents', on: true });
    const again = await conversation.askAgain(requestId);
    assert.notEqual(again.requestId, requestId);
    await shows(conversation, 'Echo: Where is my order?');
    assert.deepEqual(texts(conversation), [
      'Where is my order?',
      'Where is my order?',
      'Echo: Where is my order?',
    ]);
    assert.equal((await written('Where is my order?')).length, 2);
  });

  it('refuses to ask again what is not known, not sent yet, or was never said by the visitor', async () => {
    const conversation = await opened();
    await conversation.send('Hello');
    await shows(conversation, 'Echo: Hello');
    const failing = { code: 'input' };
    await assert.rejects(conversation.askAgain('nothing'), failing);
    await server.control({ fault: 'hub-error', message: 'MessageType is required', count: 1 });
    const { requestId } = await conversation.send('Refused');
    await waitFor(
      () => conversation.messages.find(({ text }) => text === 'Refused')?.delivery?.state === 'failed',
      'failed',
    );
    await assert.rejects(conversation.askAgain(requestId), failing);
    assert.equal((await written('Refused')).length, 0);
  });
});
