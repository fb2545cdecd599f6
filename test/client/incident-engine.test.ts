import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STALE_MS } from '../../src/client/incident-freshness.ts';
import type { IncidentFeed, IncidentFilter } from '../../src/client/incident-types.ts';
import { failure, PlayedIncidents, shown } from './played-incidents.ts';
import { ids } from './incidents.ts';

const MINUTE_MS = 60_000;

function listen(feed: IncidentFeed) {
  const heard = {
    received: [] as string[],
    updated: [] as string[],
    freshness: [] as string[],
    errors: [] as string[],
  };
  feed.on('received', (incidents) => heard.received.push(...ids(incidents)));
  feed.on('updated', (incidents) => heard.updated.push(...ids(incidents)));
  feed.on('freshness', ({ state }) => heard.freshness.push(state));
  feed.on('error', ({ code }) => heard.errors.push(code));
  return heard;
}

/** A stream that has told of a change which a query confirmed. */
async function proven(played = new PlayedIncidents()) {
  const { source } = played;
  if (source.versions.size === 0) source.seed(20);
  const feed = await played.open();
  await played.pass(3_000); // the second look is over
  const [first] = source.all;
  assert.ok(first);
  source.update(first.id, { title: 'Told' });
  await played.pass(500);
  assert.equal(feed.status.everyMs, 30_000);
  return { played, source, feed };
}

/** A full feed beside a believed stream; all of its rows are more severe than the other 300. */
async function provenSevere(filter: IncidentFilter = {}) {
  const played = new PlayedIncidents();
  const { source } = played;
  source.seed(300, 120_000, () => ({ severity: 'P3' }));
  const feed = await played.open({ limit: 20, ...filter });
  await played.pass(3_000);
  for (let i = 0; i < 20; i++) source.create({ severity: 'P0' });
  await played.until(() => feed.status.isProven, 'believed', 15_000);
  assert.ok(feed.incidents.every(({ severity }) => severity === 'P0'));
  return { played, source, feed };
}

describe('an incident feed that is opened', () => {
  it('shows rows as soon as they can be asked for, while the stream still opens', async () => {
    const played = new PlayedIncidents();
    played.source.seed(30);
    played.source.refusing = 'hang';
    const feed = await played.open();
    assert.equal(feed.incidents.length, 30);
    assert.equal(feed.freshness.state, 'fresh');
    assert.equal(feed.isLoading, false);
    assert.equal(feed.total, 30);
    assert.notEqual(feed.status.state, 'live');
  });

  it('says that it is checking until the first look is done, and nothing better when that fails', async () => {
    const played = new PlayedIncidents();
    played.source.latencyMs = 1_000;
    const feed = await played.open();
    assert.deepEqual([feed.isLoading, feed.freshness], [true, { state: 'checking', asOf: undefined }]);
    played.source.failing = failure('network');
    played.source.refusing = failure('network');
    await played.until(() => feed.status.state === 'waiting', 'waiting');
    assert.deepEqual([feed.isLoading, feed.freshness.state], [false, 'unknown']);
    assert.deepEqual(feed.incidents, []);
  });

  it('is live once it is subscribed and was looked at after that, and looks again two seconds later', async () => {
    const played = new PlayedIncidents();
    played.source.seed(3);
    const feed = await played.open();
    assert.deepEqual([feed.status.state, feed.status.mode, feed.status.everyMs], ['live', 'stream', 10_000]);
    const connected = played.source.asked.findIndex(({ what }) => what === 'connect');
    assert.ok(played.source.asked.slice(connected).some(({ what }) => what === 'page'));
    const before = played.count('page');
    await played.pass(2_100);
    assert.equal(played.count('page'), before + 1);
  });

  it('finds what happened between the first look and the subscription', async () => {
    const played = new PlayedIncidents();
    played.source.latencyMs = 400;
    const feed = await played.open({}, 700);
    assert.equal(feed.isLoading, true);
    const { id } = played.source.create({}, false);
    await played.until(() => shown(feed).includes(id), 'found', 5_000);
  });

  it('shares one connection, and is the same object for the same filter however it is written', async () => {
    const played = new PlayedIncidents();
    played.source.seed(10, 1_000, (i) => ({ severity: i % 2 ? 'P0' : 'P3' }));
    const feed = await played.open({ severities: ['P0', 'p1'] });
    const other = await played.open({ activeOnly: true });
    assert.equal(played.incidents.feed({ severities: ['P1', 'P0', 'P0'], states: [] }), feed);
    assert.notEqual(played.incidents.feed({ severities: ['P1', 'P0'], limit: 5 }), feed);
    assert.deepEqual([feed.incidents.length, other.incidents.length], [5, 10]);
    assert.equal(played.count('connect'), 1);
    for (const filter of [{ limit: 0 }, { limit: 1.5 }, { limit: 100_001 }]) {
      assert.throws(() => played.incidents.feed(filter), { code: 'input' });
    }
  });

  it('closes what it has two minutes after nobody needs it any more', async () => {
    const played = new PlayedIncidents();
    const close = played.incidents.feed().open();
    await played.pass(5_000);
    close();
    close();
    await played.pass(MINUTE_MS);
    assert.equal(played.source.state, 'open', 'for a page that comes back at once');
    const asked = played.source.asked.length;
    await played.pass(MINUTE_MS + 1_000);
    assert.equal(played.source.state, 'closed');
    assert.equal(played.incidents.status.state, 'idle');
    assert.equal(played.source.asked.length, asked, 'nobody asks for a feed that nobody has open');
    assert.deepEqual(played.clock.pending, []);
    const feed = await played.open();
    assert.equal(feed.freshness.state, 'fresh');
  });

  it('leaves no timer, listener or socket after dispose(), whatever is under way', async () => {
    for (const ms of [0, 5, 15, 25, 70, 2_000, 30_000]) {
      const played = new PlayedIncidents();
      played.source.seed(250);
      const feed = await played.open({ limit: 1_000 }, ms);
      const asking = feed.refresh().then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
      await played.incidents.dispose();
      await played.incidents.dispose();
      assert.match(await asking, /done|closed/);
      await played.pass(MINUTE_MS);
      assert.deepEqual(played.clock.pending, [], `after ${ms} ms`);
      assert.equal(played.listeners, 0);
      assert.equal(played.source.isDisposed, true);
      assert.equal(feed.status.state, 'closed');
      await assert.rejects(feed.refresh(), { code: 'closed' });
    }
  });
});

