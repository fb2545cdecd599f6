import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { startServer, type TestServer } from '../support/node-server.ts';
import { collectProblems, openBrowser, startSite, type Site } from '../support/site.ts';
import { Visitor } from './visitor.ts';

const SUPPORT = 'Support Agent:Chat Flow';
const ECHO = 'Echo Agent:Echo Flow';
const STRICT = (server: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src ${server} ${server.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types lit-html`;

describe('a visitor of a page with the script tag', () => {
  let browser: Browser;
  let server: TestServer;
  let site: Site;
  let context: BrowserContext;
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
    // With storage of its own, as nothing else has used.
    context = await browser.createBrowserContext();
    page = await context.newPage();
    visitor = new Visitor(page);
  });
  afterEach(async () => {
    await context.close();
    await server.stop();
  });

  async function visit(attributes: Record<string, string> = {}, file = 'xians-widgets.js'): Promise<void> {
    const all = {
      'server-url': server.url,
      'tenant-id': 'acme',
      workflow: ECHO,
      'token-url': `${server.url}/demo/token?participant=Jane@Example.com`,
      ...attributes,
    };
    const data = Object.entries(all).map(([name, value]) => `data-${name}="${value}"`);
    const type = file.endsWith('bundle.js') ? 'defer' : 'type="module"';
    site.page('/', {
      html: `<h1>A shop</h1><script ${type} src="/dist/${file}" ${data.join(' ')}></script>`,
      policy: STRICT(server.url),
    });
    await page.goto(`${site.url}/`);
  }

  for (const file of ['xians-widgets.js', 'xians-widgets.bundle.js']) {
    it(`holds a conversation in Markdown and finds it again after a reload (${file})`, async () => {
      const problems = collectProblems(page);
      await visit({ workflow: SUPPORT }, file);
      await visitor.openBubble();
      await visitor.write('Can you show me a table?');
      await visitor.finds('table');
      await visitor.write('And some code, please');
      await visitor.finds('pre code');
      const before = await visitor.bubbles();
      assert.equal(before.length, 4);

      await page.reload();
      await visitor.openBubble();
      await visitor.finds('pre code');
      assert.deepEqual(await visitor.bubbles(), before);
      assert.deepEqual(problems, []);
    });
  }

  it('asks nothing of the server and stores nothing before the chat is opened', async () => {
    await visit();
    await visitor.finds('[part~="launcher"]');
    const stored = await page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      cookies: document.cookie,
      databases: (await indexedDB.databases()).length,
    }));
    assert.deepEqual(stored, { local: 0, session: 0, cookies: '', databases: 0 });
    assert.deepEqual((await server.report()).received, []);
  });

  it('misses nothing and sees nothing twice when the server goes away in the middle and returns', async () => {
    await visit();
    await visitor.openBubble();
    await visitor.write('One');
    await visitor.sees('Echo: One');
    await server.control({ fault: 'down' });
    await visitor.write('Two');
    await visitor.hasStatus(/cannot be reached|offline|trying/i);
    await visitor.write('Three');
    await server.control({
      fault: 'publish',
      workflow: ECHO,
      participantId: 'jane@example.com',
      text: 'While you were away',
    });
    await server.control({ fault: 'up' });
    await visitor.sees('Echo: Three');
    await visitor.sees('While you were away');
    await visitor.hasStatus(/connected/i);
    const { stored } = await server.report();
    const texts = stored.map((message) => message.text);
    const shown = await visitor.bubbles();
    assert.deepEqual([...shown].sort(), [...texts].sort());
    // When a message on its way was stored is known from history only: until then it may stand beside a reply to another.
    const received = (text: string | null) => !['One', 'Two', 'Three'].includes(text ?? '');
    assert.deepEqual(shown.filter(received), texts.filter(received));
    for (const text of ['One', 'Two', 'Three'])
      assert.ok(shown.indexOf(text) < shown.indexOf(`Echo: ${text}`), shown.join());
    assert.equal(new Set(stored.map((message) => message.id)).size, stored.length);
    assert.equal(stored.filter((message) => message.direction === 'Incoming').length, 3);

    await page.reload();
    await visitor.openBubble();
    await visitor.sees('Echo: Three');
    const history = [...stored].sort(
      (a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.id < b.id ? -1 : 1),
    );
    assert.deepEqual(
      await visitor.bubbles(),
      history.map((message) => message.text),
    );
  });

  it("is shown nobody else's message", async () => {
    await visit();
    await visitor.openBubble();
    await visitor.write('Mine');
    await visitor.sees('Echo: Mine');
    await server.control({ fault: 'stranger', workflow: ECHO, text: 'Private' });
    await visitor.write('Still mine');
    await visitor.sees('Echo: Still mine');
    assert.equal(
      (await visitor.bubbles()).some((text) => text.includes('Private')),
      false,
    );
  });

  it('sees the same conversation under a participant id in mixed case', async () => {
    await visit({ 'participant-id': 'JANE@example.COM' });
    await visitor.openBubble();
    await visitor.write('Hello');
    await visitor.sees('Echo: Hello');
    assert.equal((await server.report()).stored[0]?.participantId, 'jane@example.com');
  });

  it('is served over SSE and REST where WebSockets are blocked', async () => {
    await server.control({ fault: 'block-websockets', on: true });
    await visit();
    await visitor.openBubble();
    await visitor.write('Behind a proxy');
    await visitor.sees('Echo: Behind a proxy');
    const transports = new Set((await server.report()).received.map((request) => request.transport));
    assert.ok(transports.has('sse') && transports.has('rest'));
  });

  it('gets words for what is wrong, and the page goes on working', async () => {
    const problems = collectProblems(page);
    await visit({ workflow: 'support' });
    await visitor.openBubble();
    await page.waitForFunction(() =>
      /workflow/i.test(document.querySelector('xians-chat')?.shadowRoot?.textContent ?? ''),
    );
    assert.equal(await page.$eval('h1', (heading) => heading.textContent), 'A shop');
    assert.deepEqual(problems, []);
  });

  it('keeps a text that is too long, and says so', async () => {
    await visit();
    await visitor.openBubble();
    await page.$eval(
      'xians-chat >>> textarea',
      (input, text) => {
        input.value = text;
        input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
      },
      'x'.repeat(40_000),
    );
    await page.focus('xians-chat >>> textarea');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      /too long/i.test(document.querySelector('xians-chat')?.shadowRoot?.textContent ?? ''),
    );
    const kept = await page.$eval('xians-chat >>> textarea', (input) => input.value.length);
    assert.equal(kept, 40_000);
    assert.deepEqual((await server.report()).stored, []);
  });

  it('goes on after a reply of 20 MB', async () => {
    await visit();
    await visitor.openBubble();
    await visitor.write('First');
    await visitor.sees('Echo: First');
    await server.control({
      fault: 'huge-reply',
      bytes: 20_000_000,
      workflow: ECHO,
      participantId: 'jane@example.com',
    });
    await page.waitForFunction(
      () =>
        document.querySelector('xians-chat')!.shadowRoot!.querySelectorAll('[part~="bubble"]').length === 3,
    );
    await visitor.write('Second');
    await visitor.sees('Echo: Second');
  });

  it('never finds a credential in the page, its storage or its console', async () => {
    const spoken: string[] = [];
    page.on('console', (message) => spoken.push(message.text()));
    await visit();
    await visitor.openBubble();
    await visitor.write('Hello');
    await visitor.sees('Echo: Hello');
    await server.control({ fault: 'down' });
    await visitor.hasStatus(/cannot be reached|offline|trying/i);
    await server.control({ fault: 'up' });
    await visitor.hasStatus(/connected/i);
    await server.control({ fault: 'expire-tokens' });
    await server.control({ fault: 'drop-sockets' });
    await visitor.write('After the token expired');
    await visitor.sees('Echo: After the token expired');
    const content = await page.evaluate(() => {
      const chat = document.querySelector('xians-chat')!;
      return (
        document.documentElement.outerHTML +
        chat.shadowRoot!.textContent +
        JSON.stringify(Object.entries(localStorage))
      );
    });
    for (const text of [content, ...spoken]) assert.doesNotMatch(text, /eyJ[\w-]+\./);
  });
});
