import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import type { IncidentAction } from '../../src/protocol/incident.ts';
import { probeGraphql } from '../../src/transports/incident-dialect.ts';
import { createGraphqlReader } from '../../src/transports/incident-graphql.ts';
import type { GraphqlRequest, IncidentQuery, IncidentReader } from '../../src/transports/incident-source.ts';
import { waitFor } from '../support/wait.ts';
import { incidentBench, row, scripted, UNKNOWN_ID, type IncidentBench } from './incident-readers.ts';
import { rejection } from './support.ts';

const DIALECTS = {
  'of the code': {},
  'with edges': { list: 'edges' },
  'with pages from 1': { pages: 'one', list: 'edges' },
  'with cursors': { pages: 'relay', list: 'edges' },
  'of the WebSocket reference': { states: 'websocket', owner: 'assignedTo', time: 'z3' },
  'of the schema file': {
    states: 'schema',
    list: 'edges',
    field: 'status',
    type: 'category',
    owner: 'user',
    labels: 'map',
    results: 'payload',
    pages: 'one',
  },
} as const;

/** Every page of a query. */
async function walk(reader: IncidentReader, query: Omit<IncidentQuery, 'page'>) {
  const pages = [];
  for (let page = 0; ; page++) {
    const read = await reader.page({ page, ...query });
    pages.push(read);
    if (!read.hasMore) return pages;
  }
}

/** The dialect of the code, from a server that is gone again. */
async function codeDialect({ request }: IncidentBench) {
  return probeGraphql(request);
}

