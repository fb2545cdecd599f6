import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { classify } from '../../src/client/error-class.ts';
import { describeError } from '../../src/client/error-report.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { Random } from '../sim/random.ts';
import { ErrorPage, turn } from './error-collecting.ts';

const KEY = 'sk-Xnai-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-AbC_123-secretpart';
const TOKEN = 'mB92K27uhbUJU1p1r_wW1gFWFOEjXk.-mB92K27uhbUJU1p1r';

/** Whatever cannot be read as one expects. */
const UNREADABLE: readonly (readonly [what: string, thrown: unknown])[] = (() => {
  const circular: Record<string, unknown> = {};
  Object.assign(circular, { cause: circular, errors: [circular, [circular]], headers: { circular } });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const fail = () => {
    throw new Error('No.');
  };
  const throwing = new Proxy(new Error('x'), { get: fail, has: fail, getPrototypeOf: fail, ownKeys: fail });
  const endless = () => new Proxy({}, { get: (): unknown => endless() });
  return [
    ['circular', circular],
    ['null', null],
    ['undefined', undefined],
    ['a symbol', Symbol('x')],
    ['a bigint', 10n],
    ['a message that is no text', { message: { text: 'x' }, name: 5, code: [], stack: {}, status: '401' }],
    ['a getter that throws', Object.defineProperty(new Error('x'), 'message', { get: fail })],
    ['a proxy that throws', throwing],
    ['a revoked proxy', proxy],
    ['a list with a revoked proxy', [proxy, throwing]],
    ['an object without end', endless()],
    ['without a prototype', Object.create(null) as unknown],
    ['an empty list', []],
    ['an AggregateError of all that', new AggregateError([proxy, circular, null], 'x', { cause: throwing })],
    ['an event', new Event('error')],
    ['a function', fail],
  ];
})();

