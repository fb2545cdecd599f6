import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { Visitor } from './visitor.ts';

/** What a site that allows nothing else has to allow; styles of its own are none of them. */
const STRICT = (server: string) =>
  `default-src 'none'; script-src 'self'; img-src data:; connect-src 'self' ${server} ${server.replace('http', 'ws')};
   require-trusted-types-for 'script'; trusted-types lit-html`.replace(/\s+/g, ' ');

describe('the window of a floating chat on the pages of a site', () => {
  let browser: Browser;
  let context: BrowserContext;
  let server: TestServer;
  let site: Site;
  let page: Page;
  let visitor: Visitor;

  before(async () => {
    browser = await openBrowser();
    site = await startSite();
  });
  after(async () => {
    await browser.close();
    await site.stop();
  });
  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
    context = await browser.createBrowserContext();
    page = await context.newPage();
    visitor = new Visitor(page);
  });
  afterEach(async () => {
    await context.close();
    await server.stop();
  });

  /** Two pages with links to each other, and a chat on both. */
  function serve(attributes: string, head = ''): void {
    for (const [path, other] of [
      ['/', '/second'],
      ['/second', '/'],
    ] as const) {
      site.page(path, {
        html: `${head}<a href="${other}">Next</a><button id="help">Help</button>
          <script type="module" src="/dist/xians-widgets.js" data-server-url="${server.url}" data-tenant-id="acme"
            data-workflow="Echo Agent:Echo Flow" data-token-url="${server.url}/demo/token" ${attributes}></script>`,
        policy: STRICT(server.url),
      });
    }
  }

  const isOpen = () => page.$eval('xians-chat', (chat) => chat.hasAttribute('open'));
  const remembered = () =>
    page.evaluate(() => Object.keys(localStorage).filter((name) => name.includes('visitor:open')).length);
  const follow = () => Promise.all([page.waitForNavigation(), page.click('a')]);

  it('is open again on the next page for who left it open, without taking focus, until it is closed', async () => {
    serve('data-remember-open data-resizable');
    const violations: string[] = [];
    page.on('console', (line) => line.type() === 'error' && violations.push(line.text()));
    await page.goto(`${site.url}/`);
    await visitor.openBubble();
    await waitFor(async () => (await remembered()) === 1, 'it is remembered');
    await follow();
    await visitor.finds('textarea');
    assert.equal(await page.evaluate(() => document.activeElement?.localName), 'body');
    await page.click('xians-chat >>> [part~="close"]');
    await waitFor(async () => (await remembered()) === 0, 'it is forgotten');
    await follow();
    await visitor.finds('[part~="launcher"]');
    assert.equal(await isOpen(), false);
    assert.deepEqual(
      violations.filter((line) => /policy/i.test(line)),
      [],
    );
  });

  it('keeps the size that the visitor gave it, and forgets all of that on logout', async () => {
    serve('data-remember-open data-resizable');
    await page.goto(`${site.url}/`);
    await visitor.openBubble();
    await visitor.finds('.edge-handle.width');
    const width = () => page.$eval('xians-chat >>> #window', (box) => Math.round(box.clientWidth));
    const before = await width();
    await page.focus('xians-chat >>> .edge-handle.width');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await waitFor(async () => (await width()) === before + 32, 'a wider window');
    await follow();
    await visitor.finds('textarea');
    await waitFor(async () => (await width()) === before + 32, 'as wide on the next page');
    await page.evaluate(() => {
      const queue = (window as unknown as { XiansWidgets: { push(command: string[]): void } }).XiansWidgets;
      queue.push(['chat.logout']);
    });
    const kept = () =>
      page.evaluate(() =>
        Object.keys(localStorage).filter((name) => name.startsWith('xians-widgets:visitor')),
      );
    await waitFor(async () => (await kept()).length === 0, 'nothing is kept');
  });

  it("opens by the page's own button, which says so, and gives focus back to it", async () => {
    serve('data-launcher="#help"');
    await page.goto(`${site.url}/`);
    const says = (name: string) =>
      page.$eval('#help', (button, attribute) => button.getAttribute(attribute), name);
    await waitFor(async () => (await says('aria-expanded')) === 'false', 'the button says that it is closed');
    await page.click('#help');
    await visitor.finds('textarea');
    assert.equal(await says('aria-expanded'), 'true');
    assert.equal(await visitor.count('.launcher'), 0);
    await page.keyboard.press('Escape');
    await waitFor(() => page.evaluate(() => document.activeElement?.id === 'help'), 'focus on the button');
  });

  it('leaves everything within reach at 320 × 256 pixels, and the page behind as it was', async () => {
    serve('', `A long page${'<br />'.repeat(200)}`);
    await page.setViewport({ width: 320, height: 256 });
    await page.goto(`${site.url}/`);
    await visitor.openBubble();
    await waitFor(
      () => page.evaluate(() => getComputedStyle(document.documentElement).overflowY === 'hidden'),
      'the page behind keeps still',
    );
    const unreachable = await page.$$eval('xians-chat >>> #window :is(button, textarea):enabled', (targets) =>
      targets.flatMap((target) => {
        target.scrollIntoView({ block: 'nearest' });
        const { left, right, top, bottom, width } = target.getBoundingClientRect();
        const isSeen = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
        return width === 0 || isSeen ? [] : [target.outerHTML];
      }),
    );
    assert.deepEqual(unreachable, []);
    await page.keyboard.press('Escape');
    await waitFor(
      () => page.evaluate(() => !document.documentElement.hasAttribute('style')),
      'the page is as it was',
    );
  });
});