describe('what a stream tells', () => {
  it('is shown at once, told once, and not what was there before', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.seed(5);
    const feed = played.incidents.feed();
    const heard = listen(feed);
    feed.open();
    await played.pass(3_000);
    assert.deepEqual(heard.received, [], 'the first load is no news');
    const created = source.create({ severity: 'P0' });
    source.tell({ kind: 'created', incident: created });
    source.told(created.id, 'CREATED');
    await played.pass(40);
    assert.equal(feed.incidents[0], created);
    assert.deepEqual(heard.received, [created.id]);
    await played.pass(500);
    assert.equal(played.count('read'), 0, 'it came whole');
    source.update(created.id, { state: 'TRIAGED' });
    source.told(created.id);
    await played.pass(300);
    assert.deepEqual([played.count('read'), heard.updated], [1, [created.id]]);
    assert.equal(feed.get(created.id)?.phase, 'acknowledged');
    await played.pass(MINUTE_MS);
    assert.deepEqual([heard.received, heard.updated], [[created.id], [created.id]]);
  });

  it('does not make news of older ones that come because there is room again', async () => {
    const played = new PlayedIncidents();
    played.source.seed(30);
    const feed = played.incidents.feed({ limit: 20 });
    const heard = listen(feed);
    feed.open();
    await played.pass(3_000);
    assert.deepEqual([feed.incidents.length, feed.hasMore], [20, true]);
    for (const id of shown(feed).slice(0, 5)) played.source.remove(id);
    await played.pass(21_000);
    assert.deepEqual(shown(feed), ids(played.source.all).slice(0, 20));
    assert.deepEqual([heard.received, heard.updated], [[], []]);
  });

  it('fills a full feed again within the look that finds its rows gone, however severe they were', async () => {
    const { played, source, feed } = await provenSevere();
    const severe = shown(feed);
    for (const id of severe) source.remove(id);
    await played.until(() => shown(feed).every((id) => !severe.includes(id)), 'seen to be gone', 31_000, 10);
    assert.equal(feed.freshness.state, 'fresh');
    await played.pass(200);
    assert.deepEqual(shown(feed), ids(source.all).slice(0, 20), 'others are there at once');
  });

  it('fills a full feed again when it hears that its rows left the filter', async () => {
    const { played, source, feed } = await provenSevere({ activeOnly: true });
    await played.pass(10_000);
    const severe = shown(feed);
    for (const id of severe) source.update(id, { state: 'RESOLVED' });
    await played.pass(1_500);
    const active = source.all.filter(({ phase }) => phase !== 'done');
    assert.deepEqual(shown(feed), ids(active).slice(0, 20));
    assert.equal(feed.total, active.length);
    const asked = played.count('page');
    await played.pass(20_000);
    assert.ok(played.count('page') - asked <= 3, 'and not looked for again and again');
  });

  for (const limit of [1, 3, 20]) {
    it(`is no news where it was there before and only had no room, of ${limit}`, async () => {
      const played = new PlayedIncidents();
      const { source } = played;
      const severities = ['P3', 'P4', 'P2', 'P1', 'P3', 'P0'];
      // Old ones that somebody dealt with a moment before the page was opened.
      source.seed(120, 7_000, (i) => ({
        severity: severities[i % 6] ?? 'P3',
        state: i % 4 === 1 ? 'RESOLVED' : 'TRIAGED',
        phase: i % 4 === 1 ? 'done' : 'acknowledged',
        updatedAt: source.serverNow - 5_000 - i,
      }));
      const feed = played.incidents.feed({ limit, activeOnly: true });
      const heard = listen(feed);
      feed.open();
      await played.pass(15_000);
      assert.equal(feed.incidents.length, limit);
      for (const id of shown(feed).slice(0, 15)) source.remove(id);
      await played.pass(25_000);
      assert.equal(feed.incidents.length, limit);
      assert.deepEqual([heard.received, heard.updated], [[], []]);
      const { id } = source.create({ severity: 'P0' }, false);
      await played.pass(12_000);
      assert.deepEqual([heard.received, heard.updated], [[id], []]);
    });
  }

  it('is told as an update when a look finds that an old incident came into the filter', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.refusing = failure('network');
    source.seed(3, 600_000, (i) => ({ severity: i === 0 ? 'P0' : 'P3' }));
    const feed = played.incidents.feed({ severities: ['P0'] });
    const heard = listen(feed);
    feed.open();
    await played.pass(25_000);
    const [newest, id = ''] = ids(source.all);
    source.update(id, { severity: 'P0' });
    await played.pass(12_000);
    assert.deepEqual([shown(feed), heard.received, heard.updated], [[newest, id], [], [id]]);
  });

  it('is told as an update when an old incident comes into the filter, and when one leaves it', async () => {
    const played = new PlayedIncidents();
    played.source.seed(3, 600_000, () => ({ severity: 'P3' }));
    const feed = played.incidents.feed({ severities: ['P0'] });
    const heard = listen(feed);
    feed.open();
    await played.pass(3_000);
    const id = played.source.all[1]?.id ?? '';
    played.source.update(id, { severity: 'P0' });
    await played.pass(300);
    assert.deepEqual([shown(feed), heard.received, heard.updated], [[id], [], [id]]);
    played.source.update(id, { severity: 'P1' });
    await played.pass(300);
    assert.deepEqual([shown(feed), heard.updated], [[], [id, id]]);
  });

  it('asks about updates together, the severe ones first, and never more than ten times a second', async () => {
    const { played, source, feed } = await proven();
    const from = played.clock.monotonicNow();
    const rows = source.all;
    source.latencyMs = 300;
    const severe = rows.slice(-3);
    for (const { id } of severe) source.update(id, { severity: 'P0' });
    await played.pass(900);
    for (const { id } of rows) for (let i = 0; i < 5; i++) source.told(id);
    await played.pass(5_000);
    const reads = source.asked.filter(({ what, at }) => what === 'read' && at >= from + 900);
    assert.equal(reads.length, 3, '20 incidents, nine at a time');
    assert.deepEqual(new Set(reads[0]?.ids?.slice(0, 3)), new Set(ids(severe)));
    assert.equal(new Set(reads.flatMap((asked) => asked.ids ?? [])).size, rows.length, 'each once');
    assert.deepEqual(feed.incidents, source.all);
  });

  it('is looked up as a whole in a flood: 50,000 updates of 10,000 incidents take few requests and leave nothing wrong', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.seed(10_000, 1_000);
    const feed = await played.open({ limit: 10_000 }, 60_000);
    assert.equal(feed.incidents.length, 10_000);
    const before = source.asked.length;
    const rows = source.all;
    source.eventMs = 0;
    for (let tenth = 0; tenth < 100; tenth++) {
      for (let i = 0; i < 500; i++) {
        const one = rows[(tenth * 500 + i * 37) % rows.length];
        if (one) source.update(one.id, { title: `Version ${tenth}` });
      }
      await played.pass(100);
    }
    await played.pass(40_000);
    assert.deepEqual(feed.incidents, source.all);
    assert.equal(feed.freshness.state, 'fresh');
    const requests = source.asked.length - before;
    assert.ok(requests < 600, `${requests} requests`);
  });
});

