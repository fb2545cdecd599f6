/**
 * Many schedules on every core: `npm run test:soak -- [--seed N] [--from K] [--count M]`. Schedule K of seed N is
 * `one.ts` with N + K.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describe, print, scheduleOf, scopeOf, shrink } from './hunt.ts';
import type { ViolationKind } from './invariants.ts';
import { loadProduct } from './product.ts';
import { runSchedule } from './run.ts';

/** What one worker has found since it told last. */
interface Report {
  done: number;
  accepted: number;
  explained: number;
  virtualHours: number;
  readonly violations: Partial<Record<ViolationKind, number>>;
  readonly findings: string[];
}

const REPORT_EVERY = 50;
const SHRUNK_AT_MOST = 5;
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '100000' },
    worker: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});
const base = Number(values.seed);
const from = Number(values.from);
const count = Number(values.count);
const workers = Number(values.workers);

if (values.worker === undefined) await supervise();
else await work(Number(values.worker));

async function work(worker: number): Promise<void> {
  const product = await loadProduct();
  let report = empty();
  let shrunk = 0;
  for (let index = from + worker; index < from + count; index += workers) {
    const seed = base + index;
    const outcome = await runSchedule(product, scheduleOf(seed));
    report.done++;
    report.accepted += outcome.accepted;
    report.virtualHours += outcome.lasted / 3_600_000;
    report.explained += outcome.duplicates;
    for (const kind of new Set(outcome.violations.map((violation) => violation.kind))) {
      report.violations[kind] = (report.violations[kind] ?? 0) + 1;
    }
    if (outcome.violations.length > 0) {
      const smallest = shrunk++ < SHRUNK_AT_MOST ? `\n${print(await shrink(product, seed))}` : '';
      report.findings.push(`seed ${seed} (${scopeOf(seed)})\n${describe(outcome)}${smallest}`);
    }
    if (report.done === REPORT_EVERY || outcome.violations.length > 0) {
      process.send?.(report);
      report = empty();
    }
  }
  process.send?.(report);
  process.disconnect();
}

async function supervise(): Promise<void> {
  const startedAt = performance.now();
  const total = empty();
  console.log(`${count} schedules, seed ${base}, from ${from}, ${workers} workers`);
  const ends = Array.from({ length: workers }, (_, worker) => {
    const args = ['--seed', String(base), '--from', String(from), '--count', String(count)];
    const child = fork(
      import.meta.filename,
      [...args, '--worker', String(worker), '--workers', String(workers)],
      {
        execArgv: process.execArgv,
      },
    );
    child.on('message', (message) => {
      const report = message as Report;
      add(total, report);
      for (const finding of report.findings) console.log(`\n${finding}`);
      const seconds = (performance.now() - startedAt) / 1_000;
      const line = `${total.done}/${count}  ${(total.done / seconds).toFixed(0)}/s  ${total.findings.length} broken`;
      if (process.stdout.isTTY) process.stdout.write(`\r${line} `);
      else if (total.done % 1_000 < REPORT_EVERY) console.log(line);
    });
    return new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  });
  const codes = await Promise.all(ends);
  summarise(total, (performance.now() - startedAt) / 1_000);
  const isWhole = total.done === count && codes.every((code) => code === 0);
  process.exitCode = isWhole && total.findings.length === 0 ? 0 : 1;
}

function summarise(total: Report, seconds: number): void {
  const { violations } = total;
  const sum = (...kinds: ViolationKind[]) => kinds.reduce((all, kind) => all + (violations[kind] ?? 0), 0);
  console.log('');
  console.table({
    schedules: total.done,
    'messages accepted': total.accepted,
    'virtual hours': Math.round(total.virtualHours),
    lost: sum('lost', 'stuck'),
    'duplicates inside the window': total.explained,
    'duplicates outside the window': sum('duplicate', 'double-send'),
    reordered: sum('order'),
    'shown twice or out of order': sum('shown-twice', 'shown-order'),
    foreign: sum('foreign'),
    'said complete, but was not': sum('missing'),
    other: sum('text', 'failed-but-stored', 'hangs', 'leak', 'unhandled'),
    seconds: Math.round(seconds),
  });
}

function add(total: Report, report: Report): void {
  total.done += report.done;
  total.accepted += report.accepted;
  total.explained += report.explained;
  total.virtualHours += report.virtualHours;
  total.findings.push(...report.findings);
  for (const [kind, number] of Object.entries(report.violations)) {
    const name = kind as ViolationKind;
    total.violations[name] = (total.violations[name] ?? 0) + number;
  }
}

function empty(): Report {
  return { done: 0, accepted: 0, explained: 0, virtualHours: 0, violations: {}, findings: [] };
}
