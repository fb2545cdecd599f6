import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import type { ServerFault } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';
import { FeedDesk, type FeedPage } from './feed-desk.ts';
import { openShopBrowser } from './shop.ts';

const ALL = ['Acknowledge', 'Assign', 'Change severity', 'Comment', 'Resolve'];
const CREATE = {
  fault: 'incidents-create',
  incidents: [
    { title: 'Search is slow', severity: 'P2', createdAt: '2026-01-02T03:04:05Z' },
    { title: 'Payments fail', severity: 'P0', createdAt: '2026-01-02T03:05:05Z' },
  ],
} satisfies ServerFault;

/** Each kind of server: what makes it one, what the feed says of how true it is, and what it offers to do. */
const MODES: Readonly<
  Record<string, { faults: readonly ServerFault[]; says: RegExp; actions: readonly string[] }>
> = {
  'the whole service': { faults: [], says: /^Checked every 10/, actions: ALL },
  'a stream that only beats': {
    faults: [{ fault: 'incidents-mode', mode: 'async-graphql' }],
    says: /^Checked every 10/,
    actions: ALL,
  },
  'the service as it is shipped': {
    faults: [{ fault: 'incidents-mode', mode: 'as-shipped' }],
    says: /^Checked every 10/,
    actions: ['Acknowledge', 'Assign', 'Resolve'],
  },
  'the words of the stream reference': {
    // None of its states says that somebody looks after an incident.
    faults: [{ fault: 'incidents-dialect', states: 'websocket' }],
    says: /^Checked every 10/,
    actions: ALL.slice(1),
  },
  'the words of the schema file, in edges': {
    faults: [{ fault: 'incidents-dialect', states: 'schema', list: 'edges', field: 'status' }],
    says: /^Checked every 10/,
    actions: ALL,
  },
};

describe('an incident feed in a page', () => {
  let browser: Browser;
  let desk: FeedDesk;

  before(async () => {
    browser = await openShopBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    desk = await FeedDesk.open(browser);
  });
  afterEach(() => desk.close());

  async function created(...incidents: object[]): Promise<string[]> {
    const { ids } = (await desk.server.control({ fault: 'incidents-create', incidents })) as {
      ids: string[];
    };
    return ids;
  }
  /** The stream has told of a change, and a look has found nothing that it did not tell. */
  async function proven(feed: FeedPage): Promise<void> {
    const isSubscribed = async () => (await desk.server.report()).incidents.subscriptions === 2;
    await waitFor(isSubscribed, 'it is subscribed', 60_000);
    await created({ title: 'Proof', severity: 'P4' });
    await feed.isSaid(/^Live/);
  }

  for (const [server, { faults, says, actions }] of Object.entries(MODES)) {
    it(`of ${server} shows rows, how true they are, and what can be done`, async () => {
      await desk.control(...faults, CREATE);
      const feed = await desk.page();
      await feed.shows('Payments fail', 'Search is slow');
      await feed.isSaid(says);
      assert.deepEqual(await feed.actionsOf('Payments fail'), actions);
      if (!server.includes('shipped')) assert.deepEqual(feed.problems, []);
      assert.equal(
        await feed.page.evaluate(async () => (await indexedDB.databases()).length + localStorage.length),
        0,
        'nothing is stored before anybody does something',
      );
    });
  }

  it('is live when its stream tells of changes, and finds what the stream did not tell', async () => {
    const feed = await desk.page();
    await feed.isSaid(/^Checked every 10/);
    await proven(feed);
    await desk.control({ fault: 'incidents-drop-events', on: true });
    await created({ title: 'Never told', severity: 'P1' });
    await waitFor(async () => (await feed.titles()).includes('Never told'), 'it is found', 60_000);
    await feed.isSaid(/^Checked every 10/);
  });

  it('says that it does not know when nothing answers any more, and is current again afterwards', async () => {
    await desk.control(CREATE);
    const feed = await desk.page();
    await feed.shows('Payments fail', 'Search is slow');
    await proven(feed);
    await feed.page.evaluate(() => {
      const heard: boolean[] = ((globalThis as unknown as { heard: boolean[] }).heard = []);
      document.addEventListener('xians-feed-stale', (event) =>
        heard.push((event as Event & { readonly stale: boolean }).stale),
      );
    });
    desk.proxy.stall();
    await feed.isSaid(/^Unknown/);
    assert.deepEqual(await feed.page.evaluate('heard'), [true]);
    await created({ title: 'Meanwhile', severity: 'P1' });
    await desk.proxy.heal();
    await waitFor(async () => (await feed.titles()).includes('Meanwhile'), 'it is current', 60_000);
    await waitFor(async () => (await feed.page.evaluate('heard.at(-1)')) === false, 'it says so');
  });

  it('acknowledges by a key, takes back what the server refuses, and says why', async () => {
    const [id = ''] = await created({ title: 'Payments fail', severity: 'P0' });
    const feed = await desk.page();
    await feed.press('Payments fail', 'a');
    await waitFor(async () => (await desk.stored(id)).state === 'Triaged', 'the server has it');
    await desk.control({
      fault: 'incidents-errors',
      style: 'error',
      what: 'mutation',
      code: 'FORBIDDEN',
      count: 1,
    });
    const refused = await feed.page.evaluate(
      (incident) =>
        document
          .querySelector('incident-feed')
          ?.resolve(incident)
          .catch((error: { code: string }) => error.code),
      id,
    );
    assert.equal(refused, 'forbidden');
    const row = () => feed.rowText('Payments fail');
    await waitFor(async () => /Triaged.*Not done/.test(await row()), 'it is as before, and says why');
  });

  it('keeps what was done without a network over a reload, and sends it once', async () => {
    const [id = ''] = await created({ title: 'Payments fail', severity: 'P0' });
    const feed = await desk.page();
    await feed.shows('Payments fail');
    desk.proxy.refuse();
    desk.proxy.reset();
    const outcome = await feed.page.evaluate(
      async (incident) =>
        (await document.querySelector('incident-feed')?.acknowledge(incident))?.outcome ?? 'none',
      id,
    );
    assert.equal(outcome, 'queued');
    await feed.page.reload();
    await desk.proxy.accept();
    await waitFor(async () => (await desk.stored(id)).state === 'Triaged', 'the server has it', 60_000);
    const { mutations } = (await desk.server.report()).incidents as { mutations: unknown[] };
    assert.equal(mutations.length, 1, JSON.stringify(mutations));
  });

  it('works inside a provider with the provider’s token, and without one says that it may not', async () => {
    await desk.control({ fault: 'incidents-auth', required: true }, CREATE);
    const provider = (more: string) =>
      `<xians-provider server-url="${desk.proxy.url}" tenant-id="acme" participant-id="jane@example.com" ` +
      `incidents-url="${desk.proxy.url}" ${more}><incident-feed></incident-feed></xians-provider>`;
    const token = `token-url="${desk.proxy.url}/demo/token?participant=jane@example.com"`;
    const feed = await desk.page('', provider(token));
    await feed.shows('Payments fail', 'Search is slow');
    const stranger = await desk.page();
    await stranger.isSaid(/sign-in was not accepted/);
  });
});
