import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

const LAUNCHER = 'xians-chat >>> [part~="launcher"]';

describe('the script tag, before and at first use', () => {
  let browser: Browser;
  let server: TestServer;
  let site: Site;
  let page: Page;
  let requested: string[];
  /** Requests for chunks fail while this is set. */
  let cut: boolean;

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
    page = await browser.newPage();
    requested = [];
    cut = false;
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      requested.push(new URL(request.url()).pathname);
      void (cut && request.url().includes('/chunks/') ? request.abort() : request.continue());
    });
    site.page('/', {
      html: `<h1>A shop</h1><script type="module" src="/dist/xians-widgets.js" data-server-url="${server.url}"
        data-tenant-id="acme" data-workflow="Echo Agent:Echo Flow" data-token-url="${server.url}/demo/token"></script>`,
    });
    await page.goto(`${site.url}/`);
    await page.waitForSelector(LAUNCHER);
  });
  afterEach(async () => {
    await page.close();
    await server.stop();
  });

  const chunks = () => requested.filter((path) => path.includes('/chunks/'));
  const words = () => page.$eval('xians-chat', (chat) => chat.shadowRoot?.textContent ?? '');
  const loads = (name: string) =>
    waitFor(() => chunks().some((path) => path.includes(`/${name}-`)), `the chunk ${name} is requested`);
  const isReady = () =>
    page.$eval('xians-chat', (chat) => Boolean(chat.shadowRoot?.querySelector('textarea')));

  it('loads the entry only, asks the server for nothing and stores nothing while the bubble is closed', async () => {
    assert.deepEqual(chunks(), []);
    assert.deepEqual((await server.report()).received, []);
    const stored = await page.evaluate(async () => ({
      databases: (await indexedDB.databases()).length,
      items: localStorage.length + sessionStorage.length,
      cookies: document.cookie,
    }));
    assert.deepEqual(stored, { databases: 0, items: 0, cookies: '' });
  });

  it('fetches the view, but not the client, when the pointer comes near', async () => {
    await page.hover(LAUNCHER);
    await loads('chat-view');
    assert.equal(
      chunks().some((path) => path.includes('/hybrid-client-')),
      false,
    );
    assert.deepEqual((await server.report()).received, []);
  });

  it('says in words when its code cannot be loaded, and loads it by itself when it can', async () => {
    cut = true;
    await page.click(LAUNCHER);
    await waitFor(async () => (await words()).includes('could not be loaded'), 'the words');
    assert.match(await words(), /Try again/);
    cut = false;
    await waitFor(isReady, 'the chat is there');
  });

  it('loads its code at once when the visitor asks for it again', async () => {
    // Without the attempts that the chat makes by itself.
    await page.evaluateOnNewDocument(() => {
      const { setTimeout } = window;
      window.setTimeout = ((callback: () => void, delayMs = 0) =>
        delayMs < 900 ? setTimeout(callback, delayMs) : 0) as typeof window.setTimeout;
    });
    await page.reload();
    cut = true;
    await page.click(LAUNCHER);
    await waitFor(async () => (await words()).includes('Try again'), 'the button');
    const asked = chunks().length;
    await page.evaluate(async () => {
      for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame);
    });
    assert.equal(chunks().length, asked, 'it does not ask again and again');
    cut = false;
    const [again] = await page.$$('xians-chat >>> .waiting button');
    await again!.click();
    await waitFor(isReady, 'the chat is there');
  });
});
