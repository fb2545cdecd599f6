import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { ManualTime } from '../transports/manual-time.ts';
import { ambiguous, deferred, dispatching, lost, refusal, settle } from './dispatching.ts';

/** Each test is named after the row of the pitfalls list that it holds off. */
describe('Pitfalls of sending', () => {
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

  it('Q2: does not try again at once either when chance says so', async () => {
    const { write, pass, ids, time } = dispatching([lost()], { random: () => 0 });
    void write('first');
    await pass(0);
    assert.deepEqual(ids(), ['first']);
    assert.ok(time.pending[0]! >= 250);
  });

  it('Q2: asks a storage that fails again only after a while', async () => {
    const { write, pass, ids, outbox, errors, time } = dispatching();
    outbox.before = (step) => {
      if (step === 'claim') throw refusal('storage');
    };
    void write('first');
    await pass(0);
    assert.deepEqual([ids(), errors.length, time.pending.length], [[], 1, 1]);
    await pass(60_000);
    assert.ok(errors.length > 5 && errors.length < 40, `${errors.length} tries in a minute`);
  });

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

  it('Q3: a server that is busy for a moment makes no message of fifty fail', async () => {
    const busy = () => refusal('server', { status: 503, stored: 'maybe' });
    const { write, pass, sends, told, world, time } = dispatching(Array.from({ length: 2 }, busy));
    world.route = 'rest';
    for (let i = 0; i < 50; i++) void write(`message ${i}`, `conversation ${i % 2}`);
    await pass(0);
    assert.equal(sends.length, 1, 'nobody rushes in');
    await pass(120_000);
    assert.deepEqual(
      told.filter((event) => event.endsWith('failed')),
      [],
    );
    assert.equal(told.length, 50);
    assert.equal(sends.length, 52);
    assert.ok(time.now >= 52_000);
  });

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

  it('Q10: a high-priority message that has to be retried still goes before those of lower priority', async () => {
    const { write, pass, ids, world } = dispatching([lost()]);
    world.route = 'rest';
    void write('urgent', 'one', { priority: 'high' });
    await pass(0);
    for (let i = 0; i < 5; i++) void write(`later ${i}`, 'two', { priority: 'low' });
    await pass(60_000);
    assert.deepEqual(ids().slice(0, 2), ['urgent', 'urgent']);
    assert.equal(ids().length, 7);
  });

  it('Q10: a dead letter that is tried again goes to its old place', async () => {
    const { write, pass, ids, outbox, world, dispatcher } = dispatching([refusal('input')]);
    void write('first');
    await pass(0);
    world.route = undefined;
    void write('second');
    void write('third');
    await pass(0);
    assert.equal(await outbox.retry('first'), true);
    world.route = 'hub';
    dispatcher.wake();
    await pass(0);
    assert.deepEqual(ids(), ['first', 'first', 'second', 'third']);
  });

  for (const route of ['rest', 'hub'] as const) {
    it(`Q11: low priority gets its turns over ${route} however much of high priority there is`, async () => {
      const time = new ManualTime();
      const slow = () => new Promise<void>((resolve) => void time.setTimer(resolve, 2_000));
      const outcomes = route === 'hub' ? Array.from({ length: 400 }, () => slow) : [];
      const { write, pass, sends, world, outbox } = dispatching(outcomes, { time });
      world.route = route;
      // Always more than enough of high and normal priority, in several conversations.
      const fill = () => {
        const waiting = outbox.status().waiting;
        for (let i = waiting; i < 40; i++) {
          const name = `${time.now} ${i}`;
          void write(name, `conversation ${i % 4}`, { priority: i % 3 === 0 ? 'normal' : 'high' });
        }
      };
      fill();
      for (let i = 0; i < 30; i++) void write(`low ${i}`, 'quiet', { priority: 'low' });
      for (let second = 0; second < 260; second++) {
        await pass(1_000);
        fill();
      }
      const low = sends.filter(({ id }) => id.startsWith('low'));
      assert.ok(low.length * 13 >= sends.length, `${low.length} of ${sends.length}`);
      const turns = [0, ...low.map(({ at }) => at)];
      const waits = turns.slice(1).map((at, i) => at - turns[i]!);
      assert.ok(Math.max(...waits) <= 30_000, `low waited ${Math.max(...waits)} ms`);
      assert.ok(low.length * 4 < sends.length, 'and high priority still counts for something');
      const inOrder = low.map((_, i) => `low ${i}`);
      assert.deepEqual(
        low.map(({ id }) => id),
        inOrder,
      );
    });
  }

  it('Q18: nothing leaves before the owner starts it, and everything after', async () => {
    const { write, pass, ids, dispatcher, time, outbox } = dispatching([], { idle: true });
    void write('first');
    void write('second');
    dispatcher.wake(true);
    await pass(600_000);
    assert.deepEqual([ids(), outbox.steps, time.pending], [[], [], []]);
    dispatcher.start();
    await pass(0);
    assert.deepEqual(ids(), ['first', 'second']);
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

  describe('Q19: after stop()', () => {
    const moments: [name: string, outcome: () => RealtimeError | Promise<unknown>][] = [
      ['between two attempts', lost],
      ['between two looks in history', ambiguous],
      ['during an attempt', () => deferred().promise],
    ];
    for (const [name, outcome] of moments) {
      it(`leaves no timer, ${name}`, async () => {
        const { write, pass, time, dispatcher } = dispatching([outcome()]);
        void write('first');
        await pass(0);
        const stopped = dispatcher.stop();
        await pass(1_000);
        await stopped;
        assert.deepEqual(time.pending, []);
      });
    }
  });

  it('Q20: what was restored leaves at once', async () => {
    const { write, pass, outbox, dispatcher } = dispatching([], { idle: true });
    void write('first');
    void write('second', 'two');
    await pass(0);
    dispatcher.dispose();
    const time = new ManualTime();
    const later = dispatching([], { outbox, time });
    await settle();
    assert.deepEqual([later.ids(), time.now], [['first', 'second'], 0]);
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

  it('Q22: the attempt is in the outbox before it is made', async () => {
    const { write, pass, outbox, sends } = dispatching([lost()]);
    void write('first');
    await pass(10_000);
    assert.deepEqual(outbox.steps, [
      'lead',
      'claim first',
      'release first',
      'claim first',
      'acknowledge first',
    ]);
    assert.deepEqual(
      sends.map(({ attempts }) => attempts),
      [1, 1],
    );
  });

  it('Q22: never makes an attempt that could not be recorded', async () => {
    const { write, pass, ids, outbox } = dispatching();
    let isBroken = true;
    outbox.before = (step) => {
      if (step === 'claim' && isBroken) throw refusal('storage');
    };
    void write('first');
    await pass(120_000);
    assert.deepEqual(ids(), []);
    isBroken = false;
    await pass(60_000);
    assert.deepEqual(ids(), ['first']);
  });

  it('Q22: a message that kills its page every time becomes a dead letter', async () => {
    const first = dispatching([deferred().promise]);
    const { outbox, time, told } = first;
    void first.write('deadly');
    await first.pass(0);
    let crashes = 0;
    for (let page = first; outbox.get('deadly')?.state !== 'failed'; crashes++) {
      assert.ok(crashes < 20, 'it goes on for ever');
      assert.equal(outbox.get('deadly')?.state, 'sending');
      page.dispatcher.dispose();
      page = dispatching([deferred().promise], { outbox, time });
      await page.pass(30_000);
    }
    assert.equal(crashes, 10);
    assert.deepEqual(told, ['deadly failed']);
  });
});
