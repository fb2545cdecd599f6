import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorDetails } from '../../src/protocol/error-details.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { FencedError, type Outbox } from '../../src/queue/outbox.ts';
import {
  ACCOUNT,
  connect,
  FaultyStorage,
  message,
  openTab,
  OTHER_ACCOUNT,
  OutboxTime,
  tab,
} from './storage.ts';

const refusal = (stored: 'no' | 'maybe' = 'no') => new RealtimeError('server', 'Refused.', { stored });
const texts = (outbox: Outbox) => outbox.list().map(({ message: { text } }) => text);
const hasCode = (code: string) => (error: unknown) => error instanceof RealtimeError && error.code === code;

/** A message that was given up. */
async function bury(outbox: Outbox, text: string, error = refusal()): Promise<void> {
  await outbox.enqueue(message(text));
  await outbox.lead();
  await outbox.bury(text, error);
}

describe('Outbox: what is stored', () => {
  it('has after a reload what it had before, in the same order', async () => {
    const storage = new FaultyStorage();
    const before = await openTab(storage);
    await before.outbox.enqueue({ ...message('one'), topic: 'billing', after: 5 });
    await before.outbox.enqueue({ ...message('two', 'sales'), message: { text: 'two', priority: 'low' } });
    await before.outbox.enqueue(message('three'));
    await before.outbox.lead();
    const slowDown = { retryAfterMs: 7_000, status: 429 };
    const error = errorDetails(new RealtimeError('rate-limited', 'Slow down.', slowDown));
    await before.outbox.claim('one');
    await before.outbox.release('one', { state: 'queued', attempts: 1, losses: 2, nextAttemptAt: 99, error });
    await before.outbox.close();

    const { outbox } = await openTab(storage);
    assert.deepEqual(texts(outbox), ['one', 'two', 'three']);
    assert.deepEqual(outbox.list(), before.outbox.list());
    assert.deepEqual(outbox.get('one')?.error, error);
    assert.equal(outbox.get('one')?.nextAttemptAt, 99);
    assert.equal(outbox.persisted, true);
  });

  it('creates nothing in the browser before the first message', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.lead();
    await outbox.refresh();
    await outbox.yieldLead();
    assert.deepEqual(await storage.real.databases(), []);
    assert.equal(outbox.persisted, true);
    await outbox.enqueue(message('one'));
    assert.equal((await storage.real.databases()).length, 1);
  });

  it('leaves no trace either where the browser cannot tell which databases there are', async () => {
    const storage = new FaultyStorage();
    Reflect.deleteProperty(storage.factory, 'databases');
    const { outbox, told } = await openTab(storage);
    assert.deepEqual(await storage.real.databases(), []);
    assert.deepEqual(told.errors, []);
    await outbox.enqueue(message('one'));
    await outbox.close();
    assert.deepEqual(texts((await openTab(storage)).outbox), ['one']);
  });

  it('writes messages and drafts of the same moment in one transaction', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('first'));
    storage.transactions.length = 0;
    outbox.setPlace('support', { draft: '' });
    const burst = Array.from({ length: 50 }, (_, index) => outbox.enqueue(message(`${index}`)));
    const records = await Promise.all(burst);
    assert.equal(storage.transactions.length, 1);
    assert.deepEqual(
      records.map(({ seq }) => seq),
      Array.from({ length: 50 }, (_, index) => index + 2),
    );
  });

  it('tells of a change only once it is committed, and resolves after it told', async () => {
    const storage = new FaultyStorage();
    const { outbox, told } = await openTab(storage);
    const enqueued = outbox.enqueue(message('one'));
    assert.deepEqual([outbox.size, told.changes], [0, []]);
    await enqueued;
    assert.deepEqual([outbox.size, told.changes], [1, ['one queued']]);
  });

  it('keeps the place of a conversation, where reading never goes back', async () => {
    const storage = new FaultyStorage();
    const time = new OutboxTime();
    const { outbox } = await openTab(storage, time);
    outbox.setPlace('support', { draft: 'Hel' });
    outbox.setPlace('support', { draft: 'Hello', readThrough: 20 });
    outbox.setPlace('support', { readThrough: 10 });
    assert.deepEqual(outbox.place('support'), { draft: 'Hello', readThrough: 20 });
    assert.deepEqual(outbox.place('sales'), { draft: '', readThrough: 0 });
    await outbox.close();
    const again = await openTab(storage);
    assert.deepEqual(again.outbox.place('support'), { draft: 'Hello', readThrough: 20 });
  });

  it('stores a draft a moment after the last key, once', async () => {
    const storage = new FaultyStorage();
    const time = new OutboxTime();
    const { outbox } = await openTab(storage, time);
    for (const draft of ['H', 'He', 'Hel']) outbox.setPlace('support', { draft });
    assert.equal(time.timers, 1);
    time.pass(4);
    await outbox.refresh();
    const places = (await storage.rows()).filter(({ key }) => key[0] === 'p');
    assert.deepEqual(places, [{ key: ['p', ACCOUNT, 'support'], value: { draft: 'Hel', readThrough: 0 } }]);
  });

  it('keeps what was written before the account was known, and stores it then', async () => {
    const storage = new FaultyStorage();
    const { outbox, told } = tab(storage);
    outbox.setPlace('support', { draft: 'typed early' });
    const record = await outbox.enqueue(message('early'));
    assert.equal(record.persisted, false);
    assert.equal(outbox.persisted, false);
    assert.deepEqual(await storage.real.databases(), []);
    await outbox.open(ACCOUNT);
    assert.equal(outbox.get('early')?.persisted, true);
    assert.equal(outbox.get('early')?.state, 'queued');
    assert.deepEqual(told.changes, ['early queued', 'early changed']);
    const later = await openTab(storage);
    assert.deepEqual(texts(later.outbox), ['early']);
    assert.equal(later.outbox.place('support').draft, 'typed early');
  });

  it('lets go of everything when it is closed, and refuses what comes later', async () => {
    const storage = new FaultyStorage();
    const time = new OutboxTime();
    const { outbox } = await openTab(storage, time);
    const enqueued = outbox.enqueue(message('one'));
    outbox.setPlace('support', { draft: 'x' });
    await outbox.close();
    await enqueued;
    assert.equal(time.timers, 0);
    await assert.rejects(outbox.enqueue(message('two')), hasCode('closed'));
    await assert.rejects(outbox.retry('one'), hasCode('closed'));
    // A connection left open would block this.
    await new Promise((resolve, reject) => {
      const request = storage.real.deleteDatabase('xians-widgets');
      request.onsuccess = resolve;
      request.onblocked = reject;
    });
  });
});

