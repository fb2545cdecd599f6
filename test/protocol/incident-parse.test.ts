import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Incident } from '../../src/protocol/incident.ts';
import {
  byNewest,
  enumWord,
  parseDetails,
  parseId,
  parseIncident,
  parseInstant,
  phaseOf,
  severityRank,
} from '../../src/protocol/incident-parse.ts';
import { SEED } from '../support/seed.ts';

const graphql = {
  id: '3a31b881-caf5-491c-950d-09304c0915b9',
  createdAt: '2025-11-12T20:30:45.123456789+00:00',
  updatedAt: '2025-11-12T20:31:00+00:00',
  state: 'IN_PROGRESS',
  severity: 'P0',
  incidentType: 'DATA_INTEGRITY',
  source: 'probe',
  title: 'Answers are slow',
  description: 'Half of all answers take more than 20 s.',
  affectedResources: ['assistant', 'gateway'],
  assignees: ['ann', 'bob'],
};
const rest = {
  id: '3A31B881-CAF5-491C-950D-09304C0915B9',
  created_at: '2025-11-12T20:30:45.123456789Z',
  updated_at: '2025-11-12T20:31:00Z',
  state: 'InProgress',
  severity: 'P0',
  incident_type: 'DataIntegrity',
  source: 'probe',
  title: 'Answers are slow',
  description: 'Half of all answers take more than 20 s.',
  affected_resources: ['assistant', 'gateway'],
  assignees: ['ann', 'bob'],
  execution: { execution_id: 'ignored' },
};
const documented = {
  ...graphql,
  state: undefined,
  incidentType: undefined,
  assignees: undefined,
  status: 'in_progress',
  category: 'data_integrity',
  assignedTo: [{ id: '1', name: 'ann', email: 'ann@example.com' }, { username: 'bob' }],
};

/** An incident with what a test is about. */
const parsed = (overrides: Readonly<Record<string, unknown>>): Incident => {
  const incident = parseIncident({ ...graphql, ...overrides });
  assert.ok(incident);
  return incident;
};

