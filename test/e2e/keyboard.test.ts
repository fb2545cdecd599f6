import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { Visitor } from './visitor.ts';

describe('a visitor who uses the keyboard', () => {
  let browser: Browser;
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
    page = await browser.newPage();
    visitor = new Visitor(page);
    site.page('/', {
      html: `<a href="#1">Before</a><script type="module" src="/dist/xians-widgets.js" data-server-url="${server.url}"
        data-tenant-id="acme" data-workflow="Echo Agent:Echo Flow"
        data-token-url="${server.url}/demo/token?participant=jane"></script>`,
    });
  });
  afterEach(async () => {
    await page.close();
    await server.stop();
  });

  async function visit(width: number, height: number): Promise<void> {
    await page.setViewport({ width, height });
    await page.goto(`${site.url}/`);
    await visitor.finds('[part~="launcher"]');
  }

  /** What has focus: inside the chat its part or class, outside its name. */
  const focused = () =>
    page.evaluate(() => {
      const inside = document.querySelector('xians-chat')?.shadowRoot?.activeElement;
      return inside
        ? (inside.getAttribute('part') ?? inside.className)
        : `page: ${document.activeElement?.localName ?? ''}`;
    });
  const focuses = (part: string) => waitFor(async () => (await focused()) === part, `focus is on ${part}`);

  it('is in the field after every opening, and at the launcher after every closing', async () => {
    await visit(1280, 800);
    await visitor.openBubble();
    await focuses('input');
    for (let round = 0; round < 3; round++) {
      await page.keyboard.press('Escape');
      await focuses('launcher');
      // Only then is there anything to come back from.
      await page.waitForSelector('xians-chat >>> textarea', { hidden: true });
      await page.keyboard.press('Enter');
      await focuses('input');
    }
  });

  it('stays in the window while it covers the screen, in both directions, and leaves it with Escape', async () => {
    await visit(390, 844);
    await visitor.openBubble();
    await visitor.write('Hello');
    await visitor.sees('Echo: Hello');
    assert.equal(await visitor.count('[role="dialog"][aria-modal="true"]'), 1);
    const seen = new Set<string>();
    for (const keys of [['Tab'], ['Shift', 'Tab']] as const) {
      for (let step = 0; step < 10; step++) {
        if (keys[0] === 'Shift') await page.keyboard.down('Shift');
        await page.keyboard.press('Tab');
        if (keys[0] === 'Shift') await page.keyboard.up('Shift');
        seen.add(await focused());
      }
    }
    assert.deepEqual(
      [...seen].filter((name) => name.startsWith('page') || name === 'edge'),
      [],
    );
    assert.ok(seen.has('close') && seen.has('input'));
    await page.keyboard.press('Escape');
    await focuses('launcher');
  });

  it('passes through a window that leaves the page in sight', async () => {
    await visit(1280, 800);
    await visitor.openBubble();
    assert.equal(await visitor.count('[aria-modal]'), 0);
    const seen: string[] = [];
    for (let step = 0; step < 8; step++) {
      await page.keyboard.press('Tab');
      seen.push(await focused());
    }
    assert.ok(
      seen.some((name) => name.startsWith('page')),
      seen.join(),
    );
  });

  it('is told that the page behind cannot be reached only for as long as the screen is small', async () => {
    await visit(390, 844);
    await visitor.openBubble();
    await page.setViewport({ width: 1280, height: 800 });
    await waitFor(async () => (await visitor.count('[aria-modal]')) === 0, 'it is no longer modal');
    await page.setViewport({ width: 390, height: 844 });
    await waitFor(async () => (await visitor.count('[aria-modal="true"]')) === 1, 'it is modal again');
  });

  it('opens, writes, reads, copies, searches and closes without a pointer', async () => {
    await browser.defaultBrowserContext().setPermission(site.url, {
      permission: { name: 'clipboard-write' },
      state: 'granted',
    });
    await visit(1280, 800);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await focuses('launcher');
    await page.keyboard.press('Enter');
    await focuses('input');
    await page.keyboard.type('Hello');
    await page.keyboard.press('Enter');
    await visitor.sees('Echo: Hello');
    await waitFor(async () => (await visitor.count('.skips')) === 1, 'the keys are there');

    await page.keyboard.down('Shift');
    await page.keyboard.press('Tab');
    await page.keyboard.up('Shift');
    await focuses('transcript');
    await page.keyboard.press('ArrowUp');
    await waitFor(async () => (await focused()).includes('message-agent'), 'the reply has focus');
    await page.keyboard.press('ArrowUp');
    await waitFor(async () => (await focused()).includes('message-own'), 'the question has focus');
    await page.keyboard.press('ArrowDown');
    await waitFor(async () => (await focused()).includes('message-agent'), 'the reply has it again');
    await page.keyboard.press('Enter');
    await waitFor(async () => (await focused()).includes('tool'), 'a tool of the reply has focus');
    await page.keyboard.press('Enter');
    await waitFor(() => page.$('xians-chat >>> .copy[aria-label="Copied"]'), 'it is copied');
    await page.keyboard.press('Escape');
    await waitFor(async () => (await focused()).includes('message-agent'), 'the reply has focus');
    await page.keyboard.press('Escape');
    await focuses('input');

    await page.keyboard.down('Control');
    await page.keyboard.press('f');
    await page.keyboard.up('Control');
    await focuses('search-input');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await focuses('launcher');
  });

  it('reaches everything at a zoom of 400 %, with nothing cut off sideways', async () => {
    await visit(320, 256);
    await visitor.openBubble();
    await visitor.write('Hello');
    await visitor.sees('Echo: Hello');
    const wide = await page.$$eval('xians-chat >>> .window *', (all) =>
      all
        .filter((one) => one.checkVisibility() && !one.closest('.hush, .skips, svg'))
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map(({ className }) => className),
    );
    assert.deepEqual(wide, []);
    for (const selector of ['.close', '.transcript', 'textarea', 'article.agent']) {
      await page.$eval(`xians-chat >>> ${selector}`, (one) => one.scrollIntoView({ block: 'nearest' }));
      const seen = await page.$eval(`xians-chat >>> ${selector}`, (one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return Math.min(bottom, innerHeight) - Math.max(top, 0);
      });
      assert.ok(seen >= 24, `${selector} is in view: ${seen}`);
    }
  });
});
