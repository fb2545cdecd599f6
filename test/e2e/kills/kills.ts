/**
 * `npm run test:kills -- [--kills=200] [--seed=N] [--network=good|faulty] [--minutes=14]`
 *
 * Kills pages and the browser itself while messages are being written, and asks the server what became of them. Without
 * `--network` it runs twice, the second time with faults on the way. The exit code is 0 when the promise was kept.
 */
import { parseArgs } from 'node:util';
import { buildIfStale } from '../../support/build.ts';
import { findBrowser } from '../../support/browser.ts';
import { runKills, type KillRunResult } from './kill-run.ts';
import { anySeed, Random } from './random.ts';
import { printTable } from './table.ts';
import { complaints } from './verdict.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(anySeed()) },
    network: { type: 'string' },
    minutes: { type: 'string', default: '14' },
  },
});
const seed = Number(values.seed);
const networks = values.network ? [values.network] : ['good', 'faulty'];

buildIfStale(process.cwd());
process.env.CHROME_PATH = findBrowser('.cache').executablePath;
const results: KillRunResult[] = [];
for (const network of networks) {
  console.log(`Network ${network}: seed ${seed}`);
  const result = await runKills({
    random: new Random(seed),
    kills: Number(values.kills),
    faulty: network === 'faulty',
    limitMs: Number(values.minutes) * 60_000,
    onProgress: (line) => process.stdout.write(`\r${line}   `),
  });
  console.log();
  results.push(result);
}

const row = (label: string, read: (result: KillRunResult) => string | number) =>
  [label, ...results.map((result) => String(read(result)))] as const;
printTable([
  row('network', (result) => networks[results.indexOf(result)] ?? ''),
  row('seed', () => seed),
  row('kills of a page: crash', ({ kills }) => kills.crash),
  row('kills of a page: close', ({ kills }) => kills.close),
  row('kills of the browser', ({ kills }) => kills.browser),
  row('messages typed', ({ typed }) => typed),
  row('accepted (said to be saved)', ({ accepted }) => accepted),
  row('  stored once', ({ storedOnce }) => storedOnce),
  row('  stored twice', ({ duplicates }) => duplicates.length),
  row(
    '    of these, after the first could be seen',
    ({ duplicates }) => duplicates.filter(({ wasVisible }) => wasVisible).length,
  ),
  row('  lost', ({ lost, waiting }) => Math.max(0, lost.length - waiting)),
  row('  still waiting at the end', ({ waiting }) => waiting),
  row('  shown as failed', ({ failed }) => failed.length),
  row('stored, page died before it said so', ({ storedUnasked }) => storedUnasked),
  row('stored out of order', ({ reordered }) => reordered.length),
  row('seconds', ({ seconds }) => seconds.toFixed(0)),
]);
const found = results.flatMap(complaints);
for (const complaint of found) console.log(complaint);
process.exitCode = found.length === 0 && results.every(({ waiting }) => waiting === 0) ? 0 : 1;