describe('Outbox: what it accepts', () => {
  it('takes the id from the message, else makes one', async () => {
    const { outbox } = await openTab(new FaultyStorage());
    const { id: _, ...entry } = message('x');
    const given = await outbox.enqueue({ ...entry, message: { text: 'a', requestId: 'r-1' } });
    const made = await outbox.enqueue(entry);
    assert.equal(given.id, 'r-1');
    assert.equal('requestId' in given.message, false);
    assert.match(made.id, /^[\da-f-]{36}$/);
  });

  it('refuses an id that is or was in use, in this tab or another', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    const other = await openTab(storage);
    const [first, second] = await Promise.allSettled([
      outbox.enqueue(message('one')),
      outbox.enqueue(message('one')),
    ]);
    assert.equal(first.status, 'fulfilled');
    assert.equal(second.status, 'rejected');
    await assert.rejects(outbox.enqueue(message('one')), hasCode('input'));
    await assert.rejects(other.outbox.enqueue(message('one')), hasCode('input'));
    await outbox.acknowledge('one');
    await assert.rejects(outbox.enqueue(message('one')), hasCode('input'));
  });

  it('refuses what cannot be stored as it is, and what has no such priority', async () => {
    const { outbox } = await openTab(new FaultyStorage());
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const entry = message('x');
    await assert.rejects(outbox.enqueue({ ...entry, message: { data: circular } }), hasCode('input'));
    const urgent = 'urgent' as 'high';
    await assert.rejects(outbox.enqueue({ ...entry, message: { priority: urgent } }), hasCode('input'));
    assert.equal(outbox.size, 0);
  });

  it('keeps a copy, which the caller cannot change afterwards', async () => {
    const { outbox } = await openTab(new FaultyStorage());
    const data = { colour: 'red' };
    await outbox.enqueue({ ...message('x'), message: { data } });
    data.colour = 'blue';
    assert.deepEqual(outbox.get('x')?.message.data, { colour: 'red' });
  });

  for (const [where, storage] of [
    ['the database', () => new FaultyStorage()],
    ['memory', () => undefined],
  ] as const) {
    it(`refuses more than its limits in ${where}, and takes more once there is room`, async () => {
      const { outbox } = await openTab(storage(), new OutboxTime(), { limits: { messages: 2, bytes: 60 } });
      await outbox.enqueue(message('one'));
      await assert.rejects(outbox.enqueue(message('x'.repeat(60))), hasCode('queue-full'));
      await outbox.enqueue(message('two'));
      await assert.rejects(outbox.enqueue(message('three')), hasCode('queue-full'));
      await assert.rejects(outbox.edit('one', 'x'.repeat(60)), hasCode('queue-full'));
      assert.deepEqual(texts(outbox), ['one', 'two']);
      await outbox.acknowledge('one');
      await outbox.enqueue(message('three'));
      assert.equal(outbox.status().waiting, 2);
    });
  }

  it('counts what other tabs enqueued towards the limit', async () => {
    const storage = new FaultyStorage();
    const limits = { messages: 1 };
    const one = await openTab(storage, new OutboxTime(), { limits });
    const two = await openTab(storage, new OutboxTime(), { limits });
    await one.outbox.enqueue(message('one'));
    await assert.rejects(two.outbox.enqueue(message('two')), hasCode('queue-full'));
  });
});

