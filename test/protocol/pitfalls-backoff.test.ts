import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoff } from '../../src/protocol/backoff.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import { RealtimeError, type ErrorCode } from '../../src/protocol/errors.ts';
import { ReconnectingLink } from '../../src/transports/reconnect.ts';
import type { LiveEvents } from '../../src/transports/transport.ts';
import { Random } from '../sim/random.ts';
import { SEED } from '../support/seed.ts';
import { ManualTime, nodeEnvironment } from '../transports/support.ts';

const TRIES = 20_000;

/** What `TRIES` pages wait before the same attempt, shortest first. */
function waits(attempt: number, random: Random): Float64Array {
  const next = () => random.next();
  return Float64Array.from({ length: TRIES }, () => backoff(attempt, { random: next })).sort();
}

describe(`backoff (seed ${SEED})`, () => {
  it('R1: spreads by the half that it promises, to both sides', () => {
    const random = new Random(SEED);
    for (const [attempt, width] of [4_000, 8_000, 16_000, 30_000].entries()) {
      const all = waits(attempt + 1, random);
      const shortest = all[0] ?? 0;
      const longest = all.at(-1) ?? 0;
      assert.ok(shortest >= 0.5 * width && shortest < 0.51 * width, `${shortest} of ${width}`);
      assert.ok(longest <= 1.5 * width && longest > 1.49 * width, `${longest} of ${width}`);
    }
  });

  it('R2: keeps the spread at the cap, where it matters most', () => {
    const all = waits(30, new Random(SEED));
    assert.ok((all.at(-1) ?? 0) <= 45_000);
    for (let tenth = 0; tenth < 10; tenth++) {
      const from = 15_000 + 3_000 * tenth;
      const share = all.filter((wait) => wait >= from && wait < from + 3_000).length / TRIES;
      assert.ok(share > 0.08 && share < 0.12, `${share} of all between ${from} and ${from + 3_000} ms`);
    }
  });

  it('R3: tries for the first time within 2 s, and half of all pages within one', () => {
    const all = waits(0, new Random(SEED));
    assert.ok((all.at(-1) ?? 0) < 2_000);
    const middle = all[TRIES / 2] ?? 0;
    assert.ok(middle > 950 && middle < 1_050, `${middle}`);
  });
});

describe('a connection that comes back by itself', () => {
  const down = () => new RealtimeError('network', 'Down.');
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

  /** A link whose attempts fail with what `failure` gives, and succeed when that is nothing. */
  function linked(failure: () => RealtimeError | undefined) {
    const time = new ManualTime();
    const calls = { open: 0, aborted: 0 };
    const random = new Random(SEED);
    const { setTimer, monotonicNow } = time;
    const environment = nodeEnvironment({ setTimer, monotonicNow, random: () => random.next() });
    const link = new ReconnectingLink(environment, true, new Emitter<LiveEvents>(), {
      open: async (signal) => {
        calls.open++;
        signal.addEventListener('abort', () => calls.aborted++);
        await settled();
        const error = failure();
        if (error) throw error;
      },
      close: () => Promise.resolve(),
    });
    /** Lets the wait pass that is running, and the attempt after it. */
    const next = async () => {
      const [waitMs] = time.pending;
      assert.ok(waitMs !== undefined, `nothing is planned while ${link.state}`);
      time.advance(waitMs);
      await settled();
      await settled();
    };
    return { link, time, calls, next };
  }

  it('R4: tries for as long as it is wanted, and again after it was lost anew', async () => {
    let isDown = true;
    const { link, calls, next } = linked(() => (isDown ? down() : undefined));
    await assert.rejects(link.connect());
    for (let failures = 1; failures <= 300; failures++) {
      assert.deepEqual([link.state, calls.open], ['waiting', failures]);
      await next();
    }
    isDown = false;
    await next();
    assert.equal(link.state, 'open');
    link.lost(down());
    await next();
    assert.deepEqual([link.state, calls.open], ['open', 303]);
  });

  it('R5: makes one attempt, however many ask for it', async () => {
    let isDown = true;
    const { link, time, calls } = linked(() => (isDown ? down() : undefined));
    const failed = await Promise.allSettled(Array.from({ length: 20 }, () => link.connect()));
    assert.deepEqual([failed.every(({ status }) => status === 'rejected'), calls.open], [true, 1]);
    assert.equal(time.pending.length, 1, 'one wait');
    isDown = false;
    await Promise.all(Array.from({ length: 20 }, () => link.connect()));
    assert.deepEqual([link.state, calls.open, time.pending], ['open', 2, []]);
  });

  it('R6: can be cancelled, while it tries and while it waits', async () => {
    const { link, time, calls } = linked(down);
    const abort = new AbortController();
    const attempt = link.connect(abort.signal);
    await Promise.resolve();
    abort.abort();
    await assert.rejects(attempt, { code: 'closed' });
    await settled();
    await settled();
    assert.deepEqual([link.state, calls.aborted, time.pending], ['closed', calls.open, []]);
    await assert.rejects(link.connect(), { code: 'network' });
    assert.equal(time.pending.length, 1);
    await link.disconnect();
    assert.deepEqual([link.state, time.pending], ['closed', []]);
  });

  it('R7: does not repeat what was refused for good', async () => {
    for (const code of ['unauthorized', 'forbidden', 'not-found', 'input'] satisfies ErrorCode[]) {
      const { link, time, calls } = linked(() => new RealtimeError(code, 'Refused.'));
      await assert.rejects(link.connect(), { code });
      assert.deepEqual([link.state, calls.open, time.pending], ['closed', 1, []], code);
    }
  });
});
