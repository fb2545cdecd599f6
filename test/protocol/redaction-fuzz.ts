/**
 * `npm run test:redaction -- [--cases=1000000] [--seed=n]`
 *
 * Looks for planted secrets in everything that leaves this library; prints what it looked through and fails at the first
 * leak of eight characters.
 */
import { parseArgs } from 'node:util';
import { hunt } from './redaction-hunt.ts';

const STEP = 50_000;
// The places in stacks are those of this script: nothing to look for, in most of what is printed.
Error.stackTraceLimit = 3;
const { values } = parseArgs({ options: { cases: { type: 'string' }, seed: { type: 'string' } } });
const cases = Number(values.cases ?? 1_000_000);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
console.log(`${cases.toLocaleString('en')} errors with planted secrets, seed ${seed}`);

const looked: Record<string, number> = {};
let secrets = 0;
for (let done = 0; done < cases && !process.exitCode; done += STEP) {
  const result = await hunt(seed + done, Math.min(STEP, cases - done));
  secrets += result.secrets;
  for (const [sink, length] of Object.entries(result.looked)) looked[sink] = (looked[sink] ?? 0) + length;
  for (const leak of result.leaks.slice(0, 5)) console.error(leak);
  if (result.leaks.length > 0) process.exitCode = 1;
  console.log(`${Math.min(cases, done + STEP).toLocaleString('en')} done, ${result.leaks.length} leaks`);
}
console.log(`${secrets.toLocaleString('en')} secrets planted; characters looked through:`);
for (const [sink, length] of Object.entries(looked)) {
  console.log(`${sink.padEnd(10)}${length.toLocaleString('en').padStart(16)}`);
}
