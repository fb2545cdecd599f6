import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SEED } from '../support/seed.ts';
import { gap, playGap } from './incident-gaps.property.ts';

/** `INCIDENT_GAPS=10000` plays as many as the goal names. */
const GAPS = Number(process.env.INCIDENT_GAPS ?? 150);
/** A look beside a stream that is believed, one more where a page had shifted, and the longest wait of all. */
const REPAIR_MS = 75_000;

describe('a gap in what a feed was told', () => {
  it('is repaired, wherever it was, with nothing missing, nothing wrong and nothing told twice', async (t) => {
    const worst: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(gap, async (given) => {
        const { missing, repairMs } = await playGap(given);
        assert.equal(missing, 0);
        assert.ok(repairMs <= REPAIR_MS, `${repairMs} ms`);
        worst[given.how] = Math.max(worst[given.how] ?? 0, Math.round(repairMs));
      }),
      { seed: SEED, numRuns: GAPS },
    );
    t.diagnostic(`${GAPS} gaps; worst repair in ms: ${JSON.stringify(worst)}`);
  });
});
