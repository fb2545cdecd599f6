import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SEED } from '../support/seed.ts';
import { playFreshness, world } from './incident-freshness.property.ts';

const RUNS = Number(process.env.FRESHNESS_RUNS ?? 60);

describe('freshness of an incident feed', () => {
  it('is never claimed for what has been wrong for longer than a proof and a look, whatever happens', async (t) => {
    const total = { ticks: 0, fresh: 0, worstMs: 0 };
    await fc.assert(
      fc.asyncProperty(world, async (schedule) => {
        const { ticks, fresh, worstMs } = await playFreshness(schedule);
        total.ticks += ticks;
        total.fresh += fresh;
        total.worstMs = Math.max(total.worstMs, worstMs);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    t.diagnostic(`${total.ticks} looks, fresh in ${total.fresh}, wrong for at most ${total.worstMs} ms`);
  });
});
