import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { waitFor } from '../support/wait.ts';
import { openShopBrowser, Shop, stored, type ShopTab } from './shop.ts';

describe('the tabs of one visitor', () => {
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

  /** Tabs with the chat open, one after another; the first holds the connection, the last is in front. */
  async function tabs(count: number): Promise<ShopTab[]> {
    const opened: ShopTab[] = [];
    while (opened.length < count) {
      const tab = await shop.chat();
      await tab.visitor.hasStatus(/^connected/i);
      opened.push(tab);
    }
    return opened;
  }

  const draft = ({ page }: ShopTab) => page.$eval('xians-chat >>> textarea', (input) => input.value);

  it('share one socket, and show what is written in any of them and its answer, once', async () => {
    const all = await tabs(3);
    const texts = ['From the first', 'From the second', 'From the third'];
    for (const [index, { page, visitor }] of all.entries()) {
      await page.bringToFront();
      await visitor.write(texts[index]!);
      await visitor.sees(`Echo: ${texts[index]!}`);
    }
    await shop.hasStored(...texts);
    const conversation = texts.flatMap((text) => [text, `Echo: ${text}`]);
    for (const { page, visitor } of all) {
      await page.bringToFront();
      await visitor.sees('Echo: From the third');
      assert.deepEqual(await visitor.bubbles(), conversation);
    }
    assert.equal((await shop.server.report()).connections.hub, 1);
    assert.equal(shop.proxy.webSockets.most, 1);
  });

  it('are connected again at once when the one that held the connection is closed', async () => {
    const [first, second, third] = await tabs(3);
    assert.ok(first && second && third);
    await first.page.close();
    await third.visitor.write('Is anybody there?');
    await third.visitor.sees('Echo: Is anybody there?');
    await second.page.bringToFront();
    await second.visitor.sees('Echo: Is anybody there?');
    await shop.hasStored('Is anybody there?');
    assert.equal(shop.proxy.webSockets.most, 1, 'never two at a time');
  });

  it('go on when the one that holds the connection is frozen, and when it is stopped without a word', async () => {
    const [first, second] = await tabs(2);
    assert.ok(first && second);
    await second.visitor.write('Through the first');
    await second.visitor.sees('Echo: Through the first');
    const session = await first.page.createCDPSession();
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await second.visitor.write('While it is frozen');
    await second.visitor.sees('Echo: While it is frozen');
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await first.own.are('Through the first', 'While it is frozen');

    // Not in the middle of writing down that it was sent: others would have to wait for that.
    await second.own.isSaid('While it is frozen', /Answered/);
    const stop = await second.page.createCDPSession();
    await stop.send('Debugger.enable');
    await stop.send('Debugger.pause');
    await first.page.bringToFront();
    await first.visitor.write('While the other hangs');
    await first.visitor.sees('Echo: While the other hangs');
    await stop.send('Debugger.disable');
    const texts = ['Through the first', 'While it is frozen', 'While the other hangs'];
    await second.own.are(...texts);
    await shop.hasStored(...texts);
    await waitFor(async () => (await shop.server.report()).connections.hub === 1, 'one socket is left');
  });

  it('share the draft and what has been read', async () => {
    const [first, second] = await tabs(2);
    assert.ok(first && second);
    await second.page.focus('xians-chat >>> textarea');
    await second.page.keyboard.type('Half a sentence');
    await waitFor(async () => (await draft(first)) === 'Half a sentence', 'the draft in the other tab');
    await second.page.keyboard.press('Enter');
    await second.visitor.sees('Echo: Half a sentence');
    await waitFor(async () => (await draft(first)) === '', 'the draft is gone there too');

    const unread = ({ page }: ShopTab) => page.$eval('xians-chat', (chat) => chat.conversation?.unread);
    const other = await shop.tab('/other'); // nobody looks at the chats
    await shop.server.control({
      fault: 'publish',
      workflow: 'Echo Agent:Echo Flow',
      participantId: 'jane@example.com',
      text: 'Are you still there?',
    });
    for (const tab of [first, second])
      await waitFor(async () => (await unread(tab)) === 1, 'one unread message');
    await second.page.bringToFront();
    for (const tab of [second, first]) await waitFor(async () => (await unread(tab)) === 0, 'it is read');
    await other.page.close();
  });

  it('are all signed out by one, and leave nothing behind', async () => {
    const [first, second] = await tabs(2);
    assert.ok(first && second);
    await second.visitor.write('Hello');
    await second.visitor.sees('Echo: Hello');
    shop.goAway();
    await second.visitor.write('A secret');
    await second.own.isSaid('A secret', /^Waiting to be sent$/);
    await waitFor(async () => (await first.own.texts()).includes('A secret'), 'the other tab has it');
    await second.page.$eval('xians-chat', (chat) => chat.logout());
    for (const { own } of [first, second]) {
      await waitFor(async () => !(await own.texts()).includes('A secret'), 'it is gone from the tab');
    }
    // What one tab removes from the storage, another sees a moment later.
    await waitFor(async () => (await stored(first.page)).length === 0, 'nothing is stored');
    await shop.comeBack();
    await first.page.bringToFront();
    await first.page.reload();
    await first.visitor.openBubble();
    await first.visitor.sees('Echo: Hello');
    assert.deepEqual(await shop.stored(), ['Hello']);
  });
});
