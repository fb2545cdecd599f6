import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { IncidentFeed, IncidentFilter } from '../../src/client/incident-types.ts';
import type { Incident } from '../../src/protocol/incident.ts';
import { failure, PlayedIncidents } from './played-incidents.ts';

/** `fresh` may be wrong for as long as a proof holds and a look beside a stream that was believed is not due, and what looks take. */
export const BOUND_MS = 25_000 + 30_000 + 8_000;
const TICK_MS = 500;

const ms = fc.integer({ min: 0, max: 45_000 });
const isTold = fc.boolean();
const pick = fc.nat();
export const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ pass: ms }) },
  { weight: 3, arbitrary: fc.record({ create: fc.integer({ min: 1, max: 30 }), isTold }) },
  {
    weight: 6,
    arbitrary: fc.record({
      update: pick,
      state: fc.constantFrom('DETECTED', 'TRIAGED', 'RESOLVED', 'PUZZLED'),
      severity: fc.constantFrom('P0', 'P2', 'P4'),
      isTold,
    }),
  },
  { weight: 2, arbitrary: fc.record({ remove: pick }) },
  {
    weight: 2,
    arbitrary: fc.record({ failing: fc.constantFrom('no', 'network', 'server', 'hang', 'wait') }),
  },
  { weight: 2, arbitrary: fc.record({ refusing: fc.constantFrom('no', 'network', 'hang', 'not-found') }) },
  { weight: 2, arbitrary: fc.record({ isMuted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ cut: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ beatMs: fc.constantFrom(0, 5_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ latencyMs: fc.constantFrom(2, 50, 900), eventMs: fc.constantFrom(1, 700) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('graphql', 'graphql', 'rest', 'none') }) },
  { weight: 1, arbitrary: fc.record({ sleep: ms, wall: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ setWall: fc.integer({ min: -7_200_000, max: 7_200_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      play: fc.constantFrom('hidden', 'visible', 'online', 'offline', 'frozen', 'resumed'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant(true) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

export const world = fc.record({
  rows: fc.integer({ min: 0, max: 250 }),
  // Enough for all that there will be: what is left out for want of room is another matter.
  filter: fc.constantFrom<IncidentFilter>(
    { limit: 2_000 },
    { limit: 2_000, activeOnly: true },
    { limit: 2_000, severities: ['P0', 'P4'] },
    { limit: 2_000, states: ['open', 'PUZZLED'] },
  ),
  happenings: fc.array(happening, { minLength: 5, maxLength: 40 }),
});

/** Plays `happenings`, and looks every half second whether what is said to be fresh is. */
export async function playFreshness({
  rows,
  filter,
  happenings,
}: {
  rows: number;
  filter: IncidentFilter;
  happenings: readonly Happening[];
}): Promise<{ ticks: number; fresh: number; worstMs: number }> {
  const played = new PlayedIncidents();
  const { source, incidents } = played;
  source.seed(rows, 30_000, (i) => ({ severity: ['P0', 'P2', 'P4'][i % 3]! }));
  const feed = await played.open(filter);
  const seen = { ticks: 0, fresh: 0, worstMs: 0 };
  const pass = async (forMs: number) => {
    for (let leftMs = forMs; leftMs >= 0; leftMs -= TICK_MS) {
      await played.pass(Math.min(TICK_MS, leftMs));
      look(played, feed, seen);
    }
  };
  for (const each of happenings) {
    happen(played, feed, each);
    if ('pass' in each) await pass(each.pass);
    else await pass(100);
  }
  // Whatever it was: it ends well.
  Object.assign(source, {
    failing: undefined,
    refusing: undefined,
    isMuted: false,
    kind: 'graphql',
    latencyMs: 20,
  });
  played.play('visible');
  played.play('online');
  played.play('resumed');
  await played.until(
    () => feed.freshness.state === 'fresh' && feed.status.state === 'live',
    'live again',
    700_000,
  );
  await pass(31_000);
  assert.deepEqual(feed.incidents, source.all.filter(matches(filter)));
  await incidents.dispose();
  assert.deepEqual(played.clock.pending, [], 'timers');
  assert.equal(played.listeners, 0);
  assert.deepEqual(
    played.errors.filter(({ code }) => code === 'bug'),
    [],
  );
  return seen;
}

function happen(played: PlayedIncidents, feed: IncidentFeed, each: Happening): void {
  const { source, clock } = played;
  const ids = source.all.map(({ id }) => id);
  const target = (index: number): string | undefined => ids[index % (ids.length || 1)];
  if ('create' in each) for (let i = 0; i < each.create; i++) source.create({ severity: 'P4' }, each.isTold);
  if ('update' in each) {
    const id = target(each.update);
    if (id) source.update(id, { state: each.state, severity: each.severity }, each.isTold);
  }
  if ('remove' in each) {
    const id = target(each.remove);
    if (id) source.remove(id);
  }
  if ('failing' in each) {
    const { failing } = each;
    if (failing === 'no') source.failing = undefined;
    else if (failing === 'hang') source.failing = 'hang';
    else if (failing === 'wait') source.failing = failure('rate-limited', { retryAfterMs: 20_000 });
    else source.failing = failure(failing);
  }
  if ('refusing' in each) {
    const { refusing } = each;
    source.refusing = refusing === 'no' ? undefined : refusing === 'hang' ? 'hang' : failure(refusing);
  }
  if ('isMuted' in each) source.isMuted = each.isMuted;
  if ('cut' in each) source.cut();
  if ('beatMs' in each) source.beatMs = each.beatMs;
  if ('latencyMs' in each) Object.assign(source, each);
  if ('kind' in each) {
    source.kind = each.kind;
    if (each.kind !== 'graphql') source.cut();
  }
  if ('sleep' in each) clock.stall(each.sleep, { wall: each.wall, monotonic: !each.wall });
  if ('setWall' in each) clock.setWall(each.setWall);
  if ('play' in each) played.play(each.play);
  if ('ask' in each) feed.refresh().catch(() => undefined); // the feed says what is wrong
}

/** Every row was true at some moment of the last while, and every incident that was there all the while is shown. */
function look(
  { source, clock }: PlayedIncidents,
  feed: IncidentFeed,
  seen: { ticks: number; fresh: number; worstMs: number },
): void {
  seen.ticks++;
  if (feed.freshness.state !== 'fresh') return;
  seen.fresh++;
  const now = clock.monotonicNow();
  const fits = matches(feed.filter);
  for (const [id, versions] of source.versions) {
    const row = feed.get(id);
    // From the latest moment on at which it was as it is shown.
    const last = versions.findLastIndex(({ incident }) =>
      row ? incident === row : !incident || !fits(incident),
    );
    const next = versions[last + 1];
    const wrongMs = next ? now - next.from : 0;
    seen.worstMs = Math.max(seen.worstMs, wrongMs);
    const story = () => JSON.stringify({ id, row, versions, wrongMs, status: feed.status, now });
    if (last < 0) assert.ok(!row && wrongMs <= BOUND_MS, `never was like that: ${story()}`);
    assert.ok(wrongMs <= BOUND_MS, story());
  }
}

function matches({ severities, states, activeOnly }: IncidentFilter): (incident: Incident) => boolean {
  return ({ severity, state, phase }) =>
    (!severities || severities.includes(severity)) &&
    (!states || phase === 'open' || state === 'PUZZLED') &&
    !(activeOnly && phase === 'done');
}
