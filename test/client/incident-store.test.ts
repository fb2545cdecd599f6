import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IncidentStore, type Applied, type Learnt } from '../../src/client/incident-store.ts';
import type { Incident, IncidentAction } from '../../src/protocol/incident.ts';
import { byNewest, severityRank } from '../../src/protocol/incident-words.ts';
import { SEED } from '../support/seed.ts';
import { changed, EPOCH, ids, incident } from './incidents.ts';

/** Does by brute force what the store does by bookkeeping. */
class NaiveStore {
  readonly limit: number;
  readonly filter: (incident: Incident) => boolean;
  known = new Map<string, { updatedAt: number; asked: number; since: number; held: Incident | undefined }>();

  constructor(limit: number, filter: (incident: Incident) => boolean) {
    this.limit = limit;
    this.filter = filter;
  }

  get rows(): Incident[] {
    return [...this.known.values()].flatMap(({ held }) => (held ? [held] : [])).sort(byNewest);
  }

  apply(incidents: readonly Incident[], { asked = -Infinity, heard = asked }: Learnt): Applied {
    const added = new Map<string, Incident>();
    const others = new Map<string, Incident>();
    for (const one of incidents) {
      const known = this.known.get(one.id);
      const fits = this.filter(one);
      if (!known) {
        if (!fits) continue;
        this.known.set(one.id, { updatedAt: one.updatedAt, asked, since: heard, held: one });
        added.set(one.id, one);
        continue;
      }
      const wins =
        one.updatedAt > known.updatedAt ||
        (one.updatedAt === known.updatedAt && asked >= known.asked) ||
        (one.updatedAt < known.updatedAt && asked > known.since + 5_000);
      if (!wins) continue;
      const held = known.held;
      const isNew = one.updatedAt !== known.updatedAt;
      const differs = held ? JSON.stringify(held) !== JSON.stringify(one) : isNew;
      const since = differs || isNew ? heard : known.since;
      this.known.set(one.id, {
        updatedAt: one.updatedAt,
        asked: Math.max(known.asked, asked),
        since,
        held: fits ? one : undefined,
      });
      const isTold = fits ? differs : held !== undefined;
      if (isTold) (added.has(one.id) ? added : others).set(one.id, one);
    }
    while (this.rows.length > this.limit) {
      const [last] = this.rows.sort(
        (a, b) =>
          Number(b.phase === 'done') - Number(a.phase === 'done') ||
          severityRank(b.severity) - severityRank(a.severity) ||
          byNewest(b, a),
      );
      const known = last && this.known.get(last.id);
      if (known) known.held = undefined;
    }
    return { added: [...added.values()], changed: [...others.values()] };
  }

  remove(gone: readonly string[]): void {
    for (const id of gone) {
      const known = this.known.get(id);
      if (known) known.held = undefined;
    }
  }
}

const some = fc.record({
  id: fc.integer({ min: 0, max: 12 }).map(String),
  at: fc.integer({ min: 0, max: 6 }),
  late: fc.integer({ min: 0, max: 4 }),
  severity: fc.constantFrom('P0', 'P1', 'P4', 'ODD'),
  state: fc.constantFrom('DETECTED', 'RESOLVED', 'PUZZLED'),
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      rows: fc.array(some, { maxLength: 6 }),
      when: fc.oneof(
        fc.integer({ min: 0, max: 20_000 }).map((asked) => ({ asked })),
        fc.integer({ min: 0, max: 20_000 }).map((heard) => ({ heard })),
        fc.constant({}),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ gone: fc.array(fc.integer({ min: 0, max: 12 }).map(String), { maxLength: 3 }) }),
  },
);

const FILTERS: Record<string, (incident: Incident) => boolean> = {
  all: () => true,
  active: ({ phase }) => phase !== 'done',
  severe: ({ severity }) => severity === 'P0' || severity === 'P1',
};

