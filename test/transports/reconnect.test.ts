import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Emitter } from '../../src/protocol/emitter.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { ReconnectingLink } from '../../src/transports/reconnect.ts';
import type { LiveEvents, TransportState } from '../../src/transports/transport.ts';
import { SEED } from '../support/seed.ts';
import { ManualTime, nodeEnvironment, rejection } from './support.ts';

type Outcome = 'ok' | RealtimeError | Promise<void>;

const down = () => new RealtimeError('network', 'Down.');

/** A link over a scripted connection: each attempt takes the next outcome, and `ok` when there is none left. */
function scripted(
  outcomes: Outcome[] = [],
  { reconnect = true, random = () => 0.5 }: { reconnect?: boolean; random?: () => number } = {},
) {
  const time = new ManualTime();
  const events = new Emitter<LiveEvents>();
  const states: TransportState[] = [];
  const errors: RealtimeError[] = [];
  const calls = { open: 0, close: 0, aborted: 0 };
  events.on('state', ({ state }) => states.push(state));
  events.on('error', (error) => errors.push(error));
  const environment = nodeEnvironment({ setTimer: time.setTimer, monotonicNow: time.monotonicNow, random });
  const link = new ReconnectingLink(environment, reconnect, events, {
    open: async (signal) => {
      calls.open++;
      signal.addEventListener('abort', () => calls.aborted++);
      const outcome = outcomes.shift() ?? 'ok';
      if (outcome instanceof RealtimeError) throw outcome;
      if (outcome !== 'ok') await outcome;
    },
    close: async () => void calls.close++,
  });
  return { link, time, events, states, errors, calls };
}

