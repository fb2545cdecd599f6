import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startServer, type TestServer } from '../support/node-server.ts';
import { openBrowser } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';
import { bundlePage } from './apollo-page.ts';
import { Transcript } from './foreign-client.ts';

describe('the apollo-react client', () => {
  let site: Server;
  let browser: Browser;
  let server: TestServer;
  let page: Page;
  let transcript: Transcript;

  before(async () => {
    const { html, script } = await bundlePage();
    site = createServer((request, response) => {
      const isScript = request.url?.startsWith('/main.js') ?? false;
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
      response.end(isScript ? script : html);
    }).listen(0, 'localhost');
    await once(site, 'listening');
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    site.close();
  });
  beforeEach(async () => {
    server = await startServer();
    transcript = new Transcript();
    page = await browser.newPage();
    page.on('console', (message) => transcript.add(message.text()));
    page.on('pageerror', (error) => transcript.add(String(error)));
  });
  afterEach(async () => {
    await page.close();
    await server.stop();
  });

  async function open(more = ''): Promise<void> {
    const { port } = site.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/?incidents-url=${encodeURIComponent(server.url)}${more}`);
    await transcript.nth('synced', 1);
  }

  async function create(title: string): Promise<string> {
    const answer = await server.control({ fault: 'incidents-create', incidents: [{ title }] });
    return (answer as { ids: string[] }).ids[0]!;
  }

  const rows = (): Promise<string[]> =>
    page.$$eval('li', (items) => items.map((item) => item.textContent.trim()));
  const status = (): Promise<string | undefined> =>
    page.$eval('[role=status]', (element) => element.textContent);

  it('shows what there is, what is new in front of it, and what changes', async () => {
    const old = await create('Old');
    await open();
    assert.deepEqual(await rows(), ['P2 Old DETECTED']);
    await transcript.nth('heartbeat', 1);
    await create('New');
    await waitFor(async () => (await rows()).join() === 'P2 New DETECTED,P2 Old DETECTED', 'both rows');
    await server.control({ fault: 'incidents-update', id: old, state: 'RESOLVED' });
    await waitFor(async () => (await rows())[1] === 'P2 Old RESOLVED', 'the change');
  });

  it('X1: is connected although nothing happens, and X3: shows once what comes twice', async () => {
    await open();
    assert.equal(await status(), 'Live');
    await server.control({ fault: 'incidents-duplicate-events', times: 3 });
    await create('First');
    await create('Second');
    await waitFor(async () => (await rows())[0] === 'P2 Second DETECTED', 'both rows');
    assert.deepEqual(await rows(), ['P2 Second DETECTED', 'P2 First DETECTED']);
  });

  it('X2: makes one connection however often it draws, and subscribes once', async () => {
    await open();
    for (let count = 0; count < 20; count++) await create(`Number ${count}`);
    await waitFor(async () => (await rows()).length === 20, 'twenty rows');
    const { incidents } = await server.report();
    assert.equal(incidents.sockets, 1);
    assert.equal(incidents.subscriptions, 2);
  });

  for (const code of [1006, 1011, 4500]) {
    it(`G6: reads what it missed, and subscribes again, after a close with ${code}`, async () => {
      await open();
      await server.control({ fault: 'incidents-refuse-sockets', on: true });
      await server.control({ fault: 'incidents-close', code });
      await transcript.nth('disconnected', 1);
      await waitFor(async () => (await status())?.startsWith('Connecting'), 'a page that says so');
      const missed = await create('Missed');
      await transcript.nth('disconnected', 2);
      await server.control({ fault: 'incidents-refuse-sockets', on: false });
      await transcript.tells(missed, 'title', 'Missed');
      await transcript.nth('connected', 2);
      await create('After');
      await waitFor(async () => (await rows())[0] === 'P2 After DETECTED', 'an incident by the stream');
      assert.equal((await server.report()).incidents.subscriptions, 2);
    });
  }

  it('G7: says so when a server that keeps the connection open is gone', async () => {
    await open('&ping-ms=400&pong-ms=2000');
    await server.control({ fault: 'incidents-mute', on: true });
    await transcript.nth('disconnected', 1);
    await server.control({ fault: 'incidents-mute', on: false });
    await transcript.nth('connected', 2);
  });
});
