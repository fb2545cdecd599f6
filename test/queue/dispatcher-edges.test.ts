import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FencedError } from '../../src/queue/outbox.ts';
import {
  ambiguous,
  deferred,
  dispatching,
  lost,
  refusal,
  settle,
  type Outcome,
  type SenderStep,
} from './dispatching.ts';

const retryAfter = (retryAfterMs: number) => refusal('rate-limited', { retryAfterMs });

describe('Dispatcher, while others act', () => {
  it('goes on with the next message when the one that waits turns out to be sent', async () => {
    const { write, pass, outbox, ids, time } = dispatching([lost()]);
    void write('first');
    void write('second');
    await pass(0);
    await outbox.acknowledge('first');
    await settle();
    assert.deepEqual([ids(), time.now, time.pending], [['first', 'second'], 0, []]);
  });

  it('goes on with the next message when the one that waits is discarded', async () => {
    const { write, pass, outbox, ids, time } = dispatching([lost()]);
    void write('first');
    void write('second');
    await pass(0);
    assert.equal(await outbox.discard('first'), true);
    await settle();
    assert.deepEqual([ids(), time.now, time.pending], [['first', 'second'], 0, []]);
  });

  it('looks no further for a message that proves to be sent between two looks', async () => {
    const { write, pass, outbox, calls, ids, told } = dispatching([ambiguous()]);
    void write('first');
    await pass(1_000);
    await outbox.acknowledge('first');
    await pass(60_000);
    assert.deepEqual([calls.looks, ids(), told], [1, ['first'], ['first sent']]);
  });

  it('does not bring back what proves to be sent during a look that does not find it', async () => {
    const { write, pass, outbox, ids, world, told } = dispatching([ambiguous()]);
    const answer = deferred();
    let looks = 0;
    world.stored = () => (++looks === 1 ? Promise.resolve(false) : answer.promise.then(() => false));
    void write('first');
    await pass(10_000);
    assert.equal(looks, 2);
    await outbox.acknowledge('first');
    answer.resolve();
    await pass(60_000);
    assert.deepEqual([ids(), told, outbox.size], [['first'], ['first sent'], 0]);
  });

  it('sends the text as it was last edited, after the pause and in its place', async () => {
    const { write, pass, outbox, sends } = dispatching([lost()]);
    void write('first');
    void write('second');
    await pass(0);
    assert.equal(await outbox.edit('first', 'better'), true);
    await pass(10_000);
    assert.deepEqual(
      sends.map(({ text }) => text),
      ['first', 'better', 'second'],
    );
  });

  it('sends the text of an edit that comes just before the claim', async () => {
    const { write, pass, outbox, sends } = dispatching();
    outbox.before = (step) => step === 'claim' && outbox.edit('first', 'better');
    void write('first');
    await pass(0);
    assert.deepEqual(
      sends.map(({ text }) => text),
      ['better'],
    );
  });

  it('does not send what is discarded just before the claim', async () => {
    const { write, pass, outbox, ids, time } = dispatching();
    outbox.before = (step, id) => step === 'claim' && id === 'first' && outbox.discard('first');
    void write('first');
    void write('second');
    await pass(0);
    assert.deepEqual([ids(), time.pending], [['second'], []]);
  });

  it('does not let anybody discard or edit what is under way', async () => {
    const { write, pass, outbox } = dispatching([deferred().promise]);
    void write('first');
    await pass(0);
    assert.deepEqual([await outbox.discard('first'), await outbox.edit('first', 'late')], [false, false]);
  });

  it('lets a retried dead letter go before the one that waits for its next attempt', async () => {
    const { write, pass, outbox, ids } = dispatching([refusal('input'), lost()]);
    void write('first');
    void write('second');
    await pass(0);
    assert.equal(await outbox.retry('first'), true);
    await pass(10_000);
    assert.deepEqual(ids(), ['first', 'second', 'first', 'second']);
  });

  for (const outcome of ['resolves', 'rejects'] as const) {
    it(`forgets an attempt that ${outcome} after everything was wiped`, async () => {
      const answer = deferred();
      const { write, pass, outbox, ids, time, dispatcher } = dispatching([answer.promise]);
      void write('first');
      void write('second');
      await pass(0);
      await outbox.purge();
      if (outcome === 'resolves') answer.resolve();
      else answer.reject(ambiguous());
      await pass(0);
      dispatcher.dispose();
      assert.deepEqual([ids(), outbox.size, time.pending], [['first'], 0, []]);
    });
  }

  it('holds back nobody of another priority', async () => {
    const { write, pass, ids } = dispatching([lost()]);
    void write('urgent', 'one', { priority: 'high' });
    await pass(0);
    void write('normal', 'one');
    await pass(0);
    assert.deepEqual(ids(), ['urgent', 'normal']);
  });

  it('takes a connection closed on this side for no refusal', async () => {
    const { write, pass, ids, told } = dispatching([refusal('closed', { stored: 'no' })]);
    void write('first');
    await pass(10_000);
    assert.deepEqual([ids(), told], [['first', 'first'], ['first sent']]);
  });
});