for (const [where, storage] of [
  ['in the database', () => new FaultyStorage()],
  ['in memory', () => undefined],
] as const) {
  describe(`Outbox: what may be done with a message ${where}`, () => {
    it('has as heads the oldest of each conversation and priority that is not given up', async () => {
      const { outbox } = await openTab(storage());
      await outbox.enqueue(message('a1', 'a'));
      await outbox.enqueue(message('a2', 'a'));
      await outbox.enqueue({ ...message('a3', 'a'), message: { text: 'a3', priority: 'high' } });
      await outbox.enqueue(message('b1', 'b'));
      const heads = () => outbox.heads().map(({ id }) => id);
      assert.deepEqual(heads(), ['a1', 'a3', 'b1']);
      await outbox.lead();
      await outbox.bury('a1', refusal());
      assert.deepEqual(heads(), ['a2', 'a3', 'b1']);
      await outbox.retry('a1');
      assert.deepEqual(heads(), ['a1', 'a3', 'b1']);
    });

    it('claims only what is queued, and counts the attempt', async () => {
      const { outbox } = await openTab(storage());
      await outbox.enqueue(message('one'));
      await outbox.lead();
      const claimed = await outbox.claim('one');
      assert.deepEqual([claimed?.state, claimed?.attempts], ['sending', 1]);
      assert.equal(await outbox.claim('one'), undefined);
      await outbox.release('one', { state: 'uncertain' });
      assert.equal(await outbox.claim('one'), undefined);
      assert.equal(await outbox.claim('unknown'), undefined);
    });

    it('lets a message go once it is acknowledged, as often as that happens', async () => {
      const { outbox, told } = await openTab(storage());
      await outbox.enqueue(message('one'));
      await Promise.all([outbox.acknowledge('one'), outbox.acknowledge('one')]);
      assert.equal(outbox.size, 0);
      assert.deepEqual(told.changes, ['one queued', 'one sent']);
      assert.equal(await outbox.release('one', { state: 'queued' }).catch(() => undefined), undefined);
    });

    it('discards what waits or was given up, but nothing that may be under way', async () => {
      const { outbox, told } = await openTab(storage());
      await outbox.enqueue(message('one'));
      await bury(outbox, 'two');
      await outbox.claim('one');
      for (const state of ['sending', 'uncertain', 'verifying'] as const) {
        if (state !== 'sending') await outbox.release('one', { state });
        assert.equal(await outbox.discard('one'), false);
      }
      await outbox.release('one', { state: 'queued' });
      assert.equal(await outbox.discard('one'), true);
      assert.equal(await outbox.discard('one'), false);
      assert.equal(await outbox.discard('two'), true);
      assert.deepEqual(told.changes.slice(-2), ['one discarded', 'two discarded']);
    });

    it('edits what no server can have, under the same id and in the same place', async () => {
      const { outbox } = await openTab(storage());
      await outbox.enqueue(message('one'));
      await outbox.enqueue(message('two'));
      await outbox.lead();
      assert.equal(await outbox.edit('one', 'uno'), true);
      assert.deepEqual(texts(outbox), ['uno', 'two']);
      assert.equal(
        outbox.status().bytes,
        outbox.list().reduce((sum, { bytes }) => sum + bytes, 0),
      );
      await outbox.claim('one');
      assert.equal(await outbox.edit('one', 'eins'), false);
      await outbox.bury('one', refusal('no'));
      assert.equal(await outbox.edit('one', 'eins'), true);
      assert.deepEqual([outbox.get('one')?.state, outbox.get('one')?.attempts], ['queued', 0]);
      await outbox.bury('two', refusal('maybe'));
      assert.equal(await outbox.edit('two', 'zwei'), false);
      assert.deepEqual(texts(outbox), ['eins', 'two']);
    });

    it('keeps the time that the server asked to wait when a text is edited', async () => {
      const { outbox } = await openTab(storage());
      await outbox.enqueue(message('one'));
      await outbox.lead();
      await outbox.claim('one');
      await outbox.release('one', { state: 'queued', nextAttemptAt: 77, attempts: 0 });
      await outbox.edit('one', 'uno');
      assert.equal(outbox.get('one')?.nextAttemptAt, 77);
    });

    it('retries a dead letter at its old place, and looks first where it may be stored', async () => {
      const { outbox } = await openTab(storage());
      await bury(outbox, 'one');
      await bury(outbox, 'two', refusal('maybe'));
      await outbox.enqueue(message('three'));
      assert.equal(outbox.failed, 2);
      assert.equal(await outbox.retryAll(), 2);
      assert.deepEqual(
        outbox.list().map(({ id, state, failedAt }) => [id, state, failedAt]),
        [
          ['one', 'queued', undefined],
          ['two', 'uncertain', undefined],
          ['three', 'queued', undefined],
        ],
      );
      assert.equal(await outbox.retry('one'), false);
      assert.equal(outbox.failed, 0);
    });

    it('turns into a dead letter what waited too long, and gives a retry the whole time again', async () => {
      const time = new OutboxTime();
      const { outbox } = await openTab(storage(), time, { limits: { ttlMs: 1_000 } });
      for (const text of ['old', 'unsure', 'busy']) await outbox.enqueue(message(text, text));
      await outbox.lead();
      await outbox.claim('unsure');
      await outbox.release('unsure', { state: 'uncertain' });
      await outbox.claim('busy');
      time.pass(999);
      await outbox.enqueue(message('new'));
      await outbox.expire();
      assert.equal(outbox.failed, 0);
      time.pass(1);
      await outbox.expire();
      const states = () =>
        outbox.list().map(({ id, state, error }) => [id, state, error?.code, error?.stored]);
      assert.deepEqual(states(), [
        ['old', 'failed', 'expired', 'no'],
        ['unsure', 'failed', 'expired', 'maybe'],
        ['busy', 'sending', undefined, undefined],
        ['new', 'queued', undefined, undefined],
      ]);
      await outbox.retry('old');
      time.pass(998);
      await outbox.expire();
      assert.equal(outbox.get('old')?.state, 'queued');
    });

    it('looks before it sends again what an earlier attempt lost, and lets nobody change it', async () => {
      const { outbox } = await openTab(storage());
      await outbox.enqueue(message('one'));
      await outbox.lead();
      await outbox.claim('one');
      await outbox.release('one', { state: 'queued', losses: 1 });
      await outbox.claim('one');
      await outbox.bury('one', new RealtimeError('server', 'Refused.', { stored: 'no' }));
      assert.equal(await outbox.edit('one', 'other'), false);
      assert.equal(await outbox.retry('one'), true);
      assert.equal(outbox.get('one')?.state, 'uncertain');
    });

    it('exports dead letters as plain data without a credential', async () => {
      const time = new OutboxTime();
      const { outbox } = await openTab(storage(), time);
      const entry = message('one');
      await outbox.enqueue({ ...entry, topic: 'billing', message: { text: 'one', authorization: 's3cret' } });
      await outbox.lead();
      await outbox.bury('one', refusal());
      assert.deepEqual(outbox.exportDeadLetters(), [
        {
          id: 'one',
          conversation: 'support',
          workflow: 'acme:Support:Chat',
          topic: 'billing',
          message: { text: 'one' },
          createdAt: time.at,
          failedAt: time.at,
          reason: 'Refused.',
          code: 'server',
        },
      ]);
    });

    it('says how it stands', async () => {
      const time = new OutboxTime();
      const { outbox } = await openTab(storage(), time);
      assert.equal(outbox.status().oldestAt, undefined);
      const oldestAt = time.at;
      await outbox.enqueue(message('one'));
      await bury(outbox, 'two');
      time.pass(5);
      await outbox.enqueue(message('three'));
      const { waiting, failed, bytes, quarantined, dropped, oldestAt: oldest } = outbox.status();
      assert.deepEqual(
        { waiting, failed, bytes, quarantined, dropped, oldest },
        { waiting: 2, failed: 1, bytes: 30, quarantined: 0, dropped: 0, oldest: oldestAt },
      );
    });
  });
}

