import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TokenKey, TokenManager } from '../../src/client/token-manager.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { TabWorld, type Tab } from '../support/tabs.ts';
import { waitFor } from '../support/wait.ts';
import { PageTime } from './tab-page.ts';
import { EPOCH_SECONDS, jwt, KEY, TokenPage } from './tokens.ts';

const JANE: TokenKey = { ...KEY, participantId: 'jane' };

/** A site whose sign-in service answers when the test says so. */
class SignInSite {
  readonly world = new TabWorld();
  readonly time = new PageTime();
  /** Questions so far, and those that wait for an answer. */
  asked = 0;
  readonly waiting: (() => void)[] = [];
  isSlow = false;
  /** What the next token says of itself. */
  claims: Readonly<Record<string, unknown>> = { sub: 'jane' };
  isOpaque = false;

  readonly getToken = async (): Promise<string> => {
    const number = ++this.asked;
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.isOpaque) return `opaque-${number}`;
    const iat = EPOCH_SECONDS + Math.floor(this.time.now / 1_000);
    return jwt({ iat, exp: iat + 300, jti: number, ...this.claims });
  };

  open(key: TokenKey = JANE): { readonly tab: Tab; readonly tokens: TokenManager; readonly page: TokenPage } {
    const tab = this.world.open();
    const { locks, BroadcastChannel } = tab;
    const setTimer = tab.timers(this.time.setTimer);
    const page = new TokenPage({ locks, BroadcastChannel, setTimer }, this.time);
    return { tab, page, tokens: page.tokens({ key, getToken: this.getToken }) };
  }

  /** `count` tabs that hold the same token. */
  async together(count: number) {
    const tabs = Array.from({ length: count }, () => this.open());
    const tokens = await Promise.all(tabs.map((one) => one.tokens.get()));
    assert.equal(new Set(tokens).size, 1);
    return { tabs, token: tokens[0]! };
  }

  async answer(): Promise<void> {
    this.isSlow = false;
    for (const resolve of this.waiting.splice(0)) resolve();
    await this.time.settle();
  }
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: RealtimeError) => error.code,
  );

