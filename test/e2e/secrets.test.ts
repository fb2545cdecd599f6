import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, HTTPRequest, Page } from 'puppeteer-core';
import type { ErrorBatch } from '../../src/client/error-reporter.ts';
import type { HybridClient } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { stored } from './shop.ts';
import { Visitor } from './visitor.ts';

const WORKFLOW = 'Echo Agent:Echo Flow';
const RUN = 8;
/** A breaker that opened on the way lets nothing through for up to 30 s. */
const PATIENCE_MS = 45_000;

/** What the page of the test knows besides its elements. */
interface ShopWindow extends Window {
  /** In memory only, as a page should keep them. */
  tokens: string[];
  signIn: 'works' | 'fails';
}
type ProviderElement = HTMLElement & { client: HybridClient | undefined };

/** A page that signs its visitors in by itself, with listeners that throw what they should not. */
const PAGE = (server: string) => `
  <xians-provider server-url="${server}" tenant-id="acme" errors-url="${server}/demo/errors" metrics-url="${server}/demo/metrics">
    <xians-chat workflow="${WORKFLOW}"></xians-chat>
    <connection-status display="details"></connection-status>
  </xians-provider>
  <script>
    window.tokens = [];
    window.signIn = 'works';
    const provider = document.querySelector('xians-provider');
    provider.getToken = async () => {
      if (signIn === 'fails') throw new Error('Cannot renew ' + tokens.at(-1));
      const answer = await fetch('${server}/demo/token?participant=jane@example.com');
      const { token } = await answer.json();
      tokens.push(token);
      return token;
    };
  </script>
  <script type="module" src="/dist/xians-widgets.js"></script>`;