describe('Outbox: credentials', () => {
  const withToken = { ...message('one'), message: { text: 'one', authorization: 's3cret-token' } };

  it('never reach the disk, and are there for as long as the tab is', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(withToken);
    await outbox.lead();
    await outbox.refresh();
    assert.equal((await outbox.claim('one'))?.message.authorization, 's3cret-token');
    await outbox.release('one', { state: 'queued' });
    await outbox.bury('one', refusal());
    assert.equal(JSON.stringify(await storage.rows()).includes('s3cret'), false);
  });

  it('are waited for after a reload, and then the message is given up with the reason', async () => {
    const storage = new FaultyStorage();
    await (await openTab(storage)).outbox.enqueue(withToken);
    const time = new OutboxTime();
    const { outbox } = await openTab(storage, time);
    await outbox.lead();
    assert.equal(await outbox.claim('one'), undefined);
    const { state, nextAttemptAt } = outbox.get('one') ?? {};
    assert.deepEqual([state, nextAttemptAt], ['queued', time.at + 2_000]);
    time.pass(2_000);
    assert.equal(await outbox.claim('one'), undefined);
    assert.equal(outbox.get('one')?.error?.code, 'unauthorized');
    assert.equal(outbox.exportDeadLetters().length, 1);
  });

  it('come from the tab that has them', async () => {
    const storage = new FaultyStorage();
    const writer = await openTab(storage);
    await writer.outbox.enqueue(withToken);
    const sender = await openTab(storage);
    await sender.outbox.lead();
    for (const note of writer.outbox.unpersisted()) sender.outbox.receiveNote(note);
    assert.equal((await sender.outbox.claim('one'))?.message.authorization, 's3cret-token');
  });
});

