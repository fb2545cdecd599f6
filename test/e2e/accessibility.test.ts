import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type * as Axe from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { Visitor } from './visitor.ts';

/** Where `npm run a11y` finds what came out. */
const RESULTS = resolve(import.meta.dirname, '../../.cache/accessibility.json');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What each state is looked at in. */
const LOOKS = [
  { scheme: 'light', forced: false, locale: 'en' },
  { scheme: 'dark', forced: false, locale: 'de' },
  { scheme: 'light', forced: false, locale: 'ar' },
  { scheme: 'dark', forced: true, locale: 'en' },
] as const;

interface Scene {
  readonly page: Page;
  readonly visitor: Visitor;
  readonly server: TestServer;
}

/** Every state a visitor can meet, in the order in which one leads to the next. To look at another one, add it here. */
const STATES: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  'questions before the chat': ({ visitor }) => visitor.finds('[part~="pre-chat"]'),
  'nothing said yet': async ({ page, visitor }) => {
    await page.type('xians-chat >>> .pre-chat [type="email"]', 'jane@example.com');
    await page.click('xians-chat >>> .pre-chat [type="checkbox"]');
    await page.click('xians-chat >>> .pre-chat [type="submit"]');
    await visitor.finds('textarea');
  },
  'every kind of data': async ({ visitor }) => {
    await visitor.write('everything');
    await waitFor(async () => (await visitor.count('article.agent')) > 5, 'the messages', 20_000);
  },
  'the menu': async ({ page, visitor }) => {
    await page.click('xians-chat >>> .more');
    await visitor.finds('[role="menu"]');
  },
  'the search': async ({ page, visitor }) => {
    await page.keyboard.press('Escape');
    await page.click('xians-chat >>> .find');
    await visitor.finds('[role="search"]');
    await page.keyboard.type('order');
  },
  'without a connection': async ({ page, visitor, server }) => {
    await page.keyboard.press('Escape');
    await server.control({ fault: 'down' });
    await visitor.finds('.banners .banner');
  },
  'a message that waits': async ({ visitor }) => {
    await visitor.write('Are you there?');
    await visitor.finds('.state.queued');
  },
};

describe('a chat that everybody can use', () => {
  let browser: Browser;
  let server: TestServer;
  let site: Site;
  let page: Page;
  let visitor: Visitor;
  const looked: { state: string; look: string; violations: readonly string[]; passes: number }[] = [];
  let axeVersion = '';

  before(async () => {
    [browser, server, site] = await Promise.all([
      openBrowser(),
      startServer({ agentDelayMs: 20 }),
      startSite(),
    ]);
    page = await browser.newPage();
    visitor = new Visitor(page);
    site.page('/', {
      html: `<main><h1>Shop</h1><script type="module" src="/dist/xians-widgets.js"></script>
        <xians-chat server-url="${server.url}" tenant-id="acme" workflow="Showcase Agent:Gallery"
          token-url="${server.url}/demo/token?participant=jane" pre-chat="name,email*" pre-chat-text="I agree."
          tools="search topics export print delete" suggestions="One|Two" feedback="thumbs"
          style="display: block; block-size: 620px; max-inline-size: 420px"></xians-chat></main>`,
    });
    await page.setViewport({ width: 500, height: 800 });
    await page.goto(`${site.url}/`);
    await page.addScriptTag({ content: await readFile(AXE, 'utf8') });
  });
  after(async () => {
    await browser.close();
    await Promise.all([site.stop(), server.stop()]);
    await mkdir(resolve(RESULTS, '..'), { recursive: true });
    await writeFile(RESULTS, JSON.stringify({ axe: axeVersion, tags: TAGS, looked }, null, 2));
  });

  for (const [state, reach] of Object.entries(STATES)) {
    it(`has nothing that axe objects to: ${state}`, async () => {
      await reach({ page, visitor, server });
      for (const { scheme, forced, locale } of LOOKS) {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await forceColours(page, forced);
        await set(page, 'locale', locale);
        await waitFor(() => speaks(page, locale), `it speaks ${locale}`);
        const { violations, passes, version } = await inspect(page);
        axeVersion = version;
        looked.push({
          state,
          look: `${scheme}${forced ? ', forced colours' : ''}, ${locale}`,
          violations,
          passes,
        });
      }
      const bad = looked.filter((one) => one.state === state && one.violations.length > 0);
      assert.deepEqual(bad, []);
    });
  }
});

const set = (page: Page, name: string, value: string) =>
  page.$eval(
    'xians-chat',
    (chat, name, value) => {
      chat.setAttribute(name, value);
    },
    name,
    value,
  );

/** Whether the window has taken over the language. */
const speaks = (page: Page, locale: string) =>
  page.$eval(
    'xians-chat',
    (chat, locale) => chat.shadowRoot?.querySelector('#window')?.getAttribute('lang') === locale,
    locale,
  );

async function forceColours(page: Page, on: boolean): Promise<void> {
  const session = await page.createCDPSession();
  const features = [{ name: 'forced-colors', value: on ? 'active' : 'none' }];
  // Besides the scheme, which this would take back.
  const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  features.push({ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' });
  await session.send('Emulation.setEmulatedMedia', { features });
}

/** What axe says of the chat, once nothing moves any more. */
async function inspect(page: Page): Promise<{ violations: string[]; passes: number; version: string }> {
  return page.evaluate(async (tags) => {
    const chat = document.querySelector('xians-chat');
    // Colours in the middle of a transition have other contrasts.
    for (const animation of chat?.shadowRoot?.getAnimations() ?? []) animation.cancel();
    const { axe } = window as unknown as { axe: typeof Axe };
    const { violations, passes } = await axe.run('xians-chat', {
      runOnly: { type: 'tag', values: tags },
      resultTypes: ['violations'],
    });
    return {
      violations: violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} (${failureSummary})`).join(' | ')}`,
      ),
      passes: passes.length,
      version: axe.version,
    };
  }, TAGS);
}