/** Lets everything that waits for nothing but a microtask happen. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function deferred() {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

describe('ReconnectingLink', () => {
  it('plans nothing for a link that is lost while it is being closed on purpose', async () => {
    const { link, time, states, errors } = scripted();
    await link.connect();
    const closed = link.disconnect();
    link.lost(down());
    await closed;
    assert.deepEqual(time.pending, []);
    assert.deepEqual(states, ['connecting', 'open', 'closed']);
    assert.deepEqual(errors, []);
  });

  it('H4: tries again after a first failure, as after a later one', async () => {
    const { link, time, states, errors } = scripted([down(), down()]);
    assert.equal((await rejection(link.connect())).code, 'network');
    assert.deepEqual([link.state, errors.length], ['waiting', 0], 'the caller heard of it, nobody else');
    time.advance(2_000);
    await settle();
    assert.deepEqual([link.state, errors.length], ['waiting', 1], 'a retry’s failure has no caller');
    time.advance(6_000);
    await settle();
    assert.deepEqual(states, ['connecting', 'waiting', 'connecting', 'waiting', 'connecting', 'open']);
    assert.deepEqual(time.pending, []);
  });

  it('never gives up while wanted, and spreads its waits up to 45 s', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 0.999, noNaN: true }), async (random) => {
        const { link, time } = scripted(Array.from({ length: 40 }, down), { random: () => random });
        await rejection(link.connect());
        const waits: number[] = [];
        for (let attempt = 0; attempt < 39; attempt++) {
          assert.equal(link.state, 'waiting');
          waits.push(time.pending[0]!);
          time.advance(time.pending[0]!);
          await settle();
        }
        assert.ok(waits[0]! < 2_000);
        assert.ok(waits.every((wait) => wait <= 45_000));
        assert.ok(waits.at(-1)! >= 15_000);
        time.advance(45_000);
        await settle();
        assert.equal(link.state, 'open');
      }),
      { seed: SEED, numRuns: 20 },
    );
  });

  it('waits as long as the server asked', async () => {
    const busy = new RealtimeError('rate-limited', 'Busy.', { retryAfterMs: 37_000 });
    const { link, time } = scripted([busy], { random: () => 0 });
    await rejection(link.connect());
    assert.deepEqual(time.pending, [37_000]);
  });

  it('starts with the shortest wait again only after a connection that lasted', async () => {
    const { link, time } = scripted([down(), down(), down()]);
    await rejection(link.connect());
    for (let failures = 0; failures < 3; failures++) {
      time.advance(time.pending[0]!);
      await settle();
    }
    assert.equal(link.state, 'open');
    link.lost(down());
    assert.ok(time.pending[0]! > 2_000, 'accepted and dropped at once: the waits go on growing');
    time.advance(time.pending[0]!);
    await settle();
    time.now += 30_000;
    link.lost(down());
    assert.ok(time.pending[0]! <= 2_000);
  });

  it('stops at a refusal that no retry mends, and a new credential leads out', async () => {
    const refused = new RealtimeError('unauthorized', 'Refused.');
    const { link, time } = scripted([refused]);
    await rejection(link.connect());
    assert.deepEqual([link.state, time.pending], ['closed', []]);
    await link.restart();
    assert.equal(link.state, 'open');
  });

  it('joins a running attempt, and a caller who gives up does not stop the others', async () => {
    const opening = deferred();
    const { link, calls } = scripted([opening.promise]);
    const leaver = new AbortController();
    const left = rejection(link.connect(leaver.signal));
    const stays = link.connect();
    leaver.abort();
    assert.equal((await left).code, 'closed');
    opening.resolve();
    await stays;
    assert.deepEqual([link.state, calls.open, calls.aborted], ['open', 1, 0]);
  });

  it('cancels the attempt when its only caller gives up', async () => {
    const opening = deferred();
    const { link, calls, time } = scripted([opening.promise]);
    const leaver = new AbortController();
    const left = rejection(link.connect(leaver.signal));
    await settle();
    leaver.abort();
    opening.reject(down());
    assert.equal((await left).code, 'closed');
    await settle();
    assert.deepEqual([link.state, calls.aborted, time.pending], ['closed', 1, []]);
    assert.equal((await rejection(link.connect(leaver.signal))).code, 'closed');
  });

  it('W1: disconnect() never reconnects, from any state', async () => {
    const opening = deferred();
    const cases = [
      async () => scripted(),
      async () => {
        const open = scripted();
        await open.link.connect();
        return open;
      },
      async () => {
        const waiting = scripted([down()]);
        await rejection(waiting.link.connect());
        return waiting;
      },
      async () => {
        const connecting = scripted([opening.promise]);
        connecting.link.connect().catch(() => 'cancelled');
        await settle();
        opening.reject(down());
        return connecting;
      },
    ];
    for (const make of cases) {
      const { link, time, calls } = await make();
      await link.disconnect();
      link.lost(down());
      assert.deepEqual(time.pending, []);
      const { open } = calls;
      time.advance(120_000);
      await settle();
      assert.equal(calls.open, open);
    }
  });

  it('does not report open when the connection is lost in that very moment', async () => {
    const opening = deferred();
    const { link, states } = scripted([opening.promise]);
    const failed = rejection(link.connect());
    await settle();
    opening.resolve();
    link.lost(down());
    assert.equal((await failed).code, 'network');
    assert.deepEqual(states, ['connecting', 'waiting']);
  });

  it('W7.2-17: a listener that calls connect() on a change of state joins and does not loop', async () => {
    const { link, events, calls } = scripted([down()]);
    const joined: Promise<unknown>[] = [];
    events.on('state', ({ state }) => {
      if (state === 'connecting') joined.push(link.connect().catch((error: unknown) => error));
    });
    await rejection(link.connect());
    assert.equal(calls.open, 1);
    assert.ok((await joined[0]) instanceof RealtimeError);
  });

  it('whatever is asked in whatever order: one connection at most, and none after disconnect()', async () => {
    const action = fc.constantFrom(
      'connect',
      'disconnect',
      'restart',
      'lose',
      'succeed',
      'fail',
      'refuse',
      'wait',
      'turn',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const time = new ManualTime();
        const events = new Emitter<LiveEvents>();
        const pending: { resolve: () => void; reject: (error: unknown) => void }[] = [];
        let connections = 0;
        const environment = nodeEnvironment({ setTimer: time.setTimer, monotonicNow: time.monotonicNow });
        const link = new ReconnectingLink(environment, true, events, {
          open: async (signal) => {
            const attempt = deferred();
            pending.push(attempt);
            signal.addEventListener('abort', () => attempt.reject(new RealtimeError('closed', 'Aborted.')));
            await attempt.promise;
            connections++;
            assert.ok(connections <= 1, 'two connections at once');
          },
          close: async () => {
            connections = 0;
          },
        });
        events.on('state', ({ state, previous }) => {
          assert.notEqual(state, previous);
          if (state === 'open') assert.equal(connections, 1);
        });
        const run: Record<(typeof actions)[number], () => void> = {
          connect: () => void link.connect().catch(() => 'told'),
          disconnect: () => void link.disconnect(),
          restart: () => void link.restart().catch(() => 'told'),
          lose: () => {
            if (link.state !== 'open') return;
            connections = 0;
            link.lost(down());
          },
          succeed: () => pending.at(-1)?.resolve(),
          fail: () => pending.at(-1)?.reject(down()),
          refuse: () => pending.at(-1)?.reject(new RealtimeError('unauthorized', 'Refused.')),
          wait: () => time.advance(50_000),
          turn: () => undefined,
        };
        for (const name of actions) {
          run[name]();
          if (name === 'turn') await settle();
          assert.ok(time.pending.length <= 1, 'two waits at once');
        }
        await settle();
        if (link.state === 'waiting') assert.equal(time.pending.length, 1);
        else assert.equal(time.pending.length, 0);
        assert.equal(connections, link.state === 'open' ? 1 : 0);

        await link.disconnect();
        assert.ok(['closed', 'idle'].includes(link.state));
        assert.deepEqual([connections, time.pending], [0, []]);
        const opening = link.connect();
        await settle();
        pending.at(-1)?.resolve();
        await opening;
        assert.equal(link.state, 'open', 'it can always be connected again');
        await link.dispose();
        assert.deepEqual([link.state, connections, time.pending], ['closed', 0, []]);
      }),
      { seed: SEED, numRuns: 400 },
    );
  });
});