describe('Outbox: one sender', () => {
  it('lets nobody send who has not taken the lead', async () => {
    for (const storage of [new FaultyStorage(), undefined]) {
      const { outbox } = await openTab(storage);
      await outbox.enqueue(message('one'));
      await assert.rejects(outbox.claim('one'), FencedError);
    }
  });

  it('lets a sender that was overtaken change nothing more, except to bring proof', async () => {
    const storage = new FaultyStorage();
    const old = await openTab(storage);
    await old.outbox.enqueue(message('one'));
    await old.outbox.lead();
    await old.outbox.claim('one');
    const next = await openTab(storage);
    assert.equal(await next.outbox.lead(), true);
    const before = await storage.rows();
    await assert.rejects(old.outbox.release('one', { state: 'queued' }), FencedError);
    await assert.rejects(old.outbox.bury('one', refusal()), FencedError);
    await assert.rejects(old.outbox.claim('one'), FencedError);
    assert.deepEqual(await storage.rows(), before);
    await old.outbox.acknowledge('one');
    await next.outbox.refresh();
    assert.equal(next.outbox.size, 0);
    assert.equal(await old.outbox.lead(), true, 'it may take over in turn');
  });

  it('takes the lead only once, and finds then what others changed', async () => {
    const storage = new FaultyStorage();
    const sender = await openTab(storage);
    await sender.outbox.enqueue(message('one'));
    const writer = await openTab(storage);
    await writer.outbox.enqueue(message('two'));
    assert.equal(sender.outbox.get('two'), undefined);
    await sender.outbox.lead();
    assert.deepEqual(texts(sender.outbox), ['one', 'two']);
    const written = storage.transactions.length;
    await sender.outbox.lead();
    assert.equal(storage.transactions.length, written);
  });

  it('takes the lead in the database although there was none when it began', async () => {
    const storage = new FaultyStorage();
    const one = await openTab(storage);
    await one.outbox.lead();
    await one.outbox.enqueue(message('one'));
    await one.outbox.claim('one');
    const two = await openTab(storage);
    await two.outbox.lead();
    await assert.rejects(one.outbox.release('one', { state: 'queued' }), FencedError);
  });

  it('respects a lease until it ends, renews its own, and yields it', async () => {
    const storage = new FaultyStorage();
    const time = new OutboxTime();
    const one = await openTab(storage, time, { leaseMs: 1_000 });
    const two = await openTab(storage, time, { leaseMs: 1_000 });
    await one.outbox.enqueue(message('one'));
    const startedAt = time.at;
    assert.equal(await one.outbox.lead(), true);
    assert.deepEqual(await two.outbox.lead(), { until: startedAt + 1_000 });
    time.pass(600);
    await one.outbox.lead();
    assert.deepEqual(await two.outbox.lead(), { until: startedAt + 1_600 });
    time.pass(500);
    await one.outbox.claim('one');
    assert.deepEqual(await two.outbox.lead(), { until: startedAt + 2_100 });
    await one.outbox.yieldLead();
    assert.equal(await two.outbox.lead(), true);
    time.pass(1_000);
    assert.equal(await one.outbox.lead(), true);
    await assert.rejects(two.outbox.release('one', {}), FencedError);
  });

  it('is not kept out by a lease from a clock that was set back', async () => {
    const storage = new FaultyStorage();
    const time = new OutboxTime();
    const one = await openTab(storage, time, { leaseMs: 1_000 });
    await one.outbox.enqueue(message('one'));
    await one.outbox.lead();
    time.at -= 86_400_000;
    const two = await openTab(storage, time, { leaseMs: 1_000 });
    assert.equal(await two.outbox.lead(), true);
  });
});

