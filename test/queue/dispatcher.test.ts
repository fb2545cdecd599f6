import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ambiguous, deferred, dispatching, lost, refusal } from './dispatching.ts';

describe('Dispatcher', () => {
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
});
