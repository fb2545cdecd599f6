import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Priority } from '../../src/protocol/types.ts';
import { Lanes } from '../../src/queue/lanes.ts';
import { createRecord, LANES, type OutboxRecord } from '../../src/queue/outbox-record.ts';
import { SEED } from '../support/seed.ts';

const record = (priority: Priority, conversation = 'one', seq = 1): OutboxRecord =>
  createRecord(
    { conversation, workflow: 'acme:Support Agent:Chat Flow', message: { text: 'Hello', priority } },
    { id: `${priority} ${conversation}`, seq, now: 0, ttlMs: 1_000 },
  );
const all = LANES.map((priority) => record(priority));

/** Who gets the next `turns` turns, `everyMs` apart, while `ready` does not change. */
const turns = (lanes: Lanes, ready: readonly OutboxRecord[], count: number, everyMs = 1_000) =>
  Array.from({ length: count }, (_, i) => lanes.next(ready, i * everyMs));
const share = (given: (OutboxRecord | undefined)[], priority: Priority) =>
  given.filter((each) => each?.priority === priority).length;

describe('Lanes', () => {
  it('gives eight turns to high priority, four to normal and one to low', () => {
    const given = turns(new Lanes(), all, 130);
    assert.deepEqual(
      LANES.map((priority) => share(given, priority)),
      [80, 40, 10],
    );
  });

  it('gives the turns that nobody wants to those who wait', () => {
    assert.equal(share(turns(new Lanes(), [record('low')], 30), 'low'), 30);
    const given = turns(new Lanes(), [record('normal'), record('low')], 50);
    assert.deepEqual([share(given, 'normal'), share(given, 'low')], [40, 10]);
  });

  it('starts with high priority', () => {
    assert.equal(new Lanes().next([...all].reverse(), 0)?.priority, 'high');
  });

  it('lets a lane go that has waited for 15 s, where turns are rare', () => {
    const given = turns(new Lanes(), all, 12, 10_000);
    assert.ok(share(given, 'low') >= 3, `${share(given, 'low')} of 12`);
    assert.ok(share(given, 'high') >= 3);
  });

  it('counts the waiting also while nobody can go', () => {
    const lanes = new Lanes();
    lanes.see(all, 0);
    assert.equal(lanes.next(all, 1_000)?.priority, 'high');
    assert.equal(lanes.next(all, 15_000)?.priority, 'normal');
    assert.equal(lanes.next(all, 15_000)?.priority, 'low');
  });

  it('does not count the time in which a lane had nothing to send', () => {
    const lanes = new Lanes();
    lanes.see(all, 0);
    lanes.see([record('high')], 5_000);
    assert.equal(lanes.next([record('high'), record('low')], 16_000)?.priority, 'high');
  });

  it('takes the conversations of a lane in turn, and the newest one first', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name, i) => record('normal', name, i)) as [
      OutboxRecord,
      OutboxRecord,
      OutboxRecord,
    ];
    const lanes = new Lanes();
    const names = (ready: OutboxRecord[], count: number) =>
      turns(lanes, ready, count).map((each) => each?.conversation);
    assert.deepEqual(names([a, b], 4), ['a', 'b', 'a', 'b']);
    assert.deepEqual(names([a, b, c], 4), ['c', 'a', 'b', 'c']);
  });

  it('has nobody to choose from an empty queue', () => {
    assert.equal(new Lanes().next([], 0), undefined);
  });

  it('Q11: starves nobody, whoever comes and goes', () => {
    const subset = fc.subarray(LANES.flatMap((lane) => ['a', 'b', 'c'].map((name) => record(lane, name))));
    fc.assert(
      fc.property(fc.array(subset, { minLength: 100, maxLength: 300 }), (rounds) => {
        const lanes = new Lanes();
        const waited = new Map<Priority, number>();
        rounds.forEach((ready, second) => {
          const chosen = lanes.next(ready, second * 1_000);
          assert.equal(chosen !== undefined, ready.length > 0);
          for (const lane of LANES) {
            const isServed = chosen?.priority === lane;
            const isReady = ready.some(({ priority }) => priority === lane);
            waited.set(lane, isServed || !isReady ? 0 : (waited.get(lane) ?? 0) + 1);
            assert.ok((waited.get(lane) ?? 0) <= 17, `${lane} waited ${waited.get(lane)} turns`);
          }
        });
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});