describe('pitfalls: reports of errors', () => {
  let page: ErrorPage;
  beforeEach(() => {
    page = new ErrorPage();
  });
  /** What is told of `thrown`, as text. */
  const told = (thrown: unknown) => JSON.stringify(describeError(thrown));

  it('E1: keeps what a copy of the fields would lose: name, sentence, place', () => {
    const { name, message, frames } = describeError(new RealtimeError('server', 'The server failed.')) ?? {};
    assert.deepEqual([name, message], ['RealtimeError', 'The server failed.']);
    assert.match(frames?.[0] ?? '', /pitfalls-errors\.test\.ts:\d+:\d+$/);
  });

  it('E2: prints nothing itself, before redacting or after', async (t) => {
    const levels = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;
    const spies = levels.map((level) => t.mock.method(console, level, () => {}));
    page.answer = { status: 500 };
    const reporter = page.reporter();
    for (const [, thrown] of UNREADABLE) reporter.report(thrown);
    reporter.report(new Error(`Bearer ${TOKEN}`));
    await page.untilPosted();
    reporter.dispose();
    assert.deepEqual(
      spies.map(({ mock }) => mock.callCount()),
      levels.map(() => 0),
    );
  });

  it('E3: lets no part of a bearer token through, whatever characters it has', () => {
    assert.equal(
      describeError(new RealtimeError('server', `Bearer ${TOKEN} was refused.`))?.message,
      'Bearer *** was refused.',
    );
  });

  it('E4: lets no part of a key through, whatever its prefix', () => {
    assert.equal(
      describeError(new RealtimeError('server', `${KEY} was refused.`))?.message,
      'sk*** was refused.',
    );
  });

  it('E5: tells nothing of addresses, headers and bodies, wherever they hang', () => {
    const headers = { authorization: `bearer ${TOKEN}`, nested: [['x-api-key', KEY]] };
    const error = Object.assign(new RealtimeError('server', `See https://h/a?token=${TOKEN}#${KEY}`), {
      config: { url: `https://u:${TOKEN}@h/?key=${KEY}`, headers },
      response: { headers: new Headers({ 'set-cookie': `sid=${TOKEN}` }), data: { token: TOKEN } },
      cause: Object.assign(new Error(KEY.toLowerCase()), { headers }),
    });
    const text = `${told(error)}${told(Object.assign({}, error, { headers }))}`;
    for (const secret of [KEY, TOKEN]) {
      for (let i = 0; i + 8 <= secret.length; i++) {
        assert.ok(!text.toLowerCase().includes(secret.slice(i, i + 8).toLowerCase()), text);
      }
    }
  });

  it('E6: reports the error that an event of a stream carries, and the event where it carries none', () => {
    const event = Object.assign(new Event('error'), { error: new RealtimeError('unauthorized', 'Refused.') });
    assert.deepEqual(
      [describeError(event)?.class, describeError(event)?.message, describeError(new Event('error'))?.class],
      ['unauthorized', 'Refused.', 'network'],
    );
    assert.equal(describeError(new Event('error'))?.name, 'Event');
  });

  it('E7: takes a string for what it is', () => {
    assert.deepEqual(describeError(`Not found: ${KEY}`), { class: 'bug', name: 'string', frames: [] });
    assert.equal(describeError('TypeError: Failed to fetch')?.message, 'Failed to fetch');
  });

  for (const [what, thrown] of UNREADABLE) {
    it(`E8–E10: throws nothing for ${what}`, () => {
      const reporter = page.reporter();
      reporter.report(thrown);
      reporter.report(thrown, thrown as never);
      assert.deepEqual([reporter.summary().total, reporter.summary().dropped], [2, 0]);
      assert.ok(JSON.stringify(reporter.reports).length < 2_000);
    });
  }

  it('E8–E10: takes a message of 10 MB in no time', () => {
    const message = '    at x (https://h/a.js:1:1)\n'.repeat(333_333);
    const started = performance.now();
    for (const error of [
      message,
      new Error(message),
      new RealtimeError('server', message),
      { message, stack: message },
    ]) {
      assert.ok(told(error).length < 2_000);
    }
    // Milliseconds in fact.
    assert.ok(performance.now() - started < 5_000);
  });

  it('E11: tells of 1,000 equal errors in one post', async () => {
    const reporter = page.reporter();
    for (let i = 0; i < 1_000; i++) reporter.report(new RealtimeError('network', 'No answer came.'));
    await page.untilPosted();
    assert.deepEqual(
      page.batches.map(({ reports }) => reports.map(({ count }) => count)),
      [[1_000]],
    );
    assert.deepEqual(page.time.pending, []);
  });

  it('E11: posts nothing while offline, and at most as often as a collector that fails can bear', async () => {
    const reporter = page.reporter();
    page.online = false;
    for (let i = 0; i < 1_000; i++) reporter.report(new RealtimeError('network', 'No answer came.'));
    page.time.advance(3_600_000);
    assert.equal(page.batches.length, 0);
    page.online = true;
    page.answer = { status: 503 };
    page.lifecycle.emit('event', 'online');
    const until = page.time.now + 3_600_000;
    while (page.time.now < until) await page.untilPosted();
    assert.ok(page.batches.length < 12, `${page.batches.length} posts in an hour`);
  });

  it('EH1: finds a refused credential in any element of a list of GraphQL errors', () => {
    const errors = [
      { message: 'Field failed', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      { message: 'Sign in', extensions: { code: 'UNAUTHENTICATED' } },
    ];
    for (const shape of [errors, [...errors].reverse(), { errors }, new AggregateError(errors)]) {
      assert.equal(classify(shape), 'unauthorized');
    }
    assert.equal(classify([{ message: 'x', extensions: { code: 'FORBIDDEN' } }]), 'forbidden');
    assert.equal(classify([{ message: 'x', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]), 'input');
    assert.equal(classify({ errors: [{ message: 'x' }], data: null }), 'server');
  });

  it('EH2: leaves no rejection unhandled, whatever becomes of a post', async (t) => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    t.after(() => process.off('unhandledRejection', listener));
    for (const answer of [new TypeError('Failed to fetch'), { status: 500 }, { status: 404 }]) {
      const reporter = page.reporter();
      page.answer = answer;
      reporter.report(new RealtimeError('network', 'No answer came.'));
      await page.untilPosted();
      reporter.dispose();
    }
    const reporter = page.reporter({ url: 'http://[' });
    reporter.report(new RealtimeError('network', 'No answer came.'));
    page.time.advance(20_000);
    await turn();
    assert.equal(reporter.summary().dropped, 1, 'an address that is none takes nothing');
    await turn();
    assert.deepEqual(unhandled, []);
  });

  it('EH3: tells nothing of frames and bodies that could not be understood', () => {
    const frame = `{"type":"next","payload":{"token":"${TOKEN}`;
    let error: unknown;
    try {
      JSON.parse(frame);
    } catch (reason) {
      error = reason;
    }
    const wrapped = new RealtimeError('protocol', 'The server sent something else.', { cause: error });
    for (const one of [error, wrapped]) assert.ok(!/next|payload|mB92K/.test(told(one)), told(one));
    assert.equal(classify(error), 'protocol');
  });

  it('tells the same of an error whatever others wrote into it', () => {
    // Nothing can leak from what makes no difference. Of engines only sentences from a list are told.
    const random = new Random(7);
    const letters = () => String.fromCharCode(33 + Math.floor(random.next() * 94));
    const build = (text: string) => {
      const error = Object.assign(new Error(text, { cause: { message: text, code: text, name: text } }), {
        name: text,
        code: text,
        [text]: text,
        response: { data: text, headers: new Map([[text, text]]) },
      });
      error.stack = `${text}: ${text}\n    at load (https://shop.example/js/a.js?${encodeURIComponent(text)}:1:2)`;
      return error;
    };
    const expected = told(build('x'));
    assert.match(expected, /a\.js:1:2/);
    for (let i = 0; i < 10_000; i++) {
      const text = Array.from({ length: 1 + Math.floor(random.next() * 60) }, letters).join('');
      assert.equal(told(build(text)), expected, text);
    }
  });

  it('reports a listener that throws, while the others go on', () => {
    const reporter = page.reporter();
    const client = new Emitter<{ message: string; error: RealtimeError }>((cause, event) =>
      client.emit('error', new RealtimeError('bug', `A listener of "${event}" failed.`, { cause })),
    );
    reporter.attach(client);
    const heard: string[] = [];
    client.on('message', () => {
      throw new TypeError(`undefined is not an object (evaluating '${KEY}')`);
    });
    client.on('message', (text) => heard.push(text));
    client.emit('message', 'hello');
    assert.deepEqual(heard, ['hello']);
    const [report] = reporter.reports;
    assert.deepEqual(
      [report?.class, report?.message, report?.causes],
      ['bug', 'A listener of "message" failed.', ['TypeError: undefined is not an object']],
    );
  });
});

describe('classify', () => {
  const named = (name: string) => new DOMException('x', name);
  const coded = (code: string) => Object.assign(new Error('x'), { code });
  for (const [expected, error] of [
    ['network', new TypeError('Failed to fetch')],
    ['network', new TypeError('Load failed')],
    ['network', new TypeError('fetch failed', { cause: coded('ECONNREFUSED') })],
    ['timeout', new TypeError('fetch failed', { cause: coded('UND_ERR_CONNECT_TIMEOUT') })],
    ['network', new RealtimeError('unavailable', 'x')],
    ['network', new RealtimeError('expired', 'x')],
    ['timeout', named('TimeoutError')],
    ['timeout', coded('ETIMEDOUT')],
    ['unauthorized', { status: 401 }],
    ['forbidden', named('SecurityError')],
    ['rate-limited', { statusCode: 429 }],
    ['server', Object.assign(new Error('x'), { statusCode: 502 })],
    ['protocol', new SyntaxError('Unexpected token')],
    ['storage', named('QuotaExceededError')],
    ['storage', new RealtimeError('queue-full', 'x')],
    ['input', new RealtimeError('too-large', 'x')],
    ['input', { status: 404 }],
    ['server', new Error('The page says so', { cause: new RealtimeError('server', 'x') })],
    ['bug', new RealtimeError('bug', 'x', { cause: new TypeError('Failed to fetch') })],
    ['bug', new TypeError('x is not a function')],
    ['bug', new AggregateError([new Error('x'), new Error('y')])],
    ['bug', 5],
    [undefined, named('AbortError')],
    [undefined, new RealtimeError('closed', 'x')],
  ] as const) {
    it(`takes ${error instanceof Error ? `${error.name} "${error.message}"` : JSON.stringify(error)} for ${expected ?? 'no error'}`, () => {
      assert.equal(classify(error), expected);
    });
  }
});