describe('a page by GraphQL', () => {
  for (const [name, dialect] of Object.entries(DIALECTS)) {
    it(`brings all incidents, each once and newest first, in the dialect ${name}`, async (t) => {
      const { control, graphql } = await incidentBench(t);
      await control('incidents-dialect', dialect);
      await control('incidents-seed', { count: 230 });
      const reader = await graphql();
      const pages = await walk(reader, { pageSize: 100 });
      assert.deepEqual(
        pages.map(({ incidents, hasMore, malformed }) => [incidents.length, hasMore, malformed]),
        [
          [100, true, 0],
          [100, true, 0],
          [30, false, 0],
        ],
      );
      const rows = pages.flatMap(({ incidents }) => incidents);
      assert.equal(new Set(rows.map(({ id }) => id)).size, 230);
      assert.ok(rows.every(({ createdAt }, i) => i === 0 || createdAt <= (rows[i - 1]?.createdAt ?? 0)));
      assert.ok(rows.every(({ phase, assignees, type }) => phase !== 'unknown' && assignees && type));
      assert.deepEqual(new Set(pages.map(({ total }) => total)), new Set([230]));
      // Out of order, which a server with cursors cannot serve directly.
      const again = await (await graphql()).page({ page: 2, pageSize: 100 });
      assert.deepEqual(again.incidents, pages[2]?.incidents);
      const beyond = await reader.page({ page: 9, pageSize: 100 });
      assert.deepEqual([beyond.incidents.length, beyond.hasMore], [0, false]);
    });

    it(`keeps to severities and what is active in the dialect ${name}`, async (t) => {
      const { control, graphql } = await incidentBench(t);
      await control('incidents-dialect', dialect);
      await control('incidents-seed', { count: 150 });
      const reader = await graphql();
      const all = (await walk(reader, { pageSize: 100 })).flatMap(({ incidents }) => incidents);
      const wanted = all.filter(({ severity, phase }) => /P[01]/.test(severity) && phase !== 'done');
      const asked = await walk(reader, { pageSize: 10, severities: ['p0', 'P1'], activeOnly: true });
      assert.ok(wanted.length > 0);
      assert.deepEqual(
        asked.flatMap(({ incidents }) => incidents),
        wanted,
      );
      assert.equal(asked[0]?.total, wanted.length);
    });
  }

  it('filters by itself where the server cannot, and then gives no total', async () => {
    const incidents = [
      row('a', { severity: 'P0' }),
      row('b', { severity: 'P4' }),
      row('c', { state: 'CLOSED' }),
    ];
    const { request } = scripted((query) =>
      query.includes('__schema')
        ? {
            data: null,
            errors: [{ message: 'No introspection', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
          }
        : { data: { incidents: { incidents, pageInfo: { totalCount: 3, hasNextPage: false } } } },
    );
    const reader = createGraphqlReader({ request, dialect: await probeGraphql(request) });
    const page = (query: Partial<IncidentQuery>) => reader.page({ page: 0, pageSize: 10, ...query });
    const ids = async (query: Partial<IncidentQuery>) => (await page(query)).incidents.map(({ id }) => id);
    assert.deepEqual(await ids({}), ['c', 'b', 'a']);
    assert.deepEqual(await ids({ severities: ['P0'] }), ['a']);
    assert.deepEqual(await ids({ activeOnly: true }), ['b', 'a']);
    assert.equal((await page({})).total, 3);
    assert.equal((await page({ severities: ['P0'] })).total, undefined);
    assert.equal((await page({ activeOnly: true })).total, undefined);
  });

  it('brings the others where one row is broken or 10 MB large, and counts what it dropped', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const huge = 'x'.repeat(10_000_000);
    const { request } = scripted(() => ({
      data: {
        incidents: {
          incidents: [
            row('a'),
            null,
            row('b', { createdAt: null }),
            row('c', { title: huge, description: huge }),
            row('a'),
            'junk',
            row('d', { severity: null, state: 'SNOOZED', affectedResources: null }),
          ],
          pageInfo: { totalCount: -1, hasNextPage: 'yes' },
        },
      },
    }));
    const page = await createGraphqlReader({ request, dialect }).page({ page: 0, pageSize: 7 });
    assert.deepEqual(
      page.incidents.map(({ id }) => id),
      ['d', 'c', 'a'],
    );
    assert.equal(page.malformed, 3);
    assert.equal(page.incidents[1]?.description.length, 50_000);
    assert.deepEqual([page.total, page.hasMore], [undefined, true]);
  });

  it('is used as far as it came where only a part failed', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const errors = [{ message: 'boom', path: ['incidents', 'incidents', 1] }];
    const { request } = scripted(() => ({
      data: { incidents: { incidents: [row('a'), null], pageInfo: null } },
      errors,
    }));
    const page = await createGraphqlReader({ request, dialect }).page({ page: 0, pageSize: 10 });
    assert.deepEqual([page.incidents.length, page.malformed, page.hasMore], [1, 1, false]);
  });

  it('X4: rejects for `data: null`, with and without errors, and throws nothing else', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const empty = [{ data: null }, {}, { data: null, errors: [] }, { data: {} }, { data: 7, errors: 'x' }];
    for (const [results, code] of [
      [empty, 'protocol'],
      [[{ data: null, errors: [null] }], 'server'],
      [[{ data: null, errors: [{ message: 'boom', path: ['incidents'] }] }], 'server'],
      [[{ data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }], 'unauthorized'],
    ] as const) {
      for (const result of results) {
        const reader = createGraphqlReader({ request: async () => result, dialect });
        const errors = await Promise.all(
          [
            reader.page({ page: 0, pageSize: 1 }),
            reader.read([UNKNOWN_ID]),
            reader.details(UNKNOWN_ID),
            reader.act({ kind: 'acknowledge', id: UNKNOWN_ID }),
          ].map(rejection),
        );
        for (const error of errors) {
          assert.deepEqual([error.name, error.code], ['RealtimeError', code], inspect(result));
        }
      }
    }
    for (const incidents of [null, 7, [], { incidents: null }, { incidents: 'x' }, { edges: {} }]) {
      const reader = createGraphqlReader({ request: async () => ({ data: { incidents } }), dialect });
      const error = await rejection(reader.page({ page: 0, pageSize: 1 }));
      assert.deepEqual([error.name, error.code], ['RealtimeError', 'protocol'], inspect(incidents));
    }
  });

  it('follows the cursors of the last walk, not of one before', async (t) => {
    const { control, graphql, create } = await incidentBench(t);
    await control('incidents-dialect', { list: 'edges', pages: 'relay' });
    await control('incidents-seed', { count: 30 });
    const reader = await graphql();
    assert.equal((await walk(reader, { pageSize: 10 })).length, 3);
    await control('incidents-clear');
    await create({ title: 'a' });
    assert.equal((await reader.page({ page: 0, pageSize: 10 })).incidents.length, 1);
    assert.deepEqual(await reader.page({ page: 2, pageSize: 10 }), {
      incidents: [],
      total: undefined,
      hasMore: false,
      malformed: 0,
    });
  });

  it('that the server does not understand any more says that it has become another server', async (t) => {
    const { graphql, control, create } = await incidentBench(t);
    const [id = ''] = await create({ title: 'a' });
    const reader = await graphql();
    await control('incidents-dialect', { field: 'status', list: 'edges' });
    for (const reading of [reader.page({ page: 0, pageSize: 1 }), reader.read([id]), reader.details(id)]) {
      const error = await rejection(reading);
      assert.deepEqual([error.code, error.retryable], ['protocol', true]);
    }
    assert.equal((await rejection(reader.act({ kind: 'acknowledge', id }))).code, 'input');
    assert.equal((await (await graphql()).page({ page: 0, pageSize: 1 })).incidents[0]?.id, id);
  });

  it('takes only pages that exist', async (t) => {
    const { graphql } = await incidentBench(t);
    const reader = await graphql();
    for (const [page, pageSize] of [
      [-1, 10],
      [0.5, 10],
      [0, 0],
      [0, 101],
      [NaN, 10],
    ] as const) {
      assert.equal((await rejection(reader.page({ page, pageSize }))).code, 'input');
    }
  });
});

