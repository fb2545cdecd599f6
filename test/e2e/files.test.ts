import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { waitFor } from '../support/wait.ts';
import { openShopBrowser, PARTICIPANT, Shop, stored, type ShopTab } from './shop.ts';

describe('files that a visitor sends', () => {
  let browser: Browser;
  let shop: Shop;
  let folder: string;

  before(async () => {
    browser = await openShopBrowser();
    folder = await mkdtemp(join(tmpdir(), 'files-'));
  });
  after(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    shop = await Shop.open(browser);
    // Strict, as of a page that lets in nothing but the chat; and it can be told whose messages wait.
    const more = `data-attachments="" data-participant-id="${PARTICIPANT}"`;
    const server = shop.proxy.url;
    shop.site.page('/files', {
      html: `<h1>A shop</h1>${shop.script({ more })}`,
      policy: `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${server} ${server.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types lit-html`,
    });
  });
  afterEach(() => shop.close());

  /** Chooses a file of that name and content by the button, as a visitor does. */
  async function choose(page: Page, name: string, content: string | Uint8Array): Promise<void> {
    const path = join(folder, name);
    await writeFile(path, content);
    await page.waitForSelector('xians-chat >>> .attach', { visible: true });
    const button = (await page.$('xians-chat >>> .attach')) as ElementHandle<HTMLElement>;
    const [chooser] = await Promise.all([page.waitForFileChooser(), button.click()]);
    await chooser.accept([path]);
    await waitFor(
      async () =>
        (await page.$$eval('xians-chat >>> .attachment', (rows) => rows.map((row) => row.textContent))).some(
          (row) => row.includes(name.split('.')[0] ?? name) && !row.includes('Preparing'),
        ),
      `${name} is attached`,
    );
  }

  /** Types, names of files and texts that the server has from the visitor. */
  async function atServer(): Promise<unknown[]> {
    return (await shop.server.report()).stored.flatMap(({ direction, messageType, text, data }) => {
      const files = (data as { files?: { fileName: string }[] } | null)?.files;
      return direction === 'Incoming' ? [[messageType, text ?? files?.map(({ fileName }) => fileName)]] : [];
    });
  }

  const problems = ({ page }: ShopTab) => {
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('console', (line) => {
      if (/Content Security Policy|Trusted/i.test(line.text())) said.push(line.text());
    });
    return said;
  };

  it('wait without a network, through a reload, and arrive once and before the text', async () => {
    const tab = await shop.tab('/files');
    const said = problems(tab);
    await tab.visitor.openBubble();
    await tab.visitor.hasStatus(/Connected/);
    await shop.goOffline(tab);
    await choose(tab.page, 'notes.txt', 'Some notes');
    await tab.visitor.write('Look at my notes');
    await waitFor(async () => (await tab.visitor.count('[part~="message-own"]')) === 2, 'both are shown');
    await waitFor(
      async () => (await stored(tab.page)).some((entry) => entry.includes('notes.txt')),
      'the file is kept on this device',
    );
    assert.deepEqual(await atServer(), []);

    await tab.page.reload();
    await tab.visitor.openBubble();
    await tab.visitor.sees('notes.txt');
    await shop.comeBack(tab);
    await waitFor(async () => (await atServer()).length === 2, 'the server has both', 30_000);
    assert.deepEqual(await atServer(), [
      ['File', ['notes.txt']],
      ['Chat', 'Look at my notes'],
    ]);
    await waitFor(
      async () => !(await stored(tab.page)).some((entry) => entry.includes('notes.txt')),
      'the device keeps nothing of it',
    );
    assert.deepEqual(said, []);
  });

  it('are named with both sizes when they are too large, and nothing else is lost', async () => {
    const tab = await shop.tab('/files');
    const said = problems(tab);
    await tab.visitor.openBubble();
    await tab.page.type('xians-chat >>> textarea', 'my text');
    await choose(tab.page, 'small.txt', 'x');
    const path = join(folder, 'large.bin');
    await writeFile(path, new Uint8Array(60_000));
    const button = (await tab.page.$('xians-chat >>> .attach')) as ElementHandle<HTMLElement>;
    const [chooser] = await Promise.all([tab.page.waitForFileChooser(), button.click()]);
    await chooser.accept([path]);
    await tab.visitor.finds('.refusal');
    const refusal = await tab.page.$eval('xians-chat >>> .refusal', (line) =>
      line.textContent.replace(/[\u2068\u2069]/g, ''),
    );
    assert.match(refusal, /^large\.bin is too large: it has 60 kB, and one message can carry 24\.\d kB\.$/);
    await tab.page.focus('xians-chat >>> textarea');
    await tab.page.keyboard.press('Enter');
    await waitFor(async () => (await atServer()).length === 2, 'the rest arrives', 20_000);
    assert.deepEqual(await atServer(), [
      ['File', ['small.txt']],
      ['Chat', 'my text'],
    ]);
    assert.deepEqual(said, []);
  });
});
