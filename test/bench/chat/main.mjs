// What a long conversation costs the page that shows it: our view, two other chats, and DOM written by hand.
// `npm run bench:chat`; writes test/bench/results/chat.md and chat.json. Installs the other chats into .cache/ the first
// time. `ROUNDS` (3) makes it shorter or longer. With `ONLY` (names of contenders) or `COUNTS` it writes nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { launch } from 'puppeteer-core';
import { findBrowser, launchOptions } from '../../support/browser.ts';
import { measure } from './measure.mjs';
import { report } from './report.mjs';
import { CONTENDERS, PEERS, startSite } from './site.mjs';

const VERSIONS = { 'deep-chat': '2.4.2', '@runtypelabs/persona': '4.17.0' };
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const ONLY = process.env.ONLY?.split(',') ?? Object.keys(CONTENDERS);
const COUNTS = process.env.COUNTS?.split(',').map(Number) ?? [100, 1_000, 10_000];

install();
const site = await startSite();
const { executablePath, env } = findBrowser(resolve(PEERS, '..'));
const browser = await launch({
  ...launchOptions(executablePath),
  protocolTimeout: 150_000,
  env: { ...process.env, ...env },
});
const results = Object.fromEntries(ONLY.map((name) => [name, COUNTS.map(() => [])]));
try {
  // The first round warms up the machine and the browser's code cache, and is thrown away; short, since it may be.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [size, count] of COUNTS.entries()) {
      if (round === 0 && count > 1_000) continue;
      for (let index = 0; index < ONLY.length; index++) {
        const name = ONLY[(index + round) % ONLY.length]; // another order in each round
        const figures = await measure({ browser, url: `${site.url}/${name}`, count });
        if (round > 0) results[name][size].push(figures);
        console.log(`round ${round} of ${ROUNDS}: ${name}, ${count}`, JSON.stringify(figures));
      }
    }
  }
  if (process.env.ONLY || process.env.COUNTS) console.log('Not a full run: nothing written.');
  else {
    await report({
      results,
      counts: COUNTS,
      rounds: ROUNDS,
      browser: await browser.version(),
      versions: VERSIONS,
    });
  }
} finally {
  await browser.close();
  site.stop();
}

function install() {
  const names = Object.keys(VERSIONS);
  if (names.every((name) => existsSync(resolve(PEERS, 'node_modules', name)))) return;
  mkdirSync(PEERS, { recursive: true });
  const wanted = names.map((name) => `${name}@${VERSIONS[name]}`);
  const options = ['--prefix', PEERS, '--no-audit', '--no-fund', '--ignore-scripts'];
  const { status } = spawnSync('npm', ['install', ...options, ...wanted], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The other chats could not be installed.');
}
