import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backoff } from '../../src/protocol/backoff.ts';
import { parseRetryAfter } from '../../src/protocol/parse-error.ts';
import { SEED } from '../support/seed.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempts = fc.integer({ min: 1, max: 5_000 });

describe('backoff', () => {
  it('waits up to 2 s at first, up to 30 s on a hidden page', () => {
    const first = (random: number, hidden = false) => backoff(0, { random: () => random, hidden });
    assert.deepEqual([first(0), first(0.5), first(1)], [0, 1_000, 2_000]);
    assert.deepEqual([first(0, true), first(0.5, true), first(1, true)], [0, 15_000, 30_000]);
  });

  it('doubles from 4 s to 30 s, and from 15 s to 60 s on a hidden page', () => {
    const middle = (hidden: boolean) =>
      [1, 2, 3, 4, 5, 6].map((attempt) => backoff(attempt, { random: () => 0.5, hidden }));
    assert.deepEqual(middle(false), [4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    assert.deepEqual(middle(true), [15_000, 30_000, 60_000, 60_000, 60_000, 60_000]);
  });

  it('never says stop, and never waits longer than one and a half times its cap', () => {
    fc.assert(
      fc.property(attempts, chance, fc.boolean(), (attempt, random, hidden) => {
        const waitMs = backoff(attempt, { random: () => random, hidden });
        const capMs = hidden ? 60_000 : 30_000;
        assert.ok(waitMs >= 2_000 && waitMs <= 1.5 * capMs, `${waitMs}`);
      }),
      { seed: SEED },
    );
  });

  it('waits at least what the server asked for, and spreads by what it would have waited itself', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        chance,
        fc.boolean(),
        fc.double({ min: 0, max: 3_600_000, noNaN: true }),
        (attempt, random, hidden, retryAfterMs) => {
          const askedMs = Math.max(1_000, retryAfterMs);
          const longestMs = backoff(attempt, { random: () => 1, hidden });
          const waitMs = backoff(attempt, { random: () => random, hidden, retryAfterMs });
          assert.equal(waitMs, askedMs + random * Math.max(longestMs, 0.2 * askedMs));
        },
      ),
      { seed: SEED },
    );
  });

  it('takes what is no time for not asked', () => {
    for (const retryAfterMs of [NaN, Infinity, undefined]) {
      assert.equal(backoff(1, { random: () => 0.5, retryAfterMs }), 4_000);
    }
    assert.equal(backoff(0, { random: () => 0, retryAfterMs: -5_000 }), 1_000);
  });
});

describe('parseRetryAfter', () => {
  const NOW = Date.parse('2026-11-22T10:00:00Z');

  it('reads seconds and dates, a past one as the shortest wait', () => {
    const read = (value: unknown) => parseRetryAfter(value, NOW);
    assert.deepEqual(
      [read('7'), read(7), read(' 7 '), read('0'), read(0)],
      [7_000, 7_000, 7_000, 1_000, 1_000],
    );
    assert.equal(read('Sun, 22 Nov 2026 10:00:30 GMT'), 30_000);
    assert.equal(read('Sun Nov 22 10:00:30 2026 GMT'), 30_000, 'the old form of a date');
    assert.equal(read('Sun, 22 Nov 2026 09:00:00 GMT'), 1_000);
    assert.equal(read('Sun, 22 Nov 2099 10:00:00 GMT'), 3_600_000);
  });

  it('takes everything else for nothing, however long it is', () => {
    const endless = ['a', '9', ' ', 'Sun '].map((text) => text.repeat(500_000));
    for (const value of ['-7', '', 'soon', '7 s', 'Sun, 99 Foo 2026', NaN, -1, null, {}, ['7'], ...endless]) {
      assert.equal(parseRetryAfter(value, NOW), undefined, JSON.stringify(value)?.slice(0, 20));
    }
  });
});
