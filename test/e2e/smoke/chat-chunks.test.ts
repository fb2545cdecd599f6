import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { CHAT_MODULES } from '../../../.config/sizes.mjs';
import { startServer, type TestServer } from '../../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../../support/site.ts';
import { Visitor } from '../visitor.ts';

const SUPPORT = 'Support Agent:Chat Flow';

/** Files of dist/ that load when those of `roots` do, themselves included. */
async function withImports(roots: readonly string[]): Promise<string[]> {
  const found = new Set(roots);
  for (const path of found) {
    const code = await readFile(`dist/${path}`, 'utf8');
    for (const [, target = ''] of code.matchAll(/\b(?:from|import)"(\.{1,2}\/[\w./-]+\.js)"/g)) {
      found.add(posix.join(posix.dirname(path), target));
    }
  }
  return [...found].sort();
}

describe('what a text conversation over the hub loads', () => {
  let browser: Browser;
  let server: TestServer;
  let site: Site;

  before(async () => {
    [browser, server, site] = await Promise.all([
      openBrowser(),
      startServer({ agentDelayMs: 20 }),
      startSite(),
    ]);
  });
  after(async () => {
    await Promise.all([browser.close(), server.stop(), site.stop()]);
  });

  it('is what counts as "a complete text chat" in the size budget, and nothing else', async () => {
    const page = await browser.newPage();
    const visitor = new Visitor(page);
    const loaded = new Set<string>();
    page.on('requestfinished', (request) => {
      const file = /\/dist\/(.+\.js)$/.exec(new URL(request.url()).pathname)?.[1];
      if (file) loaded.add(file);
    });
    site.page('/', {
      html: `<script type="module" src="/dist/xians-widgets.js" data-server-url="${server.url}" data-tenant-id="acme"
        data-workflow="${SUPPORT}" data-token-url="${server.url}/demo/token"></script>`,
    });
    await page.goto(site.url);
    await visitor.openBubble();
    await visitor.write('Can you show me a table?');
    await visitor.finds('table');
    await page.reload();
    await visitor.openBubble();
    await visitor.finds('table');
    await visitor.write('Thank you');
    await visitor.sees('Thank you');
    await visitor.hasStatus(/connected/i);

    const chunks = await readdir('dist/chunks');
    const roots = Object.keys(CHAT_MODULES).map((name) => {
      const file = chunks.find((chunk) => /^(.+)-[\w-]{8}\.js$/.exec(chunk)?.[1] === name);
      assert.ok(file, `a chunk called ${name}`);
      return `chunks/${file}`;
    });
    assert.deepEqual([...loaded].sort(), await withImports(['xians-widgets.js', ...roots]));
  });
});