describe('Dispatcher, between stop() and start()', () => {
  it('records an attempt that ends within a second, and then resolves', async () => {
    const answer = deferred();
    const { write, pass, outbox, ids, told, time, dispatcher } = dispatching([answer.promise]);
    void write('first');
    void write('second');
    await pass(0);
    const stopped = dispatcher.stop();
    await pass(900);
    answer.resolve();
    await stopped;
    assert.deepEqual([ids(), told, time.now, time.pending], [['first'], ['first sent'], 900, []]);
    assert.equal(outbox.steps.at(-1), 'yieldLead');
  });

  for (const ending of ['success', 'failure'] as const) {
    it(`abandons a longer one, and of its late ending takes note only of success: ${ending}`, async () => {
      const answer = deferred();
      const { write, pass, outbox, ids, time, dispatcher } = dispatching([answer.promise]);
      void write('first');
      await pass(0);
      let isStopped = false;
      void dispatcher.stop().then(() => (isStopped = true));
      await pass(999);
      assert.equal(isStopped, false);
      await pass(1);
      assert.deepEqual([isStopped, outbox.get('first')?.state], [true, 'sending']);
      if (ending === 'success') answer.resolve();
      else answer.reject(refusal('input'));
      await pass(60_000);
      assert.deepEqual([ids(), time.pending], [['first'], []]);
      assert.equal(outbox.get('first')?.state, ending === 'success' ? undefined : 'sending');
    });
  }

  it('leaves a message that is looked for to whoever comes next', async () => {
    const { write, pass, outbox, ids, calls, dispatcher, told } = dispatching([ambiguous()]);
    void write('first');
    await pass(1_000);
    await dispatcher.stop();
    await pass(60_000);
    assert.deepEqual([outbox.get('first')?.state, calls.looks, ids()], ['verifying', 1, ['first']]);
    dispatcher.start();
    await pass(1_000);
    assert.deepEqual([calls.looks, ids()], [2, ['first']], 'which looks twice again');
    await pass(5_000);
    assert.deepEqual([calls.looks, ids(), told], [3, ['first', 'first'], ['first sent']]);
  });

  for (const afterMs of [500, 10_000]) {
    it(`gives back without an attempt a message whose claim succeeds ${afterMs} ms later`, async () => {
      const claim = deferred();
      const { write, pass, outbox, ids, dispatcher } = dispatching();
      outbox.before = (step) => step === 'claim' && claim.promise;
      void write('first');
      await pass(0);
      let isStopped = false;
      void dispatcher.stop().then(() => (isStopped = true));
      await pass(afterMs);
      assert.equal(isStopped, false, 'a transaction is under way');
      claim.resolve();
      await pass(0);
      const { state, attempts } = outbox.get('first') ?? {};
      assert.deepEqual([isStopped, ids(), state, attempts], [true, [], 'queued', 0]);
    });
  }

  it('does not touch a message again while an abandoned attempt for it is under way', async () => {
    const answer = deferred();
    const { write, pass, ids, calls, dispatcher, told } = dispatching([answer.promise]);
    void write('first');
    void write('other', 'two');
    await pass(0);
    void dispatcher.stop();
    await pass(1_000);
    dispatcher.start();
    await pass(60_000);
    assert.deepEqual([ids(), calls.looks], [['first'], 0], 'and the hub takes one at a time');
    answer.reject(ambiguous());
    await pass(60_000);
    assert.deepEqual([ids(), calls.looks], [['first', 'other', 'first'], 2]);
    assert.deepEqual(told, ['other sent', 'first sent']);
  });

  it('takes the lead anew only after it has let it go', async () => {
    const yielding = deferred();
    const { write, pass, outbox, ids, dispatcher } = dispatching();
    void write('first');
    await pass(0);
    outbox.before = (step) => step === 'yieldLead' && yielding.promise;
    void dispatcher.stop();
    dispatcher.start();
    void write('second');
    await pass(0);
    assert.equal(outbox.steps.filter((step) => step === 'lead').length, 1);
    yielding.resolve();
    await pass(0);
    assert.deepEqual(outbox.steps.slice(-4), ['yieldLead', 'lead', 'claim second', 'acknowledge second']);
    assert.deepEqual(ids(), ['first', 'second']);
  });

  it('asks for no lead while there is nothing to send', async () => {
    const { pass, outbox, dispatcher } = dispatching();
    await pass(60_000);
    await dispatcher.stop();
    assert.deepEqual(outbox.steps, []);
  });

  it('stops as often as it is asked to, and starts no more once disposed of', async () => {
    const { write, pass, ids, dispatcher, time } = dispatching([], { idle: true });
    await dispatcher.stop();
    dispatcher.start();
    await Promise.all([dispatcher.stop(), dispatcher.stop()]);
    dispatcher.dispose();
    dispatcher.start();
    void write('first');
    await pass(1_000);
    assert.deepEqual([ids(), time.pending], [[], []]);
  });

  it('leaves no timer when it is disposed of in the middle of a stop', async () => {
    const { write, pass, dispatcher, time } = dispatching([deferred().promise]);
    void write('first');
    await pass(0);
    const stopped = dispatcher.stop();
    dispatcher.dispose();
    await stopped;
    assert.deepEqual(time.pending, []);
  });
});

