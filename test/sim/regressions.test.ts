import assert from 'node:assert/strict';
import { describe as group, it } from 'node:test';
import { describe } from './hunt.ts';
import { loadProduct } from './product.ts';
import { REGRESSIONS } from './regressions.ts';
import { runSchedule } from './run.ts';

group('schedules that once found something', async () => {
  const product = await loadProduct();
  for (const [found, schedule] of REGRESSIONS) {
    it(found, async () => {
      const outcome = await runSchedule(product, schedule);
      assert.equal(describe(outcome), '');
    });
  }

  it('run the same way each time', async () => {
    for (const [, schedule] of REGRESSIONS) {
      const first = await runSchedule(product, schedule, true);
      const second = await runSchedule(product, schedule, true);
      assert.deepEqual(second.lines, first.lines);
      assert.equal(second.steps, first.steps);
    }
  });
});
