import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { collectProblems, openBrowser, startSite, type Site } from '../../support/site.ts';

const TAGS = ['xians-provider', 'xians-chat', 'connection-status'];
const STRICT =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; " +
  "style-src 'none'; require-trusted-types-for 'script'; trusted-types lit-html";
const SCRIPTS = { module: 'xians-widgets.js', classic: 'xians-widgets.bundle.js' };

describe('the built script tag', () => {
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

  /** Opens a page with `html` and resolves when every tag is defined and drawn. */
  async function open(html: string, policy?: string): Promise<{ page: Page; problems: string[] }> {
    site.page('/', { html: html + TAGS.map((tag) => `<${tag}></${tag}>`).join(''), policy });
    const page = await browser.newPage();
    const problems = collectProblems(page);
    await page.goto(site.url);
    await page.waitForFunction(
      (tags) => tags.every((tag) => customElements.get(tag) && document.querySelector(tag)?.shadowRoot),
      {},
      TAGS,
    );
    return { page, problems };
  }

  async function scriptTag(kind: keyof typeof SCRIPTS): Promise<string> {
    const file = SCRIPTS[kind];
    const hashes = JSON.parse(await readFile('dist/integrity.json', 'utf8')) as Record<string, string>;
    const type = kind === 'module' ? 'type="module" ' : '';
    return `<script ${type}src="/dist/${file}" integrity="${hashes[file] ?? ''}" crossorigin></script>`;
  }

  for (const kind of ['module', 'classic'] as const) {
    it(`defines the elements as a ${kind} script with its published hash`, async () => {
      const { page, problems } = await open(await scriptTag(kind));
      assert.deepEqual(problems, []);
      await page.close();
    });

    it(`may stand on a page twice as a ${kind} script`, async () => {
      const tag = await scriptTag(kind);
      const { page, problems } = await open(tag + tag.replace('.js"', '.js?again"'));
      assert.deepEqual(problems, []);
      await page.close();
    });

    it(`works as a ${kind} script under a strict Content-Security-Policy with Trusted Types`, async () => {
      const { page, problems } = await open(await scriptTag(kind), STRICT);
      assert.deepEqual(problems, []);
      await page.close();
    });
  }

  for (const policy of [undefined, STRICT]) {
    it(`may stand on a page in both forms, ${policy ? 'with one policy of its name allowed' : 'without a policy'}`, async () => {
      const module = await scriptTag('module');
      const { page, problems } = await open(
        (await scriptTag('classic')) + module + module.replace('.js"', '.js?other-version"'),
        policy,
      );
      // A violation of the policy is logged as an error.
      assert.deepEqual(problems, []);
      await page.close();
    });
  }
});