describe('a stream that says nothing', () => {
  it('is believed only after it told of changes that a query confirmed', async () => {
    const { played, source, feed } = await proven();
    const before = played.count('page');
    await played.pass(28_000);
    assert.equal(played.count('page'), before);
    await played.pass(5_000);
    assert.equal(played.count('page'), before + 1);
    assert.equal(feed.freshness.state, 'fresh');
    assert.equal(source.state, 'open');
  });

  it('is not believed any more once a query finds what it kept quiet about', async () => {
    const { played, source, feed } = await proven();
    source.update(source.all[3]?.id ?? '', { title: 'Quiet' }, false);
    await played.pass(34_000);
    assert.equal(feed.status.everyMs, 10_000);
    source.update(source.all[4]?.id ?? '', { title: 'Told again' });
    await played.pass(11_000);
    assert.equal(feed.status.everyMs, 10_000, 'one is not enough any more');
    for (let i = 5; i < 10; i++) source.update(source.all[i]?.id ?? '', { title: 'Told again' });
    await played.pass(11_000);
    assert.equal(feed.status.everyMs, 30_000);
  });

  it('does not lose belief because an event was slower than a query', async () => {
    const { played, source, feed } = await proven();
    source.eventMs = 1_500;
    await played.pass(28_000);
    source.update(source.all[3]?.id ?? '', { title: 'Slow' });
    await played.during(feed.refresh());
    assert.equal(feed.get(source.all[3]?.id ?? '')?.title, 'Slow');
    await played.pass(40_000);
    assert.equal(feed.status.everyMs, 30_000);
  });

  it('is opened anew when its heartbeats stop, though the connection lives', async () => {
    const played = new PlayedIncidents();
    played.source.beatMs = 5_000;
    await played.open();
    await played.pass(30_000);
    assert.equal(played.count('connect'), 1);
    played.source.beatMs = 0;
    await played.until(() => played.count('connect') === 2, 'a new stream', 40_000);
  });

  it('proves nothing while it is not known what its last event was about', async () => {
    const { played, source, feed } = await proven();
    source.failing = failure('server');
    source.update(source.all[2]?.id ?? '', { title: 'Unread' });
    const at = played.clock.now();
    await played.pass(STALE_MS + 1_000);
    assert.equal(source.state, 'open');
    assert.equal(feed.freshness.state, 'unknown');
    assert.ok((feed.freshness.asOf ?? Infinity) <= at + 20);
  });
});

