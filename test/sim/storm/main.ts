/**
 * A million clients lose their server at once: `npm run sim:storm -- [--clients N] [--seed N] [--svg FILE]`. Prints a table
 * for each outage and draws the chart of the README. Fails when our own policy misses its goals.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawStorm } from './chart.ts';
import { OBEDIENT, OURS, PEERS, type Policy } from './policies.ts';
import { missed, simulate, VISIBLE, type Aftermath } from './storm.ts';

const root = join(import.meta.dirname, '../../..');
const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '20260' },
    svg: { type: 'string', default: join(root, 'demo/images/storm.svg') },
  },
});
const clients = Number(values.clients);
const seed = Number(values.seed);
/** All clients would be back after 100 s if they came one after the other. */
const capacity = clients / 100;
const DRAWN = ['Phoenix', 'SignalR', 'Socket.IO', 'centrifuge'];
const DRAWN_OUTAGE_MS = 30_000;

console.log(
  `${clients} clients, ${VISIBLE * 100} % visible; the server admits ${capacity} a second; seed ${seed}`,
);
const failures: string[] = [];
for (const outageMs of [3_000, 30_000, 300_000]) {
  const results = run([OURS, ...PEERS], outageMs, `Away for ${outageMs / 1_000} s`);
  if (outageMs === DRAWN_OUTAGE_MS) {
    const drawn = results.filter(({ policy }) => policy === OURS || DRAWN.includes(policy.name));
    mkdirSync(dirname(values.svg), { recursive: true });
    const lines = drawn.map(({ policy, after }) => ({ name: policy.name, ...after }));
    writeFileSync(values.svg, drawStorm(lines, clients, outageMs));
  }
}
for (const retryAfterMs of [5_000, 30_000]) {
  const title = `Away for 30 s; every refusal says Retry-After: ${retryAfterMs / 1_000}`;
  run([OURS, ...OBEDIENT], 30_000, title, retryAfterMs);
}
console.log('\nSources');
for (const { name, source } of [...PEERS, ...OBEDIENT]) console.log(`- ${name}: ${source}`);
console.log(failures.length > 0 ? `\nMissed: ${failures.join('; ')}` : '\nAll goals met.');
process.exitCode = failures.length > 0 ? 1 : 0;

function run(policies: readonly Policy[], outageMs: number, title: string, retryAfterMs?: number) {
  console.log(`\n### ${title}\n`);
  console.log(
    '| policy | peak at drop | peak after return | attempts per client | half back | 99 % back | gave up |',
  );
  console.log('| --- | --: | --: | --: | --: | --: | --: |');
  return policies.map((policy) => {
    const after = simulate(policy, { clients, capacity, outageMs, seed, retryAfterMs });
    console.log(row(policy.name, after));
    if (policy === OURS) failures.push(...missed(after, outageMs).map((goal) => `${goal} (${title})`));
    return { policy, after };
  });
}

function row(name: string, after: Aftermath): string {
  const times = (rate: number) => `${rate.toFixed(rate < 20 ? 1 : 0)} ×`;
  const seconds = (ms: number | undefined) => (ms === undefined ? 'never' : `${Math.round(ms / 1_000)} s`);
  const cells = [
    name,
    times(after.peakAtDrop),
    times(after.peakAfterReturn),
    after.attemptsPerClient.toFixed(1),
    seconds(after.t50Ms),
    seconds(after.t99Ms),
    `${(after.stranded * 100).toFixed(0)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}
