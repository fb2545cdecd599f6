/**
 * Ten thousand gaps in what a feed was told, on two cores: `npm run sim:gaps -- [--gaps N] [--seed N] [--results FILE]`.
 * Writes what they came to; fails when one of them leaves a fault behind. Gap K of seed N is `one.ts` with N + K.
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadProduct } from '../product.ts';
import { drawGap } from './gap.ts';
import { playGap } from './play.ts';
import { rowOf, writeResults, type Row } from './results.ts';

const WORKERS = 2;
const REPORT_EVERY = 25;
const { values } = parseArgs({
  options: {
    gaps: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '20261122' },
    results: { type: 'string', default: join(import.meta.dirname, 'results.md') },
    worker: { type: 'string' },
  },
});
const gaps = Number(values.gaps);
const seed = Number(values.seed);

if (values.worker === undefined) await supervise();
else await work(Number(values.worker));

async function work(worker: number): Promise<void> {
  const product = await loadProduct();
  let rows: Row[] = [];
  for (let index = worker; index < gaps; index += WORKERS) {
    rows.push(rowOf(await playGap(product, drawGap(seed + index))));
    if (rows.length < REPORT_EVERY) continue;
    process.send?.(rows);
    rows = [];
  }
  process.send?.(rows);
  process.disconnect();
}

async function supervise(): Promise<void> {
  const startedAt = performance.now();
  const rows: Row[] = [];
  console.log(`${gaps} gaps, seed ${seed}`);
  const ends = Array.from({ length: WORKERS }, (_, worker) => {
    const args = ['--gaps', String(gaps), '--seed', String(seed), '--worker', String(worker)];
    const child = fork(import.meta.filename, args, { execArgv: process.execArgv });
    child.on('message', (message) => {
      for (const row of message as Row[]) {
        rows.push(row);
        if (row.faults.length > 0) console.log(`seed ${row.seed} (${row.kind}): ${row.faults.join('; ')}`);
        if (rows.length % 500 === 0) console.log(`${rows.length}/${gaps}`);
      }
    });
    return new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  });
  const codes = await Promise.all(ends);
  const seconds = (performance.now() - startedAt) / 1_000;
  const text = writeResults(rows, { seed, seconds });
  writeFileSync(values.results, text);
  console.log(text);
  const isWhole = rows.length === gaps && codes.every((code) => code === 0);
  process.exitCode = isWhole && rows.every(({ faults }) => faults.length === 0) ? 0 : 1;
}
