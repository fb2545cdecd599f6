import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import type { XiansProvider } from '../../src/elements/xians-provider.ts';
import { waitFor } from '../support/wait.ts';
import { Arcade, WORKFLOW, type Counter } from './arcade.ts';
import { openShopBrowser } from './shop.ts';

/** Two tenants with a visitor of the same name, and another visitor of the first one. */
const COUNTERS: readonly Counter[] = [
  { id: 'jane-acme', tenantId: 'acme', participantId: 'jane@example.com' },
  { id: 'jane-globex', tenantId: 'globex', participantId: 'jane@example.com' },
  { id: 'tom-acme', tenantId: 'acme', participantId: 'tom@example.com' },
];
const IDS = COUNTERS.map(({ id }) => id);

describe('several tenants and visitors on one page', () => {
  let browser: Browser;
  let arcade: Arcade;

  before(async () => {
    browser = await openShopBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    arcade = await Arcade.open(browser, COUNTERS);
  });
  afterEach(() => arcade.close());

  const stored = async (direction: 'Incoming' | 'Outgoing') =>
    (await arcade.server.report()).stored.filter((message) => message.direction === direction);

  it('each see and send what is theirs, and nothing else', async () => {
    for (const id of IDS) await arcade.write(id, `From ${id}`);
    for (const id of IDS) await arcade.shows(id, `From ${id}`, `Echo: From ${id}`);
    for (const { id, ...place } of COUNTERS) {
      await arcade.server.control({ fault: 'publish', workflow: WORKFLOW, text: `To ${id}`, ...place });
    }
    for (const id of IDS) await arcade.shows(id, `From ${id}`, `Echo: From ${id}`, `To ${id}`);
    assert.deepEqual(
      (await stored('Incoming')).map(({ text, tenantId, participantId }) => [text, tenantId, participantId]),
      COUNTERS.map(({ id, tenantId, participantId }) => [`From ${id}`, tenantId, participantId]),
    );
    assert.equal((await arcade.server.report()).connections.hub, COUNTERS.length);
  });

  it('each come with a credential of their own, over every transport', async () => {
    for (const id of IDS) {
      await arcade.ask(id, (client) => client.converse('Echo Agent:Echo Flow', 'By REST'));
      await arcade.server.control({ fault: 'drop-sockets' });
      await arcade.areConnected();
    }
    const paths = new Set(arcade.visits.map(({ url }) => url.pathname));
    assert.ok(paths.has('/ws/chat') && paths.has('/api/user/rest/converse'), [...paths].join(' '));
    for (const { url, tenantId, credential } of arcade.visits) {
      const owner = COUNTERS.find(({ id }) => id === arcade.tokens.get(credential));
      assert.ok(owner, `${url.pathname} has a token that nobody was given`);
      assert.equal(owner.tenantId, tenantId, url.pathname);
      const participantId = url.searchParams.get('participantId');
      if (participantId) assert.equal(participantId, owner.participantId, url.pathname);
    }
    const used = new Set(arcade.visits.map(({ credential }) => arcade.tokens.get(credential)));
    assert.deepEqual([...used].sort(), [...IDS].sort());
  });

  it('each keep their own rows, locks and channels, and lose only their own at sign-out', async () => {
    arcade.proxy.refuse();
    arcade.proxy.reset();
    for (const id of IDS) {
      await arcade.write(id, `Waits at ${id}`);
      await arcade.shows(id, `Waits at ${id}`);
      await arcade.write(id, `Draft at ${id}`, { send: false });
    }
    const has = async (texts: string[]) => {
      const { rows } = await arcade.kept();
      return texts.every((text) => rows.some((row) => row.text.includes(text)));
    };
    const all = IDS.flatMap((id) => [`Waits at ${id}`, `Draft at ${id}`]);
    await waitFor(() => has(all), 'everything is stored');
    const { rows, locks, marks } = await arcade.kept();
    const accounts = COUNTERS.map((counter) => arcade.account(counter));
    for (const [index, { id }] of COUNTERS.entries()) {
      const own = rows.filter(({ account }) => account === accounts[index]);
      for (const text of [`Waits at ${id}`, `Draft at ${id}`]) {
        assert.ok(
          own.some((row) => row.text.includes(text)),
          `${text} is in its own rows`,
        );
      }
      const foreign = IDS.filter((other) => other !== id);
      assert.ok(!own.some(({ text }) => foreign.some((other) => text.includes(other))), `only ${id}`);
    }
    assert.deepEqual([...new Set(rows.map(({ account }) => account))].sort(), [...accounts].sort());
    assert.deepEqual(
      locks.filter((name) => name.startsWith('xians-widgets:[')),
      accounts.map((account) => `xians-widgets:${account}`).sort(),
    );
    for (const account of accounts) assert.equal(marks.filter((mark) => mark.endsWith(account)).length, 1);

    for (const { channel, text } of arcade.words) {
      const [owner, ...more] = COUNTERS.filter(
        ({ tenantId, participantId }) =>
          channel.includes(`"${tenantId}"`) && channel.includes(`"${participantId}"`),
      );
      assert.ok(owner && more.length === 0, `the channel ${channel} is somebody's`);
      for (const other of IDS)
        if (other !== owner.id) assert.ok(!text.includes(other), `${channel}: ${text}`);
      for (const [token, of] of arcade.tokens) {
        if (of !== owner.id) assert.ok(!text.includes(token), `${channel} carries a token of ${of}`);
      }
    }
    assert.ok(arcade.words.length > 0);

    await arcade.reload();
    for (const id of IDS) {
      await arcade.shows(id, `Waits at ${id}`);
      assert.equal(await arcade.draft(id), `Draft at ${id}`);
    }
    await arcade.ask('tom-acme', (client) => client.logout());
    const left = await arcade.kept();
    assert.deepEqual(
      [...new Set(left.rows.map(({ account }) => account))].sort(),
      accounts.slice(0, 2).sort(),
    );
    await arcade.proxy.accept();
    for (const id of IDS.slice(0, 2)) {
      await arcade.shows(id, `Waits at ${id}`, `Echo: Waits at ${id}`);
      assert.equal(await arcade.draft(id), `Draft at ${id}`);
    }
    assert.deepEqual(
      (await stored('Incoming')).map(({ text }) => text).sort(),
      IDS.slice(0, 2).map((id) => `Waits at ${id}`),
    );
  });

  it('are apart when one tenant fails: breakers, metrics, states and messages', async () => {
    const everything = ['negotiate', 'upgrade', 'sse', 'rest'];
    await arcade.server.control({ fault: 'fail', what: everything, status: 503, tenantId: 'acme' });
    await arcade.server.control({ fault: 'drop-sockets' });
    /** By channel in use, state and failures of its breaker, all at one moment: the next probe changes them. */
    const breakers = (...ids: string[]) =>
      arcade.page.evaluate(
        (all) =>
          all.map((id) => {
            const { client } = document.getElementById(id) as XiansProvider;
            return Object.fromEntries(
              client!
                .health()
                .channels.map(({ kind, breaker: { state, failures } }) => [kind, `${state} ${failures}`]),
            );
          }),
        ids,
      );
    const hurry = () =>
      Promise.all(['jane-acme', 'tom-acme'].map((id) => arcade.ask(id, (client) => client.retryNow())));
    const seen: Readonly<Record<string, string>>[][] = [];
    await waitFor(
      async () => {
        await hurry();
        const both = await breakers('jane-acme', 'tom-acme');
        seen.push(both);
        return Object.values(both[0] ?? {}).some((breaker) => breaker.startsWith('open'));
      },
      "a breaker of acme's opens",
      40_000,
    );
    let shared = 0;
    for (const [jane = {}, tom = {}] of seen) {
      for (const [kind, breaker] of Object.entries(jane)) {
        if (!(kind in tom)) continue;
        assert.equal(tom[kind], breaker, `visitors of one tenant share what they learnt of ${kind}`);
        shared++;
      }
    }
    assert.ok(shared > 0, 'both use the same channels');
    await arcade.areConnected('jane-globex');
    await arcade.write('jane-globex', 'All is well here');
    await arcade.shows('jane-globex', 'All is well here', 'Echo: All is well here');
    const [globex] = await breakers('jane-globex');
    assert.ok(Object.values(globex!).every((breaker) => breaker.startsWith('closed')));
    const failures = (id: string) =>
      arcade.ask(id, (client) => {
        const { operations } = client.metrics();
        return operations
          .filter(({ failures: by }) => (by.server ?? 0) > 0)
          .map(({ transport }) => transport);
      });
    assert.deepEqual(await failures('jane-globex'), []);
    assert.ok((await failures('jane-acme'))!.length > 0);

    await arcade.server.control({ fault: 'reset' });
    await waitFor(
      async () => {
        await hurry();
        return (await arcade.ask('jane-acme', ({ state }) => state)) === 'live';
      },
      'acme is back',
      40_000,
    );
    await arcade.write('jane-acme', 'Here again');
    await arcade.shows('jane-acme', 'Here again', 'Echo: Here again');
    await arcade.shows('jane-globex', 'All is well here', 'Echo: All is well here');
    const delivered = (id: string) => arcade.ask(id, (client) => client.metrics().delivery.delivered);
    assert.deepEqual(await Promise.all(IDS.map(delivered)), [1, 1, 0]);
  });
});
