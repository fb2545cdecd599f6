import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { openShopBrowser } from './shop.ts';
import type { TokenPageCalls } from './tokens/page.ts';

const TABS = 10;
const CALLS = 100;

declare const calls: TokenPageCalls;

describe('ten tabs of one visitor', () => {
  let browser: Browser;
  let script: string;
  let server: TestServer;
  let proxy: FaultProxy;
  let site: Site;
  let context: BrowserContext;

  before(async () => {
    browser = await openShopBrowser();
    const { outputFiles } = await build({
      entryPoints: [resolve(import.meta.dirname, 'tokens/page.ts')],
      bundle: true,
      format: 'iife',
      target: 'es2022',
      write: false,
    });
    script = outputFiles[0]!.text;
  });
  after(() => browser.close());
  beforeEach(async () => {
    [server, site, context] = await Promise.all([
      startServer({ rateLimit: false }),
      startSite(),
      browser.createBrowserContext(),
    ]);
    proxy = await FaultProxy.start(server.url);
    site.page('/', { html: `<h1>A shop</h1><script>${script}</script>` });
  });
  afterEach(async () => {
    await context.close();
    proxy.stop();
    await Promise.all([server.stop(), site.stop()]);
  });

  async function openTabs(): Promise<Page[]> {
    const pages: Page[] = [];
    while (pages.length < TABS) {
      const page = await context.newPage();
      await page.goto(site.url);
      pages.push(page);
    }
    return pages;
  }
  /** What all `pages` do at once, for which each needs a token: however busy the machine is, none comes before all want it. */
  async function together<Result>(
    pages: readonly Page[],
    act: (page: Page) => Promise<Result>,
  ): Promise<Result[]> {
    proxy.stall('down');
    const results = Promise.all(pages.map(act));
    const queue = () =>
      pages[0]!.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query();
        return [...held, ...pending].filter(({ name }) => name?.includes(':token:')).length;
      });
    await waitFor(async () => (await queue()) === TABS, 'each has its turn, or waits for it');
    await proxy.heal();
    return results;
  }
  const begin = (page: Page) => page.evaluate((url) => calls.begin(url), proxy.url);
  const requests = async () =>
    (await server.report()).received.filter(
      ({ transport, method }) => transport === 'token' && method === 'GET',
    ).length;

  it('get their first token by one request, and one more when a thousand reads are refused at once', async (t) => {
    const pages = await openTabs();
    const first = await together(pages, begin);
    assert.equal(new Set(first).size, 1);
    assert.equal(await requests(), 1);

    await server.control({ fault: 'expire-tokens' });
    const read = await Promise.all(pages.map((page) => page.evaluate((count) => calls.read(count), CALLS)));
    assert.equal(await requests(), 2);
    const refused = read.reduce((sum, one) => sum + one.refused, 0);
    assert.ok(refused > 0, 'some were refused');
    t.diagnostic(`${refused} of ${TABS * CALLS} reads were refused; requests for a token: 1`);
    assert.ok(
      read.every(({ answered }) => answered === CALLS),
      'all were answered in the end',
    );
    assert.equal(new Set(read.map(({ current }) => current)).size, 1);
    assert.notEqual(read[0]?.current, first[0]);
  });

  it('make one request for a thousand refusals of a token, again and again', async () => {
    const pages = await openTabs();
    let [token] = await together(pages, begin);
    for (let round = 1; round <= 10; round++) {
      const renewed = await together(pages, (page) =>
        page.evaluate((old, count) => calls.renew(old, count), token!, CALLS),
      );
      const got = new Set(renewed.flat());
      assert.equal(got.size, 1, 'all have the same one');
      assert.ok(!got.has(token!), 'another one');
      [token] = got;
      assert.equal(await requests(), 1 + round, `round ${round}`);
    }
  });
});
