import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { OutboxNote } from '../../src/queue/outbox.ts';
import { waitFor } from '../support/wait.ts';
import { connect, FaultyStorage, message, openTab, OutboxTime } from './storage.ts';

const states = ({ outbox }: Awaited<ReturnType<typeof openTab>>) =>
  outbox.list().map(({ id, state, persisted }) => [id, state, persisted]);

describe('Outbox in several tabs', () => {
  it('shows in every tab what any of them does', async () => {
    const storage = new FaultyStorage();
    const one = await openTab(storage);
    const two = await openTab(storage);
    connect(one, two);
    await one.outbox.enqueue(message('a'));
    await two.outbox.enqueue(message('b'));
    await two.outbox.lead();
    await two.outbox.claim('a');
    assert.deepEqual(states(one), [
      ['a', 'sending', true],
      ['b', 'queued', true],
    ]);
    await two.outbox.bury('a', new RealtimeError('server', 'Refused.'));
    await one.outbox.discard('a');
    await two.outbox.acknowledge('b');
    assert.deepEqual([states(one), states(two)], [[], []]);
    assert.deepEqual(one.told.changes, [
      'a queued',
      'b queued elsewhere',
      'a changed elsewhere',
      'a failed elsewhere',
      'a discarded',
      'b sent elsewhere',
    ]);
    one.outbox.setPlace('support', { draft: 'Hel', readThrough: 3 });
    await one.outbox.close();
    assert.deepEqual(two.outbox.place('support'), { draft: 'Hel', readThrough: 3 });
  });

  it('is not fooled by late news', async () => {
    const storage = new FaultyStorage();
    const writer = await openTab(storage);
    const sender = await openTab(storage);
    await writer.outbox.enqueue(message('a'));
    const late = writer.told.notes[0];
    await sender.outbox.lead();
    await sender.outbox.claim('a');
    sender.outbox.receiveNote(late);
    assert.deepEqual(states(sender), [['a', 'sending', true]]);
    await sender.outbox.acknowledge('a');
    sender.outbox.receiveNote(late);
    assert.deepEqual(states(sender), []);
    // The tab that does not know yet is told.
    assert.deepEqual(sender.told.notes.at(-1), { kind: 'gone', event: 'sent', id: 'a' });
  });

  it('finds out by itself what it was not told', async () => {
    const storage = new FaultyStorage();
    const one = await openTab(storage);
    const two = await openTab(storage);
    for (const text of ['a', 'b', 'c']) await one.outbox.enqueue(message(text));
    await two.outbox.refresh();
    await one.outbox.acknowledge('a');
    await one.outbox.lead();
    await one.outbox.claim('b');
    one.outbox.setPlace('support', { draft: 'x' });
    await one.outbox.enqueue(message('d'));
    await two.outbox.refresh();
    assert.deepEqual(two.told.changes.slice(3), [
      'a missing elsewhere',
      'b changed elsewhere',
      'd queued elsewhere',
    ]);
    assert.deepEqual(two.outbox.list(), one.outbox.list());
    assert.equal(two.outbox.place('support').draft, 'x');
  });

  it('acts on the state in the database, not on what it believes', async () => {
    const storage = new FaultyStorage();
    const one = await openTab(storage);
    const two = await openTab(storage);
    await one.outbox.enqueue(message('a'));
    await two.outbox.refresh();
    await one.outbox.lead();
    await one.outbox.claim('a');
    assert.equal(await two.outbox.discard('a'), false);
    assert.equal(await two.outbox.edit('a', 'b'), false);
    assert.deepEqual(states(two), [['a', 'sending', true]], 'and learns of it');
  });

  it('hands on to the sender what it cannot store itself', async () => {
    const storage = new FaultyStorage();
    storage.denied = true;
    const writer = await openTab(storage);
    storage.denied = false;
    const sender = await openTab(storage);
    await sender.outbox.lead();
    storage.denied = true;
    connect(writer, sender);
    await writer.outbox.enqueue(message('a'));
    storage.denied = false;
    await sender.outbox.refresh();
    await waitFor(() => writer.outbox.get('a')?.persisted, 'the sender stores it');
    assert.deepEqual(states(sender), [['a', 'queued', true]]);
    assert.deepEqual(states(writer), [['a', 'queued', true]]);
    await sender.outbox.claim('a');
    await sender.outbox.acknowledge('a');
    assert.deepEqual([states(writer), states(sender)], [[], []]);
  });

  it('offers a new sender what only it has, to be looked up where a former one may have sent it', async () => {
    const writer = await openTab(undefined);
    await writer.outbox.enqueue(message('a'));
    const offered = () =>
      writer.outbox
        .unpersisted()
        .map((note: OutboxNote) => (note as { record: { state: string } }).record.state);
    assert.deepEqual(offered(), ['queued']);
    const former = await openTab(undefined);
    await former.outbox.lead();
    for (const note of writer.outbox.unpersisted()) former.outbox.receiveNote(note);
    assert.equal((await former.outbox.claim('a'))?.state, 'sending');
    await former.outbox.enqueue(message('b'));
    // The former sender dies after it said something else: whether "a" was sent, nobody knows.
    writer.outbox.receiveNote(former.told.notes.at(-1));
    assert.deepEqual(offered(), ['uncertain', 'uncertain']);
    await writer.outbox.lead();
    assert.equal(writer.outbox.get('a')?.state, 'uncertain');
  });

  it('stores only once what several tabs hold', async () => {
    const storage = new FaultyStorage();
    storage.denied = true;
    const one = await openTab(storage);
    const two = await openTab(storage);
    connect(one, two);
    await one.outbox.enqueue(message('a'));
    assert.equal(two.outbox.size, 1);
    storage.denied = false;
    await one.outbox.enqueue(message('b'));
    await two.outbox.enqueue(message('c'));
    const third = await openTab(storage);
    assert.deepEqual(
      third.outbox.list().map(({ id }) => id),
      ['a', 'b', 'c'],
    );
  });

  it('does not take for unsent what it has begun to send, because another tab stored it as it was', async () => {
    const storage = new FaultyStorage();
    storage.denied = true;
    const writer = await openTab(storage);
    const sender = await openTab(storage);
    await sender.outbox.lead();
    await writer.outbox.enqueue(message('a'));
    sender.outbox.receiveNote(writer.told.notes[0]);
    await sender.outbox.claim('a');
    storage.denied = false;
    await writer.outbox.enqueue(message('b')); // stores "a" too
    await sender.outbox.refresh();
    await sender.outbox.enqueue(message('c'));
    assert.equal(sender.outbox.get('a')?.state, 'sending');
    const later = await openTab(storage);
    assert.equal(later.outbox.get('a')?.state, 'sending');
    assert.equal(later.outbox.size, 3);
  });

  it('ignores what is no note', async () => {
    const { outbox, told } = await openTab(new FaultyStorage());
    await outbox.enqueue(message('a'));
    const [note] = told.notes as { record: object }[];
    const nonsense = [
      null,
      'purged',
      {},
      { kind: 'record' },
      { kind: 'record', event: 'queued', record: { ...note?.record, id: 'b', bytes: '1' } },
      { kind: 'record', event: 'queued', record: { ...note?.record, id: 'b', message: { text: 1 } } },
      { kind: 'gone', event: 'sent' },
      { kind: 'gone', event: 'lost', id: 'a' },
      { kind: 'place', conversation: 'support', place: { draft: 1, readThrough: 1 } },
      { kind: 'place', conversation: 'support', place: { draft: '', readThrough: Number.NaN } },
    ];
    const before = told.changes.length;
    for (const raw of nonsense) outbox.receiveNote(raw);
    assert.equal(told.changes.length, before);
    assert.equal(outbox.size, 1);
  });

  it('sends notes that survive the channel', async () => {
    const { outbox, told } = await openTab(new FaultyStorage(), new OutboxTime());
    await outbox.enqueue(message('a'));
    await outbox.lead();
    await outbox.bury('a', new RealtimeError('server', 'Refused.', { cause: () => 'not cloneable' }));
    await outbox.discard('a');
    await outbox.purge();
    assert.deepEqual(
      told.notes.map((note) => (note as OutboxNote).kind),
      ['record', 'record', 'gone', 'purged'],
    );
  });

  it('begins no attempt out of turn, although it has not heard of the message before', async () => {
    const storage = new FaultyStorage();
    const sender = await openTab(storage);
    const deaf = await openTab(storage);
    await sender.outbox.lead();
    await deaf.outbox.enqueue(message('first'));
    await sender.outbox.enqueue(message('second'));
    assert.deepEqual(
      sender.outbox.heads().map(({ id }) => id),
      ['second'],
    );
    assert.equal(await sender.outbox.claim('second'), undefined);
    await waitFor(() => sender.outbox.heads()[0]?.id === 'first', 'the message of the other tab');
    assert.equal((await sender.outbox.claim('first'))?.state, 'sending');
    await sender.outbox.acknowledge('first');
    assert.equal((await sender.outbox.claim('second'))?.state, 'sending');
  });

  it('leaves nothing in storage of a message that was being written while another tab signed out', async () => {
    const storage = new FaultyStorage();
    const one = await openTab(storage);
    const two = await openTab(storage);
    await one.outbox.enqueue(message('before'));
    await one.outbox.purge();
    storage.onRead = () => {
      storage.onRead = undefined;
      two.outbox.forget();
    };
    two.outbox.setPlace('support', { draft: 'A secret' });
    await assert.rejects(two.outbox.enqueue(message('too late')), { code: 'closed' });
    await two.outbox.close();
    assert.deepEqual(await storage.rows(), []);
  });
});