describe('Dispatcher, overtaken by another sender', () => {
  const steps: [step: SenderStep, outcomes: Outcome[]][] = [
    ['claim', []],
    ['release', [lost()]],
    ['release', [ambiguous()]],
    ['release', [refusal('unauthorized')]],
    ['bury', [refusal('input')]],
  ];
  for (const [fenced, outcomes] of steps) {
    const after = outcomes[0] instanceof Error ? outcomes[0].code : 'nothing';
    it(`stops at once when ${fenced} is refused after ${after}, and says so once`, async () => {
      const { write, pass, outbox, ids, calls, time, errors, dispatcher } = dispatching(outcomes);
      let isFenced = true;
      outbox.before = (step) => {
        if (isFenced && step === fenced) throw new FencedError();
      };
      void write('first');
      void write('second');
      void write('third', 'two');
      await pass(0);
      const sent = ids();
      assert.deepEqual([calls.fenced, time.pending, errors], [1, [], []]);
      dispatcher.wake(true);
      await pass(600_000);
      assert.deepEqual([ids(), calls.fenced], [sent, 1]);
      isFenced = false;
      dispatcher.start();
      await pass(60_000);
      assert.equal(outbox.status().waiting, 0, 'it may come back');
    });
  }

  it('notes what was stored all the same', async () => {
    const answer = deferred();
    const { write, pass, outbox, told, calls, world } = dispatching([answer.promise]);
    world.route = 'rest';
    void write('first');
    await pass(0);
    outbox.before = (step) => {
      if (step === 'claim') throw new FencedError();
    };
    void write('second', 'two');
    await pass(1_000);
    assert.equal(calls.fenced, 1);
    answer.resolve();
    await pass(0);
    assert.deepEqual(told, ['first sent']);
  });

  it('waits while the other one holds a lease', async () => {
    const { write, pass, outbox, ids, time } = dispatching();
    let until: number | undefined = Date.UTC(2026, 6, 1) + 20_000;
    outbox.lead = () => Promise.resolve(until === undefined ? true : { until });
    outbox.claim = (id) => Promise.resolve(outbox.get(id));
    outbox.before = () => undefined;
    void write('first');
    await pass(19_999);
    assert.deepEqual(ids(), []);
    until += 10_000; // it showed a sign of life
    await pass(1);
    until = undefined;
    await pass(9_999);
    assert.deepEqual(ids(), []);
    await pass(1);
    assert.deepEqual([ids(), time.pending], [['first'], []]);
  });

  it('asks again after a while when the lead cannot be had for a fault of the storage', async () => {
    const { write, pass, outbox, ids, errors } = dispatching();
    let isBroken = true;
    outbox.before = (step) => {
      if (step === 'lead' && isBroken) throw refusal('storage');
    };
    void write('first');
    await pass(0);
    assert.deepEqual([ids(), errors.length, outbox.steps.length], [[], 1, 1]);
    isBroken = false;
    await pass(10_000);
    assert.deepEqual(ids(), ['first']);
  });
});

