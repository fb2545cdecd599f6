import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATES } from '../../src/client/connection-states.ts';
import type { ConnectionState } from '../../src/client/types.ts';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { SEED } from '../support/seed.ts';
import { type Behaviour, failure, KINDS, Supervised } from './supervised.ts';

const WALKS = 1_000;
const STEPS = 120;
const CODES: readonly ErrorCode[] = [
  'network',
  'timeout',
  'unauthorized',
  'forbidden',
  'not-found',
  'rate-limited',
  'server',
  'protocol',
  'input',
  'unsupported',
  'unavailable',
];

/** Mulberry32: the same numbers for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One random life of a connection. Throws at the first thing that must not happen. Returns the states that it was in. */
async function walk(seed: number): Promise<ReadonlySet<string>> {
  const random = chance(seed);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const world = new Supervised();
  world.random = random;
  world.hangMs = 15_000;
  const { supervisor, clock } = world;
  const log: string[] = [];
  const behaviour = (hangs = true): Behaviour => {
    const roll = random();
    if (roll < 0.45) return 'ok';
    if (hangs && roll < 0.6) return 'hang';
    const code = pick(CODES);
    const mayName = ['server', 'rate-limited', 'unavailable', 'unauthorized'].includes(code);
    return failure(code, {
      ...(mayName && random() < 0.4 && { retryAfterMs: 1_000 * below(120) }),
      ...(random() < 0.15 && { service: 'sign-in' }),
    });
  };
  /** What the server asked for, on the monotonic clock. */
  let notBefore = 0;
  let isWanted = false;
  let isFrozen = false;
  world.onOpen = (kind) => {
    // A climb beside an open channel is none of those that were asked to wait.
    if (!supervisor.channel && clock.monotonicNow() < notBefore) {
      world.wrongs.push(
        `${kind} was tried ${notBefore - clock.monotonicNow()} ms before Retry-After was over`,
      );
    }
    if (!isWanted) world.wrongs.push(`${kind} was tried though nobody wants it`);
    if (isFrozen) world.wrongs.push(`${kind} was tried by a frozen page`);
    if (random() < 0.5) world.opening[kind] = behaviour();
  };
  world.onError = (error) => {
    // Reads on an open channel are told too; they hold up no attempt.
    const { state } = supervisor;
    if (!STATES[state].waits || error.retryAfterMs === undefined || error.service) return;
    if (['network', 'timeout', 'unavailable'].includes(error.code)) return;
    notBefore = clock.monotonicNow() + error.retryAfterMs;
  };

  const acts: Record<string, () => unknown> = {
    pass: () => clock.pass(below(20_000)),
    'pass a moment': () => clock.pass(below(400)),
    'pass long': () => clock.pass(below(200_000)),
    nudge: () => supervisor.nudge(),
    news: () => supervisor.nudge(true),
    lose: () => pick([...world.openChannels, undefined])?.lose(failure(pick(CODES))),
    'go deaf': () => {
      for (const channel of world.openChannels) channel.probing = pick(['ok', 'hang', failure('network')]);
    },
    open: () => (world.opening[pick(KINDS)] = behaviour()),
    sync: () => (world.syncing = behaviour()),
    renew: () => (world.renewing = pick(['ok', 'hang', false, failure('server', { service: 'sign-in' })])),
    bar: () => world.bar(pick(KINDS), below(40_000)),
    'bar all': () => {
      for (const kind of KINDS) world.bar(kind, 1 + below(40_000));
    },
    page: () => {
      world.online = random() < 0.7;
      world.visible = !isFrozen && random() < 0.7;
    },
    freeze: () => {
      isFrozen = isWanted;
      world.visible = false; // as every frozen page
      supervisor.freeze();
    },
    thaw: () => {
      isFrozen = false;
      supervisor.nudge(true);
    },
    sleep: () => clock.stall(below(3_600_000), { monotonic: random() < 0.5 }),
    start: () => {
      isWanted = true;
      isFrozen = false;
      supervisor.start();
    },
    stop: () => {
      isWanted = isFrozen = false;
      void supervisor.stop(); // not awaited: what comes next may come in between
    },
    'stop and wait': async () => {
      isWanted = isFrozen = false;
      await supervisor.stop();
      assert.deepEqual(clock.pending, [], 'timers after stop()');
    },
  };

  try {
    for (let step = 0; step < STEPS; step++) {
      const act = step === 0 ? 'start' : pick(Object.keys(acts));
      log.push(act);
      if (act === 'nudge' || act === 'news') isFrozen = false;
      await acts[act]?.();
      if (isWanted && !isFrozen && act.startsWith('pass')) {
        assert.notEqual(world.state, 'idle', 'it is wanted');
        assert.notEqual(world.state, 'closed', 'it is wanted');
      }
      assert.deepEqual(world.wrongs, []);
      assert.ok(world.openChannels.length <= 2, 'channels');
    }
    // Whatever has happened, it gets there once everything works.
    log.push('all is well');
    world.all('ok');
    world.syncing = world.renewing = 'ok';
    world.onOpen = () => undefined;
    isWanted = true;
    isFrozen = false;
    supervisor.start();
    supervisor.nudge(true);
    for (const channel of world.openChannels) channel.probing = 'ok';
    const isLive = () => world.state === 'live' && world.openChannels.length === 1;
    // The longest Retry-After is 2 min, a climb that has failed often comes after 15.
    await world.until(isLive, 'live', 1_000_000, 1_000);
    await supervisor.stop(true);
    await clock.pass(0);
    assert.deepEqual([world.state, world.openChannels, clock.pending], ['closed', [], []]);
    assert.deepEqual(world.wrongs, []);
  } catch (cause) {
    throw new Error(`Seed ${seed}: ${log.join(', ')}`, { cause });
  }
  return new Set(world.steps.map((step) => step.split(' ')[0] as string));
}

describe('the states of a connection', () => {
  it('can all be reached from idle, and all but the end can be left for it', () => {
    const reached = new Set<ConnectionState>(['idle']);
    for (const state of reached) for (const next of STATES[state].next) reached.add(next);
    assert.deepEqual(new Set(Object.keys(STATES)), reached);
    for (const [state, { next }] of Object.entries(STATES)) {
      assert.equal(next.includes('closed'), state !== 'closed');
      assert.equal(next.includes('idle'), state !== 'closed');
    }
  });

  it('say live only after a sync', () => {
    for (const [state, { next }] of Object.entries(STATES)) {
      if (next.includes('live')) assert.ok(['syncing', 'degraded'].includes(state), state);
    }
  });

  it(`are kept in ${WALKS} random lives (seed ${SEED})`, async () => {
    const seen = new Set<string>();
    for (let seed = SEED; seed < SEED + WALKS; seed++) for (const state of await walk(seed)) seen.add(state);
    assert.deepEqual(seen, new Set(Object.keys(STATES)), 'every state was reached');
  });
});
