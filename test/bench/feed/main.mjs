// What a burst of incidents does to the page that shows them: our element, React with Apollo, and DOM written by hand.
// `npm run bench:feed`, after `npm run build`; writes test/bench/results/feed.md and feed.json. Takes about ten minutes.
// `ROUNDS` (3) makes it shorter or longer. With `ONLY` (names of contenders) or `SECONDS` it writes nothing.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { launch } from 'puppeteer-core';
import { findBrowser, launchOptions } from '../../support/browser.ts';
import { measure } from './measure.mjs';
import { report } from './report.mjs';
import { startServer } from './server.mjs';
import { CONTENDERS, startSite } from './site.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const ONLY = process.env.ONLY?.split(',') ?? Object.keys(CONTENDERS);
const LOAD = {
  known: 10_000,
  perSecond: 5_000,
  seconds: Number(process.env.SECONDS ?? 10),
  updates: 0,
  duplicates: 0,
};
const FULL_RATE = 0.97;
const MOST_ATTEMPTS = 4;

const server = await startServer({});
const site = await startSite();
const { executablePath, env } = findBrowser(resolve(ROOT, '.cache'));
const browser = await launch({ ...launchOptions(executablePath), env: { ...process.env, ...env } });
const results = Object.fromEntries(ONLY.map((name) => [name, []]));
try {
  // The first round warms up the machine, the server and the browser's code cache, and is thrown away.
  for (let round = 0; round <= ROUNDS; round++) {
    for (let index = 0; index < ONLY.length; index++) {
      const name = ONLY[(index + round) % ONLY.length]; // another order in each round
      const url = `${site.url}/${name}?server=${encodeURIComponent(server.url)}`;
      const figures = await measureInFull(url);
      if (round > 0) results[name].push(figures);
      console.log(`round ${round} of ${ROUNDS}: ${name}`, JSON.stringify(figures));
    }
  }
  if (process.env.ONLY || process.env.SECONDS) console.log('Not a full run: nothing written.');
  else
    await report({
      results,
      load: LOAD,
      rounds: ROUNDS,
      browser: await browser.version(),
      versions: await versions(),
    });
} finally {
  await browser.close();
  site.stop();
  await server.stop();
}

/** Once more where the server did not come to send what was asked of it, so that all are under the same load. */
async function measureInFull(url) {
  for (let attempt = 1; ; attempt++) {
    const figures = await measure({ browser, server, url, ...LOAD });
    if (figures.eventsPerSecond >= FULL_RATE * LOAD.perSecond || attempt === MOST_ATTEMPTS) return figures;
    console.log(`only ${figures.eventsPerSecond} incidents a second: again`);
  }
}

async function versions() {
  const names = ['react', '@apollo/client', 'graphql-ws', 'lit'];
  const packages = names.map(async (name) => {
    const { version } = JSON.parse(
      await readFile(resolve(ROOT, 'node_modules', name, 'package.json'), 'utf8'),
    );
    return `${name} ${version}`;
  });
  return Promise.all(packages);
}
