import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { HybridClient } from '../../src/client/types.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { OutgoingMessage } from '../../src/protocol/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, isLive, shows, testEnvironment } from './support.ts';

const SUPPORT = 'Support Agent:Chat Flow';

describe('a message with files', () => {
  let server: TestServer;
  let client: HybridClient;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
    client = clientOf(server);
  });
  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  const fileOf = (content: string): OutgoingMessage => ({
    type: 'File',
    data: { files: [{ content, fileName: 'a “b”.txt', contentType: 'text/plain', fileSize: 12 }] },
  });

  it('arrives when it has exactly the length that there is room for, and is refused with one byte more', async () => {
    const conversation = client.conversation(SUPPORT, 'files');
    conversation.open();
    await isLive(client);
    const room = conversation.room(fileOf(''));
    assert.ok(room > 32_000 && room < 32_768, String(room));
    const full = fileOf('A'.repeat(room));
    assert.equal(conversation.room(full), 0);
    const { requestId } = await conversation.send(full);
    await shows(conversation, 'Thank you, I have received **a “b”.txt**. What should I look for in it?');
    const { stored } = await server.report();
    assert.deepEqual(stored.find((message) => message.requestId === requestId)?.data, full.data);

    const more = fileOf('A'.repeat(room + 1));
    assert.equal(conversation.room(more), -1);
    await assert.rejects(
      conversation.send(more),
      (error) => error instanceof RealtimeError && error.code === 'too-large',
    );
    assert.equal(client.state, 'live');
  });

  it('counts what JSON makes of a text', () => {
    const conversation = client.conversation(SUPPORT);
    const room = conversation.room({ text: 'x' });
    assert.equal(conversation.room({ text: 'x\n' }), room - 2);
    assert.equal(conversation.room({ text: 'xé' }), room - 2);
    assert.equal(conversation.room({ text: 'x"' }), room - 2);
  });

  it('waits while there is no live connection to carry it, and leaves with the next one', async () => {
    await server.control({ fault: 'block-websockets', on: true });
    const slow = clientOf(server, { environment: testEnvironment(20) });
    try {
      const conversation = slow.conversation(SUPPORT);
      conversation.open();
      const { requestId } = await conversation.send(fileOf('QUJD'));
      await conversation.send('A text that could go over REST, but keeps its place');
      await waitFor(() => slow.status.channel === 'sse', 'the slower channel');
      assert.deepEqual(
        slow.outbox.list().map(({ state }) => state),
        ['queued', 'queued'],
      );
      await server.control({ fault: 'block-websockets', on: false });
      await waitFor(() => slow.outbox.list().length === 0, 'it has left', 20_000);
      const { stored } = await server.report();
      const incoming = stored.filter(({ direction }) => direction === 'Incoming');
      assert.deepEqual(
        incoming.map(({ messageType }) => messageType),
        ['File', 'Chat'],
      );
      assert.equal(incoming[0]?.requestId, requestId);
    } finally {
      await slow.dispose();
    }
  });
});
