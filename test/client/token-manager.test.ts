import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectOf } from '../../src/client/token-manager.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { EPOCH_SECONDS, jwt, KEY, tokenEndpoint, TokenPage } from './tokens.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

const rejection = (promise: Promise<unknown>): Promise<RealtimeError> =>
  promise.then(
    () => assert.fail('It should have been rejected.'),
    (error: RealtimeError) => error,
  );

/** Lets everything happen that needs no time. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('TokenManager, the life of a token', () => {
  const fiveMinutes = { iat: EPOCH_SECONDS, exp: EPOCH_SECONDS + 300 };
  const date = new Date(EPOCH_SECONDS * 1_000).toUTCString();
  const cases: [name: string, answer: { headers?: Record<string, string>; body: object }][] = [
    ['what the service says', { body: { token: 'opaque', expiresIn: 300 } }],
    ['when it was made and when it ends', { body: { token: jwt(fiveMinutes) } }],
    ['the time at the server', { headers: { date }, body: { token: jwt({ exp: fiveMinutes.exp }) } }],
    [
      'the shortest of what is told',
      {
        headers: { date },
        body: { token: jwt({ ...fiveMinutes, iat: EPOCH_SECONDS - 3_000 }), expiresIn: 3_600 },
      },
    ],
  ];
  for (const [name, answer] of cases) {
    it(`is counted by ${name}, whatever the clock here says`, async (t) => {
      const endpoint = await tokenEndpoint(t);
      endpoint.answer(answer);
      for (const clockErrorMs of [0, HOUR_MS, -HOUR_MS, YEAR_MS, -YEAR_MS]) {
        const page = new TokenPage();
        page.clockErrorMs = clockErrorMs;
        const tokens = page.tokens({ tokenUrl: endpoint.url });
        await tokens.get();
        assert.equal(tokens.status().expiresInMs, 300_000);
        page.time.advance(200_000);
        const before = endpoint.asked;
        await tokens.get();
        assert.equal(endpoint.asked, before);
        page.time.advance(41_000);
        await tokens.get();
        await waitFor(() => endpoint.asked === before + 1, 'the renewal');
        tokens.dispose();
      }
    });
  }

  it('is counted by the clock here where nothing else is known; past by that one, the server decides', async () => {
    for (const [clockErrorMs, expiresInMs] of [
      [0, 300_000],
      [-60_000, 360_000],
      [HOUR_MS, undefined],
    ] as const) {
      const page = new TokenPage();
      page.clockErrorMs = clockErrorMs;
      const tokens = page.tokens({ getToken: () => jwt({ exp: fiveMinutes.exp }) });
      await tokens.get();
      assert.equal(tokens.status().expiresInMs, expiresInMs);
    }
  });

  it('is over when it is over by the time at the server', async (t) => {
    const endpoint = await tokenEndpoint(t);
    endpoint.answer({ headers: { date }, body: { token: jwt({ exp: EPOCH_SECONDS - 1 }), expiresIn: 300 } });
    const tokens = new TokenPage().tokens({ tokenUrl: endpoint.url });
    const { code, message } = await rejection(tokens.get());
    assert.deepEqual([code, message], ['protocol', 'The sign-in service gave a token that has expired.']);
  });

  it('goes on while a machine sleeps, and when its clock is set back', async () => {
    let asked = 0;
    const source = { getToken: () => (asked++, jwt({ ...fiveMinutes, jti: asked })) };
    const asleep = new TokenPage();
    const tokens = asleep.tokens(source);
    const first = await tokens.get();
    asleep.clockErrorMs += HOUR_MS; // the monotonic clock stood still
    assert.notEqual(await tokens.get(), first, 'known dead, and not given out');
    const second = await tokens.get();
    asleep.clockErrorMs -= YEAR_MS;
    asleep.time.advance(301_000);
    assert.notEqual(await tokens.get(), second);
    assert.equal(asked, 3);
  });

  it('does not end early for want of a successor', async (t) => {
    const endpoint = await tokenEndpoint(t);
    endpoint.answer({ body: { token: 't1', expiresIn: 300 } }, {}); // then it hangs
    const page = new TokenPage();
    const tokens = page.tokens({ tokenUrl: endpoint.url });
    await tokens.get();
    page.time.advance(241_000);
    assert.equal(await tokens.get(), 't1');
    assert.equal(tokens.status().renewing, true);
    page.time.advance(15_000);
    await waitFor(() => !tokens.status().renewing, 'given up');
    assert.equal(tokens.status().error?.code, 'timeout');
    assert.equal(await tokens.get(), 't1');
    page.time.advance(60_000);
    const last = rejection(tokens.get());
    page.time.advance(15_000);
    assert.equal((await last).code, 'timeout');
  });
});

describe('TokenManager, a service that fails', () => {
  it('is asked once more within 2 s, and then left alone, for longer each time', async (t) => {
    const endpoint = await tokenEndpoint(t);
    endpoint.answer({ status: 503, body: 'sorry' });
    const page = new TokenPage();
    const tokens = page.tokens({ tokenUrl: endpoint.url });
    let waitMs = 0;
    for (let failure = 1; failure <= 3; failure++) {
      const failed = rejection(tokens.get());
      await waitFor(() => endpoint.asked === failure * 2 - 1, 'the first attempt');
      await waitFor(() => page.time.pending.length === 1 && page.time.pending[0]! <= 2_000, 'the pause');
      page.time.advance(2_000);
      const error = await failed;
      assert.equal(endpoint.asked, failure * 2);
      assert.deepEqual([error.code, error.status, error.service], ['server', 503, 'sign-in']);
      assert.ok(error.retryAfterMs! > waitMs, `${error.retryAfterMs} ms after failure ${failure}`);
      waitMs = error.retryAfterMs!;
      // Whoever comes meanwhile hears the same, and how much longer.
      page.time.advance(waitMs - 500);
      const others = await Promise.all(Array.from({ length: 100 }, () => rejection(tokens.get())));
      for (const other of others) {
        assert.deepEqual([other.code, other.status, other.retryAfterMs], ['server', 503, 500]);
      }
      assert.equal(endpoint.asked, failure * 2);
      page.time.advance(500);
    }
    endpoint.answer({ body: { token: 't1' } });
    assert.equal(await tokens.get(), 't1');
    assert.equal(tokens.status().error, undefined);
  });

  it('says how long, in seconds or as a date; nonsense and the past are ignored', async (t) => {
    const endpoint = await tokenEndpoint(t);
    const date = (seconds: number) => new Date((EPOCH_SECONDS + seconds) * 1_000).toUTCString();
    for (const [headers, waitMs] of [
      [{ 'retry-after': '20' }, 20_000],
      [{ 'retry-after': date(20) }, 20_000],
      // By the time at the server, which is a year behind this machine's.
      [{ 'retry-after': date(20 - 31_536_000), date: date(-31_536_000) }, 20_000],
      [{ 'retry-after': date(-500) }, 1_000],
      [{ 'retry-after': '-5' }, 2_000],
      [{ 'retry-after': 'soon' }, 2_000],
      [{}, 2_000],
    ] as const) {
      endpoint.answer({ status: 429, headers, body: '' });
      const before = endpoint.asked;
      const tokens = new TokenPage().tokens({ tokenUrl: endpoint.url });
      const { code, retryAfterMs } = await rejection(tokens.get());
      assert.equal(code, 'rate-limited');
      assert.equal(retryAfterMs, waitMs, JSON.stringify(headers));
      assert.equal(endpoint.asked, before + 1, 'no second attempt');
    }
  });

  it('is asked at once after a nudge, a refused token or a sign-out', async (t) => {
    const endpoint = await tokenEndpoint(t);
    const tokens = new TokenPage().tokens({ tokenUrl: endpoint.url });
    const failing = { status: 429, headers: { 'retry-after': '600' }, body: '' };
    endpoint.answer(failing);
    await rejection(tokens.get());
    tokens.hasten();
    await rejection(tokens.get());
    assert.equal(endpoint.asked, 2);
    tokens.clear();
    endpoint.answer({ body: { token: 't1', expiresIn: 30 } }, failing, { body: { token: 't2' } });
    assert.equal(await tokens.get(), 't1');
    assert.equal(endpoint.asked, 3);
  });

  it('leaves nothing behind when it is disposed of, and is not asked again', async (t) => {
    const endpoint = await tokenEndpoint(t);
    for (const answer of [{}, { status: 503, body: '' }]) {
      endpoint.answer(answer);
      const before = endpoint.asked;
      const page = new TokenPage();
      const tokens = page.tokens({ tokenUrl: endpoint.url });
      const pending = rejection(tokens.get());
      await waitFor(() => endpoint.asked > before, 'the request');
      await waitFor(() => page.time.pending.length > 0, 'a deadline or a pause');
      tokens.dispose();
      assert.equal((await pending).code, 'closed');
      assert.deepEqual(page.time.pending, []);
      assert.equal((await rejection(tokens.get())).code, 'closed');
      assert.equal(endpoint.asked, before + 1);
    }
  });

  it('is the page itself: its error keeps its code and its cause', async () => {
    const page = new TokenPage();
    const failed = async (getToken: () => string | Promise<string>) => {
      const tokens = page.tokens({ getToken });
      const pending = rejection(tokens.get());
      await settle();
      page.time.advance(2_000);
      return pending;
    };
    const cause = new Error('No session.');
    const thrown = await failed(() => {
      throw cause;
    });
    assert.deepEqual([thrown.code, thrown.service, thrown.cause], ['network', 'sign-in', cause]);
    const unreadable = await failed(async () => JSON.parse('eyJ.secret.token') as string);
    assert.doesNotMatch(String(unreadable.cause), /eyJ/);
    for (const answer of [undefined, '', 'two words', 'line\n', 'schlüssel', {}, 'x'.repeat(65_537)]) {
      assert.equal((await failed(() => answer as string)).code, 'protocol');
    }
    assert.equal((await rejection(page.tokens({ tokenUrl: 'http://' }).get())).code, 'input');
    assert.equal((await rejection(page.tokens({}).get())).code, 'input');
  });
});

describe('TokenManager, whose token it is', () => {
  const life = { iat: EPOCH_SECONDS, exp: EPOCH_SECONDS + 300 };

  it('reads the subject of a token, also in other scripts', () => {
    assert.equal(subjectOf(jwt({ sub: 'jane' })), 'jane');
    assert.equal(subjectOf(jwt({ sub: 'жанна' })), 'жанна');
    assert.equal(subjectOf(jwt({ sub: 7 })), undefined);
    assert.equal(subjectOf('not a token'), undefined);
    assert.equal(subjectOf('a.%%%.c'), undefined);
  });

  it('takes a token that names the participant in whatever claim, or nobody', async () => {
    const key = { ...KEY, participantId: 'jane@example.com' };
    for (const claims of [
      { sub: 'Jane@Example.com' },
      { sub: 'a3f8', email: 'jane@example.com' },
      { preferred_username: 'somebody' },
    ]) {
      const token = jwt({ ...life, ...claims });
      assert.equal(await new TokenPage().tokens({ key, getToken: () => token }).get(), token);
    }
    assert.equal(await new TokenPage().tokens({ key, getToken: () => 'opaque' }).get(), 'opaque');
  });

  it('stays with whom the first token named, until they sign out', async () => {
    let sub = 'alice';
    const tokens = new TokenPage().tokens({ key: KEY, getToken: () => jwt({ ...life, sub }) });
    const first = await tokens.get();
    sub = 'bob';
    tokens.invalidate(first);
    assert.equal((await rejection(tokens.get())).code, 'unauthorized');
    tokens.clear();
    assert.equal(subjectOf(await tokens.get()), 'bob');
  });

  it('measures each question to the source', async () => {
    const outcomes: string[] = [];
    const page = new TokenPage();
    const { TokenManager } = await import('../../src/client/token-manager.ts');
    let asked = 0;
    const getToken = () => {
      if (++asked === 1) throw new Error('Not yet.');
      return 'opaque';
    };
    const measure = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
      try {
        const result = await ask();
        outcomes.push('good');
        return result;
      } catch (error) {
        outcomes.push('bad');
        throw error;
      }
    };
    const tokens = new TokenManager({ getToken }, page.environment, { measure });
    const got = tokens.get();
    await waitFor(() => (page.time.pending[0] ?? Infinity) <= 2_000, 'the pause');
    page.time.advance(2_000);
    assert.equal(await got, 'opaque');
    await tokens.get();
    assert.deepEqual(outcomes, ['bad', 'good']);
  });
});
