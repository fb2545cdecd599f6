import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forceCloseDatabase } from 'fake-indexeddb';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type { Outbox } from '../../src/queue/outbox.ts';
import { waitFor } from '../support/wait.ts';
import { ACCOUNT, FaultyStorage, message, openTab, OutboxTime, tab } from './storage.ts';

const texts = (outbox: Outbox) => outbox.list().map(({ message: { text } }) => text);
const hasCode = (code: string) => (error: unknown) => error instanceof RealtimeError && error.code === code;
/** What a later session finds. */
const stored = async (storage: FaultyStorage) => {
  const { outbox } = await openTab(storage);
  const found = texts(outbox);
  await outbox.close();
  return found;
};

describe('Outbox without storage', () => {
  it('keeps messages in memory and says so where there is none', async () => {
    const { outbox, told } = await openTab(undefined);
    assert.equal(outbox.persisted, false);
    const record = await outbox.enqueue(message('one'));
    assert.equal(record.persisted, false);
    await outbox.lead();
    assert.equal((await outbox.claim('one'))?.state, 'sending');
    await outbox.acknowledge('one');
    assert.deepEqual(told.errors, []);
    await outbox.purge();
    await outbox.close();
  });

  it('goes on in memory where it is denied, tells so once, and moves in when it is allowed', async () => {
    const storage = new FaultyStorage();
    storage.denied = true;
    const { outbox, told } = await openTab(storage);
    assert.equal(outbox.persisted, false);
    for (const text of ['one', 'two']) await outbox.enqueue(message(text));
    assert.equal(told.errors.length, 1);
    assert.equal(await outbox.lead(), true);
    assert.equal((await outbox.claim('one'))?.state, 'sending');
    storage.denied = false;
    await outbox.enqueue(message('three'));
    assert.equal(outbox.persisted, true);
    assert.deepEqual(
      outbox.list().map(({ id, state, persisted }) => [id, state, persisted]),
      [
        ['one', 'sending', true],
        ['two', 'queued', true],
        ['three', 'queued', true],
      ],
    );
    assert.deepEqual(await stored(storage), ['one', 'two', 'three']);
  });

  it('finds what was stored before, once it is allowed', async () => {
    const storage = new FaultyStorage();
    const before = await openTab(storage);
    await before.outbox.enqueue(message('old'));
    storage.denied = true;
    const { outbox } = await openTab(storage);
    storage.denied = false;
    await outbox.enqueue(message('new'));
    await outbox.refresh();
    assert.deepEqual(texts(outbox), ['old', 'new']);
  });

  it('does not wait long for a database that another page holds up, and uses it when it opens', async () => {
    const storage = new FaultyStorage();
    await (await openTab(storage)).outbox.enqueue(message('old'));
    storage.stuck = true;
    const time = new OutboxTime();
    const { outbox, told } = tab(storage, time);
    const opened = outbox.open(ACCOUNT);
    await waitFor(() => time.timers > 0, 'the attempt to open has a limit');
    time.pass(2_000);
    await opened;
    assert.equal(outbox.persisted, false);
    assert.equal(told.errors.length, 1);
    const record = await outbox.enqueue(message('new')); // at once: no timer passes here
    assert.equal(record.persisted, false);
    storage.release();
    await waitFor(() => outbox.persisted, 'the outbox moves in');
    assert.deepEqual(texts(outbox), ['old', 'new']);
    assert.deepEqual(await stored(storage), ['old', 'new']);
  });

  it('keeps in memory what finds no room, and stores it in order with the next write that succeeds', async () => {
    const storage = new FaultyStorage();
    const { outbox, told } = await openTab(storage);
    await outbox.enqueue(message('one'));
    storage.full = true;
    const two = await outbox.enqueue(message('two'));
    const three = await outbox.enqueue(message('three'));
    assert.deepEqual([two.persisted, three.persisted, outbox.persisted], [false, false, false]);
    assert.deepEqual(told.errors, ['The browser has no room left to keep messages.']);
    assert.deepEqual(await stored(storage), ['one']);
    storage.full = false;
    await outbox.acknowledge('one');
    await outbox.refresh();
    assert.equal(outbox.persisted, true);
    assert.deepEqual(texts(outbox), ['two', 'three']);
    assert.deepEqual(await stored(storage), ['two', 'three']);
  });

  it('stores a draft later that found no room', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('one'));
    storage.full = true;
    outbox.setPlace('support', { draft: 'typed' });
    await outbox.enqueue(message('two'));
    storage.full = false;
    await outbox.enqueue(message('three'));
    await outbox.close();
    assert.equal((await openTab(storage)).outbox.place('support').draft, 'typed');
  });
});

