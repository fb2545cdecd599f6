/** The breaker against its model, at length: `npm run test:breaker -- [--seed N] [--count M]`. */
import { parseArgs } from 'node:util';
import { differenceIn } from './circuit-breaker-model.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    count: { type: 'string', default: '1000000' },
  },
});
const seed = Number(values.seed);
const count = Number(values.count);
const started = performance.now();
let differences = 0;
for (let index = 0; index < count; index++) {
  const steps = differenceIn(seed + index);
  if (steps && ++differences <= 3) console.log(`seed ${seed + index}\n  ${steps.join('\n  ')}`);
}
const seconds = ((performance.now() - started) / 1_000).toFixed(0);
console.log(`seed ${seed}: ${count} interleavings, ${differences} differences, ${seconds} s`);
process.exitCode = differences > 0 ? 1 : 0;