describe('the tabs of a site', () => {
  it('make one request when they open together, and one for a thousand refusals', async () => {
    const site = new SignInSite();
    const { tabs, token } = await site.together(10);
    assert.equal(site.asked, 1);
    const got = await Promise.all(
      tabs.flatMap(({ tokens }) =>
        Array.from({ length: 100 }, () => {
          tokens.invalidate(token);
          return tokens.get();
        }),
      ),
    );
    assert.equal(new Set(got).size, 1);
    assert.notEqual(got[0], token);
    assert.equal(site.asked, 2);
  });

  it('make one request for opaque tokens that one of them replaced', async () => {
    const site = new SignInSite();
    site.isOpaque = true;
    const [first, second] = [site.open(), site.open()];
    // Nothing tells whose an opaque token is, so each asks for its first one itself…
    const [a, b] = await Promise.all([first.tokens.get(), second.tokens.get()]);
    assert.notEqual(a, b);
    // …and takes the successor of no other token than its own.
    first.tokens.invalidate(a);
    const next = await first.tokens.get();
    await site.time.settle();
    assert.equal(second.tokens.current, b);
    second.tokens.invalidate(a); // it had that one as well, once
    second.tokens.invalidate(b);
    site.isSlow = true;
    const third = site.open();
    const busy = code(third.tokens.get()); // so that the second one has to wait, and asks around
    await site.time.settle();
    const pending = second.tokens.get();
    third.tokens.dispose();
    first.tab.freeze(); // for as long as a busy page may take to answer
    await site.time.pass(800);
    first.tab.thaw();
    assert.deepEqual([await pending, await busy], [next, 'closed']);
    assert.equal(site.asked, 4);
  });

  it('renew ahead of the end once, and all have the new one', async () => {
    const site = new SignInSite();
    const { tabs, token } = await site.together(5);
    site.time.advance(241_000);
    for (const { tokens } of tabs) assert.equal(await tokens.get(), token);
    await site.time.settle();
    assert.equal(site.asked, 2);
    assert.equal(new Set(tabs.map(({ tokens }) => tokens.current)).size, 1);
    assert.notEqual(tabs[0]?.tokens.current, token);
    for (const { tokens } of tabs) assert.ok(tokens.status().expiresInMs! > 299_000);
  });

  it('count the life of a token from its arrival at the first of them', async () => {
    const site = new SignInSite();
    const { tabs } = await site.together(1);
    site.time.advance(100_000);
    site.isSlow = true;
    const stranger = site.open({ ...KEY, participantId: 'jane' });
    const blocker = site.open();
    const blocking = blocker.tokens.get(); // goes to the source, and takes its time
    await site.time.settle();
    const late = stranger.tokens.get();
    blocker.tab.kill();
    await site.time.settle();
    await late;
    assert.equal(site.asked, 2, 'it was told');
    assert.equal(stranger.tokens.status().expiresInMs, 200_000);
    void blocking;
    assert.ok(tabs.length === 1);
  });

  it('take nothing that was refused here, is older, is over, or is of somebody else', async () => {
    const site = new SignInSite();
    const { tabs, token } = await site.together(2);
    const listener = tabs[0]!;
    const name = `xians-widgets:token:${JSON.stringify([KEY.serverUrl, 'acme', 'jane', ''])}`;
    const liar = new (site.world.open().BroadcastChannel)(name);
    const life = { iat: EPOCH_SECONDS, exp: EPOCH_SECONDS + 300 };
    const at = EPOCH_SECONDS * 1_000;
    const told = async (message: unknown) => {
      liar.postMessage(message);
      await site.time.settle();
      return listener.tokens.current;
    };
    const message = { v: 1, kind: 'token', at, lifeMs: 600_000, ageMs: 0 };
    const refused = jwt({ ...life, sub: 'jane', jti: 'refused' });
    listener.tokens.invalidate(refused);
    for (const nonsense of [
      { ...message, token: refused, replaces: token },
      { ...message, token: jwt({ ...life, sub: 'bob' }), replaces: token },
      { ...message, token: 'opaque' },
      { ...message, token: 'opaque', replaces: 'unheard-of' },
      { ...message, token: 'not sendable\n', replaces: token },
      { ...message, token: jwt({ sub: 'jane', jti: 1 }), ageMs: 600_000, replaces: token },
      { ...message, token: jwt({ sub: 'jane', jti: 2 }), ageMs: Number.NaN, replaces: token },
      { ...message, token: jwt({ sub: 'jane', jti: 3 }), lifeMs: '300000', replaces: token },
      { ...message, token: jwt({ sub: 'jane', jti: 4 }), lifeMs: 100_000 },
      { ...message, token: jwt({ sub: 'jane', jti: 5 }), at: at - 590_000 },
      { ...message, token: jwt({ sub: 'jane', jti: 6 }), v: 2 },
      { ...message, token: 7, replaces: token },
      { ...message, token: jwt({ sub: 'jane', jti: 7 }), replaces: 7 },
      { ...message, token: jwt({ sub: 'jane', jti: 8 }), at: undefined },
      null,
      'token',
      [],
    ]) {
      assert.equal(await told(nonsense), token, JSON.stringify(nonsense));
    }
    const good = jwt({ sub: 'Jane', jti: 'good' });
    assert.equal(await told({ ...message, token: good }), good);
    liar.close();
  });

  it('go on when the one whose turn it is hangs, freezes or is closed', async () => {
    for (const what of ['hangs', 'freeze', 'kill'] as const) {
      const site = new SignInSite();
      const { tabs, token } = await site.together(2);
      site.isSlow = true;
      const [first, second] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
      for (const { tokens } of tabs) tokens.invalidate(token);
      const lost = code(first.tokens.get());
      await site.time.settle();
      if (what !== 'hangs') first.tab[what]();
      else await site.time.pass(100);
      const got = second.tokens.get();
      site.isSlow = false;
      await site.time.pass({ hangs: 15_100, freeze: 16_100, kill: 1_100 }[what]);
      assert.notEqual(await got, token, what);
      assert.equal(site.asked, 3, what);
      if (what === 'hangs') assert.equal(await lost, 'timeout');
    }
  });

  it('lose no time when the one whose turn it was got none', async () => {
    const site = new SignInSite();
    const [first, second] = [site.open(), site.open()];
    site.claims = { sub: 'bob' };
    site.isSlow = true;
    const failed = code(first.tokens.get());
    const pending = second.tokens.get();
    await site.time.settle();
    site.waiting[0]!();
    assert.equal(await failed, 'unauthorized');
    site.claims = { sub: 'jane' };
    await site.time.settle();
    await site.answer();
    await pending;
    assert.deepEqual([site.asked, site.time.now], [2, 0]);
  });

  it('each ask for themselves where the browser has no locks or channels, or refuses them', async () => {
    const refused = new DOMException('The document is sandboxed.', 'SecurityError');
    for (const break_ of ['lockFailure', 'channelFailure'] as const) {
      const site = new SignInSite();
      const tabs = [site.open(), site.open()];
      for (const { tab } of tabs) tab[break_] = refused;
      await Promise.all(tabs.map(({ tokens }) => tokens.get()));
      assert.equal(site.asked, 2);
    }
    const site = new SignInSite();
    const page = new TokenPage({}, site.time);
    assert.match(await page.tokens({ key: JANE, getToken: site.getToken }).get(), /^eyJ/);
    assert.deepEqual(site.time.pending, []);
  });

  it('open nothing before they need a token, and leave nothing behind', async () => {
    const site = new SignInSite();
    const { tabs } = await site.together(1);
    const idle = site.open();
    assert.equal(site.world.uses(idle.tab), 0);
    const { tab, tokens } = tabs[0]!;
    assert.equal(site.world.uses(tab), 1, 'the channel');
    tokens.rest();
    assert.equal(site.world.uses(tab), 0);

    site.isSlow = true;
    tokens.invalidate(tokens.current!);
    const renewed = tokens.get();
    await site.time.settle();
    tokens.rest(); // once it is done
    assert.equal(site.world.uses(tab), 2, 'the channel and the lock');
    await site.answer();
    await renewed;
    await site.time.settle();
    assert.equal(site.world.uses(tab), 0);

    site.isSlow = true;
    tokens.invalidate(tokens.current!);
    const closed = [code(tokens.get()), code(idle.tokens.get())];
    await site.time.settle();
    assert.deepEqual(
      [site.world.uses(tab), site.world.uses(idle.tab)],
      [2, 2],
      'a channel and a lock, or a place in line',
    );
    for (const one of [tokens, idle.tokens]) one.dispose();
    await site.time.settle();
    assert.deepEqual(await Promise.all(closed), ['closed', 'closed']);
    assert.deepEqual([site.world.uses(tab), site.world.uses(idle.tab), site.time.pending], [0, 0, []]);
  });

  it('take nothing of before after a sign-out, whatever the others still have', async () => {
    const site = new SignInSite();
    const { tabs, token } = await site.together(3);
    const [first, second, third] = tabs as [(typeof tabs)[0], (typeof tabs)[0], (typeof tabs)[0]];
    site.isSlow = true;
    second.tokens.invalidate(token);
    const pending = second.tokens.get();
    await site.time.settle();
    first.tokens.clear(); // while another tab asks for the successor
    const own = first.tokens.get(); // waits in line, and does not ask around
    await site.answer();
    const successor = await pending;
    const mine = await own;
    assert.notEqual(mine, token);
    assert.notEqual(mine, successor);
    assert.equal(third.tokens.current === token, false);
    assert.equal(site.asked, 3);
  });

  it('hear late, not wrongly, when they were frozen', async () => {
    const site = new SignInSite();
    const { tabs, token } = await site.together(2);
    const [first, second] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
    second.tab.freeze();
    first.tokens.invalidate(token);
    const next = await first.tokens.get();
    await site.time.pass(100_000);
    second.tab.thaw();
    await waitFor(() => second.tokens.current === next, 'the successor');
    assert.equal(second.tokens.status().expiresInMs, 200_000);
  });
});
