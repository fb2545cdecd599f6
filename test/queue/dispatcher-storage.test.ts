import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualTime } from '../transports/manual-time.ts';
import { ambiguous, deferred, dispatching, lost, type Dispatching, type Outcome } from './dispatching.ts';
import { ACCOUNT, FaultyStorage, openTab } from './storage.ts';

/** Pages of one browser, which share its clock and its database. */
function browser({ leaseMs }: { leaseMs?: number } = {}) {
  const storage = new FaultyStorage();
  const time = new ManualTime();
  const page = async (outcomes: Outcome[] = [], given: Dispatching = {}) => {
    const environment = { indexedDB: storage.factory };
    const opened = dispatching(outcomes, { ...given, time, options: { environment, leaseMs } });
    void opened.outbox.open(ACCOUNT);
    await opened.pass(0);
    return opened;
  };
  return { page, storage, time };
}

describe('Dispatcher over a database', () => {
  it('Q20: sends at once what another page left', async () => {
    const { page, time } = browser();
    const before = await page([], { idle: true });
    void before.write('first');
    void before.write('second');
    void before.write('other', 'two');
    await before.pass(10);
    before.dispatcher.dispose();
    await before.outbox.close();
    const startedAt = time.now;
    const { ids, outbox, told } = await page();
    assert.deepEqual([ids().sort(), time.now - startedAt], [['first', 'other', 'second'], 0]);
    assert.deepEqual([told.length, outbox.size], [3, 0]);
  });

  it('Q22: every attempt is in the database before it is made', async () => {
    const { page, storage } = browser();
    const seen: unknown[] = [];
    const look = async () => {
      const { outbox } = await openTab(storage);
      const { state, attempts } = outbox.get('first') ?? {};
      seen.push(`${state} ${attempts}`);
      await outbox.close();
      throw lost();
    };
    const { write, pass } = await page([look, look]);
    void write('first');
    await pass(30_000);
    assert.deepEqual(seen, ['sending 1', 'sending 1']);
  });

  it('Q22: does not send what it cannot record, and sends it when it can', async () => {
    const { page, storage } = browser();
    const { write, pass, ids, outbox, errors } = await page([], { idle: true });
    void write('first');
    await pass(10);
    storage.full = true;
    const sender = await page();
    await sender.pass(30_000);
    assert.deepEqual([sender.ids(), ids()], [[], []]);
    assert.ok(sender.errors.length > 1);
    storage.full = false;
    await sender.pass(60_000);
    assert.deepEqual([sender.ids(), errors], [['first'], []]);
    await outbox.refresh();
    assert.equal(outbox.size, 0);
  });

  it('gives way to a page that takes over in the middle of an attempt, which looks before it sends', async () => {
    const { page } = browser();
    const answer = deferred();
    const former = await page([answer.promise]);
    void former.write('first');
    await former.pass(10);
    assert.deepEqual(former.ids(), ['first']);
    const next = await page();
    await next.pass(10_000);
    assert.deepEqual([next.calls.looks, next.ids(), next.told], [2, ['first'], ['first sent']]);
    void former.write('second');
    answer.reject(ambiguous());
    await former.pass(10_000);
    assert.deepEqual([former.calls.fenced, former.ids(), former.calls.looks], [1, ['first'], 0]);
    await next.outbox.refresh();
    await next.pass(0);
    assert.deepEqual(next.ids(), ['first', 'second']);
  });

  it('waits for the lease of another page that sends, and takes over when it is let go or has run out', async () => {
    const { page, time } = browser({ leaseMs: 15_000 });
    const first = await page();
    void first.write('one');
    await first.pass(10);
    assert.deepEqual(first.ids(), ['one']);
    const startedAt = time.now;
    const second = await page();
    void second.write('two');
    await second.pass(10_000);
    assert.deepEqual(second.ids(), []);
    await second.pass(10_000);
    assert.deepEqual([second.ids(), second.sends[0]!.at - startedAt > 14_000], [['two'], true]);
    void second.dispatcher.stop();
    await second.pass(0);
    void first.write('three');
    await first.pass(0);
    assert.equal(first.calls.fenced, 1);
    first.dispatcher.start();
    await first.pass(0);
    assert.deepEqual(first.ids(), ['one', 'three']);
  });
});