describe('Dispatcher, when the outbox cannot be written', () => {
  const moments: [step: SenderStep, outcomes: Outcome[], sends: number][] = [
    ['acknowledge', [], 1],
    ['release', [lost()], 2],
    ['release', [ambiguous()], 2],
    ['bury', [refusal('input')], 1],
  ];
  for (const [broken, outcomes, sends] of moments) {
    it(`goes on trying to ${broken} after ${sends === 1 ? 'the only' : 'a failed'} attempt, ever more slowly`, async () => {
      const { write, pass, outbox, ids, errors, calls } = dispatching(outcomes);
      const tries: number[] = [];
      let isBroken = true;
      outbox.before = (step) => {
        if (step !== broken || !isBroken) return;
        tries.push(errors.length);
        throw new Error('The disk is full.');
      };
      void write('first');
      await pass(300_000);
      assert.deepEqual(
        [ids(), calls.looks],
        [['first'], 0],
        'nothing is done on top of what is not recorded',
      );
      assert.ok(tries.length >= 5 && tries.length < 30, `${tries.length} tries in 5 minutes`);
      assert.equal(errors.at(-1)?.code, 'storage');
      isBroken = false;
      await pass(120_000);
      assert.deepEqual([ids().length, outbox.status().waiting], [sends, 0]);
    });
  }

  it('does not send again what was sent, when it is stopped and started in the meantime', async () => {
    const { write, pass, outbox, ids, dispatcher, world } = dispatching();
    let isBroken = true;
    outbox.before = (step) => {
      if (step === 'acknowledge' && isBroken) throw refusal('storage');
    };
    world.stored = () => Promise.resolve(true);
    void write('first');
    await pass(10_000);
    const stopped = dispatcher.stop();
    await pass(1_000);
    await stopped;
    assert.equal(outbox.get('first')?.state, 'sending');
    isBroken = false;
    dispatcher.start();
    await pass(60_000);
    assert.deepEqual([ids(), outbox.size], [['first'], 0]);
  });
});

