import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SEED } from '../../support/seed.ts';
import { runKills } from './kill-run.ts';
import { Random } from './random.ts';
import { runTabs } from './tab-run.ts';
import { complaints } from './verdict.ts';

const LIMIT_MS = 60_000;

// The long runs: `npm run test:kills` and `npm run test:tabs`.
describe('what was accepted', () => {
  for (const faulty of [false, true]) {
    it(`is stored once after 4 kills of the page or the browser, on a ${faulty ? 'bad' : 'good'} network`, async () => {
      const result = await runKills({ random: new Random(SEED), kills: 4, faulty, limitMs: LIMIT_MS });
      assert.deepEqual(complaints(result), []);
      assert.equal(result.waiting, 0);
    });
  }

  it('is stored once, over one socket, after 12 things happened to 4 tabs', async () => {
    const random = new Random(SEED);
    const result = await runTabs({ random, tabs: 4, steps: 12, hangs: false, limitMs: LIMIT_MS });
    assert.deepEqual(complaints(result), []);
    assert.equal(result.waiting, 0);
    assert.equal(result.attemptedTwice, 0, 'no message is sent twice');
    assert.deepEqual(result.ignored, []);
    assert.deepEqual(result.shownWrongly, []);
    // A page that is frozen lets go of the lock at once, but its socket closes when the server has said goodbye.
    assert.deepEqual(
      result.overlaps.filter(({ ms }) => ms > 1_000),
      [],
      'never two sockets at once',
    );
  });
});