describe('a page on which everything fails', () => {
  let browser: Browser;
  let site: Site;
  let server: TestServer;
  let context: BrowserContext;
  let page: Page;
  let visitor: Visitor;
  /** What stands in the console, with the stacks of exceptions. */
  let spoken: string[];
  /** Answers what carries a credential instead of the server, which then does not get it. */
  let answer: ((request: HTTPRequest, credential: string) => void) | undefined;

  before(async () => {
    [browser, site] = await Promise.all([openBrowser(), startSite()]);
  });
  after(async () => {
    await Promise.all([browser.close(), site.stop()]);
  });
  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
    context = await browser.createBrowserContext();
    page = await context.newPage();
    visitor = new Visitor(page);
    [spoken, answer] = [[], undefined];
    page.on('console', (message) => spoken.push(`${message.text()} ${message.location().url ?? ''}`));
    page.on('pageerror', (error) =>
      spoken.push(error instanceof Error ? `${error.message} ${error.stack}` : String(error)),
    );
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const { authorization = '' } = request.headers();
      if (authorization && answer) answer(request, authorization);
      else void request.continue();
    });
    site.page('/', { html: PAGE(server.url) });
    site.page('/next', { html: '<p>Another page.</p>' });
    await page.goto(site.url);
  });
  afterEach(async () => {
    await context.close();
    await server.stop();
  });

  const tokens = () => page.evaluate(() => (window as unknown as ShopWindow).tokens);
  const signIn = (how: ShopWindow['signIn']) =>
    page.evaluate((value) => void ((window as unknown as ShopWindow).signIn = value), how);
  const state = () => page.$eval('xians-provider', (provider) => (provider as ProviderElement).client?.state);
  const isLive = () => waitFor(async () => (await state()) === 'live', 'live', PATIENCE_MS);
  const retryNow = () =>
    page.$eval('xians-provider', (provider) => (provider as ProviderElement).client?.retryNow());
  const collected = async () => (await server.report()).collected;

  /** Every attribute and text of the document and of the shadow roots in it, and what is written in fields. */
  function everythingShown(): Promise<string> {
    return page.evaluate(() => {
      const found: string[] = [];
      const roots: (Document | ShadowRoot)[] = [document];
      for (const root of roots) {
        for (const element of root.querySelectorAll('*')) {
          found.push(element.localName, element.textContent, 'value' in element ? String(element.value) : '');
          for (const { name, value } of element.attributes) found.push(`${name}=${value}`);
          if (element.shadowRoot) roots.push(element.shadowRoot);
        }
      }
      return found.join('\n');
    });
  }

  it('leaves no 8 characters of a token in the console, the document, the storage or a report', async () => {
    await visitor.finds('textarea');
    await page.$eval('xians-provider', (provider) => {
      for (const event of ['message', 'status', 'error'] as const) {
        (provider as ProviderElement).client?.on(event, () => {
          throw new TypeError(`Cannot work with ${(window as unknown as ShopWindow).tokens.at(-1)}`);
        });
      }
    });
    await visitor.write('First');
    await visitor.sees('Echo: First');

    // What servers and proxies say about a credential, in every channel.
    const [token = assert.fail('no token')] = await tokens();
    await isLive();
    for (const kind of ['hub-garbage', 'hub-wrong-shape', 'hub-incomplete']) {
      await server.control({ fault: 'malformed', kind });
      await isLive();
    }
    await server.control({ fault: 'close-hub', error: `closed because of ${token}` });
    await waitFor(async () => (await state()) !== 'live', 'closed');
    await retryNow();
    await isLive();
    await server.control({ fault: 'hub-error', message: `bad ${token}` });
    await visitor.write('Second');
    await visitor.sees('Echo: Second');

    // 500 and 200 with the token in their bodies, as JSON and as HTML.
    const bodies = [
      (credential: string) => ({
        status: 500,
        contentType: 'application/json',
        body: JSON.stringify({ error: credential, message: credential }),
      }),
      (credential: string) => ({ status: 502, contentType: 'text/html', body: `<p>${credential}</p>` }),
      (credential: string) => ({
        status: 200,
        contentType: 'text/html',
        body: `<title>Sign in</title>${credential}`,
      }),
      (credential: string) => ({ status: 401, contentType: 'text/plain', body: credential }),
    ];
    for (const body of bodies) {
      const answered = new Set<string>();
      answer = (request, credential) => {
        answered.add(new URL(request.url()).pathname);
        void request.respond({
          ...body(credential),
          headers: { 'Access-Control-Allow-Origin': site.url },
        });
      };
      await server.control({ fault: 'drop-sockets' });
      await page.$eval('xians-provider', async (provider) => {
        const client = (provider as ProviderElement).client;
        const failure: unknown = await client
          ?.converse('Echo Agent:Echo Flow', 'x')
          .catch((error: unknown) => error);
        console.log(failure);
        client?.retryNow();
      });
      await waitFor(() => answered.size > 1, 'the hub and REST were answered', PATIENCE_MS);
      answer = undefined;
      await retryNow();
      await isLive();
    }

    // The credential is refused, and the page's own sign-in fails and says why.
    await signIn('fails');
    await server.control({ fault: 'expire-tokens' });
    await server.control({ fault: 'drop-sockets' });
    await waitFor(async () => (await state()) !== 'live', 'refused');
    await retryNow();
    await waitFor(
      () =>
        page.$eval(
          'xians-provider',
          (provider) => (provider as ProviderElement).client?.status.error?.service === 'sign-in',
        ),
      'the sign-in is known to have failed',
      PATIENCE_MS,
    );
    await signIn('works');
    await retryNow();
    await isLive();

    // Nobody is there at all.
    await server.control({ fault: 'down' });
    await waitFor(async () => (await state()) !== 'live', 'down');
    await retryNow();
    await waitFor(() => spoken.some((line) => line.includes('ERR_')), 'the browser tells of it');
    await server.control({ fault: 'up' });
    await retryNow();
    await isLive();
    await visitor.write('Third');
    await visitor.sees('Echo: Third');
    assert.ok((await tokens()).length >= 2, 'a token was renewed');

    const sinks = {
      document: await everythingShown(),
      storage: (await stored(page)).join('\n'),
      console: spoken.join('\n'),
    };
    const known = await tokens();
    await page.goto(`${site.url}/next`);
    await waitFor(async () => {
      const { errors, metrics } = await collected();
      return errors.length > 0 && metrics.length > 0;
    }, 'reports');
    const { errors, metrics } = await collected();
    const told = { ...sinks, errors: JSON.stringify(errors), metrics: JSON.stringify(metrics) };

    // All of them have something to tell.
    const batches = errors.map(({ body }) => body as ErrorBatch);
    const classes = new Set(batches.flatMap(({ reports }) => reports.map((report) => report.class)));
    assert.ok(classes.has('bug'), [...classes].join());
    assert.ok(classes.size > 1, [...classes].join());
    assert.match(told.document, /Echo: Third/);
    assert.match(told.console, /Cannot work with \*\*\*/);
    assert.match(told.metrics, /"failures":\{"[a-z]/);
    assert.ok(told.storage.length > 0);
    for (const [sink, text] of Object.entries(told)) {
      for (const value of known) {
        const leak = firstRun(text, value);
        assert.equal(
          leak,
          undefined,
          `${sink}: …${text.slice(Math.max(0, text.indexOf(leak ?? '') - 300)).slice(0, 600)}`,
        );
      }
    }
  });
});

/** The first 8 characters of `value`'s parts that stand in `text`. */
function firstRun(text: string, value: string): string | undefined {
  // Its header is the same for every token, and no secret; but nothing prints half a token.
  for (const part of value.split('.')) {
    for (let i = 0; i + RUN <= part.length; i++) {
      if (text.includes(part.slice(i, i + RUN))) return part.slice(i, i + RUN);
    }
  }
  return undefined;
}
