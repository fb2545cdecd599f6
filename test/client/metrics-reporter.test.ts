import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { defaultEnvironment, type Environment, type LifecycleEvent } from '../../src/client/environment.ts';
import { Metrics, type MetricsSnapshot } from '../../src/client/metrics.ts';
import { MetricsReporter, type MetricsReporterOptions } from '../../src/client/metrics-reporter.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { ManualTime } from '../transports/manual-time.ts';
import { type Collector, startCollector } from './metrics-collector.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STARTED = Date.UTC(2026, 0, 1);

describe('MetricsReporter', () => {
  let time: ManualTime;
  let metrics: Metrics;
  let collector: Collector;
  let errors: RealtimeError[];
  let beacons: { url: string; body: Blob }[];
  let lifecycle: Emitter<{ event: LifecycleEvent }>;
  let events: Emitter<{ metrics: MetricsSnapshot }>;
  let online: boolean;
  let reporters: MetricsReporter[];
  const snapshot = () => metrics.snapshot({ waiting: 0, failed: 0, oldestMs: undefined });

  beforeEach(async () => {
    time = new ManualTime();
    metrics = new Metrics({ now: () => STARTED + time.now, monotonicNow: time.monotonicNow });
    collector = await startCollector();
    [errors, beacons, reporters] = [[], [], []];
    lifecycle = new Emitter();
    events = new Emitter();
    online = true;
  });
  afterEach(async () => {
    for (const reporter of reporters) reporter.dispose();
    await collector.stop();
  });

  function report(
    options: Partial<MetricsReporterOptions> = {},
    overrides: Partial<Environment> = {},
  ): MetricsReporter {
    const reporter = new MetricsReporter({
      client: { metrics: snapshot, on: (event, listener) => events.on(event, listener) },
      url: collector.url,
      onError: (error) => errors.push(error),
      ...options,
      environment: defaultEnvironment({
        setTimer: time.setTimer,
        monotonicNow: time.monotonicNow,
        now: () => STARTED + time.now,
        random: () => 0.5,
        isOnline: () => online,
        onLifecycle: (listener) => lifecycle.on('event', listener),
        location: { href: 'https://shop.example/cart', hostname: 'shop.example' },
        sendBeacon: (url, body) => beacons.push({ url: url.href, body }) > 0,
        ...overrides,
      }),
    });
    reporters.push(reporter);
    return reporter;
  }
  function use(): void {
    metrics.begin('rest', 'send').succeed();
    events.emit('metrics', snapshot());
  }
  const bodies = () =>
    collector.received.map(
      ({ body }) => JSON.parse(body) as MetricsSnapshot & { instance: string; tenantId?: string },
    );
  /** To the moment at which a post is due, and no further: its own limit of 15 s is a timer too. */
  function untilDue(): void {
    time.advance(time.pending.at(-1) ?? assert.fail('No post is due.'));
  }
  /** The post that is due now is answered, and the reporter has gone on: it waits for the next, or for something new. */
  async function posted(count: number): Promise<void> {
    await waitFor(() => collector.received.length >= count, `${count} posts`);
    await waitFor(() => !time.pending.includes(15_000), 'the answer');
  }

  it('posts a snapshot about a minute after something happened, and nothing while nothing does', async () => {
    report();
    assert.deepEqual(time.pending, [], 'nothing was measured yet');
    use();
    assert.deepEqual(time.pending, [1.1 * MINUTE]);
    time.advance(MINUTE);
    use(); // waits for the same post
    assert.equal(time.pending.length, 1);
    untilDue();
    await posted(1);
    assert.deepEqual(time.pending, []);
    time.advance(HOUR);
    events.emit('metrics', snapshot());
    assert.deepEqual(time.pending, [], 'only the time has changed');
    use();
    untilDue();
    await posted(2);

    const [first, second] = bodies();
    assert.equal(first?.operations[0]?.succeeded, 2);
    assert.equal(
      second?.operations[0]?.succeeded,
      3,
      'the later report says what the earlier one said, and more',
    );
    assert.match(first?.instance ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(first?.instance, second?.instance);
    assert.equal(first?.at, STARTED + 1.1 * MINUTE);
    assert.deepEqual(errors, []);
  });

  it('tells no digits that no clock has', async () => {
    report();
    const timing = metrics.begin('rest', 'history');
    time.advance(3.099999997764826);
    timing.succeed();
    use();
    untilDue();
    await posted(1);
    assert.ok(collector.received[0]!.body.includes('"maxMs":3.1,'));
  });

  it('reports what was measured before it was made', async () => {
    use();
    report();
    untilDue();
    await posted(1);
  });

  it('tells two clients of one page apart', async () => {
    report();
    report();
    use();
    untilDue();
    await posted(2);
    const [one, other] = bodies();
    assert.notEqual(one?.instance, other?.instance);
  });

  it('waits at different lengths on different pages', () => {
    report({}, { random: () => 0 });
    report({}, { random: () => 0.999 });
    use();
    assert.deepEqual(time.pending, [MINUTE, 1.1998 * MINUTE]);
  });

  it('names the tenant only when it is told to', async () => {
    report();
    report({ tenantId: 'acme' });
    use();
    untilDue();
    await posted(2);
    assert.deepEqual(
      bodies()
        .map(({ tenantId }) => tenantId)
        .sort(),
      ['acme', undefined],
    );
  });

  it('asks a collector that fails more and more rarely, and tells of it once until it works again', async () => {
    report();
    collector.answer = { status: 500 };
    use();
    const waits: number[] = [];
    for (let i = 1; i <= 8; i++) {
      waits.push(time.pending[0]! / MINUTE);
      untilDue();
      await posted(i);
      if (i % 2) use();
    }
    assert.deepEqual(waits, [1.1, 2.2, 4.4, 8.8, 17.6, 35.2, 35.2, 35.2]);
    assert.deepEqual(
      errors.map(({ code, status }) => [code, status]),
      [['server', 500]],
    );

    collector.answer = { status: 200 };
    untilDue();
    await posted(9);
    assert.deepEqual(time.pending, []);
    assert.equal(bodies().at(-1)?.operations[0]?.succeeded, 5, 'nothing was lost');

    collector.answer = { status: 400 };
    use();
    assert.deepEqual(time.pending, [1.1 * MINUTE], 'it starts anew');
    untilDue();
    await posted(10);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['server', 'input'],
    );
  });

  for (const [status, code] of [
    [401, 'input'], // not `unauthorized`, which pages take for a visitor who has to sign in
    [403, 'input'],
    [404, 'input'],
    [413, 'input'],
    [429, 'rate-limited'],
    [503, 'server'],
    [504, 'timeout'],
  ] as const) {
    it(`tells of an answer with ${status} as ${code}`, async () => {
      report();
      collector.answer = { status };
      use();
      untilDue();
      await waitFor(() => errors.length, 'the error');
      assert.deepEqual([errors[0]?.code, errors[0]?.status], [code, status]);
    });
  }

  it('waits as long as the collector asks it to', async () => {
    report();
    collector.answer = { status: 429, headers: { 'Retry-After': '1800' } };
    use();
    untilDue();
    await posted(1);
    assert.deepEqual(time.pending.map(Math.round), [33 * MINUTE]);
  });

  it('lives with a collector that is not there, one that never answers and an address that is none', async () => {
    const { url } = collector;
    report({ url: 'http://127.0.0.1:9/' });
    use();
    untilDue();
    await waitFor(() => errors.length === 1, 'the first error');
    report({ url: 'http://[' });
    untilDue();
    await waitFor(() => errors.length === 2, 'the second error');
    collector.answer = 'nothing';
    report({ url });
    time.advance(1.1 * MINUTE);
    await waitFor(() => collector.received.length, 'the request');
    time.advance(15_000);
    await waitFor(() => errors.length === 3, 'the third error');
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['network', 'input', 'timeout'],
    );
    for (const { message } of errors) assert.ok(!message.includes(url));
  });

  it('stops while the machine is offline, and goes on after', async () => {
    report();
    use();
    online = false;
    time.advance(HOUR);
    use();
    lifecycle.emit('event', 'hidden');
    assert.deepEqual([time.pending, collector.received, beacons], [[], [], []]);
    online = true;
    lifecycle.emit('event', 'online');
    untilDue();
    await posted(1);
    assert.equal(bodies()[0]?.operations[0]?.succeeded, 2);
    assert.deepEqual(errors, []);
  });

  it('M6: hands what is new to the browser when the page is hidden or left, once', async () => {
    report();
    lifecycle.emit('event', 'hidden');
    assert.equal(beacons.length, 0, 'nothing was measured');
    metrics.opened('hub');
    use();
    lifecycle.emit('event', 'frozen');
    metrics.closed('hub'); // as the client does, so that the page can be kept for the back button
    lifecycle.emit('event', 'hidden');
    assert.equal(beacons.length, 1);
    assert.equal(beacons[0]?.url, collector.url);
    const last = JSON.parse(await beacons[0].body.text()) as MetricsSnapshot;
    assert.equal(last.operations[0]?.succeeded, 1);
    untilDue();
    assert.deepEqual(time.pending, [], 'the post that was planned finds nothing new');
    use();
    lifecycle.emit('event', 'frozen');
    assert.equal(beacons.length, 2);
  });

  it('posts what the browser does not take at the end by a request that outlives the page', async () => {
    const inits: (RequestInit | undefined)[] = [];
    const fetch: Environment['fetch'] = (url, init) => {
      inits.push(init);
      return globalThis.fetch(url, init);
    };
    report({}, { sendBeacon: undefined, fetch });
    use();
    lifecycle.emit('event', 'hidden');
    await posted(1);
    assert.deepEqual([inits[0]?.keepalive, inits[0]?.credentials], [true, 'same-origin']);
  });

  it('keeps what the browser refused to take', async () => {
    report({}, { sendBeacon: () => false });
    use();
    lifecycle.emit('event', 'hidden');
    untilDue();
    await posted(1);
  });

  it('asks nobody before it posts to another origin, and sends JSON to its own and where the format demands it', async () => {
    const { origin } = new URL(collector.url);
    const types = async (options: Partial<MetricsReporterOptions>, href = 'https://shop.example/') => {
      const reporter = report(options, { location: { href, hostname: new URL(href).hostname } });
      use();
      const [before, sent] = [collector.received.length, beacons.length];
      untilDue();
      await posted(before + 1);
      use();
      lifecycle.emit('event', 'hidden');
      reporter.dispose();
      if (beacons.length === sent) await posted(before + 2);
      return [
        collector.received[before]?.headers['content-type'],
        beacons.at(sent)?.body.type ?? `posted ${collector.received[before + 1]?.headers['content-type']}`,
      ];
    };
    assert.deepEqual(await types({}), ['text/plain', 'text/plain']);
    assert.deepEqual(await types({}, `${origin}/page`), ['application/json', 'application/json']);
    assert.deepEqual(await types({ url: '/collect' }, `${origin}/page`), [
      'application/json',
      'application/json',
    ]);
    // A beacon would send the collector's cookies along, for which browsers ask it first.
    assert.deepEqual(await types({ format: 'otlp' }), ['application/json', 'posted application/json']);
  });

  it('posts from Node, where there is no page', async () => {
    report({}, { location: undefined, sendBeacon: undefined });
    use();
    lifecycle.emit('event', 'hidden');
    untilDue();
    await posted(1);
    assert.equal(collector.received[0]?.headers['content-type'], 'application/json');
  });

  it('sends OpenTelemetry’s form if asked to', async () => {
    report({ format: 'otlp', tenantId: 'acme' });
    use();
    untilDue();
    await posted(1);
    const { resourceMetrics } = JSON.parse(collector.received[0]!.body) as { resourceMetrics: unknown[] };
    assert.equal(resourceMetrics.length, 1);
  });

  it('leaves no timer, listener or request behind, and tells nothing any more', async () => {
    const reporter = report();
    collector.answer = 'nothing';
    use();
    time.advance(1.1 * MINUTE);
    await waitFor(() => collector.received.length, 'the request');
    use();
    reporter.dispose();
    reporter.dispose();
    assert.equal(beacons.length, 1, 'what was new');
    assert.deepEqual([lifecycle.count('event'), events.count('metrics')], [0, 0]);
    await waitFor(() => time.pending.length === 0, 'no timer');
    use();
    time.advance(HOUR);
    assert.deepEqual([collector.received.length, beacons.length, errors, time.pending], [1, 1, [], []]);

    const idle = report();
    use();
    assert.equal(time.pending.length, 1);
    idle.dispose();
    assert.deepEqual(time.pending, []);
  });
});