describe('incidents by their ids, by GraphQL', () => {
  it('come in as few requests as the server allows', async (t) => {
    const { control, graphql, sent } = await incidentBench(t);
    await control('incidents-seed', { count: 20 });
    const reader = await graphql();
    const { incidents } = await reader.page({ page: 0, pageSize: 20 });
    const ids = incidents.map(({ id }) => id);
    sent.length = 0;
    const read = await reader.read([...ids, ...ids]);
    // 11 fields and the incident itself: 8 of them make 96 of 100.
    assert.deepEqual(
      sent.map((query) => query.match(/i\d+:/g)?.length),
      [8, 8, 4],
    );
    assert.deepEqual(read.missing, []);
    assert.deepEqual(new Set(read.incidents), new Set(incidents));
    assert.deepEqual(await reader.read([]), { incidents: [], missing: [] });
  });

  it('do not suffer from others that do not exist', async (t) => {
    const { control, graphql, create } = await incidentBench(t);
    await control('incidents-seed', { count: 5 });
    const ids = await create({ title: 'a' }, { title: 'b' }, { title: 'c' });
    const reader = await graphql();
    const unknown = [1, 2, 3].map((i) => UNKNOWN_ID.replace(/^1/, String(i)));
    const mixed = [unknown[0], ids[0], unknown[1], ids[1], ids[2], unknown[2]].map(String);
    const read = await reader.read(mixed);
    assert.deepEqual(new Set(read.incidents.map(({ title }) => title)), new Set(['a', 'b', 'c']));
    assert.deepEqual(new Set(read.missing), new Set(unknown));
    await control('incidents-delete', { id: ids[1] });
    assert.deepEqual((await reader.read(ids)).missing, [ids[1]]);
  });

  it('are found by halves where the server does not say which one it lacks', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const known = ['a', 'b', 'd', 'e', 'f'];
    const { request, sent } = scripted((query) => {
      const asked = [...query.matchAll(/(i\d+): incident\(id: "(\w+)"\)/g)].map(
        ([, alias = '', id = '']) => ({
          alias,
          id,
        }),
      );
      if (asked.some(({ id }) => !known.includes(id))) {
        return { data: null, errors: [{ message: 'Incident not found' }] };
      }
      return { data: Object.fromEntries(asked.map(({ alias, id }) => [alias, row(id)])) };
    });
    const read = await createGraphqlReader({ request, dialect }).read(['a', 'b', 'c', 'd', 'e', 'f']);
    assert.deepEqual(new Set(read.incidents.map(({ id }) => id)), new Set(known));
    assert.deepEqual(read.missing, ['c']);
    assert.ok(sent.length <= 7, `${sent.length} requests`);
  });

  it('are missing where the answer is null, unreadable or about another incident', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const data = { i0: row('a'), i1: null, i2: row('c', { createdAt: null }), i3: row('x') };
    const reader = createGraphqlReader({ request: async () => ({ data }), dialect });
    const read = await reader.read(['a', 'b', 'c', 'd']);
    assert.deepEqual([read.incidents.map(({ id }) => id), read.missing], [['a'], ['b', 'c', 'd']]);
  });

  it('are not called missing because the server failed', async (t) => {
    const { graphql, control, create } = await incidentBench(t);
    const reader = await graphql();
    const ids = await create({ title: 'a' });
    for (const [code, expected] of [
      ['', 'server'],
      ['INTERNAL_ERROR', 'server'],
      ['UNAUTHENTICATED', 'unauthorized'],
      ['RATE_LIMITED', 'rate-limited'],
    ] as const) {
      await control('incidents-errors', { style: 'next', code, count: 1 });
      assert.equal((await rejection(reader.read(ids))).code, expected);
    }
  });

  it('are not asked for any further once the server has refused', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const nobody = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`i${i}`, null]));
    const refusal = { data: null, errors: [{ extensions: { code: 'RATE_LIMITED', retryAfter: 7 } }] };
    const { request, sent } = scripted(() => (sent.length === 2 ? refusal : { data: nobody }));
    const ids = Array.from({ length: 200 }, (_, i) => `id-${i}`);
    const error = await rejection(createGraphqlReader({ request, dialect }).read(ids));
    assert.deepEqual([error.code, error.retryAfterMs], ['rate-limited', 7_000]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(sent.length <= 5, `${sent.length} requests`);
  });

  it('never take more than four requests at the same time, and stop when nobody wants them', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const nobody = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`i${i}`, null]));
    const open: (() => void)[] = [];
    let most = 0;
    const request: GraphqlRequest = () =>
      new Promise((resolve) => {
        open.push(() => resolve({ data: nobody }));
        most = Math.max(most, open.length);
      });
    const reader = createGraphqlReader({ request, dialect });
    const abort = new AbortController();
    const ids = Array.from({ length: 100 }, (_, i) => `id-${i}`);
    const reading = reader.read(ids);
    const given = rejection(reader.read(['late'], abort.signal));
    abort.abort();
    assert.equal((await given).code, 'closed');
    let answered = 0;
    await waitFor(() => {
      answered += open.length;
      for (const answer of open.splice(0)) answer();
      return answered === 13;
    }, '13 answers');
    assert.equal((await reading).missing.length, 100);
    assert.equal(most, 4);
    const signal = AbortSignal.abort();
    assert.equal(
      (await rejection(incidentBenchReader(bench, dialect).page({ page: 0, pageSize: 1, signal }))).code,
      'closed',
    );
  });
});

