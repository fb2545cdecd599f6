import assert from 'node:assert/strict';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import type { TokenKey, TokenManager, TokenSource } from '../../src/client/token-manager.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { RestTransport } from '../../src/transports/rest-transport.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { TabWorld } from '../support/tabs.ts';
import { waitFor } from '../support/wait.ts';
import { EPOCH_SECONDS, jwt, KEY, tokenEndpoint, TokenPage } from './tokens.ts';

const rejection = (promise: Promise<unknown>): Promise<RealtimeError> =>
  promise.then(
    () => assert.fail('It should have been rejected.'),
    (error: RealtimeError) => error,
  );

/** Everything of an error that could ever be shown: itself, its causes and what its class adds. */
function wholeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? ''} ${error.message} ${JSON.stringify(error)} ${error.cause === undefined ? '' : wholeText(error.cause)}`;
}

/** A manager of jane's tokens of the development server, in the page's real time. */
async function atServer(t: TestContext, query = 'participant=jane@example.com', more: TokenSource = {}) {
  const server = await startServer();
  t.after(() => server.stop());
  const page = new TokenPage({
    now: () => Date.now(),
    monotonicNow: () => performance.now(),
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs / 10); // waits between attempts need not be as long as they are
      return () => clearTimeout(timer);
    },
  });
  const tokens = page.tokens({ tokenUrl: `${server.url}/demo/token?${query}`, ...more });
  t.after(() => tokens.dispose());
  return { server, tokens };
}

async function requests(server: TestServer): Promise<number> {
  return (await server.report()).received.filter(({ transport }) => transport === 'token').length;
}

describe('pitfalls of the sample token managers', () => {
  let page: TokenPage;
  beforeEach(() => {
    page = new TokenPage();
  });
  const managed = (t: TestContext, source: TokenSource & { key?: TokenKey }): TokenManager => {
    const tokens = page.tokens(source);
    t.after(() => tokens.dispose());
    return tokens;
  };

  it('K1: gives nobody the token of another participant, not even when its own service does', async (t) => {
    const { server, tokens } = await atServer(t, 'participant=bob@example.com', {
      key: { ...KEY, participantId: 'Bob@Example.com' },
    } as TokenSource);
    assert.match(await tokens.get(), /^eyJ/, 'whatever the case of the letters');
    tokens.invalidate(await tokens.get());
    await server.control({ fault: 'token', kind: 'stranger', participantId: 'alice@example.com', count: 1 });
    const { code, service, message, retryable } = await rejection(tokens.get());
    assert.deepEqual([code, service, retryable], ['unauthorized', 'sign-in', false]);
    assert.equal(message, 'The sign-in service gave a token of somebody else.');
    assert.deepEqual([tokens.current, tokens.status().held], [undefined, false]);
    tokens.hasten();
    assert.match(await tokens.get(), /^eyJ/);
  });

  it('K1: takes only its own of what other tabs have', async (t) => {
    const world = new TabWorld();
    const asked: string[] = [];
    const inTab = (participantId: string, tenantId = 'acme') => {
      const { locks, BroadcastChannel } = world.open();
      const tokens = new TokenPage({ locks, BroadcastChannel }).tokens({
        key: { ...KEY, tenantId, participantId },
        getToken: () => {
          asked.push(participantId);
          const claims = {
            sub: participantId,
            iat: EPOCH_SECONDS,
            exp: EPOCH_SECONDS + 300,
            jti: asked.length,
          };
          return jwt(claims);
        },
      });
      t.after(() => tokens.dispose());
      return tokens;
    };
    const [alice, bob] = [inTab('alice'), inTab('bob')];
    const first = await Promise.all([alice.get(), bob.get()]);
    alice.invalidate(first[0]);
    bob.invalidate(first[1]);
    const second = await Promise.all([alice.get(), bob.get()]);
    assert.equal(new Set([...first, ...second]).size, 4);
    assert.deepEqual(asked.sort(), ['alice', 'alice', 'bob', 'bob']);
    assert.deepEqual([alice.current, bob.current], second);
  });

  it('K2: keeps tenants apart whose names run together', async (t) => {
    const world = new TabWorld();
    let asked = 0;
    const inTab = (tenantId: string, participantId: string) => {
      const { locks, BroadcastChannel } = world.open();
      const tokens = new TokenPage({ locks, BroadcastChannel }).tokens({
        key: { ...KEY, tenantId, participantId },
        // Opaque, so that nothing but the key tells them apart.
        getToken: () => `opaque-${++asked}`,
      });
      t.after(() => tokens.dispose());
      return tokens;
    };
    const pairs: [string, string][] = [
      ['a-b', 'c'],
      ['a', 'b-c'],
      ['a","b', 'c'],
      ['a', 'b","c'],
    ];
    const tokens = pairs.map(([tenant, participant]) => inTab(tenant, participant));
    const first = await Promise.all(tokens.map((one) => one.get()));
    tokens.forEach((one, index) => one.invalidate(first[index]!));
    const second = await Promise.all(tokens.map((one) => one.get()));
    assert.equal(new Set([...first, ...second]).size, 8, 'nobody took what was told in another place');
  });

  it('K3: renews after 80 % of a life, at the latest a minute before its end, never in its first half', async (t) => {
    for (const [seconds, earliest, latest] of [
      [60, 30, 30],
      [300, 216, 240],
      [3_600, 2_592, 2_880],
      [20, 10, 10],
    ] as const) {
      for (const random of [0, 0.999]) {
        page = new TokenPage({ random: () => random });
        let asked = 0;
        const tokens = managed(t, {
          getToken: () => jwt({ iat: EPOCH_SECONDS, exp: EPOCH_SECONDS + seconds, jti: ++asked }),
        });
        const first = await tokens.get();
        for (let call = 0; call < 5; call++) assert.equal(await tokens.get(), first);
        page.time.advance(earliest * 1_000 - 1);
        assert.equal(await tokens.get(), first);
        assert.equal(asked, 1, `${seconds} s: not before ${earliest} s`);
        page.time.advance(1 + (latest - earliest) * 1_000);
        // Nobody waits for the next one, as long as this one lives.
        assert.equal(await tokens.get(), first);
        await waitFor(() => !tokens.status().renewing, 'renewed');
        assert.equal(asked, 2, `${seconds} s: by ${latest} s`);
        assert.notEqual(await tokens.get(), first);
      }
    }
  });

  it('K4: asks once where it is refused, and says nothing of what the service answered', async (t) => {
    const endpoint = await tokenEndpoint(t);
    for (const [status, code] of [
      [400, 'input'],
      [401, 'unauthorized'],
      [403, 'unauthorized'],
      [404, 'input'],
      [410, 'input'],
    ] as const) {
      endpoint.answer({ status, body: { error: 'sk-Xnai-secret-of-the-service' } });
      const before = endpoint.asked;
      const tokens = managed(t, { tokenUrl: `${endpoint.url}?session=sk-Xnai-secret-in-the-address` });
      const error = await rejection(tokens.get());
      assert.deepEqual(
        [error.code, error.status, error.retryable, error.service],
        [code, status, false, 'sign-in'],
      );
      assert.doesNotMatch(wholeText(error), /secret/);
      const again = await rejection(tokens.get());
      assert.deepEqual([again.code, again.message], [error.code, error.message]);
      assert.equal(endpoint.asked - before, 1, 'and is left alone for a while');
    }
  });

  it('K5: keeps a token that lives when the answer has none', async (t) => {
    const { server, tokens } = await atServer(t, 'participant=jane@example.com&ttl=4');
    const first = await tokens.get();
    await server.control({ fault: 'token', kind: 'wrong-shape' });
    await waitFor(async () => {
      assert.equal(await tokens.get(), first);
      return tokens.status().error !== undefined; // it was time, and it failed
    }, 'a renewal');
    assert.equal(await tokens.get(), first);
    assert.equal(tokens.status().held, true);
    await waitFor(() => tokens.status().expiresInMs === 0, 'its end');
    assert.equal((await rejection(tokens.get())).code, 'protocol');
  });

  it('K6: reads both shapes, and takes nothing else for a token', async (t) => {
    const { server, tokens } = await atServer(t);
    for (const kind of ['oauth', 'bare'] as const) {
      await server.control({ fault: 'token', kind, count: 1 });
      assert.match(await tokens.get(), /^eyJ/);
      const { expiresInMs } = tokens.status();
      assert.ok(
        expiresInMs !== undefined && expiresInMs > 290_000 && expiresInMs <= 300_000,
        String(expiresInMs),
      );
      tokens.clear();
    }
    const spoilt = [
      'html',
      'not-json',
      'empty-body',
      'huge',
      'wrong-shape',
      'empty-token',
      'unsendable',
      'expired',
    ];
    for (const kind of spoilt) {
      await server.control({ fault: 'token', kind, count: 1 });
      const error = await rejection(tokens.get());
      assert.deepEqual([kind, error.code, error.service], [kind, 'protocol', 'sign-in']);
      assert.doesNotMatch(wholeText(error), /eyJ|AAAA|doctype|X-More/i);
      assert.deepEqual([tokens.status().held, tokens.status().expiresInMs], [false, undefined]);
      tokens.hasten();
    }
    for (const expiresIn of [-300, 0, 'soon', '', 1e300, true, [], {}]) {
      await server.control({ fault: 'token', kind: 'expires-in', expiresIn, count: 1 });
      assert.deepEqual([expiresIn, (await rejection(tokens.get())).code], [expiresIn, 'protocol']);
      assert.equal(tokens.status().expiresInMs, undefined);
      tokens.hasten();
    }
    // One that never ends is read no further than a token could be long.
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (++pulled > 1_000) throw new Error('It is read for ever.');
        controller.enqueue(new Uint8Array(1_000).fill(65));
      },
    });
    page = new TokenPage({ fetch: () => Promise.resolve(new Response(body)) });
    assert.equal((await rejection(managed(t, { tokenUrl: 'https://shop.example/' }).get())).code, 'protocol');
    assert.ok(pulled < 100, `${pulled} kB`);

    await server.control({ fault: 'token', kind: 'expires-in', expiresIn: '120', count: 1 });
    await tokens.get();
    assert.ok(tokens.status().expiresInMs! <= 120_000);
  });

  it('K7: takes nothing in that was under way when somebody signed out', async (t) => {
    const { server, tokens } = await atServer(t);
    await server.control({ fault: 'hang', what: 'token', count: 1 });
    const pending = rejection(tokens.get());
    await waitFor(async () => (await requests(server)) === 1, 'the request');
    tokens.clear();
    assert.equal((await pending).code, 'closed');
    assert.equal(tokens.current, undefined);

    // A source that pays no heed to the signal, and answers later all the same.
    let answer: (token: string) => void = () => {};
    const deaf = managed(t, { getToken: () => new Promise<string>((resolve) => (answer = resolve)) });
    const asked = rejection(deaf.get());
    const late = answer;
    deaf.clear();
    const next = deaf.get();
    late('of-before');
    assert.equal((await asked).code, 'closed');
    assert.equal(deaf.current, undefined);
    answer('of-after');
    assert.deepEqual([await next, deaf.current], ['of-after', 'of-after']);
  });

  it('K8: gives up on a service that hangs, for all who wait, and lets it know', async (t) => {
    const endpoint = await tokenEndpoint(t);
    const tokens = managed(t, { tokenUrl: endpoint.url });
    const waiting = Promise.all([rejection(tokens.get()), rejection(tokens.get())]);
    await waitFor(() => endpoint.asked === 1, 'the request');
    page.time.advance(14_999);
    assert.equal(tokens.status().renewing, true);
    page.time.advance(1);
    for (const { code, service } of await waiting) assert.deepEqual([code, service], ['timeout', 'sign-in']);
    assert.deepEqual(page.time.pending, []);

    let signal: AbortSignal | undefined;
    let answer: (token: string) => void = () => {};
    const deaf = managed(t, {
      getToken: (request) => {
        ({ signal } = request);
        return new Promise<string>((resolve) => (answer = resolve));
      },
    });
    const gone = rejection(deaf.get());
    page.time.advance(15_000);
    assert.equal((await gone).code, 'timeout');
    assert.equal(signal?.aborted, true);
    answer('late');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(deaf.current, undefined, 'what comes later is not taken');
  });

  it('K9: a refused token is replaced once, whoever else was refused with it', async (t) => {
    const { server, tokens } = await atServer(t);
    const rest = new RestTransport({
      serverUrl: server.url,
      tenantId: 'acme',
      participantId: 'jane@example.com',
      getToken: () => tokens.get(),
      onRefused: (token) => tokens.invalidate(token),
    });
    t.after(() => rest.dispose());
    const first = await tokens.get();
    await server.control({ fault: 'expire-tokens' });
    const page = { workflow: 'Echo Agent:Echo Flow' };
    const read = () => rest.history(page).catch(() => rest.history(page)); // 401, a token, once more
    await Promise.all(Array.from({ length: 50 }, read));
    assert.equal(await requests(server), 2);
    tokens.invalidate(first);
    assert.notEqual(await tokens.get(), first);
    assert.equal(await requests(server), 2, 'news of yesterday');
  });

  it('A1: a new manager believes in nothing', async (t) => {
    const { server, tokens } = await atServer(t);
    assert.deepEqual(
      [tokens.current, tokens.status()],
      [undefined, { held: false, renewing: false, expiresInMs: undefined, error: undefined }],
    );
    assert.equal(await requests(server), 0);
    await tokens.get();
    assert.equal(await requests(server), 1);
  });

  it('A2: a hundred callers make one request', async (t) => {
    const { server, tokens } = await atServer(t);
    const got = await Promise.all(Array.from({ length: 100 }, () => tokens.get()));
    assert.equal(new Set(got).size, 1);
    assert.equal(await requests(server), 1);
  });

  it('A3: a refusal is no token that never expires', async (t) => {
    const { server, tokens } = await atServer(t);
    await server.control({ fault: 'refuse', what: ['token'], count: 1 });
    assert.equal((await rejection(tokens.get())).code, 'unauthorized');
    const { held, expiresInMs, error } = tokens.status();
    assert.deepEqual([held, expiresInMs, error?.code], [false, undefined, 'unauthorized']);
    tokens.hasten();
    const token = await tokens.get();
    assert.equal(token.split('.').length, 3);
    assert.ok(Number.isFinite(tokens.status().expiresInMs));
  });
});
