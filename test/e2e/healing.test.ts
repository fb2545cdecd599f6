import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { waitFor } from '../support/wait.ts';
import { Stage, type Guest } from './faults/stage.ts';

describe('the words of a page whose connection is ill', () => {
  let stage: Stage;
  let guest: Guest;
  let visitors = 0;
  before(async () => {
    stage = await Stage.start();
  });
  after(() => stage.stop());
  beforeEach(async () => {
    await stage.proxy.accept();
    await stage.server.control({ fault: 'reset' });
    guest = await stage.open(`visitor-${++visitors}@example.com`);
    await says(/^Connected$/);
  });
  afterEach(() => guest.leave());

  /** Waits until the status says it. */
  const says = (pattern: RegExp) =>
    waitFor(
      async () => pattern.test((await guest.watch()).words.at(-1)?.words ?? ''),
      `words like ${pattern}`,
      20_000,
    );
  const cut = () => stage.server.control({ fault: 'drop-sockets' });
  /** The visitor presses the button, or another one would. */
  const tryNow = () => guest.page.evaluate(() => document.querySelector('connection-status')?.retryNow());
  const isWellAgain = async () => {
    await tryNow();
    await says(/^Connected$/);
    await guest.visitor.write('Well again');
    await guest.visitor.sees('Echo: Well again');
  };

  it('blame the device when it has no network', async () => {
    await guest.page.setOfflineMode(true);
    stage.proxy.refuse();
    stage.proxy.reset();
    await says(/no network on this device/i);
    await stage.proxy.accept();
    await guest.page.setOfflineMode(false);
    await isWellAgain();
  });

  it('blame the server when nobody is there, or when it fails', async () => {
    stage.proxy.refuse();
    stage.proxy.reset();
    await says(/server cannot be reached/i);
    await stage.proxy.accept();
    await isWellAgain();
    await stage.server.control({ fault: 'fail', what: ['negotiate', 'upgrade', 'sse', 'rest'], status: 503 });
    await cut();
    await says(/server has a problem/i);
    await stage.server.control({ fault: 'reset' });
    await isWellAgain();
  });

  it('blame what is in between when a sign-in page of the network answers', async () => {
    // From another origin a browser does not let the page see what it is that answers.
    await guest.leave();
    guest = await stage.open(`visitor-${++visitors}@example.com`, { isSameOrigin: true });
    await says(/^Connected$/);
    await stage.server.control({ fault: 'captive-portal', on: true });
    await cut();
    await says(/something between here and the server/i);
    await stage.server.control({ fault: 'captive-portal', on: false });
    await isWellAgain();
  });

  it("blame the page's own sign-in when that fails, and never show what it answers", async () => {
    await stage.server.control({ fault: 'fail', what: 'token', status: 503 });
    await stage.server.control({ fault: 'expire-tokens' });
    await cut();
    await says(/sign-in of this site does not work/i);
    const text = await guest.page.evaluate(() => document.body.innerText);
    assert.doesNotMatch(text, /eyJ/);
    await stage.server.control({ fault: 'reset' });
    await isWellAgain();
  });
});