describe('one incident by GraphQL', () => {
  for (const [name, dialect] of Object.entries(DIALECTS)) {
    it(`brings its history, resolution and labels in the dialect ${name}`, async (t) => {
      const { control, graphql, create } = await incidentBench(t);
      await control('incidents-dialect', dialect);
      const [id = ''] = await create({ title: 'Slow', labels: { region: 'eu' }, assignees: ['ann'] });
      const reader = await graphql();
      await reader.act({ kind: 'comment', id, text: 'Looking into it.\n"Soon."' });
      await reader.act({ kind: 'resolve', id, method: 'manual', notes: 'Restarted', rootCause: 'Disk' });
      const { incident, timeline, resolution, labels } = await reader.details(id);
      assert.deepEqual([incident.id, incident.phase, incident.assignees], [id, 'done', ['ann']]);
      assert.ok(
        timeline?.some((entry) => entry.type === 'COMMENT_ADDED' && /"Soon\."/.test(entry.description)),
      );
      assert.deepEqual(
        [resolution?.method, resolution?.notes, resolution?.rootCause],
        ['MANUAL', 'Restarted', 'Disk'],
      );
      assert.deepEqual(labels, [{ key: 'region', value: 'eu' }]);
    });
  }

  it('is not found where there is none', async (t) => {
    const { graphql } = await incidentBench(t);
    const error = await rejection((await graphql()).details(UNKNOWN_ID));
    assert.equal(error.code, 'not-found');
    assert.match(error.message, /no such incident/);
  });
});

