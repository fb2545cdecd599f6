import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import type { MetricsReport } from '../../src/client/metrics-reporter.ts';
import { problemsOf } from '../client/metrics-otlp-schema.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser, startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { Visitor } from './visitor.ts';

const WORKFLOW = 'Echo Agent:Echo Flow';
const WORDS = 'Is my parcel number 4711 on its way?';

describe('a page with an address for metrics', () => {
  let browser: Browser;
  let server: TestServer;
  let site: Site;
  let page: Page;
  let problems: string[];

  before(async () => {
    [browser, site] = await Promise.all([openBrowser(), startSite()]);
  });
  after(async () => {
    await Promise.all([browser.close(), site.stop()]);
  });
  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
    page = await browser.newPage();
    problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
  });
  afterEach(async () => {
    if (!page.isClosed()) await page.close();
    await server.stop();
  });

  /** A visitor who writes one message and reads the answer. */
  async function chat(attributes: string): Promise<void> {
    site.page('/', {
      html: `<script type="module" src="/dist/xians-widgets.js" data-server-url="${server.url}" data-tenant-id="acme"
        data-workflow="${WORKFLOW}" data-token-url="${server.url}/demo/token" ${attributes}></script>`,
    });
    site.page('/next', { html: '<p>Another page.</p>' });
    await page.goto(site.url);
    const visitor = new Visitor(page);
    await visitor.openBubble();
    await visitor.write(WORDS);
    await visitor.sees(`Echo: ${WORDS}`);
    // What reports is loaded by then or soon.
    await waitFor(() => page.evaluate(reporterIsLoaded), 'the part that reports');
  }
  const collected = async () => (await server.report()).collected.metrics;
  const bodyOf = ({ body }: { body: unknown }) => body as MetricsReport;

  it('sends what was measured when the visitor leaves, to another origin without asking it first', async () => {
    await chat(`data-metrics-url="${server.url}/demo/metrics"`);
    assert.equal((await collected()).length, 0);
    await page.goto(`${site.url}/next`);
    await waitFor(async () => (await collected()).length, 'a report');
    const [report, ...more] = await collected();
    assert.equal(more.length, 0);
    assert.match(report!.headers['content-type'] ?? '', /^text\/plain/);

    const body = bodyOf(report!);
    const send = body.operations.find(({ operation }) => operation === 'send');
    assert.deepEqual([send?.transport, send?.succeeded, send?.failed], ['hub', 1, 0]);
    assert.deepEqual([body.delivery.delivered, body.delivery.rate, body.firstReply.count], [1, 1, 1]);
    assert.equal(body.connections.find(({ transport }) => transport === 'hub')?.reconnects, 0);
    assert.ok(body.operations.some(({ transport, succeeded }) => transport === 'token' && succeeded > 0));
    const text = JSON.stringify(body);
    for (const private_ of ['parcel', '4711', 'Echo', 'eyJ', server.url, site.url]) {
      assert.ok(!text.includes(private_), private_);
    }
    assert.deepEqual(problems, []);
  });

  it('sends it when the tab is closed, too', async () => {
    await chat(`data-metrics-url="${server.url}/demo/metrics"`);
    const closed = new Promise((resolve) => page.once('close', resolve));
    // As a visitor closes it; by default a tab is cut off without a word to its page.
    await page.close({ runBeforeUnload: true });
    await closed;
    await waitFor(async () => (await collected()).length, 'a report');
    assert.equal(bodyOf((await collected())[0]!).delivery.delivered, 1);
  });

  it('sends what an OpenTelemetry collector takes', async () => {
    await chat(`data-metrics-url="${server.url}/demo/metrics" data-metrics-format="otlp"`);
    await page.goto(`${site.url}/next`);
    await waitFor(async () => (await collected()).length, 'a report');
    const [report] = await collected();
    assert.match(report!.headers['content-type'] ?? '', /^application\/json/);
    assert.deepEqual(problemsOf(JSON.stringify(report!.body)), []);
  });

  it('chats on when the collector fails', async () => {
    await server.control({ fault: 'fail', what: 'metrics', status: 500 });
    await chat(`data-metrics-url="${server.url}/demo/metrics"`);
    await page.goto(`${site.url}/next`);
    await waitFor(
      async () =>
        (await server.report()).received.some(
          ({ transport, status }) => transport === 'metrics' && status === 500,
        ),
      'the attempt',
    );
    await chat(`data-metrics-url="${server.url}/demo/metrics"`);
    assert.deepEqual(problems, []);
  });
});

/** Runs in the page. */
function reporterIsLoaded(): boolean {
  const names = performance.getEntriesByType('resource').map(({ name }) => name);
  return names.some((name) => name.includes('/chunks/telemetry'));
}