describe('IncidentStore', () => {
  it('holds, after whatever came in whatever order, what a store without any bookkeeping holds', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(...Object.keys(FILTERS)),
      fc.array(step, { maxLength: 30 }),
      (limit, name, steps) => {
        const filter = FILTERS[name]!;
        const store = new IncidentStore({ limit, filter });
        const naive = new NaiveStore(limit, filter);
        for (const each of steps) {
          const before = store.rows;
          if ('gone' in each) {
            store.remove(each.gone);
            naive.remove(each.gone);
          } else {
            const rows = each.rows.map(({ id, at, late, severity, state }) =>
              changed(incident(id, at, { severity }), { state }, late),
            );
            const { added, changed: others } = store.apply(rows, each.when);
            assert.deepEqual({ added, changed: others }, naive.apply(rows, each.when));
          }
          assert.deepEqual(store.rows, naive.rows);
          assert.equal(store.size, naive.rows.length);
          assert.equal(store.known, naive.known.size);
          assert.equal(store.rows, store.rows, 'the same array until something changes');
          const kept = new Set(before);
          for (const row of store.rows) {
            const was = before.find(({ id }) => id === row.id);
            if (was && JSON.stringify(was) === JSON.stringify(row))
              assert.ok(kept.has(row), 'the same object');
          }
        }
      },
    );
    fc.assert(property, { seed: SEED, numRuns: Number(process.env.STORE_RUNS ?? 2_000) });
  });

  it('names after a walk what no answer has spoken of since it began, oldest first', () => {
    const store = new IncidentStore({ limit: 10 });
    const [a, b, c] = [incident('a', 1), incident('b', 2), incident('c', 3)];
    store.apply([a, b, c], { asked: 100 });
    store.apply([b], { asked: 200 });
    assert.deepEqual(store.reconcile(200), ['a', 'c']);
    assert.deepEqual(store.reconcile(200, 1), ['a']);
    store.apply([changed(c, { title: 'By itself' })], { heard: 250 });
    assert.deepEqual(store.reconcile(200), ['a'], 'what comes by itself is true when it comes');
    assert.deepEqual(ids(store.remove(['a', 'x'])), ['a']);
    assert.deepEqual(store.reconcile(200), []);
    assert.deepEqual(ids(store.rows), ['c', 'b']);
    assert.equal(store.known, 3, 'what is gone stays known');
  });

  it('does not take back what was asked for later because of an event that was late', () => {
    const store = new IncidentStore({ limit: 10 });
    const fresh = incident('a', 1);
    // A server that does not touch `updatedAt` when it assigns.
    store.apply([{ ...fresh, assignees: ['jo'] }], { asked: 100 });
    store.apply([fresh], { heard: 200 });
    assert.deepEqual(store.get('a')?.assignees, ['jo']);
    store.apply([{ ...fresh, assignees: ['sam'] }], { asked: 150 });
    assert.deepEqual(store.get('a')?.assignees, ['sam']);
    store.apply([{ ...fresh, assignees: ['jo'] }], { asked: 120 });
    assert.deepEqual(store.get('a')?.assignees, ['sam'], 'an answer that was overtaken');
  });

  it('believes a server whose clock was set back, once it has had time to agree with itself', () => {
    const store = new IncidentStore({ limit: 10 });
    const late = incident('a', 100, { title: 'Of a clock ahead' });
    store.apply([late], { heard: 1_000 });
    const early = { ...late, title: 'Now', updatedAt: late.updatedAt - 30_000 };
    store.apply([early], { asked: 2_000 });
    assert.equal(store.get('a')?.title, 'Of a clock ahead', 'it may be a copy that lags behind');
    store.apply([early], { asked: 6_001 });
    assert.equal(store.get('a')?.title, 'Now');
  });

  it('keeps what a poorer answer does not tell', () => {
    const store = new IncidentStore({ limit: 10 });
    const poor = { ...incident('a', 1), assignees: undefined };
    store.apply([{ ...poor, assignees: ['jo'] }], { asked: 1 });
    const { changed: none } = store.apply([poor], { asked: 2 });
    assert.deepEqual(none, []);
    const { changed: one } = store.apply([changed(poor, { title: 'New' })], { asked: 3 });
    assert.deepEqual(ids(one), ['a']);
    assert.deepEqual(store.get('a')?.assignees, ['jo']);
  });

  it('shows what pending actions would make of a row, and leaves the others the objects they were', () => {
    const store = new IncidentStore({ limit: 10 });
    store.apply([incident('a', 1), incident('b', 2)], { asked: 1 });
    const before = store.rows;
    const apply = (one: Incident, action: IncidentAction): Incident =>
      action.kind === 'escalate' ? { ...one, severity: action.severity } : one;
    const action: IncidentAction = { kind: 'escalate', id: 'a', severity: 'P0', reason: '' };
    assert.equal(store.overlay([action], apply), true);
    assert.equal(store.get('a')?.severity, 'P0');
    assert.equal(store.base('a')?.severity, 'P2');
    const shown = store.get('a');
    assert.equal(store.rows[0], before[0]);
    assert.equal(store.overlay([action], apply), false);
    assert.equal(store.get('a'), shown);
    store.apply([changed(incident('a', 1), { title: 'Renamed' })], { asked: 2 });
    assert.deepEqual([store.get('a')?.severity, store.get('a')?.title], ['P0', 'Renamed']);
    store.overlay([], apply);
    assert.equal(store.get('a')?.severity, 'P2');
    assert.deepEqual(
      store.rows.map(({ createdAt }) => createdAt),
      [EPOCH + 2_000, EPOCH + 1_000],
    );
  });

  it('remembers at most 100,000 ids and those held', () => {
    const store = new IncidentStore({ limit: 10 });
    for (let i = 0; i < 120_000; i += 1_000) {
      store.apply(
        Array.from({ length: 1_000 }, (_, n) => incident(`i${i + n}`, i + n)),
        { heard: i },
      );
    }
    assert.ok(store.known >= 100_000 && store.known <= 105_000, String(store.known));
    assert.deepEqual(ids(store.rows).slice(0, 2), ['i119999', 'i119998']);
  });

  it('keeps 100,000 rows in order through 50,000 changes of them', () => {
    const store = new IncidentStore({ limit: 100_000 });
    store.apply(
      Array.from({ length: 100_000 }, (_, i) => incident(`i${i}`, (i * 7_919) % 100_003)),
      { asked: 1 },
    );
    assert.equal(store.rows.length, 100_000);
    for (let i = 0; i < 50_000; i++) {
      const id = `i${(i * 31) % 100_000}`;
      const before = store.base(id);
      assert.ok(before);
      store.apply([changed(before, { state: i % 2 ? 'RESOLVED' : 'TRIAGED' }, 2)], { heard: i });
    }
    const { rows } = store;
    assert.ok(rows.every((row, i) => i === 0 || byNewest(rows[i - 1]!, row) < 0));
  });
});
