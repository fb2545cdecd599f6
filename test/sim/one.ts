/**
 * One schedule, told step by step: `node --import tsx test/sim/one.ts <seed> [--shrink]`.
 */
import { parseArgs } from 'node:util';
import { describe, print, scheduleOf, scopeOf, shrink } from './hunt.ts';
import { loadProduct } from './product.ts';
import { runSchedule } from './run.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { shrink: { type: 'boolean', default: false }, quiet: { type: 'boolean', default: false } },
});
const seed = Number(positionals[0]);
const product = await loadProduct();
const schedule = values.shrink ? await shrink(product, seed) : scheduleOf(seed);
const outcome = await runSchedule(product, schedule, true);
if (!values.quiet) console.log(outcome.lines.join('\n'));
console.log(`seed ${seed}, ${scopeOf(seed)}: ${print(schedule)}`);
console.log(outcome.violations.length === 0 ? 'Everything holds.' : describe(outcome));
process.exitCode = outcome.violations.length === 0 ? 0 : 1;
