import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import type { Environment } from '../../src/client/environment.ts';
import type { HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import { startServer } from '../support/node-server.ts';
import { type Tab, TabWorld } from '../support/tabs.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, shows, testEnvironment, type TestEnvironment, texts } from './support.ts';

/** A server, and a browser whose tabs share storage, locks and channels. */
async function browsing(t: TestContext, serverOptions = {}) {
  const server = await startServer(serverOptions);
  const world = new TabWorld();
  const indexedDB = new IDBFactory();
  const clients: HybridClient[] = [];
  t.after(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await server.stop();
  });
  const open = (options: Partial<HybridClientOptions> = {}) => {
    const tab = world.open();
    const base = testEnvironment(4);
    const own: Partial<Environment> = {
      indexedDB,
      locks: tab.locks,
      BroadcastChannel: tab.BroadcastChannel,
      setTimer: tab.timers(base.setTimer),
    };
    const environment = Object.create(base, Object.getOwnPropertyDescriptors(own)) as TestEnvironment;
    const client = clientOf(server, { environment, ...options });
    clients.push(client);
    return { tab, client, environment, conversation: client.conversation(ECHO) };
  };
  /** Two tabs that show the same conversation; the first has the connection. */
  const openTwo = async () => {
    const first = open();
    first.conversation.open();
    await isLive(first.client);
    const second = open();
    second.conversation.open();
    await isLive(second.client);
    return [first, second] as const;
  };
  const kill = ({ tab, client }: { tab: Tab; client: HybridClient }) => {
    tab.kill();
    void client.dispose();
  };
  /** Texts of the visitor that the server has, in its order. */
  const stored = async () => {
    const { stored: all } = await server.report();
    return all.filter(({ direction }) => direction === 'Incoming').map(({ text }) => text);
  };
  return { server, open, openTwo, kill, stored };
}