describe('Dispatcher, waiting', () => {
  it('ends every pause but those that a server asked for when it is woken for a reason', async () => {
    const { write, pass, ids, dispatcher } = dispatching([lost(), retryAfter(60_000)]);
    void write('lost', 'one');
    void write('refused', 'two');
    await pass(0);
    dispatcher.wake(true);
    await pass(0);
    assert.deepEqual(ids(), ['lost', 'refused', 'lost']);
    await pass(59_000);
    assert.equal(ids().length, 3);
    await pass(20_000);
    assert.deepEqual(ids().at(-1), 'refused');
  });

  it('sends nothing else over REST either before the time that the server asked for', async () => {
    const { write, pass, sends, world } = dispatching([retryAfter(30_000)]);
    world.route = 'rest';
    void write('first', 'one');
    void write('second', 'two');
    await pass(29_999);
    assert.equal(sends.length, 1);
    await pass(20_000);
    assert.deepEqual(sends.map(({ id }) => id).sort(), ['first', 'first', 'second']);
  });

  it('reads no history before the time that the server asked for', async () => {
    const { write, pass, calls, ids, world, dispatcher } = dispatching([ambiguous()]);
    world.stored = () => Promise.reject(retryAfter(60_000));
    void write('first');
    await pass(0);
    world.stored = () => Promise.resolve(true);
    dispatcher.wake(true);
    await pass(59_999);
    assert.deepEqual([calls.looks, ids()], [1, ['first']]);
    await pass(20_000);
    assert.deepEqual([calls.looks, ids()], [2, ['first']]);
  });

  it('honours after a reload what the server asked for', async () => {
    const page = dispatching([retryAfter(60_000)]);
    void page.write('first');
    await page.pass(10_000);
    page.dispatcher.dispose();
    const { pass, ids, dispatcher } = dispatching([], { outbox: page.outbox, time: page.time });
    dispatcher.wake(true);
    await pass(49_000);
    dispatcher.wake(true);
    await pass(999);
    assert.deepEqual(ids(), []);
    await pass(13_000);
    assert.deepEqual(ids(), ['first']);
  });

  it('does not wait for years after a reload because the clock was set back', async () => {
    const page = dispatching([lost()]);
    void page.write('first');
    await page.pass(0);
    page.dispatcher.dispose();
    const { pass, ids, world } = dispatching([], { outbox: page.outbox, time: page.time });
    world.clockError = -365 * 86_400_000;
    await pass(299_999);
    assert.deepEqual(ids(), []);
    await pass(1);
    assert.deepEqual(ids(), ['first']);
  });

  for (const jump of [-3_600_000, 3_600_000]) {
    it(`waits as long as it meant to when the clock jumps by ${jump / 3_600_000} h`, async () => {
      const { write, pass, sends, world, dispatcher } = dispatching([retryAfter(20_000)]);
      void write('first');
      await pass(0);
      world.clockError = jump;
      dispatcher.wake();
      await pass(19_999);
      assert.equal(sends.length, 1);
      await pass(10_000);
      assert.equal(sends.length, 2);
    });
  }

  for (const clock of ['wall', 'monotonic'] as const) {
    it(`gives a claim back that took too long by the ${clock} clock, and starts over`, async () => {
      const { write, pass, outbox, sends, world, time } = dispatching();
      let claims = 0;
      outbox.before = (step) => {
        if (step !== 'claim' || ++claims > 1) return;
        if (clock === 'wall') world.clockError += 60_000;
        else time.advance(60_000);
      };
      void write('first');
      await pass(0);
      assert.deepEqual(outbox.steps, [
        'lead',
        'claim first',
        'release first',
        'claim first',
        'acknowledge first',
      ]);
      assert.deepEqual(
        sends.map(({ attempts }) => attempts),
        [1],
      );
    });
  }

  it('gives a claim back when the way it was meant to go has closed meanwhile', async () => {
    const { write, pass, outbox, sends, world } = dispatching();
    outbox.before = (step) => step === 'claim' && (world.route = 'rest');
    void write('first');
    await pass(0);
    assert.deepEqual(
      sends.map(({ route, attempts }) => [route, attempts]),
      [['rest', 1]],
    );
  });

  it('asks an outbox that does not let it do anything only now and then', async () => {
    const { write, pass, outbox, ids } = dispatching();
    const claim = outbox.claim.bind(outbox);
    let isOdd = true;
    let asked = 0;
    outbox.claim = (id) => (++asked && isOdd ? Promise.resolve(undefined) : claim(id));
    void write('first');
    await pass(60_000);
    assert.ok(asked > 1 && asked < 40, `${asked} times in a minute`);
    isOdd = false;
    await pass(10_000);
    assert.deepEqual(ids(), ['first']);
  });
});

describe('Dispatcher, after another page', () => {
  for (const [state, outcome] of [
    ['sending', deferred().promise],
    ['uncertain', ambiguous()],
    ['verifying', ambiguous()],
  ] as const) {
    it(`looks for what was left ${state} before it sends it, and holds back only what stands behind it`, async () => {
      const page = dispatching([outcome]);
      if (state === 'uncertain') page.world.readable = false;
      void page.write('first');
      void page.write('second');
      await page.pass(0);
      assert.equal(page.outbox.get('first')?.state, state);
      page.dispatcher.dispose();
      const { outbox, time } = page;
      const { pass, ids, calls, write, dispatcher, world } = dispatching([], { outbox, time });
      world.readable = false;
      void write('other', 'two');
      await pass(60_000);
      assert.deepEqual([ids(), calls.looks], [['other'], 0]);
      world.readable = true;
      dispatcher.wake();
      await pass(1_900);
      assert.deepEqual([ids(), calls.looks], [['other'], 1]);
      await pass(10_000);
      assert.deepEqual([ids(), calls.looks], [['other', 'first', 'second'], 2]);
    });
  }

  it('says why a message is uncertain whose page was closed', async () => {
    const page = dispatching([deferred().promise]);
    void page.write('first');
    await page.pass(0);
    page.dispatcher.dispose();
    const { outbox, time } = page;
    const { pass } = dispatching([], { outbox, time });
    await pass(0);
    const { state, error } = outbox.get('first') ?? {};
    assert.deepEqual([state, error?.code, error?.stored], ['verifying', 'network', 'maybe']);
  });
});
