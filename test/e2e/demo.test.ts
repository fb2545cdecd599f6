import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { after, before, beforeEach, afterEach, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { FAULT_GROUPS, NORMAL } from '../../demo/scripts/faults.js';
import { startServer, type TestServer } from '../support/node-server.ts';
import { collectProblems, openBrowser, startSite } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const VISITOR = 'Demo-Tester';
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const LAPTOPS = [
  { width: 1366, height: 768 },
  { width: 1280, height: 800 },
  { width: 1280, height: 640 },
];

/** What `POST /__control` takes. */
type ControlRequest = { fault: string; [parameter: string]: unknown };

describe('the demo page', () => {
  let browser: Browser;
  let server: TestServer;
  let page: Page;
  let problems: string[];
  let foreign: string[];

  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  beforeEach(async () => {
    server = await startServer({
      staticRoot: { '/': resolve(ROOT, 'demo'), '/dist/': resolve(ROOT, 'dist') },
      agentDelayMs: 20,
    });
    page = await browser.newPage();
    problems = collectProblems(page);
    foreign = [];
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(server.url).host) foreign.push(request.url());
    });
  });
  afterEach(async () => {
    await page.close();
    await server.stop();
  });

  async function open(viewport = DESKTOP, scheme: 'light' | 'dark' = 'light', path = '/'): Promise<void> {
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ]);
    await page.evaluateOnNewDocument(() => {
      const seen: string[] = [];
      Object.assign(window, { policyViolations: seen });
      document.addEventListener('securitypolicyviolation', (event) => {
        seen.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    await page.goto(`${server.url}${path}?visitor=${VISITOR}`);
    await waitFor(() => page.evaluate(liveAndIdle), 'the demo connects');
  }

  /** Sends `text` in the playground's chat and brings the playground, and so the ledger, on the screen. */
  async function say(text: string): Promise<void> {
    await page.evaluate(async (words) => {
      document.getElementById('playground')?.scrollIntoView();
      await document.querySelector<SendingChat>('#bench-chat')?.send(words);
    }, text);
  }

  const verdict = () => page.$eval('#verdict', (element) => element.textContent);

  it('loads and answers without an error, a policy violation or a request to another site', async () => {
    await open();
    await say('Hello');
    await waitFor(async () => (await verdict()) === 'Nothing missing, nothing twice', 'the ledger agrees');
    assert.deepEqual(await page.evaluate('policyViolations'), []);
    assert.deepEqual(problems, []);
    assert.deepEqual(foreign, []);
  });

  it('fits a phone without scrolling sideways', async () => {
    await open(PHONE);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, PHONE.width);
  });

  for (const viewport of [PHONE, { width: 900, height: 700 }, ...LAPTOPS, DESKTOP]) {
    it(`has no control under the floating button, ${viewport.width} by ${viewport.height}`, async () => {
      await open(viewport);
      assert.deepEqual(await page.evaluate(coveredControls), []);
    });
  }

  it('leaves the floating button where nothing else is, and to the keyboard everywhere', async () => {
    await open(PHONE);
    const opacity = () =>
      page.$eval('#bubble >>> .launcher', (button) => Number(getComputedStyle(button).opacity));
    await waitFor(async () => (await opacity()) === 1, 'it shows beside the words at the top');
    await page.evaluate(() => document.querySelector('.bench')?.scrollIntoView());
    await waitFor(async () => (await opacity()) === 0, 'it steps aside for the switches');
    await page.focus('#normal');
    await page.focus('#bubble >>> .launcher');
    await page.keyboard.press('Shift');
    await waitFor(async () => (await opacity()) === 1, 'it shows while it has the focus');
  });

  for (const viewport of [...LAPTOPS, DESKTOP]) {
    it(`has chat and ledger in sight beside every fault, ${viewport.width} by ${viewport.height}`, async () => {
      await open(viewport);
      await say('Hello');
      await waitFor(async () => (await verdict()) === 'Nothing missing, nothing twice', 'rows in the ledger');
      assert.deepEqual(await page.evaluate(lonelyFaults), []);
    });
  }

  for (const scheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`is accessible, ${scheme}, ${viewport.width} pixels wide`, async () => {
        await open(viewport, scheme);
        await say('Hello');
        await waitFor(async () => (await verdict()) === 'Nothing missing, nothing twice', 'a row to look at');
        assert.deepEqual(await axeViolations(page), []);
      });
    }
  }

  it('has a page that a chat fills, with no violation and accessible too', async () => {
    await open(PHONE, 'light', '/page.html');
    assert.deepEqual(await axeViolations(page), []);
    assert.deepEqual(await page.evaluate('policyViolations'), []);
    assert.deepEqual(problems, []);
  });

  it('changes colours on demand, and keeps them and the visitor in the address', async () => {
    await open();
    const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    assert.equal(await scheme(), 'light dark');
    await page.click('#theme');
    assert.equal(await scheme(), 'light');
    await page.click('#theme');
    assert.equal(await scheme(), 'dark');
    await page.reload();
    assert.equal(await scheme(), 'dark');
    assert.equal(new URL(page.url()).searchParams.get('visitor'), VISITOR);
    assert.equal(
      await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length),
      0,
    );
  });

  it('asks only for faults that the server has, with parameters that it takes', async () => {
    const watched = { participantId: VISITOR.toLowerCase(), workflow: 'Echo Agent:Echo Flow' };
    const { available } = await server.report();
    const known = new Set(available.map(({ fault }) => fault));
    const faults = FAULT_GROUPS.flatMap((group) => group.faults);
    const requests = [
      ...faults.flatMap((fault) => [...fault.requests(watched), ...(fault.off ?? [])]),
      ...NORMAL,
    ];
    assert.ok(requests.length > faults.length);
    for (const request of requests as ControlRequest[]) {
      assert.ok(known.has(request.fault), `no fault "${request.fault}"`);
      await server.control(request); // rejects wrong parameters
    }
  });

  it('sets each switch on the server, shows what the server says, and puts it back', async () => {
    await open();
    await page.evaluate(() => document.getElementById('playground')?.scrollIntoView());
    const labels = FAULT_GROUPS.flatMap((group) => group.faults).filter(({ act }) => !act);
    for (const { name, isOn } of labels) {
      const input = await page.waitForSelector(`::-p-aria([name="${name}"][role="switch"])`);
      assert.ok(input && isOn, name);
      await input.click();
      await waitFor(async () => isOn((await server.report()).faults), `${name} is on`);
      await input.click();
      await waitFor(async () => !isOn((await server.report()).faults), `${name} is off`);
    }
    await server.control({ fault: 'latency', ms: 50 });
    await waitFor(
      () => page.$$eval('.fault input', (inputs) => inputs.some((input) => input.checked)),
      'a switch follows the server',
    );
    await page.click('#normal');
    await waitFor(async () => Object.keys((await server.report()).faults).length === 0, 'all is normal');
  });

  it('counts messages that wait, and agrees with the server after the network is back: each once, in order', async () => {
    await open();
    await say('First');
    await waitFor(async () => (await verdict()) === 'Nothing missing, nothing twice', 'the ledger agrees');
    await server.control({ fault: 'down' });
    await page.click('#send-five');
    await waitFor(
      async () => (await verdict()) === '5 waiting to be sent',
      'the ledger shows those that wait',
    );
    await server.control({ fault: 'up' });
    await page.evaluate(() => document.querySelector<RetryingStatus>('connection-status')?.retryNow());
    await waitFor(
      async () => (await verdict()) === 'Nothing missing, nothing twice',
      'both agree again',
      40_000,
    );
    const { stored } = await server.report();
    const sent = stored.filter(({ direction }) => direction === 'Incoming').map(({ text }) => text);
    const five = ['one', 'two', 'three', 'four', 'five'].map((word) => `Message ${word} of five`);
    assert.deepEqual(sent, ['First', ...five]);
  });

  it('says so when the server has no switches', async () => {
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      if (request.url().endsWith('/__control')) void request.respond({ status: 404 });
      else void request.continue();
    });
    await open();
    await page.evaluate(() => document.getElementById('playground')?.scrollIntoView());
    await waitFor(
      () => page.$eval('#control-problem', ({ textContent }) => /no switches/.test(textContent)),
      'words',
    );
    assert.ok(
      await page.$$eval('.fault :is(button, input)', (all) => all.every((one) => one.matches(':disabled'))),
    );
  });

  it('copies the tag, which then works as it stands on another site', async (t) => {
    await browser.defaultBrowserContext().setPermission(
      server.url,
      ...['clipboard-read', 'clipboard-write'].map((name) => ({
        permission: { name },
        state: 'granted' as const,
      })),
    );
    await open();
    await page.bringToFront();
    await page.click('[data-copy="hero-tag"]');
    const tag = await waitFor(
      () => page.evaluate(() => navigator.clipboard.readText()),
      'a text in the clipboard',
    );
    assert.equal(tag, await page.$eval('#hero-tag', ({ textContent }) => textContent));
    assert.equal(await page.$eval('[data-copy="hero-tag"]', ({ textContent }) => textContent), 'Copied');

    const shop = await startSite();
    t.after(() => shop.stop());
    shop.page('/', { html: tag });
    await page.goto(shop.url);
    await waitFor(
      () => page.evaluate(() => Boolean(document.querySelector('xians-chat')?.shadowRoot)),
      'a chat',
    );
    await page.evaluate(() => document.querySelector<SendingChat>('xians-chat')?.send('From the shop'));
    await waitFor(
      async () => (await server.report()).stored.some(({ text }) => text === 'From the shop'),
      'the message arrives',
    );
  });

  it('builds a tag from what is typed, and names what is missing', async () => {
    await open();
    await page.select('[name="display"]', 'panel');
    await page.$eval('[name="heading"]', (field) => ((field as HTMLInputElement).value = ''));
    await page.type('[name="heading"]', 'Say "hi" & <wave>');
    const tag = await page.$eval('#built-tag', ({ textContent }) => textContent);
    assert.match(tag, /<xians-chat\s+id="chat"\s+display="panel"/);
    assert.match(tag, /heading="Say &quot;hi&quot; &amp; &lt;wave>"/);
    await page.$eval('[name="workflow"]', (field) => ((field as HTMLInputElement).value = ''));
    await page.type('[name="workflow"]', 'no colon');
    assert.equal(
      await page.$eval('[name="workflow"]', (field) => field.getAttribute('aria-invalid')),
      'true',
    );
    assert.match(await page.$eval('#problem-workflow', ({ textContent }) => textContent), /colon/);
  });
});

