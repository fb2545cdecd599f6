import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { waitFor } from '../support/wait.ts';
import { openShopBrowser, PARTICIPANT, Shop, type ShopTab } from './shop.ts';

const WORKFLOW = 'Status Agent:Alerts';
const ALERT = 'xians-chat >>> [part~="alert"]';

/** What the page keeps of each `xians-alert` event. */
interface Heard {
  readonly text: string;
  readonly severity: string;
  readonly dismissed: boolean;
}
type Listening = typeof globalThis & { heard: Heard[] };

describe('system alerts in a page', () => {
  let browser: Browser;
  let shop: Shop;

  before(async () => {
    browser = await openShopBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    shop = await Shop.open(browser);
    const more = `data-participant-id="${PARTICIPANT}" data-alerts-workflow="${WORKFLOW}"`;
    shop.site.page('/alerts', { html: shop.script({ more }) });
  });
  afterEach(() => shop.close());

  /** A tab in front with the chat open, connected and with the alerts of earlier. */
  async function open(): Promise<ShopTab> {
    const tab = await shop.tab('/alerts', (page) =>
      page.evaluateOnNewDocument(() => {
        const heard: Heard[] = ((globalThis as Listening).heard = []);
        document.addEventListener('xians-alert', (event) => {
          heard.push((event as unknown as { readonly alert: Heard }).alert);
        });
      }),
    );
    await tab.visitor.openBubble();
    await tab.visitor.hasStatus(/^connected/i);
    await waitFor(async () => (await shop.server.report()).connections.sse === 1, 'one stream');
    return tab;
  }
  const publish = (text: string, more: object = {}) =>
    shop.server.control({ fault: 'alert', workflow: WORKFLOW, text, participantId: PARTICIPANT, ...more });
  const heard = async ({ page }: ShopTab) =>
    (await page.evaluate(() => (globalThis as Listening).heard)).map(
      ({ text, dismissed }) => `${dismissed ? 'closed' : 'said'}: ${text}`,
    );
  const banner = ({ page }: ShopTab) =>
    page.$$eval(ALERT, ([alert]) => (alert as HTMLElement | undefined)?.innerText ?? '');
  async function shows(tab: ShopTab, pattern: RegExp): Promise<void> {
    await tab.page.bringToFront();
    await waitFor(async () => pattern.test(await banner(tab)), `a banner like ${pattern}`, 20_000);
  }
  async function showsNone(tab: ShopTab): Promise<void> {
    await tab.page.bringToFront();
    await waitFor(async () => (await banner(tab)) === '', 'no banner', 20_000);
  }
  const dismiss = ({ page }: ShopTab) => page.click('xians-chat >>> [part~="alert-dismiss"]');

  it('show above the conversation, as text, and are told as an event', async () => {
    const tab = await open();
    await publish('We are <b>slow</b> today.', { severity: 'warning', title: 'Search' });
    await shows(tab, /Search[\s\S]*We are <b>slow<\/b> today\./);
    const [first, ...more] = await tab.page.evaluate(() => (globalThis as Listening).heard);
    assert.equal(more.length, 0);
    assert.equal(first?.severity, 'warning');
    assert.deepEqual(await tab.visitor.bubbles(), []);
  });

  it('stay away everywhere once closed in one tab, also after a reload', async () => {
    const [first, second] = [await open(), await open()];
    await publish('Close me.');
    await shows(first, /Close me/);
    await shows(second, /Close me/);
    await dismiss(second);
    await showsNone(second);
    await showsNone(first);
    assert.deepEqual(await heard(first), ['said: Close me.', 'closed: Close me.']);
    await waitFor(async () => (await shop.server.report()).connections.sse === 1, 'one stream for both tabs');
    for (const tab of [first, second]) {
      await tab.page.bringToFront();
      await tab.page.reload();
      await tab.visitor.openBubble();
    }
    await publish('Read me.');
    for (const tab of [first, second]) {
      await shows(tab, /Read me/);
      assert.deepEqual(await heard(tab), ['said: Read me.']);
    }
  });

  it('are read from history when the stream was cut, and not told twice', async () => {
    const tab = await open();
    await publish('Before.');
    await shows(tab, /Before/);
    await shop.server.control({ fault: 'fail', what: 'sse', status: 503 });
    await shop.server.control({ fault: 'drop-sockets', kind: 'sse' });
    await publish('Meanwhile.', { severity: 'critical' });
    await shop.server.control({ fault: 'reset' });
    await shows(tab, /Meanwhile/);
    assert.deepEqual(await heard(tab), ['said: Before.', 'said: Meanwhile.']);
  });

  it('are silent in a tab that nobody looks at, and told when somebody does', async () => {
    const [hidden, front] = [await open(), await open()];
    await waitFor(() => hidden.page.evaluate(() => document.hidden), 'the first tab is hidden');
    await publish('Only for eyes.');
    await shows(front, /Only for eyes/);
    assert.deepEqual(await heard(hidden), []);
    await shows(hidden, /Only for eyes/);
    assert.deepEqual(await heard(hidden), ['said: Only for eyes.']);
  });

  it('are those of this visitor', async () => {
    const tab = await open();
    await publish('For somebody else.', { participantId: 'tom@example.com' });
    await publish('For Jane.');
    await shows(tab, /For Jane/);
    assert.deepEqual(await heard(tab), ['said: For Jane.']);
  });
});
