import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { waitFor } from '../support/wait.ts';
import { openShopBrowser, Shop, stored, type ShopTab } from './shop.ts';

describe('a message that cannot be sent yet', () => {
  let browser: Browser;
  let shop: Shop;

  before(async () => {
    browser = await openShopBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    shop = await Shop.open(browser);
  });
  afterEach(() => shop.close());

  /** A chat that has been connected, so that the visitor is known. */
  async function connected(path?: string): Promise<ShopTab> {
    const tab = await shop.chat(path);
    await tab.visitor.write('Hello');
    await tab.visitor.sees('Echo: Hello');
    return tab;
  }

  it('survives an offline reload with two tabs open, and arrives once, in order', async () => {
    const one = await connected('/named');
    const other = await shop.chat('/named');
    await other.own.are('Hello');
    await shop.goOffline(one, other);
    await one.page.bringToFront();
    for (const text of ['One', 'Two', 'Three']) await one.visitor.write(text);
    await one.own.isSaid('Three', /^Waiting to be sent$/);
    assert.deepEqual(await shop.stored(), ['Hello']);

    await one.page.reload();
    await one.visitor.openBubble();
    await one.own.are('One', 'Two', 'Three'); // history is out of reach
    await one.own.isSaid('One', /^Waiting to be sent$/);
    await other.page.bringToFront();
    await other.own.are('Hello', 'One', 'Two', 'Three');

    await shop.comeBack(one, other);
    await shop.hasStored('Hello', 'One', 'Two', 'Three');
    for (const tab of [other, one]) {
      await tab.page.bringToFront();
      await tab.visitor.sees('Echo: Three');
      await tab.own.are('Hello', 'One', 'Two', 'Three');
    }
  });

  it('waits through an offline reload on a page that cannot tell whose it is without a token', async () => {
    const tab = await connected();
    await shop.goOffline(tab);
    await tab.visitor.write('Mine');
    await tab.own.isSaid('Mine', /^Waiting to be sent$/);
    await tab.page.reload();
    await tab.visitor.openBubble();
    await tab.visitor.hasStatus(/no network|cannot be reached|not connected/i);
    await shop.comeBack(tab);
    await shop.hasStored('Hello', 'Mine');
    await tab.own.are('Hello', 'Mine');
  });

  it('is edited and discarded while it waits', async () => {
    const { page, visitor, own } = await connected();
    shop.goAway();
    for (const text of ['Alpha', 'Beta', 'Gamma']) await visitor.write(text);
    await own.pressOnce('Alpha', 'Edit');
    await waitFor(
      () => page.$eval('xians-chat >>> textarea', (input) => input.value === 'Alpha'),
      'the composer holds the text',
    );
    await page.$eval('xians-chat >>> textarea', (input) => input.select());
    await visitor.write('Alpha, changed');
    await own.are('Hello', 'Alpha, changed', 'Beta', 'Gamma');
    await own.pressOnce('Beta', 'Discard');
    await own.are('Hello', 'Alpha, changed', 'Beta', 'Gamma');
    await own.discard('Beta');
    await own.are('Hello', 'Alpha, changed', 'Gamma');
    await shop.comeBack();
    await shop.hasStored('Hello', 'Alpha, changed', 'Gamma');
    await own.are('Hello', 'Alpha, changed', 'Gamma');
  });

  it('is tried again when it failed and the visitor says so, after a reload too', async () => {
    const { page, visitor, own } = await connected();
    await shop.server.control({ fault: 'hub-error', message: 'Access denied - invalid tenant' });
    await visitor.write('Refused');
    await own.isSaid('Refused', /^Not sent/);
    await visitor.write('Behind it');
    await shop.hasStored('Hello', 'Behind it');
    await page.reload();
    await visitor.openBubble();
    await own.isSaid('Refused', /^Not sent/);
    await own.pressOnce('Refused', 'Try again');
    await shop.hasStored('Hello', 'Behind it', 'Refused');
    const sends = (await shop.server.report()).received.filter(
      ({ target }) => target === 'SendInboundMessage',
    );
    assert.equal(sends.length, 4);
    assert.equal(
      new Set(sends.map(({ requestId }) => requestId)).size,
      3,
      'one request id for both attempts',
    );
  });

  it('leaves from a page whose chat is closed, after a reload', async () => {
    const { page, visitor, own } = await connected();
    shop.goAway();
    await visitor.write('In a hurry');
    await own.isSaid('In a hurry', /^Waiting to be sent$/);
    await page.reload();
    await visitor.finds('[part~="launcher"]');
    await shop.comeBack();
    await shop.hasStored('Hello', 'In a hurry');
    assert.equal(await visitor.count('textarea'), 0, 'the chat stays closed');
  });

  it('arrives once when the visitor goes to another page and comes back', async () => {
    const { page, visitor, own } = await connected();
    shop.goAway();
    await visitor.write('Before I look elsewhere');
    await own.isSaid('Before I look elsewhere', /^Waiting to be sent$/);
    await page.evaluate(() => document.body.setAttribute('data-same', ''));
    await page.goto(`${shop.site.url}/other`);
    await shop.comeBack();
    await page.goBack();
    assert.ok(await page.$('[data-same]'), 'the page comes from the back/forward cache');
    await shop.hasStored('Hello', 'Before I look elsewhere');
    await visitor.write('And after');
    await shop.hasStored('Hello', 'Before I look elsewhere', 'And after');
  });

  it('may be half written: the draft is there after a reload', async () => {
    const { page, visitor } = await connected();
    await page.focus('xians-chat >>> textarea');
    await page.keyboard.type('What I meant to');
    await waitFor(
      async () => (await stored(page)).some((row) => row.includes('What I meant to')),
      'it is stored',
    );
    await page.reload();
    await visitor.openBubble();
    await waitFor(
      () => page.$eval('xians-chat >>> textarea', (input) => input.value === 'What I meant to'),
      'the draft is back',
    );
    await visitor.write(' say');
    await shop.hasStored('Hello', 'What I meant to say');
    await page.reload();
    await visitor.openBubble();
    await visitor.sees('What I meant to say');
    assert.equal(await page.$eval('xians-chat >>> textarea', (input) => input.value), '');
  });

  it('is forgotten with everything else at sign-out', async () => {
    const { page, visitor, own } = await connected();
    shop.goAway();
    await visitor.write('A secret');
    await own.isSaid('A secret', /^Waiting to be sent$/);
    await page.focus('xians-chat >>> textarea');
    await page.keyboard.type('Half a secret');
    await waitFor(async () => /Half a secret/.test((await stored(page)).join()), 'the draft is stored');
    await page.$eval('xians-chat', (chat) => chat.logout());
    assert.deepEqual(await stored(page), []);
    await shop.comeBack();
    await page.reload();
    await visitor.openBubble();
    await visitor.sees('Echo: Hello');
    assert.deepEqual(await own.texts(), ['Hello']);
    assert.deepEqual(await shop.stored(), ['Hello']);
  });

  it('is said not to be saved where the page may store nothing', async () => {
    // A frame with an origin of its own: storage throws, and no server lets it in.
    shop.site.page('/frame', { html: shop.script({ type: 'defer', file: 'xians-widgets.bundle.js' }) });
    shop.site.page('/host', { html: '<iframe sandbox="allow-scripts" src="/frame"></iframe>' });
    const { page } = await shop.tab('/host');
    const frame = await waitFor(
      () => page.frames().find((each) => each.url().endsWith('/frame')),
      'the frame is there',
    );
    await (await frame.waitForSelector('xians-chat >>> [part~="launcher"]'))?.click();
    await (await frame.waitForSelector('xians-chat >>> textarea'))?.type('Nowhere to keep it\n');
    await waitFor(
      () =>
        frame.$$eval('xians-chat >>> [part~="message-own"] .state', (states) =>
          states.some((state) => /not saved: keep this page open/i.test(state.textContent)),
        ),
      'it says so',
    );
  });

  it('is sent all the same where storage is denied', async () => {
    const { visitor } = await shop.tab('/', (page) =>
      page.evaluateOnNewDocument(() => {
        for (const name of ['indexedDB', 'localStorage']) {
          Object.defineProperty(window, name, {
            get: () => {
              throw new DOMException('The user denied permission.', 'SecurityError');
            },
          });
        }
      }),
    );
    await visitor.openBubble();
    await visitor.write('Unsaved');
    await shop.hasStored('Unsaved');
    await visitor.sees('Echo: Unsaved');
  });
});

