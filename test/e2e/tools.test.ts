import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { Visitor } from './visitor.ts';

let browser: Browser;
let server: TestServer;
let site: Site;

before(async () => {
  browser = await openBrowser();
  site = await startSite();
  server = await startServer({ agentDelayMs: 20 });
});
after(async () => {
  await browser.close();
  await site.stop();
  await server.stop();
});

it('prints the conversation and nothing else of a page, under its strict policy', async () => {
  const policy = `default-src 'none'; script-src 'self'; img-src data:; connect-src 'self' ${server.url} ${server.url.replace('http', 'ws')};
    require-trusted-types-for 'script'; trusted-types lit-html`;
  site.page('/', {
    html: `<h1 id="host">A shop</h1><script type="module" src="/dist/xians-widgets.js"></script>
      <xians-chat server-url="${server.url}" tenant-id="acme" workflow="Echo Agent:Echo Flow"
        token-url="${server.url}/demo/token"></xians-chat>`,
    policy: policy.replace(/\s+/g, ' '),
  });
  const page = await browser.newPage();
  const visitor = new Visitor(page);
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') refused.push(message.text());
  });
  await page.goto(site.url);
  await visitor.finds('textarea');
  await visitor.write('**Hello** there');
  await visitor.sees('Echo:');
  // What a browser would do meanwhile, a test looks at.
  await page.evaluate(() => {
    window.print = () => document.body.toggleAttribute('data-printed', true);
  });
  await page.click('xians-chat >>> .more');
  await visitor.finds('[role=menu]');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await waitFor(() => page.evaluate(() => 'printed' in document.body.dataset), 'it is printed');
  const shown = () =>
    page.evaluate(() =>
      ['#host', 'xians-chat', '.xians-print'].map(
        (selector) => (document.querySelector(selector)?.getClientRects().length ?? 0) > 0,
      ),
    );
  assert.deepEqual(await shown(), [true, true, false], 'on the screen');
  await page.emulateMediaType('print');
  assert.deepEqual(await shown(), [false, false, true], 'on paper');
  const text = await page.$eval('.xians-print', (copy) => copy.shadowRoot?.textContent ?? '');
  assert.match(text, /You.*\*\*Hello\*\* there.*Echo Agent.*Echo:/s);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMediaType('screen');
  assert.deepEqual(await shown(), [true, true, false], 'afterwards');
  assert.deepEqual(refused, []);
});