describe('parseIncident', () => {
  it('gives one incident for the words of GraphQL, of REST and of the documents', () => {
    const incident = parseIncident(graphql);
    assert.deepEqual(incident, {
      id: '3a31b881-caf5-491c-950d-09304c0915b9',
      title: 'Answers are slow',
      description: 'Half of all answers take more than 20 s.',
      severity: 'P0',
      state: 'IN_PROGRESS',
      phase: 'working',
      type: 'DATA_INTEGRITY',
      source: 'probe',
      affectedResources: ['assistant', 'gateway'],
      assignees: ['ann', 'bob'],
      createdAt: Date.UTC(2025, 10, 12, 20, 30, 45) + 123.456789,
      updatedAt: Date.UTC(2025, 10, 12, 20, 31),
    });
    assert.deepEqual(parseIncident(rest), incident);
    assert.deepEqual(parseIncident(documented), incident);
  });

  it('drops a row without an id or a creation time', () => {
    for (const broken of [
      null,
      undefined,
      'incident',
      7,
      [],
      [graphql],
      {},
      { ...graphql, id: null },
      { ...graphql, id: '' },
      { ...graphql, id: 7 },
      { ...graphql, id: 'a b' },
      { ...graphql, id: 'a\nb' },
      { ...graphql, id: 'x'.repeat(201) },
      { ...graphql, createdAt: null },
      { ...graphql, createdAt: 1_763_000_000_000 },
      { ...graphql, createdAt: 'yesterday' },
      Object.create({ ...graphql }),
    ]) {
      assert.equal(parseIncident(broken), undefined, JSON.stringify(broken));
    }
  });

  it('takes null, and what is of another type, for empty', () => {
    for (const nothing of [null, 7, true, {}, [], [[]]]) {
      const incident = parsed({
        title: nothing,
        description: nothing,
        severity: nothing,
        state: nothing,
        incidentType: nothing,
        source: nothing,
        affectedResources: nothing,
        assignees: nothing,
        updatedAt: nothing,
      });
      const { title, description, severity, state, phase, type, source, updatedAt } = incident;
      assert.deepEqual([title, description, severity, state, source], ['', '', '', '', '']);
      assert.deepEqual([phase, type], ['unknown', undefined]);
      assert.deepEqual([incident.affectedResources, incident.assignees], [[], []]);
      assert.equal(updatedAt, incident.createdAt);
    }
  });

  it('tells nobody from not being told', () => {
    const { assignees: _, ...untold } = graphql;
    assert.equal(parseIncident(untold)?.assignees, undefined);
    assert.deepEqual(parseIncident({ ...untold, assignedTo: null })?.assignees, []);
    assert.deepEqual(parseIncident({ ...untold, assigned_to: 'ann' })?.assignees, ['ann']);
  });

  it('keeps a title to one line without characters that steer a display', () => {
    assert.equal(parsed({ title: ' a\r\n\tb\u0000c\u2028d\u009b31m ' }).title, 'a b c d 31m');
    assert.equal(parsed({ title: 'pay\u202Egnp.exe\u2066x\u2069' }).title, 'paygnp.exex');
    assert.equal(
      parsed({ title: '<img src=x onerror=alert(1)> **b**' }).title,
      '<img src=x onerror=alert(1)> **b**',
    );
    assert.equal(parsed({ source: 'a\u0007b' }).source, 'a b');
    assert.deepEqual(
      parsed({ affectedResources: ['a\nb', ' ', null, { name: 'c\u202e' }] }).affectedResources,
      ['a b', 'c'],
    );
    assert.equal(parsed({ description: 'a\n\tb\u0000c\u001b[31m' }).description, 'a\n\tbc[31m');
  });

  it('cuts a 10 MB incident to its limits', () => {
    const huge = '😀'.repeat(2_500_000);
    const incident = parsed({
      title: huge,
      description: huge,
      severity: huge,
      state: huge,
      source: huge,
      affectedResources: Array.from({ length: 100_000 }, () => 'r'),
      assignees: [huge, ...Array.from({ length: 100_000 }, () => 'a')],
    });
    // One less: an emoji is two units long, and the ellipsis one.
    assert.equal(incident.title.length, 999);
    assert.equal(incident.description.length, 49_999);
    assert.ok(incident.description.endsWith('…'));
    assert.doesNotMatch(incident.title + incident.description, /\p{Surrogate}/u);
    assert.ok(incident.severity.length <= 64 && incident.state.length <= 64);
    assert.equal(incident.affectedResources.length, 1_000);
    assert.equal(incident.assignees?.length, 1_000);
  });

  it('is not led astray by names that objects inherit', () => {
    const hostile: unknown = JSON.parse(
      `{"__proto__":{"title":"inherited","polluted":true},"constructor":{"prototype":{"polluted":true}},
        "id":"a","createdAt":"2026-01-02T03:04:05Z","labels":{"__proto__":"x","toString":"y"}}`,
    );
    assert.equal(parseIncident(hostile)?.title, '');
    assert.deepEqual(parseDetails(hostile)?.labels, [
      { key: '__proto__', value: 'x' },
      { key: 'toString', value: 'y' },
    ]);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it(`never throws, and keeps its limits, whatever it is given (seed ${SEED})`, () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.string({ unit: fc.constantFrom('\u0000', '\u202e', '\ud800', '\udc00', 'P', '\n', '_') }),
    );
    const anything = fc.oneof(
      text,
      fc.jsonValue(),
      fc.anything(),
      fc.array(text, { maxLength: 1_500, size: 'large' }),
    );
    const known = Object.fromEntries(
      [
        ...Object.keys(graphql),
        ...Object.keys(rest),
        'status',
        'category',
        'assignedTo',
        'timeline',
        'labels',
      ].map((name) => [name, anything]),
    );
    const row = fc.record(
      {
        ...known,
        id: fc.oneof(fc.uuid(), anything),
        createdAt: fc.oneof(fc.constant(graphql.createdAt), fc.constant(graphql.createdAt), anything),
      },
      { requiredKeys: [] },
    );
    const line = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]{0,1000}$/;
    fc.assert(
      fc.property(fc.oneof(row, row, row, fc.anything()), (raw) => {
        const details = parseDetails(raw);
        const incident = parseIncident(raw);
        assert.deepEqual(details?.incident, incident);
        if (!incident) return;
        assert.match(incident.id, /^[\x21-\x7e]{1,200}$/);
        assert.ok(Number.isFinite(incident.createdAt) && Number.isFinite(incident.updatedAt));
        const { title, source, affectedResources, assignees = [] } = incident;
        for (const each of [title, source, ...affectedResources, ...assignees]) assert.match(each, line);
        assert.ok(affectedResources.length <= 1_000 && assignees.length <= 1_000);
        assert.ok(incident.description.length <= 50_000);
        for (const word of [incident.severity, incident.state, incident.type ?? '']) {
          assert.ok(word.length <= 64 && word === word.toUpperCase(), word);
        }
        assert.equal(({} as { polluted?: boolean }).polluted, undefined);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });
});

describe('parseDetails', () => {
  it('reads timeline, resolution and labels of both dialects', () => {
    const timeline = [
      { timestamp: '2026-01-02T03:00:00Z', eventType: 'CREATED', actor: 'api', description: 'Created' },
      { timestamp: '2026-01-02T02:00:00Z', event_type: 'CommentAdded', actor: 'ann', description: 'a\nb' },
      { timestamp: null, eventType: 'LOST' },
      null,
    ];
    const details = parseDetails({
      ...graphql,
      timeline,
      resolution: {
        resolvedAt: '2026-01-02T04:00:00Z',
        resolvedBy: 'ann',
        resolutionMethod: 'AUTO_ASSISTED_MANUAL',
        rootCause: null,
        notes: '',
      },
      labels: [{ key: 'region', value: 'eu' }, { key: '', value: 'lost' }, null],
    });
    assert.deepEqual(details?.timeline, [
      { at: Date.UTC(2026, 0, 2, 2), type: 'COMMENT_ADDED', actor: 'ann', description: 'a\nb' },
      { at: Date.UTC(2026, 0, 2, 3), type: 'CREATED', actor: 'api', description: 'Created' },
    ]);
    assert.deepEqual(details.resolution, {
      at: Date.UTC(2026, 0, 2, 4),
      by: 'ann',
      method: 'AUTO_ASSISTED_MANUAL',
      notes: '',
      rootCause: undefined,
    });
    assert.deepEqual(details.labels, [{ key: 'region', value: 'eu' }]);

    const inRest = parseDetails({
      ...rest,
      resolution: { resolved_at: null, resolved_by: 'ann', method: 'AutoAssistedManual', root_cause: 'disk' },
      labels: { region: 'eu', count: 3, on: true, nested: {} },
    });
    assert.equal(inRest?.timeline, undefined);
    assert.deepEqual(inRest?.resolution, {
      at: undefined,
      by: 'ann',
      method: 'AUTO_ASSISTED_MANUAL',
      notes: '',
      rootCause: 'disk',
    });
    assert.deepEqual(inRest.labels, [
      { key: 'region', value: 'eu' },
      { key: 'count', value: '3' },
      { key: 'on', value: 'true' },
      { key: 'nested', value: '' },
    ]);
    assert.deepEqual(parseDetails({ ...graphql, tags: ['a', 7, 'b'] })?.labels, [
      { key: 'a', value: '' },
      { key: 'b', value: '' },
    ]);
  });

  it('keeps the newest thousand of a longer history', () => {
    const timeline = Array.from({ length: 1_500 }, (_, i) => ({
      timestamp: new Date(1_700_000_000_000 + i).toISOString(),
      description: `${i}`,
    }));
    const entries = parseDetails({ ...graphql, timeline })?.timeline;
    assert.deepEqual([entries?.length, entries?.[0]?.description], [1_000, '500']);
  });
});

describe('parseInstant', () => {
  it('reads what servers write: Z and numeric zones, 0 to 9 digits', () => {
    const at = Date.UTC(2025, 10, 12, 20, 30, 45);
    for (const [text, expected] of [
      ['2025-11-12T20:30:45Z', at],
      ['2025-11-12T20:30:45+00:00', at],
      ['2025-11-12t20:30:45z', at],
      ['2025-11-12 20:30:45', at],
      ['2025-11-12T20:30Z', at - 45_000],
      ['2025-11-12T22:30:45.5+02:00', at + 500],
      ['2025-11-12T22:30:45.5+0200', at + 500],
      ['2025-11-12T20:30:45.Z', at],
      ['2025-11-12T20:30:45.123Z', at + 123],
      ['2025-11-12T20:30:45.123456Z', at + 123.456],
      ['2025-11-12T20:30:45.123456789+00:00', at + 123.456789],
      ['2025-11-12T20:30:45.999999999Z', at + 999.999999],
    ] as const) {
      assert.equal(parseInstant(text), expected, text);
    }
  });

  it('tells apart what is a microsecond apart', () => {
    const [one, other] = ['.000001Z', '.000002Z'].map((end) => parseInstant(`2026-01-02T03:04:05${end}`));
    assert.ok((one ?? 0) < (other ?? 0));
  });

  it('refuses everything else', () => {
    for (const wrong of [
      '',
      'now',
      '2025-11-12',
      '2025-13-12T20:30:45Z',
      '2025-11-12T25:30:45Z',
      '2025-11-12T20:30:45+99:99',
      `2025-11-12T20:30:45.${'1'.repeat(1_000)}Z`,
      1_763_000_000,
      null,
      undefined,
      {},
    ]) {
      assert.equal(parseInstant(wrong), undefined, JSON.stringify(wrong));
    }
  });
});

describe('words of servers', () => {
  it('have one spelling', () => {
    for (const word of [
      'AUTO_ASSISTED_MANUAL',
      'AutoAssistedManual',
      'autoAssistedManual',
      'auto-assisted manual',
    ]) {
      assert.equal(enumWord(word), 'AUTO_ASSISTED_MANUAL');
    }
    assert.equal(enumWord('p0'), 'P0');
    assert.equal(enumWord(' <b>P1</b> '), 'B_P1_B');
    assert.equal(enumWord('störung'), 'STÖRUNG');
    assert.equal(enumWord(null), '');
  });

  it('mean the same in every dialect, and nothing where nobody knows them', () => {
    const phases = {
      open: 'NEW DETECTED new Detected',
      acknowledged: 'ACKNOWLEDGED TRIAGED Triaged',
      working: 'IN_PROGRESS InProgress INVESTIGATING IDENTIFIED REMEDIATING MONITORING ESCALATED',
      done: 'RESOLVED CLOSED Resolved closed',
      unknown: 'SNOOZED constructor __proto__',
    };
    for (const [phase, words] of Object.entries(phases)) {
      for (const word of words.split(' ')) assert.equal(phaseOf(word), phase, word);
    }
    assert.equal(phaseOf(''), 'unknown');
  });

  it('rank severities', () => {
    assert.deepEqual('P0 p1 P2 P3 P4 P5'.split(' ').map(severityRank), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(
      'CRITICAL High medium LOW INFO toString'.split(' ').map(severityRank),
      [0, 1, 2, 3, 4, 5],
    );
  });
});

describe('byNewest', () => {
  it('orders by time, then by id, in the same way whatever the order was', () => {
    const at = (createdAt: number, id: string) => ({ ...parsed({ id }), createdAt });
    const rows = [at(2, 'b'), at(2, 'a'), at(1, 'd'), at(3, 'c')];
    const order = (all: readonly Incident[]) => [...all].sort(byNewest).map(({ id }) => id);
    assert.deepEqual(order(rows), ['c', 'b', 'a', 'd']);
    assert.deepEqual(order(rows.toReversed()), ['c', 'b', 'a', 'd']);
    assert.equal(byNewest(at(1, 'a'), at(1, 'a')), 0);
  });
});

describe('parseId', () => {
  it('gives a UUID one spelling, and leaves other ids as they are', () => {
    assert.equal(parseId('3A31B881-CAF5-491C-950D-09304C0915B9'), '3a31b881-caf5-491c-950d-09304c0915b9');
    assert.equal(parseId('INC-17'), 'INC-17');
  });
});
