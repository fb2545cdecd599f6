import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PlayedIncidents, shown } from './played-incidents.ts';

/** A gap: what happens while nothing is told, and how it comes that nothing is. */
export const gap = fc.record({
  /** `away`: no connection. `cut`: the stream ends. `muted`: it falls silent. `quiet`: it stands, and events are lost. */
  how: fc.constantFrom('away', 'cut', 'muted', 'quiet', 'frozen'),
  /** Whether the stream was believed before. */
  isProven: fc.boolean(),
  rows: fc.integer({ min: 0, max: 150 }),
  created: fc.integer({ min: 0, max: 250 }),
  updated: fc.integer({ min: 0, max: 20 }),
  removed: fc.integer({ min: 0, max: 5 }),
  /** Over how long. */
  ms: fc.integer({ min: 0, max: 120_000 }),
  /** Some of them come twice and in another order once it is over. */
  isNoisy: fc.boolean(),
});
export type Gap = typeof gap extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays one gap. Resolves with how long after its end everything was there, in milliseconds. */
export async function playGap(given: Gap): Promise<{ missing: number; repairMs: number }> {
  const played = new PlayedIncidents();
  const { source } = played;
  source.seed(given.rows, 20_000);
  const feed = await played.open({ limit: 1_000 });
  const received = new Set<string>();
  feed.on('received', (incidents) => {
    for (const { id } of incidents) received.add(id);
  });
  await played.pass(3_000);
  if (given.isProven) {
    const { id } = source.create();
    await played.pass(300);
    source.update(id, { title: 'Told' });
    await played.pass(500);
    assert.equal(feed.status.isProven, true);
  }
  const before = new Set(source.all.map(({ id }) => id));
  received.clear();
  begin(played, given.how);
  const count = given.created + given.updated + given.removed;
  for (let i = 0; i < count; i++) {
    await played.pass(given.ms / count);
    const { all } = source;
    const one = all[(i * 7) % (all.length || 1)];
    if (i < given.created) source.create({ severity: 'P1' }, false);
    else if (one && i < given.created + given.updated) source.update(one.id, { state: 'TRIAGED' }, false);
    else if (one) source.remove(one.id);
  }
  end(played, given.how);
  if (given.isNoisy) {
    for (const created of [...source.all].reverse().slice(0, 20)) {
      source.tell({ kind: 'created', incident: created });
      source.told(created.id);
    }
  }
  const isWhole = () =>
    feed.incidents.length === source.all.length && feed.incidents.every((row, i) => row === source.all[i]);
  const from = played.clock.monotonicNow();
  // As long as it takes at most; what is missing then is missing for good.
  for (let i = 0; i < 1_200 && !isWhole(); i++) await played.pass(100);
  const repairMs = played.clock.monotonicNow() - from;
  const held = new Set(shown(feed));
  const missing = source.all.filter(({ id }) => !held.has(id)).length;
  if (missing === 0) {
    assert.ok(isWhole(), 'what is shown is what the server has');
    for (const { id } of source.all) assert.ok(before.has(id) || received.has(id), 'and was told of');
    for (const id of received) assert.ok(!before.has(id), 'once');
  }
  await played.incidents.dispose();
  return { missing, repairMs };
}

function begin(played: PlayedIncidents, how: Gap['how']): void {
  const { source } = played;
  if (how === 'frozen') played.play('frozen');
  if (how === 'muted') source.isMuted = true;
  if (how === 'cut') source.cut();
  if (how !== 'away') return;
  source.isMuted = true;
  source.failing = source.refusing = 'hang';
}

function end(played: PlayedIncidents, how: Gap['how']): void {
  const { source } = played;
  source.isMuted = false;
  source.failing = source.refusing = undefined;
  if (how === 'frozen') played.play('resumed');
}