type SendingChat = Element & { send(text: string): Promise<unknown> };
type ConnectedProvider = Element & { client?: { state: string } };
type RetryingStatus = Element & { retryNow(): Promise<void> };

/** Runs in the page: everything on it is loaded and connected. */
function liveAndIdle(): boolean {
  const chats = [...document.querySelectorAll('xians-chat:not([display="bubble"], [display="panel"])')];
  const windows = chats.filter((chat) => chat.shadowRoot?.querySelector('textarea'));
  const provider = document.querySelector<ConnectedProvider>('xians-provider');
  return windows.length === chats.length && provider?.client?.state === 'live';
}

/** Runs in the page: scrolls to each control, and names those that the floating button then covers. */
async function coveredControls(): Promise<string[]> {
  const launcher = document.querySelector('#bubble')?.shadowRoot?.querySelector('.launcher');
  if (!launcher) throw new Error('There is no floating button.');
  const covered = [];
  for (const control of document.querySelectorAll('main :is(a, button, input, select, xians-chat)')) {
    control.scrollIntoView({ block: 'end' });
    let isCovered = true;
    // Whether to step aside is decided after a frame; half a second of frames is more than enough.
    for (let frame = 0; frame < 2 || (frame < 30 && isCovered); frame++) {
      await new Promise(requestAnimationFrame);
      const [top, bottom] = [launcher.getBoundingClientRect(), control.getBoundingClientRect()];
      const isApart =
        top.left >= bottom.right ||
        bottom.left >= top.right ||
        top.top >= bottom.bottom ||
        bottom.top >= top.bottom;
      isCovered = !isApart && getComputedStyle(launcher).opacity !== '0';
    }
    if (isCovered) covered.push(control.id || control.outerHTML.slice(0, 80));
  }
  return covered;
}

/** Runs in the page: names the faults that cannot be scrolled to a place with all of chat and ledger in sight too. */
function lonelyFaults(): string[] {
  const barEnd = document.querySelector('.bar')?.getBoundingClientRect().bottom ?? 0;
  const faults = [...document.querySelectorAll('.fault')];
  const lonely = faults.filter((fault) => {
    const together = [fault, ...document.querySelectorAll('#bench-chat, .ledger')];
    return !(['start', 'center', 'end'] as const).some((block) => {
      fault.scrollIntoView({ block });
      return together.every((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top >= barEnd && bottom <= innerHeight + 1; // places are rounded to whole pixels
      });
    });
  });
  return faults.length > 0 ? lonely.map(({ textContent }) => textContent.trim()) : ['no faults'];
}

async function axeViolations(page: Page): Promise<string[]> {
  // The page's own policy forbids a script tag from elsewhere; the debugger may still evaluate.
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(async () => {
    type Result = { id: string; nodes: { target: unknown[] }[] };
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Result[] }> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target }) => `${id}: ${JSON.stringify(target)}`),
    );
  });
}
