import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { collectProblems, openBrowser, startSite, type Site } from '../../support/site.ts';

const SCRIPTS = {
  module: '<script type="module" src="/dist/xians-widgets.js"></script>',
  classic: '<script src="/dist/xians-widgets.bundle.js"></script>',
};
const STATUS = '<connection-status locale="de"></connection-status>';

describe('the built languages', () => {
  let site: Site;
  let browser: Browser;
  before(async () => {
    site = await startSite();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await site.stop();
  });

  for (const [kind, script] of Object.entries(SCRIPTS)) {
    /** Waits until the element says `words`; gives the files of languages that were asked for, and what went wrong. */
    async function says(words: string, isServed: boolean): Promise<{ files: string[]; problems: string[] }> {
      site.page(`/${kind}/page`, {
        html: script + STATUS,
        policy: "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; style-src 'none'",
      });
      const page = await browser.newPage();
      const problems = collectProblems(page);
      const files: string[] = [];
      await page.setRequestInterception(true);
      page.on('request', (request) => {
        const { pathname } = new URL(request.url());
        const isLocale = pathname.startsWith('/dist/locales/');
        if (isLocale) files.push(pathname);
        void (isLocale && !isServed ? request.respond({ status: 404 }) : request.continue());
      });
      await page.goto(`${site.url}/${kind}/page`);
      await page.waitForFunction(
        (words) =>
          document.querySelector('connection-status')?.shadowRoot?.textContent?.includes(words) ?? false,
        {},
        words,
      );
      await page.close();
      return { files, problems };
    }

    it(`are files beside the ${kind} script, fetched when somebody reads them`, async () => {
      const { files, problems } = await says('Noch nicht verbunden', true);
      assert.deepEqual(files, ['/dist/locales/de.js']);
      assert.deepEqual(problems, []);
    });

    it(`are English where the ${kind} script stands alone`, async () => {
      const { files } = await says('Not connected yet', false);
      assert.ok(files.length > 0, 'it asked for the language');
    });
  }
});
