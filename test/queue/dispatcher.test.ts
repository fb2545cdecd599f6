import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { ambiguous, deferred, dispatching, lost, refusal, settle } from './dispatching.ts';

describe('Dispatcher', () => {
  it('Q9: sends what belongs to one conversation one after another, in the order it was written', async () => {
    const slow = deferred();
    const { write, pass, ids, told, calls } = dispatching([slow.promise, lost()]);
    void write('first');
    void write('second');
    void write('third');
    await pass(0);
    assert.deepEqual(ids(), ['first'], 'the first is still under way');
    slow.resolve();
    await pass(10_000);
    assert.deepEqual(ids(), ['first', 'second', 'second', 'third'], 'a retry does not lose its place');
    assert.deepEqual(told, ['first sent', 'second sent', 'third sent']);
    assert.equal(calls.looks, 0);
  });

  it('lets other conversations go on while one of them waits', async () => {
    const { write, pass, told } = dispatching([lost()]);
    void write('lost', 'one');
    void write('behind it', 'one');
    void write('fine', 'two');
    await pass(0);
    assert.deepEqual(told, ['fine sent']);
  });

  it('lets other conversations go on over REST while a request hangs', async () => {
    const { write, pass, told, world } = dispatching([deferred().promise]);
    world.route = 'rest';
    void write('slow', 'one');
    void write('fine', 'two');
    await pass(1_000);
    assert.deepEqual(told, ['fine sent']);
  });

  it('makes one attempt at a time over the hub', async () => {
    const slow = deferred();
    const { write, pass, ids } = dispatching([slow.promise]);
    void write('first', 'one');
    void write('second', 'two');
    await pass(10_000);
    assert.deepEqual(ids(), ['first']);
    slow.resolve();
    await pass(0);
    assert.deepEqual(ids(), ['first', 'second']);
  });

  it('waits for a way to send, and takes it when it is told of one', async () => {
    const { write, pass, ids, world, dispatcher, time } = dispatching();
    world.route = undefined;
    void write('first');
    await pass(60_000);
    assert.deepEqual([ids(), time.pending], [[], []]);
    world.route = 'hub';
    dispatcher.wake();
    await pass(0);
    assert.deepEqual(ids(), ['first']);
  });

  for (const code of ['server', 'protocol', 'network', 'timeout', 'rate-limited', 'unauthorized'] as const) {
    it(`Q2: never tries again without a delay after ${code}`, async () => {
      const { write, pass, ids, dispatcher, time, world } = dispatching([refusal(code), refusal(code)]);
      world.renew = () => Promise.reject(refusal('unauthorized'));
      void write('first');
      for (let wakes = 0; wakes < 10; wakes++) {
        dispatcher.wake();
        await pass(0);
      }
      assert.deepEqual(ids(), ['first']);
      assert.equal(time.pending.length, 1);
      assert.ok(time.pending[0]! > 0);
    });
  }

  it('Q3: a connection that is not there costs no message an attempt', async () => {
    const { write, pass, outbox, ids, told } = dispatching(Array.from({ length: 20 }, lost));
    void write('first');
    for (let second = 0; second < 15; second++) {
      await pass(1_000);
      assert.deepEqual([outbox.get('first')?.state, outbox.get('first')?.attempts], ['queued', 0]);
    }
    await pass(60_000);
    assert.deepEqual([ids().length, told], [21, ['first sent']]);
  });

  it('Q3: an attempt that was lost on the way is no refusal, but ten of them are enough', async () => {
    const { write, pass, sends, told, outbox } = dispatching(Array.from({ length: 20 }, ambiguous));
    void write('first');
    await pass(25_000);
    assert.ok(sends.length > 3);
    assert.ok((outbox.get('first')?.attempts ?? 9) <= 1);
    await pass(600_000);
    assert.deepEqual([sends.length, told], [10, ['first failed']]);
  });

  it('counts the refusals of a server, and gives up after the third', async () => {
    const { write, pass, ids, told, outbox } = dispatching([
      refusal('server'),
      refusal('server'),
      refusal('server'),
    ]);
    void write('bad');
    void write('good');
    await pass(60_000);
    assert.deepEqual(ids(), ['bad', 'bad', 'bad', 'good'], 'and the failed one holds nothing back');
    assert.deepEqual(told, ['bad failed', 'good sent']);
    assert.equal(outbox.get('bad')?.error?.code, 'server');
  });

  it('fails at once what no repeat can mend, and goes on with the next', async () => {
    const { write, pass, ids, told } = dispatching([refusal('input')]);
    void write('bad');
    void write('good');
    await pass(0);
    assert.deepEqual(ids(), ['bad', 'good']);
    assert.deepEqual(told, ['bad failed', 'good sent']);
  });

  it('Q21: after a lost answer finds the message in history and does not send it again', async () => {
    const { write, pass, ids, told, world, calls } = dispatching([ambiguous()]);
    world.stored = () => Promise.resolve(true);
    void write('first');
    await pass(60_000);
    assert.deepEqual([ids(), told, calls.looks], [['first'], ['first sent'], 1]);
  });

  it('Q21: looks twice, seconds apart, before it sends again', async () => {
    const { write, pass, sends, told, calls } = dispatching([ambiguous()]);
    void write('first');
    await pass(1_900);
    assert.deepEqual([sends.length, calls.looks], [1, 1]);
    await pass(3_100);
    assert.deepEqual([sends.length, calls.looks, told], [2, 2, ['first sent']]);
    assert.ok(sends[1]!.at >= 2_000);
  });

  it('Q21: sends nothing while history cannot be read', async () => {
    const { write, pass, ids, told, world } = dispatching([ambiguous()]);
    world.stored = () => Promise.reject(lost());
    void write('first');
    await pass(300_000);
    assert.deepEqual(ids(), ['first']);
    world.stored = () => Promise.resolve(true);
    await pass(60_000);
    assert.deepEqual([ids(), told], [['first'], ['first sent']]);
  });

  it('looks in history only while there is a connection to read it over', async () => {
    const { write, pass, calls, world, dispatcher } = dispatching([ambiguous()]);
    world.readable = false;
    void write('first');
    await pass(600_000);
    assert.equal(calls.looks, 0);
    world.readable = true;
    dispatcher.wake(true);
    await pass(0);
    assert.equal(calls.looks, 1);
  });

  it('takes a reply as proof, whatever becomes of the send', async () => {
    const slow = deferred();
    const { write, pass, ids, told, outbox, calls } = dispatching([slow.promise]);
    void write('first');
    await pass(0);
    await outbox.acknowledge('first');
    slow.reject(ambiguous());
    await pass(60_000);
    assert.deepEqual([ids(), told, calls.looks], [['first'], ['first sent'], 0]);
  });

  it('renews a refused credential once, and then waits', async () => {
    const refused = () => refusal('unauthorized');
    const { write, pass, ids, calls, outbox, told } = dispatching([refused(), refused()]);
    void write('first');
    await pass(0);
    assert.deepEqual([ids(), calls.renewals], [['first', 'first'], 1]);
    assert.equal(outbox.get('first')?.attempts, 0, 'a refused credential is no refusal of the message');
    await pass(60_000);
    assert.deepEqual(told, ['first sent']);
  });

  it('comes back when the server asked for it, and not before', async () => {
    const { write, pass, sends } = dispatching([refusal('rate-limited', { retryAfterMs: 37_000 })]);
    void write('first');
    await pass(36_999);
    assert.equal(sends.length, 1);
    await pass(10_000);
    assert.equal(sends.length, 2);
  });

  it('sends no more than one message a second over REST', async () => {
    const { write, pass, sends, world } = dispatching();
    world.route = 'rest';
    for (const name of ['a', 'b', 'c', 'd', 'e']) void write(name, name);
    void write('f', 'a');
    await pass(60_000);
    assert.deepEqual(
      sends.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1)),
      ['a', 'b', 'c', 'd', 'e', 'f'],
    );
    for (const [i, { at }] of sends.entries()) {
      if (i > 0) assert.ok(at - sends[i - 1]!.at >= 1_000, `${at} ms comes too soon`);
    }
  });

  it('Q15: keeps the request id, whoever asks for the repeat', async () => {
    const { write, pass, ids, told, outbox } = dispatching([
      lost(),
      refusal('server'),
      refusal('input'),
      ambiguous(),
    ]);
    void write('first');
    await pass(60_000);
    assert.deepEqual(told, ['first failed']);
    await outbox.retry('first');
    await pass(60_000);
    assert.deepEqual(
      ids(),
      Array.from({ length: 5 }, () => 'first'),
    );
    assert.deepEqual(told, ['first failed', 'first sent']);
  });

  it('Q21: a retry by hand looks first when the last attempt may have arrived', async () => {
    const broken = () => refusal('server', { stored: 'maybe' });
    const { write, pass, ids, told, outbox, world } = dispatching([broken(), broken(), broken()]);
    void write('first');
    await pass(60_000);
    assert.deepEqual(told, ['first failed']);
    world.stored = () => Promise.resolve(true);
    await outbox.retry('first');
    await pass(60_000);
    assert.deepEqual([ids().length, told], [3, ['first failed', 'first sent']]);
  });

  describe('Q19: after dispose()', () => {
    const moments: [name: string, outcome: () => RealtimeError, world?: 'look' | 'renewal'][] = [
      ['between two attempts', lost],
      ['between two looks in history', ambiguous],
      ['during a look that finds nothing', ambiguous, 'look'],
      ['during a look that fails', ambiguous, 'look'],
      ['during a renewal that works', () => refusal('unauthorized'), 'renewal'],
      ['over REST, during a renewal that works', () => refusal('unauthorized'), 'renewal'],
      ['during a renewal that fails', () => refusal('unauthorized'), 'renewal'],
    ];
    for (const [name, outcome, during] of moments) {
      it(`leaves no timer and sends nothing more, ${name}`, async () => {
        const { write, pass, ids, time, dispatcher, world, calls } = dispatching([outcome()]);
        const answer = deferred();
        if (during === 'look') world.stored = () => answer.promise.then(() => false);
        if (during === 'renewal') world.renew = () => answer.promise;
        if (name.startsWith('over REST')) world.route = 'rest';
        void write('first');
        void write('second');
        await pass(0);
        assert.equal(calls.looks + calls.renewals > 0, name !== 'between two attempts', 'it got that far');
        dispatcher.dispose();
        if (name.endsWith('fails')) answer.reject(lost());
        else answer.resolve();
        await settle();
        assert.deepEqual(time.pending, []);
        dispatcher.wake(true);
        await pass(600_000);
        assert.deepEqual(ids(), ['first']);
      });
    }

    it('says nothing more of a message that was under way', async () => {
      const slow = deferred();
      const { write, pass, told, dispatcher } = dispatching([slow.promise]);
      void write('first');
      await pass(0);
      dispatcher.dispose();
      slow.reject(refusal('input'));
      await pass(60_000);
      assert.deepEqual(told, []);
    });

    it('keeps what was not sent', async () => {
      const { write, pass, outbox, dispatcher } = dispatching([lost()]);
      void write('first');
      await pass(0);
      dispatcher.dispose();
      assert.equal(outbox.get('first')?.state, 'queued');
    });
  });
});
