import assert from 'node:assert/strict';
import { describe, print, scheduleOf, scopeOf, shrink } from './hunt.ts';
import { loadProduct } from './product.ts';
import { runSchedule } from './run.ts';

/** The same for every change, so that a failure is the change's; `SIM_SEED` plays others, and `npm run test:soak` new ones. */
const SEED = Number(process.env['SIM_SEED'] ?? 424_242);

export interface Seeds {
  readonly first: number;
  readonly last: number;
}

/** The seeds of `count` schedules of this run, from the `from`th on. */
export function seedsFrom(from: number, count: number): Seeds {
  return { first: SEED + from, last: SEED + from + count - 1 };
}

/** Runs the schedules of `seeds`. Rejects with the first that breaks something, in its smallest form. */
export async function runSchedules({ first, last }: Seeds): Promise<void> {
  const product = await loadProduct();
  for (let seed = first; seed <= last; seed++) {
    const outcome = await runSchedule(product, scheduleOf(seed));
    if (outcome.violations.length === 0) continue;
    const smallest = await shrink(product, seed);
    assert.fail(`seed ${seed} (${scopeOf(seed)})\n${describe(outcome)}\nThe smallest: ${print(smallest)}`);
  }
}
