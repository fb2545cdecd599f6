import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import { Topics } from '../../src/client/topics.ts';
import type { TopicInfo, TopicList } from '../../src/client/types.ts';
import type { Place } from '../../src/queue/outbox.ts';
import { startServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, shows, testEnvironment } from './support.ts';

const JANE = 'jane@example.com';

/** A server, and clients of one browser that come one after the other. */
async function browsing(t: TestContext) {
  const server = await startServer({ agentDelayMs: 5 });
  const indexedDB = new IDBFactory();
  const open = () => {
    const base = testEnvironment(20);
    const environment = Object.create(base, { indexedDB: { value: indexedDB } }) as typeof base;
    const client = clientOf(server, { environment });
    t.after(() => client.dispose());
    return client;
  };
  t.after(() => server.stop());
  const publish = (text: string, scope?: string, parts: Record<string, unknown> = {}) =>
    server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text, scope, ...parts });
  return { server, open, publish };
}

const named = (list: TopicList, topic: string | undefined): Promise<TopicInfo> =>
  waitFor(() => list.topics.find((one) => one.topic === topic), `topic ${topic}`);
const counts = (list: TopicList, topic: string | undefined, unread: number) =>
  waitFor(
    () => list.topics.find((one) => one.topic === topic)?.unread === unread,
    `${unread} unread in ${topic}`,
  );

describe('the topics of a workflow', () => {
  it('grow with what is written and with what comes by, newest first', async (t) => {
    const { open, publish } = await browsing(t);
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    const list = await client.topics(ECHO);
    assert.deepEqual(list.topics, []);
    await conversation.send('Hello there');
    await shows(conversation, 'Echo: Hello there');
    assert.equal((await named(list, undefined)).text, 'Echo: Hello there');
    await publish('Your  invoice\nis ready', 'billing');
    const billing = await named(list, 'billing');
    assert.deepEqual(
      [billing.text, billing.isOwn, billing.unread, billing.name],
      ['Your invoice is ready', false, 1, undefined],
    );
    assert.deepEqual(
      list.topics.map(({ topic }) => topic),
      ['billing', undefined],
    );
    assert.equal(await client.topics('acme:Echo Agent:Echo Flow'), list);
    const data = { type: 'approval', title: 'Refund € 89.00?' };
    await publish('', 'billing', { type: 'Data', data });
    await waitFor(
      async () => (await named(list, 'billing')).text === data.title,
      'a message without a text is told by what it is called',
    );
  });

  it('count what nobody has read, until their conversation is read', async (t) => {
    const { open, publish } = await browsing(t);
    const client = open();
    client.conversation(ECHO).open();
    await isLive(client);
    const list = await client.topics(ECHO);
    await publish('One', 'billing');
    await publish('A thought', 'billing', { type: 'Reasoning' });
    await publish('Two', 'billing');
    await counts(list, 'billing', 2);
    const billing = client.conversation(ECHO, 'billing');
    billing.open();
    await shows(billing, 'Two');
    await publish('Three', 'billing');
    await waitFor(() => billing.unread > 0, 'unread');
    billing.markRead();
    await counts(list, 'billing', 0);
    await publish('Four', 'billing');
    await counts(list, 'billing', 1);
  });

  it('can be added and renamed, and are there again at the next visit with what is being written', async (t) => {
    const { open, publish } = await browsing(t);
    const first = open();
    first.conversation(ECHO).open();
    await isLive(first);
    const before = await first.topics(ECHO);
    await publish('Paid', 'billing');
    await named(before, 'billing');
    assert.equal(before.add('  Holidays '), 'Holidays');
    assert.throws(() => before.add(' '), { code: 'input' });
    before.rename('billing', '  Money\nmatters ');
    first.conversation(ECHO, 'Holidays').setDraft('Where shall');
    assert.equal((await named(before, 'Holidays')).draft, 'Where shall');
    await first.dispose();

    const second = open();
    second.conversation(ECHO).open();
    const after = await second.topics(ECHO);
    const { name, text, unread } = await named(after, 'billing');
    assert.deepEqual([name, text, unread], ['Money matters', 'Paid', 1]);
    assert.equal((await named(after, 'Holidays')).draft, 'Where shall');
    after.rename('billing', '');
    assert.equal((await named(after, 'billing')).name, undefined);
  });

  it('are forgotten with the participant, and with the conversation', async (t) => {
    const { open, publish } = await browsing(t);
    const client = open();
    const [main, billing] = [client.conversation(ECHO), client.conversation(ECHO, 'billing')];
    main.open();
    billing.open();
    await isLive(client);
    const list = await client.topics(ECHO);
    await publish('Paid', 'billing');
    await shows(billing, 'Paid');
    await named(list, 'billing');
    let changes = 0;
    list.on('change', () => changes++);
    await main.delete();
    assert.deepEqual(list.topics, []);
    assert.deepEqual(billing.messages, []);
    assert.ok(changes > 0);
    await publish('Again', 'billing');
    await named(list, 'billing');
    await client.logout();
    assert.deepEqual(list.topics, []);
  });

  it('are 200 at most, and survive whatever is stored in their place', () => {
    const places = new Map<string, Place>();
    const none: Place = { draft: '', readThrough: 0 };
    const place = (key: string) => places.get(key) ?? none;
    const topics = new Topics(
      {
        place,
        setPlace: (key, change) => places.set(key, { ...place(key), ...change }),
        now: () => places.size,
        onError: assert.ifError,
      },
      [],
    );
    const list = topics.list('acme:A:B');
    for (let i = 0; i < 210; i++) list.add(`topic ${i}`);
    assert.equal(list.topics.length, 200);
    const [[key, { draft }]] = [...places] as [[string, Place]];
    for (const stored of ['{', '7', 'null', '[null, 1, {"topic":5}]', draft.slice(0, 90)]) {
      places.set(key, { ...none, draft: stored });
      topics.refresh();
      assert.deepEqual(list.topics, [], stored);
    }
    list.add('again');
    assert.equal(list.topics.length, 1);
  });
});
