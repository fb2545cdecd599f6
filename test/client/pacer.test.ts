import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Pacer, sharedPacer } from '../../src/client/pacer.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { errorDetails } from '../../src/protocol/error-details.ts';
import { parseErrorResponse } from '../../src/protocol/parse-error.ts';
import { Random } from '../sim/random.ts';
import { SEED } from '../support/seed.ts';
import { ManualTime } from '../transports/manual-time.ts';

describe('Pacer', () => {
  let time: ManualTime;
  let gone: number[];
  let refused: RealtimeError[];
  beforeEach(() => {
    time = new ManualTime();
    gone = [];
    refused = [];
  });

  function environment(random = () => 0) {
    return { monotonicNow: time.monotonicNow, setTimer: time.setTimer, random };
  }

  function request(pacer: Pacer, signal?: AbortSignal): void {
    pacer.take(signal).then(
      () => gone.push(time.now),
      (error: RealtimeError) => refused.push(error),
    );
  }

  /** Stops at every timer, so that what it lets go is seen at its time. */
  async function pass(ms: number): Promise<void> {
    const end = time.now + ms;
    await setImmediate();
    while (time.now < end) {
      time.advance(Math.min(end - time.now, Math.max(0.001, time.pending[0] ?? Infinity)));
      await setImmediate();
    }
  }

  it('lets 90 requests a minute go at once, and refuses who would wait longer than 5 s', async () => {
    const pacer = new Pacer({}, environment());
    for (let i = 0; i < 91; i++) request(pacer);
    await setImmediate();
    assert.equal(gone.length, 90);
    assert.deepEqual(errorDetails(refused[0]!), {
      code: 'rate-limited',
      message: 'Too many requests were sent from here.',
      retryable: true,
      retryAfterMs: 60_000,
      stored: 'no',
    });
    assert.equal(pacer.waitMs, 60_000);
    await pass(56_000);
    assert.equal(pacer.waitMs, 4_000);
    request(pacer);
    await pass(3_999);
    assert.equal(gone.length, 90);
    await pass(1);
    assert.equal(gone.length, 91);
    assert.deepEqual(time.pending, [], 'a timer runs on');
  });

  it('lets them go in the order in which they came', async () => {
    const pacer = new Pacer({ permits: 1, windowMs: 1_000 }, environment());
    const order: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) void pacer.take().then(() => order.push(name));
    await pass(3_000);
    assert.deepEqual(order, ['a', 'b', 'c', 'd']);
  });

  it('gives the place of an aborted request to the next, and keeps no listener', async () => {
    const pacer = new Pacer({ permits: 1, windowMs: 4_000 }, environment());
    const abort = new AbortController();
    request(pacer);
    request(pacer, abort.signal);
    request(pacer);
    await setImmediate();
    assert.deepEqual([gone.length, refused[0]?.retryAfterMs], [1, 8_000]);
    abort.abort();
    request(pacer, abort.signal);
    request(pacer);
    await pass(4_000);
    assert.deepEqual(gone, [0, 4_000]);
    assert.deepEqual(
      refused.map(({ code }) => code),
      ['rate-limited', 'closed', 'closed'],
    );
    assert.deepEqual(time.pending, []);
  });

  it('sends nothing while the server asked to wait, and refuses those who wait already if that is too long', async () => {
    const pacer = new Pacer({}, environment());
    pacer.hold(3_000);
    request(pacer);
    await pass(2_999);
    assert.deepEqual([gone.length, refused.length, pacer.waitMs], [0, 0, 1]);
    pacer.hold(20_000);
    pacer.hold(1_000);
    await setImmediate();
    assert.equal(refused[0]?.retryAfterMs, 20_000);
    assert.equal(pacer.waitMs, 20_000);
    await pass(20_000);
    request(pacer);
    await setImmediate();
    assert.deepEqual(gone, [22_999]);
  });

  it('does not let pages go together that were held together', () => {
    const waits = [0, 0.25, 0.5, 0.999].map((chance) => {
      const pacer = new Pacer(
        {},
        environment(() => chance),
      );
      pacer.hold(5_000);
      return pacer.waitMs;
    });
    assert.ok(
      waits.every((wait, index) => wait >= 5_000 && wait > (waits[index - 1] ?? 0)),
      waits.join(),
    );
  });

  it('looks again when a timer fires early, as those of browsers do', async () => {
    const setTimer = (callback: () => void, delayMs: number) =>
      time.setTimer(callback, delayMs > 1 ? delayMs - 1 : delayMs);
    const pacer = new Pacer({ permits: 1, windowMs: 1_000 }, { ...environment(), setTimer });
    request(pacer);
    request(pacer);
    await pass(2_000);
    assert.deepEqual(gone, [0, 1_000]);
  });

  it('lets requests go though the clock moves between two looks at it', async () => {
    const moving = { ...environment(), monotonicNow: () => (time.now += 0.01) };
    const pacer = new Pacer({ permits: 2, windowMs: 1_000 }, moving);
    for (let i = 0; i < 4; i++) request(pacer);
    await setImmediate();
    assert.equal(gone.length, 2);
    await pass(2_000);
    assert.equal(gone.length, 4);
  });

  it(`never exceeds its rate, whoever asks when (seed ${SEED})`, async () => {
    const random = new Random(SEED);
    for (let round = 0; round < 60; round++) {
      time = new ManualTime();
      gone = [];
      const permits = 1 + Math.floor(random.next() * 90);
      const pacer = new Pacer(
        { permits },
        environment(() => random.next()),
      );
      for (let step = 0; step < 150; step++) {
        const abort = new AbortController();
        for (let i = random.next() * 12; i > 1; i--)
          request(pacer, random.chance(0.2) ? abort.signal : undefined);
        if (random.chance(0.3)) abort.abort();
        if (random.chance(0.02)) pacer.hold(random.between(0, 10_000));
        await pass(random.chance(0.8) ? random.between(0, 3_000) : random.between(0, 30_000));
      }
      for (const [index, at] of gone.entries()) {
        const next = gone[index + permits];
        assert.ok(
          next === undefined || next - at >= 60_000 - 1e-6,
          `${permits + 1} in ${(next ?? 0) - at} ms`,
        );
      }
      assert.ok(gone.length > permits, 'the rate was never reached');
    }
  });

  it(`sends nothing before Retry-After, whatever 10,000 servers write there (seed ${SEED})`, async () => {
    const random = new Random(SEED);
    const nowMs = Date.parse('2026-11-22T10:00:00Z');
    const date = new Date(nowMs).toUTCString();
    const any = (...items: readonly string[]) => items[Math.floor(random.next() * items.length)] ?? '';
    for (let round = 0; round < 10_000; round++) {
      const seconds = Math.floor(random.between(0, 200));
      const [header, leastMs] = (
        [
          ['0', 1_000],
          ['7', 7_000],
          [String(seconds), Math.max(1, seconds) * 1_000],
          [` ${seconds} `, Math.max(1, seconds) * 1_000],
          [new Date(nowMs + seconds * 1_000).toUTCString(), Math.max(1, seconds) * 1_000],
          [new Date(nowMs - seconds * 1_000).toUTCString(), 1_000],
          [`-${seconds}`, 0],
          [
            any('', 'soon', 'NaN', 'Infinity', '1e3', '0x10', '5 seconds', 'null', '7,8', 'Sun, 99 Foo 2026'),
            0,
          ],
        ] as const
      )[Math.floor(random.next() * 8)] ?? ['', 0];
      const inBody = random.chance(0.5);
      const headers = new Headers(inBody ? { date } : { date, 'retry-after': header });
      const body = JSON.stringify(inBody ? { error: 'Rate limit exceeded', retryAfter: header } : {});
      const { retryAfterMs } = parseErrorResponse(429, 'application/json', body, headers);
      if (leastMs === 0) assert.equal(retryAfterMs, undefined, header);
      else assert.ok(retryAfterMs !== undefined && retryAfterMs >= leastMs, `${header}: ${retryAfterMs}`);
      if (retryAfterMs === undefined) continue;
      const pacer = new Pacer(
        { maxWaitMs: Infinity },
        environment(() => random.next()),
      );
      const start = time.now;
      gone = [];
      pacer.hold(retryAfterMs);
      request(pacer);
      await pass(leastMs - 0.5);
      assert.deepEqual(gone, [], header);
      await pass(400_000);
      assert.equal(gone.length, 1);
      assert.ok(start + leastMs <= time.now);
    }
  });

  it('is one per server and tenant', () => {
    const shared = { ...environment(), shared: new Map() };
    const key = { serverUrl: 'https://a.example', tenantId: 'acme' };
    const pacer = sharedPacer(shared, key);
    assert.equal(sharedPacer(shared, { ...key }), pacer);
    assert.notEqual(sharedPacer(shared, { ...key, tenantId: 'globex' }), pacer);
    pacer.hold(2_000);
    assert.equal(sharedPacer(shared, key).waitMs >= 2_000, true);
  });
});
