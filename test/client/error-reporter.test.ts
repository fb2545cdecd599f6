import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ErrorReporter } from '../../src/client/error-reporter.ts';
import { VERSION } from '../../src/client/version.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { ErrorPage, STARTED, turn } from './error-collecting.ts';

const failure = (code: 'network' | 'server' | 'closed' = 'network') =>
  new RealtimeError(code, 'No answer came.');
/** As many different errors as `count`. */
const different = (count: number) =>
  Array.from({ length: count }, (_, i) => new RealtimeError('server', `Failure ${i}.`));

describe('ErrorReporter', () => {
  let page: ErrorPage;
  beforeEach(() => {
    page = new ErrorPage();
  });

  it('keeps equal errors as one, with how often and when', () => {
    const reporter = page.reporter();
    const [first, other] = [failure(), failure('server')];
    reporter.report(first, { transport: 'rest', operation: 'send' });
    page.time.advance(100);
    reporter.report(other);
    page.time.advance(100);
    reporter.report(first, { transport: 'rest', operation: 'send' });
    reporter.report(first, { transport: 'hub', operation: 'send' });
    const kept = reporter.reports.map(({ class: kind, transport, count, first, last }) => [
      kind,
      transport,
      count,
      first - STARTED,
      last - STARTED,
    ]);
    assert.deepEqual(kept, [
      ['server', undefined, 1, 100, 100],
      ['network', 'rest', 2, 0, 200],
      ['network', 'hub', 1, 200, 200],
    ]);
    assert.deepEqual(reporter.summary(), {
      total: 4,
      byClass: { network: 3, server: 1 },
      groups: 3,
      since: STARTED,
      dropped: 0,
    });
  });

  it('tells what happened, where and of which version, and nothing of the page but its path', async () => {
    const reporter = page.reporter();
    const cause = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    reporter.report(
      new RealtimeError('server', 'The server failed.', {
        status: 503,
        retryAfterMs: 2_000.4,
        cause,
        service: 'sign-in',
      }),
      { transport: 'rest', operation: 'history', url: 'https://h/?token=abc' } as never,
    );
    await page.untilPosted();
    const [{ frames, ...report } = assert.fail('no report')] = page.batches[0]?.reports ?? [];
    assert.deepEqual(report, {
      class: 'server',
      name: 'RealtimeError',
      code: 'server',
      message: 'The server failed.',
      status: 503,
      retryAfterMs: 2_000,
      service: 'sign-in',
      transport: 'rest',
      operation: 'history',
      causes: ['TypeError: fetch failed', 'object (ECONNREFUSED)'],
      count: 1,
      first: STARTED,
      last: STARTED,
    });
    assert.match(frames[0] ?? '', /error-reporter\.test\.ts:\d+:\d+$/);
    assert.ok(frames.length <= 5);
    const { reports: _, at, ...batch } = page.batches[0] ?? assert.fail('no batch');
    assert.deepEqual(batch, {
      version: VERSION,
      page: 'https://shop.example/cart/:id',
      sampleRate: 1,
      dropped: 0,
    });
    assert.equal(at, STARTED + page.time.now);
  });

  it('knows its version', () => {
    assert.equal(VERSION, packageJson.version);
  });

  it('names a listener that threw by what it threw and where', () => {
    const reporter = page.reporter();
    const cause = new TypeError("Cannot read properties of undefined (reading 'secretName')");
    cause.stack = `TypeError: ${cause.message}\n    at Cart.add (https://shop.example/js/cart-B3xk9dQ2.js?user=jane:10:22)\n    at onMessage (https://shop.example/users/83719264/page:3:4)`;
    reporter.report(new RealtimeError('bug', 'A listener of "message" failed.', { cause }));
    assert.deepEqual(reporter.reports[0]?.causes, ['TypeError: Cannot read properties of undefined']);
    assert.deepEqual(reporter.reports[0].frames, [
      'Cart.add https://shop.example/js/cart-B3xk9dQ2.js:10:22',
      'onMessage https://shop.example/users/:id/page:3:4',
    ]);
  });

  it('reads the stacks of other engines', () => {
    const reporter = page.reporter();
    reporter.report(
      Object.assign(new Error('x'), {
        stack:
          'load@https://shop.example/js/a.js:1:2\n@https://shop.example/js/b.js?x=1:3:4\n[native code]@\nasync*run@https://shop.example/c.js:5:6\n',
      }),
    );
    assert.deepEqual(reporter.reports[0]?.frames, [
      'load https://shop.example/js/a.js:1:2',
      'https://shop.example/js/b.js:3:4',
      'https://shop.example/c.js:5:6',
    ]);
  });

  it('keeps the last 100 different ones, and says how many it could not post', async () => {
    const reporter = page.reporter();
    page.online = false;
    const errors = different(130);
    for (const error of errors) reporter.report(error);
    reporter.report(errors[40]);
    assert.equal(reporter.reports.length, 100);
    assert.equal(reporter.reports.at(-1)?.message, 'Failure 40.', 'seen last');
    assert.equal(reporter.reports[0]?.message, 'Failure 30.');
    assert.deepEqual([reporter.summary().total, reporter.summary().dropped], [131, 30]);
    page.online = true;
    page.lifecycle.emit('event', 'online');
    await page.untilPosted();
    assert.equal(page.batches[0]?.dropped, 30);
  });

  it('takes no notice of what was cancelled', () => {
    const reporter = page.reporter();
    reporter.report(failure('closed'));
    reporter.report(new DOMException('x', 'AbortError'));
    reporter.report(new AggregateError([failure('closed')]));
    assert.equal(reporter.summary().total, 0);
    assert.deepEqual(page.time.pending, []);
  });

  it('draws once for each different error whether it is posted', async () => {
    const draws = [0.1, 0.9, 0.3];
    let drawn = 0;
    const environment = { ...page.environment, random: () => draws[drawn++] ?? 0.5 };
    const reporter = new ErrorReporter({ environment, url: '/errors', sampleRate: 0.25 });
    const [posted, kept] = different(2);
    for (const error of [posted, kept, posted, kept]) reporter.report(error);
    await page.untilPosted();
    assert.deepEqual(
      page.batches.map(({ sampleRate, reports }) => [
        sampleRate,
        reports.map(({ message, count }) => [message, count]),
      ]),
      [[0.25, [['Failure 0.', 2]]]],
    );
    assert.equal(reporter.summary().total, 4);
  });

  it('posts what is new within 15 s, a few at a time, and only that', async () => {
    const reporter = page.reporter();
    for (const error of different(40)) reporter.report(error);
    const waits = [await page.untilPosted(), await page.untilPosted(), await page.untilPosted()];
    assert.deepEqual(waits, [10_000, 10_000, undefined]);
    assert.deepEqual(
      page.batches.map(({ reports }) => reports.length),
      [30, 10],
    );
    reporter.report(different(1)[0]);
    await page.untilPosted();
    const [again] = page.batches[2]?.reports ?? [];
    assert.deepEqual([again?.count, again?.first], [1, STARTED + 20_000]);
  });

  it('asks a collector that fails more and more rarely, repeats what it did not take, and tells nobody', async (t) => {
    const spoken = t.mock.method(console, 'error', () => {});
    const reporter = page.reporter();
    page.answer = new TypeError('Failed to fetch');
    reporter.report(failure());
    const waits: (number | undefined)[] = [];
    for (let i = 0; i < 10; i++) waits.push(await page.untilPosted());
    assert.deepEqual(
      waits.map((wait) => Math.round((wait ?? 0) / 1_000)),
      [10, 22, 44, 88, 176, 352, 704, 1408, 2816, 2816],
    );
    assert.equal(reporter.summary().total, 1, 'the failures of the reports are not reported');
    page.answer = { status: 200 };
    reporter.report(failure());
    await page.untilPosted();
    reporter.report(different(1)[0]);
    assert.equal(await page.untilPosted(), 10_000, 'it is well again');
    assert.equal(
      page.batches.at(-2)?.reports.reduce((sum, { count }) => sum + count, 0),
      2,
    );
    assert.equal(page.batches.at(-1)?.reports.length, 1);
    assert.equal(spoken.mock.callCount(), 0);
  });

  it('waits as long as the collector asks', async () => {
    const reporter = page.reporter();
    page.answer = { status: 429, headers: { 'retry-after': '600' } };
    reporter.report(failure());
    await page.untilPosted();
    page.lifecycle.emit('event', 'hidden');
    await turn();
    assert.deepEqual(page.beacons, [], 'the page that goes waits too');
    assert.equal(await page.untilPosted(), 660_000);
  });

  it('does not repeat what the collector refuses, and counts it', async () => {
    const reporter = page.reporter();
    page.answer = { status: 403 };
    reporter.report(failure());
    await page.untilPosted();
    assert.deepEqual(page.time.pending, []);
    assert.equal(reporter.summary().dropped, 1);
    reporter.report(different(1)[0]);
    assert.equal(await page.untilPosted(), 22_000, 'and leaves it alone for longer');
  });

  it('makes no attempt while offline', async () => {
    const reporter = page.reporter();
    reporter.report(failure());
    page.online = false;
    page.time.advance(60_000);
    await reporter.flush();
    page.lifecycle.emit('event', 'hidden');
    await turn();
    assert.deepEqual([page.batches, page.beacons, page.time.pending], [[], [], []]);
    page.online = true;
    page.lifecycle.emit('event', 'online');
    await page.untilPosted();
    assert.equal(page.batches.length, 1);
  });

  it('hands what is left to the browser when the page hides and when it is disposed of', async () => {
    const reporter = page.reporter();
    reporter.report(failure());
    page.lifecycle.emit('event', 'hidden');
    page.lifecycle.emit('event', 'hidden');
    reporter.report(failure('server'));
    reporter.dispose();
    reporter.dispose();
    await turn();
    assert.deepEqual(
      page.beacons.map(({ reports }) => reports.map((report) => report.class)),
      [['network'], ['server']],
    );
    assert.deepEqual([page.time.pending, page.lifecycle.count('event'), page.batches], [[], 0, []]);
  });

  it('keeps and counts without an address', () => {
    const reporter = page.reporter({ url: undefined });
    for (const error of different(120)) reporter.report(error);
    assert.deepEqual([reporter.reports.length, reporter.summary().dropped], [100, 0]);
    assert.deepEqual([page.time.pending, page.lifecycle.count('event')], [[], 0]);
  });

  it('hears a client until the undo runs or it is disposed of', () => {
    const reporter = page.reporter();
    const clients = [
      new Emitter<{ error: RealtimeError }>(),
      new Emitter<{ error: RealtimeError }>(),
    ] as const;
    const [undo] = clients.map((client) => reporter.attach(client));
    for (const client of clients) client.emit('error', failure());
    undo?.();
    for (const client of clients) client.emit('error', failure());
    assert.equal(reporter.summary().total, 3);
    reporter.dispose();
    assert.deepEqual(
      clients.map((client) => client.count('error')),
      [0, 0],
    );
  });
});