describe('the tabs of one account', () => {
  it('share one connection, and each shows what any of them writes', async (t) => {
    const { server, openTwo } = await browsing(t);
    const [first, second] = await openTwo();
    assert.equal((await server.report()).connections.hub, 1);

    await second.conversation.send('From the second');
    await shows(first.conversation, 'From the second');
    await waitFor(() => second.conversation.messages.length === 2, 'the reply in the tab that asked');
    await waitFor(() => first.conversation.messages.length === 2, 'the reply in the other tab');
    await first.conversation.send('From the first');
    await waitFor(() => second.conversation.messages.length === 4, 'everything in the second tab');
    await waitFor(() => first.conversation.messages.length === 4, 'everything in the first tab');
    assert.deepEqual(texts(first.conversation), texts(second.conversation));
  });

  it('go on when the tab that has the connection is gone, from one moment to the next', async (t) => {
    const { server, openTwo, kill, stored } = await browsing(t);
    const [first, second] = await openTwo();
    kill(first);
    await second.conversation.send('Still here');
    await shows(second.conversation, 'Still here');
    await waitFor(async () => (await stored()).includes('Still here'), 'the message at the server');
    await isLive(second.client);
    assert.equal((await server.report()).connections.hub, 1);
    assert.deepEqual(await stored(), ['Still here']);
  });

  it('overtake a tab that is frozen, which changes nothing when it wakes', async (t) => {
    const { openTwo, stored } = await browsing(t);
    const [first, second] = await openTwo();
    first.tab.freeze();
    await second.conversation.send('Sent by the other');
    await waitFor(async () => (await stored()).includes('Sent by the other'), 'the message at the server');
    first.tab.thaw();
    await isLive(first.client);
    await first.conversation.send('And again by either');
    await waitFor(async () => (await stored()).includes('And again by either'), 'the second message');
    assert.deepEqual(await stored(), ['Sent by the other', 'And again by either']);
    await shows(first.conversation, 'Sent by the other');
  });

  it('keep what waits over a reload, and send it in order, once', async (t) => {
    const { server, open, kill, stored } = await browsing(t);
    await server.control({ fault: 'down' });
    const before = open();
    before.conversation.open();
    const receipts = await Promise.all(['one', 'two', 'three'].map((text) => before.conversation.send(text)));
    assert.ok(receipts.every(({ persisted }) => persisted));
    before.conversation.setDraft('half a sentence');
    await waitFor(() => before.client.outbox.status().waiting === 3, 'three messages in the queue');
    await before.client.dispose();
    kill(before);

    const after = open();
    after.conversation.open();
    await waitFor(() => texts(after.conversation).length === 3, 'the messages after the reload');
    assert.deepEqual(texts(after.conversation), ['one', 'two', 'three']);
    assert.equal(after.conversation.draft, 'half a sentence');
    assert.equal(after.client.status.persisted, true);
    await server.control({ fault: 'up' });
    after.client.retryNow();
    await waitFor(async () => (await stored()).length === 3, 'three messages at the server');
    await waitFor(() => after.client.status.pending === 0, 'an empty queue');
    assert.deepEqual(await stored(), ['one', 'two', 'three']);
  });

  it('sign out together, and nothing of the participant stays', async (t) => {
    const { openTwo } = await browsing(t);
    const [first, second] = await openTwo();
    await first.conversation.send('A secret');
    await waitFor(() => second.conversation.messages.length === 2, 'the conversation in the other tab');
    second.conversation.setDraft('More of it');
    await first.client.logout();
    await waitFor(() => second.conversation.messages.length === 0, 'an empty view in the other tab');
    assert.equal(second.conversation.draft, '');
    await waitFor(() => second.client.state === 'idle', 'the other tab without a connection');
  });

  it('stay signed out while the queue of the participant is emptied', async (t) => {
    const { server, open } = await browsing(t);
    await server.control({ fault: 'refuse', what: ['hub', 'send'], status: 403 });
    const first = open();
    first.conversation.open();
    await first.conversation.send('Cannot be sent');
    const second = open();
    second.conversation.open();
    await waitFor(() => second.conversation.messages.length === 1, 'the message in both tabs');
    const states: string[] = [];
    await first.client.logout();
    first.client.on('state', ({ status }) => states.push(status.state));
    await waitFor(() => second.client.state === 'idle', 'the other tab without a connection');
    assert.equal(first.client.state, 'idle');
    assert.deepEqual(states, []);
    assert.deepEqual(first.client.outbox.list(), []);
  });

  it('forget what an earlier visit left, although the page never asked for it', async (t) => {
    const { server, open, kill } = await browsing(t);
    await server.control({ fault: 'down' });
    const before = open();
    before.conversation.open();
    await before.conversation.send('Left behind');
    await before.client.dispose();
    kill(before);
    await open().client.logout();
    const after = open();
    after.conversation.open();
    await waitFor(() => after.client.state !== 'connecting', 'an attempt to connect');
    assert.deepEqual(texts(after.conversation), []);
  });

  it('leave storage to each other while they are frozen', async (t) => {
    const { openTwo, stored } = await browsing(t);
    const [first, second] = await openTwo();
    await first.conversation.send('Before');
    await waitFor(() => first.client.status.pending === 0, 'an empty queue');
    const sending = first.conversation.send('Written as it froze');
    first.environment.play('frozen');
    first.tab.freeze();
    const { persisted } = await second.conversation.send('From the one that runs');
    assert.equal(persisted, true);
    await waitFor(
      async () => (await stored()).includes('From the one that runs'),
      'the message of the other tab',
    );
    first.tab.thaw();
    first.environment.play('resumed');
    assert.equal((await sending).persisted, true);
    await waitFor(async () => (await stored()).length === 3, 'all three messages at the server');
    await isLive(first.client);
  });

  it('count together what nobody has seen', async (t) => {
    const { server, openTwo } = await browsing(t);
    const [first, second] = await openTwo();
    const counts: number[] = [];
    second.client.on('unread', (unread) => counts.push(unread));
    const participantId = 'jane@example.com';
    await server.control({ fault: 'publish', workflow: ECHO, participantId, text: 'News' });
    await waitFor(
      () => first.conversation.unread === 1 && second.conversation.unread === 1,
      'one unread message',
    );
    first.conversation.markRead();
    await waitFor(() => second.conversation.unread === 0, 'none in the other tab, either');
    assert.deepEqual(counts, [1, 0]);
  });

  it('keep what failed at its place over a reload, and take no empty text for it', async (t) => {
    const { server, open, kill } = await browsing(t);
    const before = open();
    before.conversation.open();
    await isLive(before.client);
    await server.control({ fault: 'hub-error', message: 'MessageType is required', count: 2 });
    const failing = [await before.conversation.send('A'), await before.conversation.send('B')];
    await waitFor(() => before.client.status.failed === 2, 'two failed messages');
    await server.control({ fault: 'down' });
    await before.conversation.send('one');
    await before.conversation.send('two');
    const id = failing[0]!.requestId;
    for (const text of ['', '  ', 5 as never]) {
      await assert.rejects(before.conversation.edit(id, text), { code: 'input' });
    }
    await before.client.dispose();
    kill(before);
    const after = open();
    after.conversation.open();
    await waitFor(() => texts(after.conversation).length === 4, 'four messages');
    assert.deepEqual(texts(after.conversation), ['A', 'B', 'one', 'two']);
  });
});
