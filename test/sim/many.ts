import assert from 'node:assert/strict';
import { describe as group, it } from 'node:test';
import { describe, print, scheduleOf, scopeOf, shrink } from './hunt.ts';
import { loadProduct } from './product.ts';
import { runSchedule } from './run.ts';

/** Another one each time; `SIM_SEED` repeats a run. */
const SEED = Number(process.env['SIM_SEED'] ?? Date.now() % 1_000_000_000);

/** A test that runs `count` random schedules, from the `from`th on. Of the first that fails it tells the smallest. */
export function testSchedules(from: number, count: number): void {
  group('the client under random faults', () => {
    const seeds = `seeds ${SEED + from} to ${SEED + from + count - 1}`;
    it(`loses, repeats, reorders and mixes up nothing in ${count} schedules (${seeds})`, async () => {
      const product = await loadProduct();
      for (let seed = SEED + from; seed < SEED + from + count; seed++) {
        const outcome = await runSchedule(product, scheduleOf(seed));
        if (outcome.violations.length === 0) continue;
        const smallest = await shrink(product, seed);
        assert.fail(
          `seed ${seed} (${scopeOf(seed)})\n${describe(outcome)}\nThe smallest: ${print(smallest)}`,
        );
      }
    });
  });
}