describe('when something is wrong', () => {
  it('turns unknown 25 s after the last proof when everything falls silent, and says since when', async () => {
    const { played, source, feed } = await proven();
    const heard = listen(feed);
    await played.pass(7_000);
    source.isMuted = true;
    source.failing = 'hang';
    source.refusing = 'hang';
    const from = played.clock.now();
    const ms = await played.until(() => feed.freshness.state === 'unknown', 'unknown', 60_000);
    assert.ok(ms <= STALE_MS, String(ms));
    assert.deepEqual(heard.freshness, ['unknown']);
    assert.ok((feed.freshness.asOf ?? Infinity) <= from);
    assert.equal(feed.incidents.length, 20, 'what was there is still shown');
    Object.assign(source, { isMuted: false, failing: undefined, refusing: undefined });
    await played.until(() => feed.freshness.state === 'fresh', 'fresh again', 60_000);
    assert.deepEqual(heard.freshness, ['unknown', 'fresh']);
  });

  for (const [name, moves] of Object.entries({
    both: {},
    wall: { monotonic: false },
    monotonic: { wall: false },
  })) {
    it(`is unknown at once after a sleep that ${name === 'both' ? 'both clocks' : `the ${name} clock`} went through`, async () => {
      const { played, source, feed } = await proven();
      const heard = listen(feed);
      source.failing = 'hang';
      source.isMuted = true;
      played.clock.stall(MINUTE_MS, moves);
      assert.equal(feed.freshness.state, 'unknown');
      await played.pass(2_500);
      assert.deepEqual(heard.freshness, ['unknown'], 'and whoever listens hears of it');
      Object.assign(source, { failing: undefined, isMuted: false });
      await played.until(() => feed.freshness.state === 'fresh', 'fresh again', 30_000);
    });
  }

  it('neither loses rows nor stays fresh for ever when somebody sets the clock', async () => {
    for (const byMs of [-86_400_000, 86_400_000]) {
      const { played, source, feed } = await proven();
      played.clock.setWall(byMs);
      await played.pass(15_000);
      await played.during(feed.refresh());
      assert.deepEqual([feed.incidents.length, feed.freshness.state], [20, 'fresh']);
      assert.ok(Math.abs((feed.freshness.asOf ?? 0) - played.clock.now()) < 1_000);
      Object.assign(source, { isMuted: true, failing: 'hang', refusing: 'hang' });
      await played.pass(STALE_MS);
      assert.equal(feed.freshness.state, 'unknown');
    }
  });

  it('asks every 10 s where no stream opens, and climbs when one does', async () => {
    const played = new PlayedIncidents();
    played.source.seed(3);
    played.source.refusing = failure('network');
    const feed = await played.open();
    assert.deepEqual(
      [feed.status.state, feed.status.mode, feed.status.everyMs],
      ['degraded', 'query', 10_000],
    );
    const { id } = played.source.create({}, false);
    await played.pass(10_200);
    assert.ok(shown(feed).includes(id));
    assert.equal(feed.freshness.state, 'fresh');
    played.source.refusing = undefined;
    await played.until(() => feed.status.state === 'live', 'live', 5 * MINUTE_MS);
    assert.equal(feed.status.mode, 'stream');
  });

  it('goes on asking while a stream that was lost is tried again', async () => {
    const { played, source, feed } = await proven();
    source.refusing = failure('network');
    source.cut();
    await played.pass(100);
    assert.deepEqual([feed.status.state, feed.status.mode], ['degraded', 'query']);
    const { id } = source.create({}, false);
    await played.until(() => shown(feed).includes(id), 'found', 11_000);
    assert.equal(feed.freshness.state, 'fresh');
  });

  it('leaves a server alone that accepts a stream and closes it, for ever, and stays fresh by asking', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.seed(3);
    source.events.on('state', ({ state }) => {
      if (state === 'open') played.clock.later(30, () => source.cut());
    });
    const feed = await played.open();
    let unknown = 0;
    for (let i = 0; i < 600; i++) {
      await played.pass(1_000);
      if (feed.freshness.state !== 'fresh') unknown++;
    }
    assert.ok(played.count('connect') < 40, `${played.count('connect')} attempts in ten minutes`);
    assert.equal(unknown, 0);
  });

  it('asks REST where there is nothing else, and looks for GraphQL after one minute, then less and less often', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.seed(3);
    source.kind = 'rest';
    const feed = await played.open();
    assert.deepEqual(
      [feed.status.state, feed.status.mode, feed.status.everyMs],
      ['degraded', 'rest', 10_000],
    );
    assert.equal(feed.status.capabilities?.via, 'rest');
    assert.deepEqual([played.count('connect'), played.count('probe')], [0, 1]);
    await played.pass(10 * MINUTE_MS);
    const probes = played.count('probe');
    assert.ok(probes >= 3 && probes <= 6, String(probes));
    assert.equal(feed.freshness.state, 'fresh');
    source.kind = 'graphql';
    await played.until(() => feed.status.state === 'live', 'live', 15 * MINUTE_MS);
    assert.equal(feed.status.mode, 'stream');
  });

  it('says so where there is no incident manager, and looks again', async () => {
    const played = new PlayedIncidents();
    played.source.kind = 'none';
    const feed = await played.open();
    assert.equal(feed.status.state, 'unsupported');
    assert.deepEqual([feed.freshness.state, feed.isLoading], ['unknown', false]);
    assert.equal(played.count('probe'), 1, 'asked once for all rungs');
    await played.pass(5 * MINUTE_MS);
    const probes = played.count('probe');
    assert.ok(probes > 4 && probes < 30, String(probes));
    played.source.kind = 'graphql';
    await played.until(() => feed.status.state === 'live', 'live', 2 * MINUTE_MS);
  });

  it('renews a refused credential once, and then waits until somebody asks', async () => {
    const played = new PlayedIncidents({ hasCredentials: true });
    played.source.failing = failure('unauthorized');
    played.source.refusing = failure('unauthorized');
    const feed = await played.open();
    assert.equal(feed.status.state, 'unauthorized');
    assert.equal(played.renewals, 1);
    const probes = played.count('probe');
    await played.pass(10_000);
    assert.equal(played.count('probe'), probes);
    Object.assign(played.source, { failing: undefined, refusing: undefined });
    feed.retryNow();
    await played.until(() => feed.status.state === 'live', 'live', 5_000);
  });

  for (const code of ['unauthorized', 'forbidden'] as const) {
    it(`goes on asking where only the stream is refused (${code}), and tries that again later`, async () => {
      const hasCredentials = code === 'forbidden';
      const { played, source, feed } = await proven(new PlayedIncidents({ hasCredentials }));
      const heard = listen(feed);
      source.refusing = failure(code);
      source.cut(failure(code));
      await played.pass(40_000);
      assert.deepEqual([feed.status.state, feed.status.mode], ['degraded', 'query']);
      source.create({}, false);
      await played.pass(60_000);
      assert.deepEqual(shown(feed), ids(source.all));
      assert.equal(heard.freshness.includes('unknown'), false);
      assert.ok(played.renewals <= 10, `${played.renewals} credentials in 100 s`);
      if (hasCredentials) {
        // A credential that ended is replaced for queries, too.
        source.failing = failure('unauthorized');
        const from = played.clock.monotonicNow();
        await played.until(() => played.count('page', from) > 0, 'a look', 15_000, 5);
        await played.pass(30);
        source.failing = undefined;
        await played.pass(20_000);
        assert.equal(heard.freshness.includes('unknown'), false);
      }
      source.refusing = undefined;
      await played.until(() => feed.status.state === 'live', 'live', 2 * MINUTE_MS);
    });
  }

  it('gets another credential each time that one ends, however soon that is', async () => {
    const { played, source, feed } = await proven(new PlayedIncidents({ hasCredentials: true }));
    const heard = listen(feed);
    for (let i = 1; i <= 6; i++) {
      source.cut(failure('unauthorized'));
      await played.pass(1_000);
      assert.deepEqual([feed.status.state, played.renewals], ['live', i]);
      await played.pass(11_000);
    }
    assert.deepEqual(heard.freshness, []);
  });

  it('does not get one credential after another for a stream that is refused at once', async () => {
    const { played, source } = await proven(new PlayedIncidents({ hasCredentials: true }));
    source.on('state', ({ state }) => {
      if (state === 'open') source.clock.later(100, () => source.cut(failure('unauthorized')));
    });
    source.cut(failure('unauthorized'));
    await played.pass(MINUTE_MS);
    assert.ok(played.renewals <= 6, `${played.renewals} in a minute`);
  });

  it('gets another credential when one ends while the stream stands', async () => {
    const played = new PlayedIncidents({ hasCredentials: true });
    played.source.seed(3);
    const feed = await played.open();
    played.source.failing = failure('unauthorized');
    played.renews = true;
    await played.until(() => played.renewals === 1, 'renewed', 15_000, 5);
    played.source.failing = undefined;
    await played.until(() => feed.status.state === 'live', 'live', MINUTE_MS);
  });

  it('is not fresh by a stream alone: 35 s after the last look that came to its end it says why', async () => {
    for (const failing of [failure('server', { status: 500 }), 'hang'] as const) {
      const { played, source, feed } = await proven();
      source.beatMs = 5_000;
      const from = played.clock.monotonicNow();
      await played.until(() => played.count('page', from) > 0, 'a look', 31_000, 10);
      await played.pass(100);
      source.failing = failing;
      source.create({ severity: 'P0' }, false);
      const staleMs = await played.until(() => feed.freshness.state === 'unknown', 'unknown', MINUTE_MS);
      assert.ok(staleMs <= 35_000, `${staleMs} ms`);
      assert.equal(source.state, 'open');
      if (failing !== 'hang') {
        assert.deepEqual([feed.status.state, feed.status.isProven], ['degraded', false]);
        assert.equal(feed.status.error?.code, failing.code);
      }
      source.failing = undefined;
      await played.until(() => feed.freshness.state === 'fresh', 'fresh', 2 * MINUTE_MS);
      assert.deepEqual(shown(feed), ids(source.all));
    }
  });

  it('stays fresh while one look beside a believed stream fails, but is not called live meanwhile', async () => {
    const { played, source, feed } = await proven();
    const heard = listen(feed);
    const from = played.clock.monotonicNow();
    source.failing = failure('server');
    await played.until(() => played.count('page', from) > 0, 'a look', 31_000, 10);
    await played.pass(100);
    assert.deepEqual([feed.status.state, feed.status.isProven], ['degraded', false]);
    source.failing = undefined;
    await played.until(() => feed.status.isProven, 'believed again', 5_000);
    assert.deepEqual([feed.status.state, feed.status.everyMs], ['live', 30_000]);
    await played.pass(2 * MINUTE_MS);
    assert.deepEqual(heard.freshness, []);
  });

  it('asks nothing before the time that the server named, whoever asks', async () => {
    const { played, source, feed } = await proven();
    source.failing = failure('rate-limited', { retryAfterMs: 40_000 });
    await assert.rejects(played.during(feed.refresh()), { code: 'rate-limited' });
    source.failing = undefined;
    const asked = played.count('page') + played.count('read');
    source.update(source.all[0]?.id ?? '', { title: 'Meanwhile' });
    for (let i = 0; i < 39; i++) {
      if (i % 10 === 0) feed.retryNow();
      if (i % 7 === 0) await assert.rejects(played.during(feed.refresh()), { code: 'rate-limited' });
      await played.pass(1_000);
    }
    assert.equal(played.count('page') + played.count('read'), asked);
    assert.deepEqual([feed.status.state, feed.status.error?.code], ['degraded', 'rate-limited']);
    await played.until(() => feed.freshness.state === 'fresh', 'fresh again', MINUTE_MS);
    assert.equal(feed.get(source.all[0]?.id ?? '')?.title, 'Meanwhile');
    assert.equal(feed.status.state, 'live');
  });

  it('stops asking a server that fails again and again, and lets one probe through', async () => {
    const played = new PlayedIncidents();
    played.source.failing = failure('server', { status: 503 });
    played.source.refusing = failure('network');
    const feed = await played.open();
    await played.pass(5 * MINUTE_MS);
    const asked = played.source.asked.filter(({ what }) => what !== 'connect').length;
    assert.ok(asked < 25, `${asked} requests in five minutes`);
    assert.equal(feed.freshness.state, 'unknown');
    Object.assign(played.source, { failing: undefined, refusing: undefined });
    await played.until(() => feed.status.state === 'live', 'live', 2 * MINUTE_MS);
  });

  it('looks once a minute on a hidden page, and at once when it is seen again', async () => {
    const played = new PlayedIncidents();
    played.source.seed(3);
    const feed = await played.open();
    await played.pass(5_000);
    played.play('hidden');
    const before = played.count('page');
    await played.pass(3 * MINUTE_MS);
    assert.equal(played.count('page') - before, 3);
    const { id } = played.source.create({}, false);
    played.play('visible');
    await played.until(() => shown(feed).includes(id), 'found', 1_000);
  });

  it('closes the stream of a frozen page, and is complete soon after it thaws', async () => {
    const { played, source, feed } = await proven();
    played.play('frozen');
    await played.pass(10);
    assert.deepEqual([source.state, feed.status.state], ['closed', 'suspended']);
    const asked = source.asked.length;
    const { id } = source.create({}, false);
    await played.pass(10 * MINUTE_MS);
    assert.equal(source.asked.length, asked);
    assert.equal(feed.freshness.state, 'unknown');
    played.play('resumed');
    await played.until(() => feed.status.state === 'live' && shown(feed).includes(id), 'live', 3_000);
  });

  it('finds that rows were deleted, or are done', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.seed(150);
    const feed = await played.open({ limit: 200, activeOnly: true });
    const [first, second] = source.all.slice(120);
    assert.ok(first && second);
    source.remove(first.id);
    source.update(second.id, { state: 'CLOSED' }, false);
    await played.pass(10_200);
    assert.deepEqual(shown(feed), ids(source.all.filter(({ id }) => id !== second.id)));
    assert.equal(feed.incidents.length, 148);
  });

  it('shows what is severe and still going on however many others are newer', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.seed(300, 1_000, (i) => ({ severity: 'P4', state: i % 2 ? 'DETECTED' : 'RESOLVED' }));
    const old = source.all[251];
    assert.ok(old);
    source.update(old.id, { severity: 'P0', state: 'TRIAGED' }, false);
    const feed = played.incidents.feed({ limit: 100 });
    const heard = listen(feed);
    feed.open();
    await played.pass(3_000);
    assert.equal(feed.incidents.length, 100);
    assert.equal(feed.get(old.id)?.severity, 'P0');
    assert.deepEqual(heard.received, []);
    const other = played.incidents.feed({ limit: 100, severities: ['P4'] });
    other.open();
    await played.pass(3_000);
    assert.equal(other.get(old.id), undefined);
  });

  it('reads one by one what is held and on no page any more', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    const kept = Array.from({ length: 5 }, () => source.create({ severity: 'P2' }));
    const feed = await played.open({ limit: 20 });
    await played.pass(2 * MINUTE_MS);
    for (let i = 0; i < 100; i++) source.create({ severity: 'P4' });
    await played.pass(3 * MINUTE_MS);
    const [first, second] = kept;
    assert.ok(first && second);
    source.remove(first.id);
    source.update(second.id, { title: 'Changed' }, false);
    await played.pass(45_000);
    assert.equal(feed.get(first.id), undefined);
    assert.equal(feed.get(second.id)?.title, 'Changed');
    for (const { id } of kept.slice(1)) assert.ok(feed.get(id), id);
    assert.deepEqual([feed.incidents.length, feed.freshness.state], [20, 'fresh']);
  });

  it('proves 10,000 rows in turns, says honestly as of when, and lets other requests in between', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.refusing = failure('network');
    source.latencyMs = 40;
    source.seed(10_000, 1_000);
    const feed = await played.open({ limit: 10_000 }, 1_000);
    assert.ok(feed.incidents.length >= 1_000, 'the first ones are there');
    assert.equal(feed.isLoading, true);
    await played.pass(15_000);
    assert.deepEqual([feed.incidents.length, feed.freshness.state], [10_000, 'fresh']);
    source.update(source.all[9_990]?.id ?? '', { title: 'Far down' }, false);
    await played.until(() => feed.incidents[9_990]?.title === 'Far down', 'found', 35_000);
    let most = 0;
    for (const { at } of source.asked) {
      most = Math.max(most, source.asked.filter((other) => other.at >= at && other.at < at + 1_000).length);
    }
    assert.ok(most <= 25, `${most} requests in a second`);
  });

  it('reads details into the feed, and passes on why it cannot', async () => {
    const played = new PlayedIncidents();
    const { source } = played;
    source.seed(3);
    const feed = await played.open();
    const id = shown(feed)[0] ?? '';
    source.update(id, { title: 'Fresher' }, false);
    assert.equal((await played.during(feed.details(id))).incident.title, 'Fresher');
    assert.equal(feed.get(id)?.title, 'Fresher');
    await assert.rejects(played.during(feed.details('nobody')), { code: 'not-found' });
  });

  it('forgets everything at logout, and begins anew where somebody looks', async () => {
    const { played, source, feed } = await proven();
    const leaving = played.incidents.logout();
    await played.pass(1);
    await leaving;
    assert.deepEqual([feed.incidents, feed.known, feed.freshness.state], [[], 0, 'checking']);
    await played.pass(200);
    assert.deepEqual(feed.incidents, source.all);
    assert.equal(feed.status.state, 'live');
  });
});
