/** The pitfalls of incident clients that are this layer's to avoid: each test is named by the row that it shows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATES } from '../../src/client/connection-states.ts';
import type { IncidentFeed } from '../../src/client/incident-types.ts';
import { changed, ids } from './incidents.ts';
import { failure, PlayedIncidents, shown } from './played-incidents.ts';

const HOUR_MS = 3_600_000;

function unreachable(options?: ConstructorParameters<typeof PlayedIncidents>[0]): PlayedIncidents {
  const played = new PlayedIncidents(options);
  played.source.failing = failure('network');
  played.source.refusing = failure('network');
  return played;
}

/** Milliseconds of each wait in a row, as the status says at its beginning. */
async function waits(played: PlayedIncidents, count: number): Promise<number[]> {
  const feed = played.incidents.feed();
  const found: number[] = [];
  let last: number | undefined;
  feed.on('change', () => {
    const { until } = feed.status;
    if (until !== undefined && until !== last) found.push(until - played.clock.now());
    last = until;
  });
  feed.open();
  await played.until(() => found.length >= count, `${count} waits`, HOUR_MS);
  return found;
}

describe('reconnection', () => {
  it('R1: spreads its waits over all of the range that it names, and not beyond', async () => {
    const found: number[] = [];
    for (let i = 0; i <= 20; i++) {
      const played = unreachable();
      played.random = () => (i === 20 ? 0.999_999 : i / 20);
      found.push((await waits(played, 3))[1] ?? 0); // w = 4 s: [2 s, 6 s)
    }
    assert.ok(Math.min(...found) >= 2_000 && Math.max(...found) < 6_000, String(found));
    assert.ok(Math.min(...found) < 2_100 && Math.max(...found) > 5_900, String(found));
  });

  it('R2: never waits longer than its longest wait, and still differently at each page', async () => {
    const last = async (random: number) => {
      const played = unreachable();
      played.random = () => random;
      return (await waits(played, 9)).at(-1) ?? 0;
    };
    const [least, most] = [await last(0), await last(0.999_999)];
    assert.ok(least >= 15_000 && most < 45_100, `${least} to ${most}`);
    assert.ok(most - least > 29_000);
  });

  it('R3: tries again within two seconds, and tells a failed call at once', async () => {
    const played = unreachable();
    played.random = () => 0.999_999;
    const [first] = await waits(played, 1);
    assert.ok((first ?? Infinity) <= 2_000);
    const from = played.clock.monotonicNow();
    await assert.rejects(played.during(played.incidents.feed().refresh()));
    assert.ok(played.clock.monotonicNow() - from < 100);
  });

  it('R4: tries again after a day without a connection', async () => {
    const played = unreachable();
    const feed = await played.open();
    await played.pass(24 * HOUR_MS);
    Object.assign(played.source, { failing: undefined, refusing: undefined });
    const ms = await played.until(() => feed.status.state === 'live', 'live', 50_000);
    assert.ok(ms <= 45_000, String(ms));
  });

  it('R5: makes one attempt, however many ask for it', async () => {
    const played = new PlayedIncidents();
    played.source.latencyMs = 500;
    const feeds = Array.from({ length: 20 }, (_, i) => played.incidents.feed({ limit: 10 + i }));
    for (const feed of feeds) feed.open();
    for (const feed of feeds) feed.retryNow();
    await played.until(() => feeds.every(({ status }) => status.state === 'live'), 'live', 20_000);
    for (const feed of feeds) feed.retryNow();
    await played.pass(10_000);
    assert.deepEqual([played.count('connect'), played.count('probe')], [1, 1]);
  });

  it('R6: ends what is under way and what waits when it is not wanted any more', async () => {
    for (const ms of [1, 30, 5_000, 100_000]) {
      const played = unreachable();
      if (ms === 1) played.source.failing = 'hang';
      await played.open({}, ms);
      await played.incidents.dispose();
      assert.deepEqual(played.clock.pending, []);
      assert.equal(played.source.underWay, 0);
      const asked = played.source.asked.length;
      await played.pass(HOUR_MS);
      assert.equal(played.source.asked.length, asked);
    }
  });

  it('R7: does not repeat what was refused for good until there is a reason', async () => {
    const played = unreachable({ hasCredentials: true });
    Object.assign(played.source, { failing: failure('forbidden'), refusing: failure('forbidden') });
    const feed = await played.open();
    assert.equal(feed.status.state, 'unauthorized');
    const asked = played.source.asked.length;
    await played.pass(12_000);
    assert.equal(played.source.asked.length, asked);
    await played.pass(HOUR_MS);
    assert.ok(played.source.asked.length < 400, `${played.source.asked.length} in an hour`);
  });
});

