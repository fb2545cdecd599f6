// How the cost of the outbox grows with its depth, next to a queue that keeps everything in one localStorage value.
// `npm run bench:queue`; writes test/bench/results/queue.md and queue.json. Takes some minutes.
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { launch } from 'puppeteer-core';
import { findBrowser, launchOptions } from '../../support/browser.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const RESULTS = resolve(ROOT, 'test/bench/results');
const DEPTHS = [100, 10_000, 50_000];
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const OUTBOX_OPS = 200;
const SETTLE_MS = 3_000;
/** The sample takes longer the deeper it is; fewer operations keep a round short. */
const sampleOps = (depth) => (depth > 1_000 ? 40 : 200);
const OPERATIONS = [
  ['sequential', 'enqueue, one after another'],
  ['burst', 'enqueue, at once'],
  ['dequeue', 'claim and acknowledge'],
];

const { outputFiles } = await build({
  entryPoints: [resolve(import.meta.dirname, 'page.mjs')],
  bundle: true,
  write: false,
  format: 'iife',
  target: 'es2022',
  minify: true,
});
const server = createServer((request, response) => {
  const isScript = request.url === '/page.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
  response.end(
    isScript ? outputFiles[0].text : '<!doctype html><title>bench</title><script src="/page.js"></script>',
  );
});
server.listen(0, 'localhost');
await once(server, 'listening');

const { executablePath, env } = findBrowser(resolve(ROOT, '.cache'));
const browser = await launch({ ...launchOptions(executablePath), env: { ...process.env, ...env } });
try {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
  const call = (name, ...args) => page.evaluate((method, list) => window.bench[method](...list), name, args);

  const sampleLimit = await call('sampleLimit');
  for (const depth of DEPTHS) {
    console.log(`filling to ${depth}`);
    if (!(await call('fillOutbox', depth))) throw new Error('Not everything was stored.');
  }
  const rates = { outbox: {}, sample: {} };
  // The first round warms up and is thrown away.
  for (let round = 0; round <= ROUNDS; round++) {
    // Another order in each round, so that no depth is always first.
    const order = DEPTHS.map((_, index) => DEPTHS[(index + round) % DEPTHS.length]);
    for (const [name, method, operations] of [
      ['outbox', 'measureOutbox', () => OUTBOX_OPS],
      ['sample', 'measureSample', sampleOps],
    ]) {
      for (const depth of order) {
        const result = await call(method, depth, operations(depth));
        if (round > 0) (rates[name][depth] ??= []).push(result ?? null);
      }
      // The browser goes on writing what localStorage was given: whoever comes next must not pay for it.
      await setTimeout(SETTLE_MS);
    }
    console.log(`round ${round} of ${ROUNDS}`);
  }
  await report(rates, sampleLimit, await browser.version());
} finally {
  await browser.close();
  server.close();
}

async function report(rates, sampleLimit, version) {
  const table = {};
  for (const name of ['outbox', 'sample']) {
    for (const [operation] of OPERATIONS) {
      const medians = DEPTHS.map((depth) => median(rates[name][depth].map((each) => each?.[operation])));
      (table[name] ??= {})[operation] = { medians, exponent: exponent(medians) };
    }
  }
  const lines = [
    '# What it costs to queue a message',
    '',
    `Operations a second, durable (each promise settled after the transaction's commit), in ${version}, ${cpus().length} cores, Node ${process.version}.`,
    `Medians of ${ROUNDS} interleaved rounds in one headless browser, one page. "Growth" is the slope of log(time for one operation) against log(depth):`,
    '0 is a cost that does not depend on the depth, 1 one that is proportional to it. Compare columns and rows, not machines.',
    '',
    `| queue | operation | ${DEPTHS.map((depth) => `${depth.toLocaleString('en')} deep`).join(' | ')} | growth |`,
    `| --- | --- |${' ---: |'.repeat(DEPTHS.length + 1)}`,
  ];
  for (const [name, label] of [
    ['outbox', 'outbox (IndexedDB)'],
    ['sample', 'sample (localStorage, whole array)'],
  ]) {
    for (const [operation, words] of OPERATIONS) {
      const { medians, exponent: growth } = table[name][operation];
      const cells = medians.map((value) =>
        value === undefined ? 'does not fit' : Math.round(value).toLocaleString('en'),
      );
      lines.push(`| ${label} | ${words} | ${cells.join(' | ')} | ${growth.toFixed(2)} |`);
    }
  }
  lines.push(
    '',
    `The sample ends at ${sampleLimit.toLocaleString('en')} messages of this size: \`localStorage\` holds no more, its write fails, and the caller is not told.`,
    'The sample blocks the page while it writes, and has no claim: its "claim and acknowledge" is the removal of the first message.',
    '`localStorage` returns before its value is on the disk; so does IndexedDB by default, after the write was handed to the operating system.',
    '',
  );
  await mkdir(RESULTS, { recursive: true });
  const figures = { depths: DEPTHS, rounds: ROUNDS, browser: version, sampleLimit, medians: table, rates };
  await write('queue.json', JSON.stringify(figures));
  await write('queue.md', lines.join('\n'));
  console.log(lines.join('\n'));
}

/** As the rest of the repository is formatted. */
async function write(name, text) {
  const filepath = resolve(RESULTS, name);
  await writeFile(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
}

function median(values) {
  const sorted = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Least squares over the depths that were measured. */
function exponent(medians) {
  const points = medians.flatMap((rate, index) =>
    rate === undefined ? [] : [[Math.log(DEPTHS[index]), Math.log(1 / rate)]],
  );
  const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const slope = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return slope / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