describe('Outbox: accounts', () => {
  it('forgets everything of one account, and nothing of another', async () => {
    const storage = new FaultyStorage();
    const { outbox, told } = await openTab(storage);
    const other = tab(storage);
    await other.outbox.open(OTHER_ACCOUNT);
    await other.outbox.enqueue(message('theirs'));
    other.outbox.setPlace('support', { draft: 'theirs' });
    await other.outbox.close();
    await outbox.enqueue(message('one'));
    await bury(outbox, 'two');
    outbox.setPlace('support', { draft: 'mine' });
    await storage.put(['o', ACCOUNT, 'support', 1, 99], null);
    await outbox.refresh();
    await outbox.purge();
    assert.equal(outbox.account, undefined);
    assert.deepEqual([outbox.size, outbox.place('support').draft], [0, '']);
    assert.deepEqual(told.notes.at(-1), { kind: 'purged' });
    const rows = await storage.rows();
    assert.deepEqual(new Set(rows.map(({ key }) => key[1])), new Set([OTHER_ACCOUNT]));
    assert.deepEqual(rows.map(({ key }) => key[0]).sort(), ['i', 'm', 'o', 'p']);
    await outbox.open(ACCOUNT);
    assert.equal(outbox.size, 0);
  });

  it('leaves the messages of an account where they are when another is opened', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('mine'));
    await outbox.open(OTHER_ACCOUNT);
    assert.equal(outbox.size, 0);
    await outbox.enqueue(message('theirs'));
    await outbox.open(ACCOUNT);
    assert.deepEqual(texts(outbox), ['mine']);
    assert.equal(outbox.open(ACCOUNT), outbox.open(ACCOUNT));
  });

  it('never stores for the next account what was on its way when the visitor signed out', async () => {
    const storage = new FaultyStorage();
    const { outbox } = await openTab(storage);
    await outbox.enqueue(message('one'));
    const enqueued = outbox.enqueue(message('two'));
    outbox.setPlace('support', { draft: 'three' });
    outbox.forget();
    await assert.rejects(enqueued, hasCode('closed'));
    await outbox.open(OTHER_ACCOUNT);
    await outbox.enqueue(message('theirs'));
    const rows = (await storage.rows()).filter(({ key }) => key[1] === OTHER_ACCOUNT);
    assert.equal(JSON.stringify(rows).includes('two'), false);
    assert.equal(JSON.stringify(rows).includes('three'), false);
    assert.deepEqual(texts(outbox), ['theirs']);
  });

  it('drops what it holds, and touches no row, when another tab signed out', async () => {
    const storage = new FaultyStorage();
    const one = await openTab(storage);
    const two = await openTab(storage);
    connect(one, two);
    await one.outbox.enqueue(message('one'));
    assert.equal(two.outbox.size, 1);
    await one.outbox.purge();
    assert.deepEqual([two.outbox.size, two.outbox.account], [0, undefined]);
    assert.deepEqual(await storage.rows(), []);
  });
});