describe('Outbox while storage fails', () => {
  it('refuses a claim that cannot be recorded, and changes nothing', async () => {
    const storage = new FaultyStorage();
    const { outbox, told } = await openTab(storage);
    await outbox.enqueue(message('one'));
    await outbox.lead();
    storage.full = true;
    await assert.rejects(outbox.claim('one'), hasCode('storage'));
    assert.deepEqual([outbox.get('one')?.state, outbox.get('one')?.attempts], ['queued', 0]);
    assert.equal(outbox.persisted, false);
    storage.full = false;
    assert.equal((await outbox.claim('one'))?.attempts, 1);
    assert.equal(outbox.persisted, true);
    assert.deepEqual(told.errors, [], 'the caller heard of it');
  });

  it('remembers proof that it cannot record, and records it with the next change', async () => {
    const storage = new FaultyStorage();
    const { outbox, told } = await openTab(storage);
    await outbox.enqueue(message('one'));
    storage.full = true;
    await outbox.acknowledge('one');
    assert.equal(outbox.size, 0);
    assert.equal(told.errors.length, 1);
    storage.full = false;
    await outbox.refresh();
    assert.equal(outbox.size, 0, 'it does not come back');
    await outbox.enqueue(message('two'));
    assert.deepEqual(await stored(storage), ['two']);
  });

  it('opens the database anew after the browser closed it', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('one'));
    // With the event and without.
    forceCloseDatabase(storage.connections.at(-1) as never);
    await outbox.enqueue(message('two'));
    storage.connections.at(-1)?.close();
    await outbox.enqueue(message('three'));
    assert.equal(outbox.persisted, true);
    assert.deepEqual(await stored(storage), ['one', 'two', 'three']);
  });

  it('does not stand in the way of whoever deletes the database', async () => {
    const storage = new FaultyStorage();
    const { outbox, told } = await openTab(storage);
    await outbox.enqueue(message('one'));
    await new Promise((resolve, reject) => {
      const request = storage.real.deleteDatabase('xians-widgets');
      request.onsuccess = resolve;
      request.onblocked = reject;
    });
    await outbox.lead();
    assert.equal(await outbox.claim('one'), undefined);
    assert.deepEqual(told.changes, ['one queued', 'one missing elsewhere']);
    await outbox.enqueue(message('two'));
    assert.deepEqual(await stored(storage), ['two']);
  });

  it('takes back a transaction that does not end', async () => {
    const storage = new FaultyStorage();
    const time = new OutboxTime();
    const { outbox } = await openTab(storage, time);
    await outbox.enqueue(message('one'));
    // Another connection holds the rows: ours has to wait for it.
    const other = await new Promise<IDBDatabase>((resolve) => {
      const request = storage.real.open('xians-widgets');
      request.onsuccess = () => resolve(request.result);
    });
    const transaction = other.transaction('outbox', 'readwrite');
    let isHolding = true;
    const hold = () => {
      if (isHolding) transaction.objectStore('outbox').get('x').onsuccess = hold;
    };
    hold();
    const enqueued = outbox.enqueue(message('two'));
    await waitFor(() => time.timers === 1, 'the transaction has a limit');
    time.pass(10_000);
    assert.equal((await enqueued).persisted, false);
    isHolding = false;
    await outbox.enqueue(message('three'));
    assert.deepEqual(await stored(storage), ['one', 'two', 'three']);
  });

  it('holds up no other tab while its page is frozen, and writes once it goes on', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('one'));
    const frozen = new Promise<void>((resolve) => {
      storage.onRead = () => {
        storage.onRead = undefined;
        outbox.suspend();
        resolve();
      };
    });
    const enqueued = outbox.enqueue(message('two'));
    await frozen;
    const later = outbox.enqueue(message('three'));
    const other = await openTab(storage);
    await other.outbox.enqueue(message('elsewhere'));
    await other.outbox.refresh();
    assert.deepEqual(texts(other.outbox), ['one', 'elsewhere']);
    outbox.resume();
    assert.deepEqual([(await enqueued).persisted, (await later).persisted], [true, true]);
    assert.equal(outbox.persisted, true);
    assert.deepEqual(await stored(storage), ['one', 'elsewhere', 'two', 'three']);
  });

  it('drops no draft where memory is all there is, and says it to the other tabs once', async () => {
    const { outbox, told } = await openTab(undefined);
    outbox.setPlace('support', { draft: 'typed' });
    for (const text of ['one', 'two']) await outbox.enqueue(message(text));
    assert.equal(outbox.place('support').draft, 'typed');
    assert.equal(told.notes.filter((note) => (note as { kind: string }).kind === 'place').length, 1);
  });

  it('counts anew when its counters are damaged, and gives no place twice', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('one'));
    for (const damage of [null, 'x', { v: 1, seq: 'NaN' }]) {
      await storage.put(['m', ACCOUNT], damage);
      await outbox.enqueue(message(`after ${JSON.stringify(damage)}`));
    }
    assert.equal(new Set(outbox.list().map(({ seq }) => seq)).size, 4);
    const [meta] = (await storage.rows()).filter(({ key }) => key[0] === 'm');
    const { count, bytes } = meta?.value as { count: number; bytes: number };
    assert.deepEqual({ count, bytes }, { count: 4, bytes: outbox.status().bytes });
  });
});
