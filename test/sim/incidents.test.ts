import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SEED } from '../support/seed.ts';
import { drawGap } from './incidents/gap.ts';
import { playGap } from './incidents/play.ts';
import { faultsOf } from './incidents/verdict.ts';
import { loadProduct } from './product.ts';

/** `npm run sim:gaps` plays ten thousand. */
const GAPS = 300;

describe(`the feed of incidents after ${GAPS} random gaps (seed ${SEED})`, () => {
  it('shows what the server has, tells of it once, and never called anything else fresh', async (t) => {
    const product = await loadProduct();
    let worstMs = 0;
    for (let seed = SEED; seed < SEED + GAPS; seed++) {
      const played = await playGap(product, drawGap(seed));
      const how = `Again: node --import tsx test/sim/incidents/one.ts ${seed} (${played.gap.troubles.join()})`;
      assert.deepEqual(faultsOf(played), [], how);
      worstMs = Math.max(worstMs, played.repairMs ?? 0);
    }
    t.diagnostic(`worst repair: ${worstMs} ms`);
  });
});