describe('a list of incidents', () => {
  it('X1: is connected while nothing happens', async () => {
    const played = new PlayedIncidents();
    const feed = await played.open();
    const states = new Set<string>();
    feed.on('change', () => states.add(feed.status.state));
    for (let i = 0; i < 600; i++) {
      await played.pass(1_000);
      assert.equal(feed.freshness.state, 'fresh');
    }
    assert.deepEqual([...states], ['live']);
    assert.ok(STATES.live.isConnected);
  });

  it('X2: is one client and one connection for lists that say the same, however often they are made', async () => {
    const played = new PlayedIncidents();
    const feeds = new Set<IncidentFeed>();
    for (let i = 0; i < 20; i++) {
      const feed = played.incidents.feed({ severities: ['P0', 'P1'] });
      feeds.add(feed);
      const close = feed.open();
      await played.pass(200);
      close();
    }
    assert.deepEqual([feeds.size, played.count('connect')], [1, 1]);
  });

  it('X3: shows an incident once that is delivered again and again', async () => {
    const played = new PlayedIncidents();
    const feed = await played.open();
    const received: string[] = [];
    feed.on('received', (incidents) => received.push(...ids(incidents)));
    const created = played.source.create();
    for (let i = 0; i < 10; i++) played.source.tell({ kind: 'created', incident: { ...created } });
    await played.pass(30_000);
    assert.deepEqual([shown(feed), received], [[created.id], [created.id]]);
    const later = changed(created, { title: 'Later' });
    played.source.tell({ kind: 'created', incident: later });
    played.source.tell({ kind: 'created', incident: created });
    await played.pass(100);
    assert.deepEqual([feed.incidents.length, feed.incidents[0]?.title], [1, 'Later'], 'in whatever order');
  });

  it('X4: outlives answers without data', async () => {
    const played = new PlayedIncidents();
    played.source.seed(4);
    const feed = await played.open();
    const errors: string[] = [];
    feed.on('error', ({ code }) => errors.push(code));
    played.source.failing = failure('protocol');
    await played.pass(40_000);
    assert.equal(feed.incidents.length, 4);
    assert.equal(feed.freshness.state, 'unknown');
    assert.ok(errors.length > 0 && errors.length < 5, String(errors));
    played.source.failing = undefined;
    await played.until(() => feed.freshness.state === 'fresh', 'fresh again', 60_000);
  });

  it('X5: keeps the severe ones when there is no room for all', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    const severe = Array.from({ length: 5 }, () => source.create({ severity: 'P0' }));
    const done = source.create({ severity: 'P0', state: 'RESOLVED', phase: 'done' });
    const feed = await played.open({ limit: 20 });
    for (let i = 0; i < 100; i++) source.create({ severity: 'P4' });
    await played.pass(60_000);
    assert.equal(feed.incidents.length, 20);
    for (const { id } of severe) assert.ok(feed.get(id), id);
    assert.equal(feed.get(done.id), undefined, 'what is done makes room first');
    assert.equal(feed.known, 106);
    assert.equal(feed.freshness.state, 'fresh');
  });
});

describe('errors of incidents', () => {
  it('EH1: takes a refusal, from wherever, as a reason for another credential', async () => {
    const played = new PlayedIncidents({ hasCredentials: true });
    const feed = await played.open();
    assert.equal(feed.status.state, 'live');
    played.source.cut(failure('unauthorized'));
    await played.until(() => played.renewals === 1 && feed.status.state === 'live', 'live', 10_000);
    assert.equal(played.count('connect'), 2);
  });

  it('EH2: leaves no rejection unhandled, whoever listens or not', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    try {
      for (const code of ['network', 'server', 'unauthorized', 'rate-limited', 'not-found', 'bug'] as const) {
        const played = unreachable({ hasCredentials: true });
        played.source.failing = failure(code);
        played.renews = failure('network');
        await played.open();
        await played.pass(60_000);
        Object.assign(played.source, { failing: undefined, refusing: undefined });
        await played.pass(60_000);
        played.source.failing = failure(code);
        await played.pass(60_000);
        await played.incidents.dispose();
      }
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
    assert.deepEqual(unhandled, []);
  });
});