describe('messages on a bad network', () => {
  let browser: Browser;
  let shop: Shop;

  before(async () => {
    browser = await openShopBrowser();
    shop = await Shop.open(browser);
  });
  after(async () => {
    await shop.close();
    await browser.close();
  });

  it('arrive once, in order, though it stalls, resets, and cuts them and their answers in the middle', async () => {
    const { visitor, own } = await shop.chat();
    const texts: string[] = [];
    const write = async (text: string) => {
      texts.push(text);
      await visitor.write(text);
    };
    await write('Start');
    await shop.hasStored(...texts);

    shop.proxy.stall('up');
    await write('Held on the way there');
    await own.isSaid('Held on the way there', /Sending|Waiting/);
    await shop.proxy.heal();
    await shop.hasStored(...texts);

    shop.proxy.stall('down');
    await write('Held on the way back');
    await shop.hasStored(...texts);
    shop.proxy.reset();
    await shop.proxy.heal();
    await write('After a reset');
    await shop.hasStored(...texts);

    for (const direction of ['up', 'down'] as const) {
      // Over the hub: a plain request whose connection is cut before its answer is made again by the browser itself.
      const hubIsBack = async () => (await shop.server.report()).connections.hub === 1;
      await waitFor(hubIsBack, 'the live connection', 60_000);
      await own.isSaid(texts.at(-1) ?? '', /Sent|Answered/);
      const { ever } = shop.proxy.sockets;
      shop.proxy.cutAfter(60, direction);
      await write(`Cut on the way ${direction}`);
      await waitFor(() => shop.proxy.sockets.ever > ever, 'it has to connect again');
      await shop.proxy.heal();
      await shop.hasStored(...texts);
    }
    await own.are(...texts);
  });
});
