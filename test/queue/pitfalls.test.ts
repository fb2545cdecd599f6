import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { FencedError, type Outbox } from '../../src/queue/outbox.ts';
import { SEED } from '../support/seed.ts';
import { ACCOUNT, FaultyStorage, message, openTab, OTHER_ACCOUNT, OutboxTime, tab } from './storage.ts';

// The defects of the sample message queue that concern what is stored. The others are in pitfalls-dispatcher.test.ts.

const texts = (outbox: Outbox) => outbox.list().map(({ message: { text } }) => text);
const refusal = new RealtimeError('server', 'Refused.');
const ofKind = async (storage: FaultyStorage, kind: string) =>
  (await storage.rows()).filter(({ key }) => key[0] === kind);

describe('Pitfalls: what the queue stores', () => {
  it('Q1: an urgent message that comes while another is sent takes nobody’s place', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('first'));
    await outbox.lead();
    await outbox.claim('first');
    await outbox.enqueue({ ...message('urgent'), message: { text: 'urgent', priority: 'high' } });
    await outbox.acknowledge('first'); // what was sent goes, and nothing else
    assert.deepEqual(texts(outbox), ['urgent']);
    assert.deepEqual(texts((await openTab(storage)).outbox), ['urgent']);
  });

  it('Q4: a failure of storage while a message is given up leaves it, and those behind it, as they were', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    for (const text of ['one', 'two']) await outbox.enqueue(message(text));
    await outbox.lead();
    const before = await storage.rows();
    storage.full = true;
    await assert.rejects(outbox.bury('one', refusal), { code: 'storage' });
    assert.deepEqual(await storage.rows(), before);
    assert.deepEqual(texts(outbox), ['one', 'two']);
    storage.full = false;
    await outbox.bury('one', refusal);
    assert.equal((await outbox.claim('two'))?.state, 'sending', 'the queue goes on');
  });

  it('Q4: who takes over sending counts anew, also what left while storage failed', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    for (const text of ['one', 'two']) await outbox.enqueue(message(text));
    const [damaged] = await ofKind(storage, 'o');
    await outbox.enqueue(message('three'));
    storage.full = true;
    await outbox.acknowledge('two');
    storage.full = false;
    await storage.put(damaged?.key ?? [], null);
    await outbox.lead();
    await checkRows(storage);
    assert.deepEqual(
      (await ofKind(storage, 'o')).map(({ value }) => (value as { id: string }).id),
      ['three'],
    );
  });

  it('Q5: each change touches at most five keys, however many messages wait', async () => {
    /** Keys per transaction of one of each kind of change, with `depth` messages in the queue. */
    const costs = async (depth: number) => {
      const storage = new FaultyStorage();
      const { outbox } = await openTab(storage);
      await Promise.all(Array.from({ length: depth }, (_, index) => outbox.enqueue(message(`${index}`))));
      await outbox.enqueue(message('x', 'sales'));
      await outbox.lead();
      storage.transactions.length = 0;
      await outbox.enqueue(message('y'));
      await outbox.claim('x');
      await outbox.release('x', { state: 'queued' });
      await outbox.edit('x', 'z');
      await outbox.bury('x', refusal);
      await outbox.retry('x');
      await outbox.discard('x');
      await outbox.acknowledge('y');
      return storage.transactions.map(({ size }) => size);
    };
    const few = await costs(1);
    assert.equal(few.length, 8, 'one transaction each');
    assert.ok(Math.max(...few) <= 5, `keys: ${few.join(', ')}`);
    assert.deepEqual(await costs(900), few);
  });

  it('Q6: of two tabs that want to send the same message, one may', async () => {
    const storage = new FaultyStorage();
    const one = await openTab(storage);
    await one.outbox.enqueue(message('once'));
    const two = await openTab(storage);
    await one.outbox.lead();
    await two.outbox.lead();
    const claims = await Promise.allSettled([one.outbox.claim('once'), two.outbox.claim('once')]);
    assert.ok(claims[0].status === 'rejected' && claims[0].reason instanceof FencedError);
    assert.equal(claims[1].status === 'fulfilled' && claims[1].value?.state, 'sending');
  });

  it('Q7: tabs that write at the same time erase nothing of each other', async () => {
    const storage = new FaultyStorage();
    const tabs = await Promise.all([1, 2, 3].map(() => openTab(storage)));
    const written = Array.from({ length: 30 }, (_, index) => `${index}`);
    await Promise.all(
      tabs.flatMap(({ outbox }, index) =>
        written.filter((text) => Number(text) % 3 === index).map((text) => outbox.enqueue(message(text))),
      ),
    );
    await Promise.all(tabs.map(({ outbox }, index) => outbox.acknowledge(`${index}`)));
    const { outbox } = await openTab(storage);
    assert.deepEqual(texts(outbox).sort(), written.slice(3).sort());
    assert.equal(new Set(outbox.list().map(({ seq }) => seq)).size, 27);
  });

  it('Q8: another account sees nothing of the messages, and the sign-out removes them', async () => {
    const storage = new FaultyStorage();
    const ana = await openTab(storage);
    await ana.outbox.enqueue(message('private'));
    const bob = tab(storage);
    await bob.outbox.open(OTHER_ACCOUNT);
    assert.equal(bob.outbox.size, 0);
    await bob.outbox.lead();
    await bob.outbox.acknowledge('private');
    assert.equal(await bob.outbox.discard('private'), false);
    assert.equal((await ofKind(storage, 'o')).length, 1);
    await ana.outbox.purge();
    const owners = new Set((await storage.rows()).map(({ key }) => key[1]));
    assert.deepEqual(owners, new Set([OTHER_ACCOUNT]));
  });

  it('Q12: rows that are null or nonsense are passed over, and everything else works', async () => {
    const storage = new FaultyStorage();
    const before = await openTab(storage);
    for (const text of ['one', 'two']) await before.outbox.enqueue(message(text));
    const [row] = await ofKind(storage, 'o');
    const nonsense: unknown[] = [null, 7, 'text', [], {}, { v: 1 }, { ...(row?.value as object), seq: 'x' }];
    for (const [index, value] of nonsense.entries()) {
      await storage.put(['o', ACCOUNT, 'support', 1, 100 + index], value);
    }
    // A row that is sound, but not where it belongs.
    await storage.put(['o', ACCOUNT, 'support', 1, 200], row?.value);
    const { outbox, told } = await openTab(storage);
    assert.deepEqual(texts(outbox), ['one', 'two']);
    assert.equal(outbox.status().quarantined, 8);
    assert.deepEqual(told.errors, ['Stored messages are damaged and were set aside: 8.']);
    await outbox.enqueue(message('three'));
    await outbox.lead();
    assert.equal((await outbox.claim('one'))?.state, 'sending');
  });

  it('Q13: what is damaged is set aside with its content, what is of a later version stays untouched', async () => {
    const storage = new FaultyStorage();
    const before = await openTab(storage);
    await before.outbox.enqueue(message('one'));
    const [row] = await ofKind(storage, 'o');
    const damaged = { ...(row?.value as object), message: 'gone wrong' };
    const later = { ...(row?.value as object), v: 2, novelty: true };
    await storage.put(row?.key ?? [], damaged);
    await storage.put(['o', ACCOUNT, 'support', 1, 7], later);
    const { outbox } = await openTab(storage);
    assert.equal(outbox.size, 0);
    assert.equal(outbox.status().quarantined, 2);
    assert.deepEqual(
      (await ofKind(storage, 'q')).map(({ value }) => value),
      [{ key: row?.key, value: damaged }],
    );
    assert.deepEqual(
      (await ofKind(storage, 'o')).map(({ value }) => value),
      [later],
    );
    await outbox.enqueue(message('two'));
    await outbox.refresh();
    assert.deepEqual(texts(outbox), ['two']);
    assert.equal((await ofKind(storage, 'o')).length, 2);
  });

  it('Q14: a message is confirmed only once it is stored, and says so when it is not', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    const stored = await outbox.enqueue(message('stored'));
    assert.equal(stored.persisted, true);
    assert.equal(storage.committed, storage.transactions.length, 'it is there when the promise resolves');
    assert.equal((await ofKind(storage, 'o')).length, 1);
    storage.full = true;
    const kept = await outbox.enqueue(message('kept'));
    assert.equal(kept.persisted, false);
    assert.equal(outbox.status().persisted, false);
    assert.deepEqual(texts(outbox), ['stored', 'kept']);
  });

  it('Q15: a message keeps its id through retries, edits and reloads', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    const { id: _, ...entry } = message('one');
    const { id } = await outbox.enqueue(entry);
    await outbox.lead();
    await outbox.bury(id, refusal);
    await outbox.retryAll();
    await outbox.edit(id, 'two');
    await outbox.bury(id, refusal);
    const again = await openTab(storage);
    await again.outbox.retry(id);
    assert.deepEqual(
      again.outbox.list().map((record) => [record.id, record.message.text]),
      [[id, 'two']],
    );
  });

  it('Q16: wherever a move is cut off, the message is in exactly one place', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('one'));
    await outbox.lead();
    const moves = [() => outbox.bury('one', refusal), () => outbox.retry('one')];
    for (const move of moves) {
      const before = await storage.rows();
      storage.full = true;
      await assert.rejects(move(), { code: 'storage' });
      assert.deepEqual(await storage.rows(), before, 'all of it or nothing');
      storage.full = false;
      await move();
      const kept = (await storage.rows()).filter(({ key }) => key[0] === 'o' || key[0] === 'd');
      assert.equal(kept.length, 1);
    }
  });

  it('Q17: dead letters are bounded in number and age, and those dropped are counted and told', async () => {
    const storage = new FaultyStorage();
    const time = new OutboxTime();
    const limits = { deadLetters: 3, deadTtlMs: 1_000 };
    const { outbox, told } = await openTab(storage, time, { limits });
    await outbox.lead();
    for (const text of ['one', 'two', 'three', 'four', 'five']) {
      await outbox.enqueue(message(text));
      await outbox.bury(text, refusal);
      time.pass(1);
    }
    const dead = () => outbox.exportDeadLetters().map(({ id }) => id);
    assert.deepEqual(dead(), ['three', 'four', 'five']);
    assert.equal(outbox.status().dropped, 2);
    assert.deepEqual(told.errors, [
      'Messages that were given up are no longer kept: 1.',
      'Messages that were given up are no longer kept: 1.',
    ]);
    assert.equal((await ofKind(storage, 'd')).length, 3);
    time.pass(997);
    await outbox.expire();
    assert.deepEqual(dead(), ['four', 'five']);
    time.pass(1_000);
    const later = await openTab(storage, time, { limits });
    assert.equal(later.outbox.failed, 0, 'old ones go at the start too');
    assert.equal(later.outbox.status().dropped, 2);
  });

  it('Q4, Q16: whatever is done in whatever order, with failures between, rows, index and counters agree', async () => {
    const operation = fc.record({
      tab: fc.nat(1),
      id: fc.nat(5),
      what: fc.constantFrom(
        ...(['enqueue', 'claim', 'release', 'bury', 'retry', 'discard', 'edit', 'acknowledge'] as const),
        ...(['expire', 'refresh', 'place'] as const),
      ),
      full: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const storage = new FaultyStorage();
        const limits = { deadLetters: 2, messages: 4 };
        const tabs = [
          await openTab(storage, undefined, { limits }),
          await openTab(storage, undefined, { limits }),
        ];
        const accepted = new Set<string>();
        const over = new Set<string>();
        for (const { outbox } of tabs) {
          outbox.on('change', ({ record, event }) => {
            if (event === 'sent' || event === 'discarded') over.add(record.id);
          });
        }
        for (const [index, { tab: at, id: number, what, full }] of operations.entries()) {
          const outbox = tabs[at]?.outbox;
          assert.ok(outbox);
          const id = `m${number}`;
          storage.full = full;
          try {
            if (what === 'enqueue') accepted.add((await outbox.enqueue(message(id, `c${number % 2}`))).id);
            else if (what === 'claim') await outbox.lead().then(() => outbox.claim(id));
            else if (what === 'release') await outbox.release(id, { state: 'queued', losses: index });
            else if (what === 'bury') await outbox.bury(id, refusal);
            else if (what === 'edit') await outbox.edit(id, `${id} edited ${index}`);
            else if (what === 'expire' || what === 'refresh') await outbox[what]();
            else if (what === 'place') outbox.setPlace('c0', { draft: id, readThrough: index });
            else await outbox[what](id);
            if (what === 'acknowledge') over.add(id); // also by a tab that had never heard of it
          } catch (error) {
            assert.ok(error instanceof RealtimeError, String(error));
          }
        }
        storage.full = false;
        await checkRows(storage); // before anything is read anew, which would mend it
        for (const [index, { outbox }] of tabs.entries()) {
          await outbox.enqueue(message(`last ${index}`)).catch((error: unknown) => {
            assert.ok(error instanceof RealtimeError && error.code === 'queue-full', String(error));
          });
          await outbox.refresh();
          await outbox.refresh();
          assert.equal(outbox.status().quarantined, 0);
        }
        await checkRows(storage);
        // Accepted means: still held by a tab or in the database, or left for a reason that was told.
        const { outbox: later } = await openTab(storage);
        for (const id of accepted) {
          const isHeld = later.get(id) ?? tabs.some(({ outbox }) => outbox.get(id));
          assert.ok(isHeld || over.has(id), `${id} was lost`);
        }
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
});

/** Rows, index and counters tell the same story. */
async function checkRows(storage: FaultyStorage): Promise<void> {
  const rows = await storage.rows();
  const records = rows.filter(({ key }) => key[0] === 'o' || key[0] === 'd');
  const index = rows.filter(({ key }) => key[0] === 'i').map(({ key, value }) => [key[2], value]);
  const homes = records.map(({ key, value }) => [(value as { id: string }).id, key]);
  const byId = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
  assert.deepEqual(index.sort(byId), homes.sort(byId));
  const meta = rows.find(({ key }) => key[0] === 'm')?.value as Record<string, number> | undefined;
  const waiting = records.filter(({ key }) => key[0] === 'o').map(({ value }) => value as { bytes: number });
  if (records.length === 0 && !meta) return;
  assert.equal(meta?.['count'], waiting.length);
  assert.equal(meta?.['dead'], records.length - waiting.length);
  assert.equal(
    meta?.['bytes'],
    waiting.reduce((sum, { bytes }) => sum + bytes, 0),
  );
}