describe('an action by GraphQL', () => {
  for (const [name, dialect] of Object.entries(DIALECTS)) {
    it(`changes the incident, and brings what became of it, in the dialect ${name}`, async (t) => {
      const { control, graphql, create } = await incidentBench(t);
      await control('incidents-dialect', dialect);
      const [id = ''] = await create({ severity: 'P3' });
      const reader = await graphql();
      const isWebsocket = 'states' in dialect && dialect.states === 'websocket';
      const steps: [IncidentAction, string, unknown][] = [
        ...(isWebsocket
          ? []
          : ([[{ kind: 'acknowledge', id }, 'phase', 'acknowledged']] as [
              IncidentAction,
              string,
              unknown,
            ][])),
        [{ kind: 'assign', id, assignees: ['ann'] }, 'assignees', ['ann']],
        [{ kind: 'escalate', id, severity: 'P0', reason: 'It spreads.' }, 'severity', 'P0'],
        [{ kind: 'escalate', id, severity: 'P2', reason: '' }, 'severity', 'P2'],
        [{ kind: 'comment', id, text: 'x' }, 'id', id],
        [{ kind: 'resolve', id, method: 'auto-assisted', notes: '' }, 'phase', 'done'],
        [{ kind: 'reopen', id }, 'phase', 'working'],
      ];
      for (const [action, field, expected] of steps) {
        const incident = await reader.act(action);
        assert.deepEqual(incident[field as 'id'], expected, action.kind);
        assert.deepEqual((await reader.read([id])).incidents, [incident]);
      }
    });
  }

  it('is refused with `input` where the server cannot do it, and nothing is sent', async (t) => {
    const { graphql, control, sent } = await incidentBench(t);
    await control('incidents-dialect', { states: 'websocket' });
    const reader = await graphql();
    sent.length = 0;
    const impossible: IncidentAction[] = [
      { kind: 'acknowledge', id: UNKNOWN_ID },
      { kind: 'escalate', id: UNKNOWN_ID, severity: 'P17', reason: '' },
    ];
    for (const action of impossible) {
      const error = await rejection(reader.act(action));
      assert.deepEqual([error.code, error.stored], ['input', 'no']);
    }
    assert.deepEqual(sent, []);
  });

  it('says by `stored` whether the server may have done it', async (t) => {
    const { graphql, control, create, server } = await incidentBench(t);
    const [id = ''] = await create({ title: 'a' });
    const reader = await graphql();
    const act = () => rejection(reader.act({ kind: 'acknowledge', id }));
    for (const [code, expected, stored] of [
      ['UNAUTHENTICATED', 'unauthorized', 'no'],
      ['FORBIDDEN', 'forbidden', 'no'],
      ['RATE_LIMIT_EXCEEDED', 'rate-limited', 'no'],
      ['VALIDATION_ERROR', 'input', 'no'],
      ['NOT_FOUND', 'not-found', 'no'],
      ['CONFLICT', 'input', 'no'],
      ['INTERNAL_SERVER_ERROR', 'server', 'maybe'],
      ['TIMEOUT', 'timeout', 'maybe'],
      ['', 'server', 'maybe'],
    ] as const) {
      await control('incidents-errors', { style: 'next', code, count: 1, what: 'mutation' });
      const error = await act();
      assert.deepEqual([error.code, error.stored], [expected, stored], code);
    }
    for (const [status, stored] of [
      [400, 'no'],
      [401, 'no'],
      [413, 'no'],
      [429, 'no'],
      [500, 'maybe'],
      [502, 'maybe'],
      [504, 'maybe'],
    ] as const) {
      await control('incidents-fail', { status, count: 1, what: 'graphql' });
      assert.equal((await act()).stored, stored, String(status));
    }
    assert.equal((await rejection(reader.act({ kind: 'reopen', id: UNKNOWN_ID }))).code, 'not-found');
    await server.stop();
    const gone = await act();
    assert.deepEqual([gone.code, gone.stored], ['network', 'maybe']);
  });

  it('reads the incident where the mutation does not tell what became of it', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const { request, sent } = scripted((query) =>
      query.startsWith('mutation')
        ? { data: { result: true } }
        : { data: { i0: row('a', { state: 'TRIAGED' }) } },
    );
    const incident = await createGraphqlReader({ request, dialect }).act({ kind: 'acknowledge', id: 'a' });
    assert.deepEqual([incident.phase, sent.length], ['acknowledged', 2]);
    const { request: silent } = scripted((query) =>
      query.startsWith('mutation') ? { data: { result: {} } } : { data: null, errors: [{ message: 'boom' }] },
    );
    const error = await rejection(
      createGraphqlReader({ request: silent, dialect }).act({ kind: 'acknowledge', id: 'a' }),
    );
    assert.deepEqual([error.stored, error.retryable], ['yes', false]);
  });

  it('fails where a payload says that nothing was done', async (t) => {
    const bench = await incidentBench(t);
    const dialect = await codeDialect(bench);
    const result = { success: false, message: 'words of the server', incident: row('a') };
    const reader = createGraphqlReader({ request: async () => ({ data: { result } }), dialect });
    const error = await rejection(reader.act({ kind: 'acknowledge', id: 'a' }));
    assert.deepEqual([error.code, error.stored], ['input', 'no']);
    assert.doesNotMatch(error.message, /words of the server/);
  });
});

function incidentBenchReader({ request }: IncidentBench, dialect: Awaited<ReturnType<typeof codeDialect>>) {
  return createGraphqlReader({ request, dialect });
}
