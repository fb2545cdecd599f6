import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { TokenManager } from '../../src/client/token-manager.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { SEED } from '../support/seed.ts';
import { TabWorld } from '../support/tabs.ts';
import { PageTime } from './tab-page.ts';
import { EPOCH_SECONDS, jwt, KEY, TokenPage } from './tokens.ts';

const SCHEDULES = Number(process.env.TOKEN_SCHEDULES ?? 300);
const TABS = 3;

/** How a good answer tells how long its token lives. */
const FORMS = ['expiresIn', 'iat', 'date', 'all'] as const;

/** What the service does from now on. */
const mood = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('good' as const), form: fc.constantFrom(...FORMS) }),
  },
  fc.record({
    kind: fc.constantFrom('down', 'hangs', 'html', 'stranger', 'expired', 'no-token', 'nonsense'),
  }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(400, 401, 403, 408, 429, 500, 503),
    retryAfter: fc.constantFrom(undefined, '-5', '7', 'Thu, 01 Jan 1970 00:00:00 GMT'),
  }),
);
type Mood = typeof mood extends fc.Arbitrary<infer Value> ? Value : never;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('get' as const), tab: fc.nat(TABS - 1) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('pass' as const),
      ms: fc.constantFrom(50, 1_000, 5_000, 20_000, 60_000, 300_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('mood' as const), mood }) },
  fc.record({ what: fc.constant('life' as const), seconds: fc.constantFrom(1, 10, 60, 300, 3_600, 86_400) }),
  fc.record({ what: fc.constant('refuse' as const), tab: fc.nat(TABS - 1) }),
  fc.record({ what: fc.constantFrom('clear', 'hasten', 'rest'), tab: fc.nat(TABS - 1) }),
  fc.record({
    what: fc.constant('clock' as const),
    tab: fc.nat(TABS - 1),
    errorMs: fc.constantFrom(0, 3_600_000, -3_600_000, 31_536_000_000, -31_536_000_000),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A sign-in service that knows the true time, and what became of every token. */
class Service {
  mood: Mood = { kind: 'good', form: 'all' };
  lifeSeconds = 300;
  /** True time of the end of each token, in milliseconds. */
  readonly ends = new Map<string, number>();
  readonly strangers = new Set<string>();
  inProgress = 0;
  mostAtATime = 0;
  readonly #time: PageTime;
  #count = 0;

  constructor(time: PageTime) {
    this.#time = time;
  }

  readonly fetch = async (_: string | URL, { signal }: RequestInit = {}): Promise<Response> => {
    this.mostAtATime = Math.max(this.mostAtATime, ++this.inProgress);
    try {
      return await this.#answer(this.mood, signal);
    } finally {
      this.inProgress--;
    }
  };

  #answer(mood: Mood, signal: AbortSignal | null | undefined): Response | Promise<Response> {
    const date = new Date(EPOCH_SECONDS * 1_000 + this.#time.now).toUTCString();
    const json = (body: unknown, headers: Record<string, string> = {}) => Response.json(body, { headers });
    switch (mood.kind) {
      case 'good': {
        const { token, expiresIn } = this.#issue('jane', mood.form);
        const isDated = mood.form === 'date' || mood.form === 'all';
        return json({ token, expiresIn }, isDated ? { date } : {});
      }
      case 'stranger': {
        const { token, expiresIn } = this.#issue('bob', 'all');
        this.strangers.add(token);
        return json({ token, expiresIn });
      }
      case 'expired':
        return json({ token: jwt({ sub: 'jane', exp: EPOCH_SECONDS - 10 }) }, { date });
      case 'no-token':
        return json({ token: '' });
      case 'nonsense':
        return json({ token: 'opaque', expiresIn: 'for ever' });
      case 'html':
        return new Response('<h1>Sign in</h1>', { headers: { 'content-type': 'text/html' } });
      case 'down':
        throw new TypeError('fetch failed');
      case 'hangs':
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        );
      default: {
        const { status, retryAfter } = mood;
        return new Response('no', { status, headers: retryAfter ? { 'retry-after': retryAfter } : {} });
      }
    }
  }

  #issue(sub: string, form: (typeof FORMS)[number]): { token: string; expiresIn?: number } {
    const nowMs = this.#time.now;
    const iat = EPOCH_SECONDS + Math.floor(nowMs / 1_000);
    const exp = iat + this.lifeSeconds;
    const claims = {
      expiresIn: {},
      iat: { iat, exp },
      date: { exp },
      all: { iat, exp },
    }[form];
    const token = jwt({ sub, jti: ++this.#count, ...claims });
    // What it says of itself is in whole seconds; it does not end before that.
    this.ends.set(token, Math.floor(nowMs / 1_000) * 1_000 + this.lifeSeconds * 1_000);
    return form === 'expiresIn' || form === 'all' ? { token, expiresIn: this.lifeSeconds } : { token };
  }
}

/** Goes on by `ms`, from one timer to the next. */
async function pass(time: PageTime, ms: number): Promise<void> {
  const end = time.now + ms;
  while (time.now < end) {
    await time.settle();
    time.advance(Math.min(end - time.now, Math.max(1, time.pending[0] ?? Infinity)));
  }
}

async function play(steps: readonly Step[]): Promise<void> {
  const time = new PageTime();
  const world = new TabWorld();
  const service = new Service(time);
  let draws = 0;
  const pages = Array.from({ length: TABS }, () => {
    const { locks, BroadcastChannel } = world.open();
    const page = new TokenPage(
      { locks, BroadcastChannel, fetch: service.fetch, random: () => (draws += 0.618) % 1 },
      time,
    );
    const key = { ...KEY, participantId: 'jane' };
    return {
      page,
      tokens: page.tokens({ key, tokenUrl: 'https://shop.example/token' }),
      refused: new Set<string>(),
    };
  });
  const failures: string[] = [];
  const check = ({ tokens }: { tokens: TokenManager }) => {
    const { expiresInMs, error } = tokens.status();
    assert.ok(
      expiresInMs === undefined || (Number.isFinite(expiresInMs) && expiresInMs >= 0),
      `${expiresInMs} ms`,
    );
    assert.ok(error?.retryAfterMs === undefined || error.retryAfterMs >= 0);
  };
  const get = async (one: (typeof pages)[number]): Promise<string | undefined> => {
    try {
      const token = await one.tokens.get();
      const leftMs = (service.ends.get(token) ?? -Infinity) - time.now;
      // Its end is known to a second, and the second of its beginning is cut off.
      if (leftMs <= -1_000) failures.push(`a token that has been dead for ${-leftMs} ms`);
      if (one.refused.has(token)) failures.push('a refused token');
      if (service.strangers.has(token)) failures.push("somebody else's token");
      return token;
    } catch (error) {
      assert.ok(error instanceof RealtimeError);
      assert.equal(error.service, 'sign-in');
      assert.ok(error.retryAfterMs === undefined || error.retryAfterMs >= 0, `wait ${error.retryAfterMs} ms`);
      return undefined;
    }
  };

  const calls: Promise<unknown>[] = [];
  for (const each of steps) {
    const one = pages['tab' in each ? each.tab : 0]!;
    if (each.what === 'get') calls.push(get(one));
    else if (each.what === 'pass') await pass(time, each.ms);
    else if (each.what === 'mood') service.mood = each.mood;
    else if (each.what === 'life') service.lifeSeconds = each.seconds;
    else if (each.what === 'clock') one.page.clockErrorMs = each.errorMs;
    else if (each.what === 'refuse') {
      const token = one.tokens.current;
      if (token !== undefined) one.refused.add(token);
      if (token !== undefined) one.tokens.invalidate(token);
    } else {
      if (each.what === 'clear') one.refused.clear();
      one.tokens[each.what]();
    }
    await time.settle();
    for (const page of pages) check(page);
    assert.deepEqual(failures, []);
  }

  // Whatever went before: once the service is well again, everybody has a token that lives.
  Object.assign(service, { mood: { kind: 'good', form: 'all' }, lifeSeconds: 300 });
  await pass(time, 16_000);
  for (const { tokens } of pages) tokens.hasten();
  const last = Promise.all(pages.map(get));
  await pass(time, 35_000);
  for (const token of await last) assert.notEqual(token, undefined);
  for (const { tokens } of pages) tokens.dispose();
  await Promise.all(calls);
  await time.settle();
  assert.deepEqual(failures, []);
  assert.deepEqual(time.pending, [], 'timers left');
  // Whoever waits for one that hangs goes alone after a while.
  const hung = steps.some((each) => each.what === 'mood' && each.mood.kind === 'hangs');
  assert.ok(hung || service.mostAtATime <= 1, `${service.mostAtATime} requests at a time`);
}

it(`gives out no token that is known dead, refused or foreign, and no NaN, in ${SCHEDULES} schedules`, async () => {
  // On failure fast-check prints the shortest schedule that fails.
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), play), {
    seed: SEED,
    numRuns: SCHEDULES,
  });
});
