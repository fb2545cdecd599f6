import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSchema, graphqlSync, parse, specifiedRules, validate, visit, type DocumentNode } from 'graphql';
import { codeDialect } from '../../demo/server/incidents/dialect.ts';
import { schemaText } from '../../demo/server/incidents/schema-text.ts';
import type { IncidentAction } from '../../src/protocol/incident.ts';
import { dialectOf, pageDocument, probeGraphql } from '../../src/transports/incident-dialect.ts';
import { write } from '../../src/transports/incident-documents.ts';
import { incidentField } from '../../src/transports/incident-lookup.ts';
import { mutationDocument } from '../../src/transports/incident-mutations.ts';
import { readSchema, SCHEMA_QUERY } from '../../src/transports/incident-schema.ts';
import { incidentBench, row, scripted, UNKNOWN_ID } from './incident-readers.ts';
import { rejection } from './support.ts';

const ACTIONS: readonly IncidentAction[] = [
  { kind: 'acknowledge', id: 'a' },
  { kind: 'assign', id: 'a', assignees: ['ann', 'b"ob\\'] },
  { kind: 'assign', id: 'a', assignees: [] },
  { kind: 'escalate', id: 'a', severity: 'p1', reason: 'line\nline "quoted" \\ \u2028 😀' },
  { kind: 'resolve', id: 'a', method: 'manual', notes: '' },
  { kind: 'resolve', id: 'a', method: 'auto-assisted', notes: 'n', rootCause: '"""' },
  { kind: 'comment', id: 'a', text: '") { id } }' },
  { kind: 'reopen', id: 'a' },
];

/** Schemas of whole servers: those of the local one, and what documents add to them. */
const DIALECTS = {
  code: codeDialect,
  edges: { ...codeDialect, list: 'edges' },
  'pages from 1': { ...codeDialect, pages: 'one', states: 'websocket', owner: 'assignedTo' },
  relay: { ...codeDialect, list: 'edges', pages: 'relay', field: 'status', type: 'category', labels: 'map' },
  'schema file': {
    ...codeDialect,
    states: 'schema',
    list: 'edges',
    pages: 'one',
    field: 'status',
    type: 'category',
    owner: 'user',
    results: 'payload',
  },
} as const;

function dialectFor(sdl: string) {
  const schema = buildSchema(sdl);
  // With errors: graphql-js cannot print the defaults of some scalars. The rest of the answer is sound.
  const facts = readSchema(graphqlSync({ schema, source: SCHEMA_QUERY }).data);
  assert.ok(facts);
  const dialect = dialectOf(facts);
  return { schema, dialect };
}

describe('the question for a schema', () => {
  it('stays within 10 levels and 100 fields, counted with its fragments where they are used', () => {
    const { depth, fields } = sizeOf(parse(SCHEMA_QUERY));
    assert.ok(depth <= 9, `${depth} levels`);
    assert.ok(fields <= 100, `${fields} fields`);
  });

  it('is answered by a server that refuses a full introspection', async (t) => {
    const { request } = await incidentBench(t);
    const whole =
      '{ __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } } } }';
    const { errors } = await request({ query: whole });
    assert.ok(Array.isArray(errors) && errors.length > 0);
    const dialect = await probeGraphql(request);
    assert.equal(dialect.selection.split(' ').length, 11);
  });
});

describe('what is written in a dialect', () => {
  for (const [name, words] of Object.entries(DIALECTS)) {
    it(`is valid where the server speaks it: ${name}`, () => {
      const { schema, dialect } = dialectFor(schemaText(words));
      assert.ok(dialect);
      const documents = [
        pageDocument(
          dialect,
          { page: 3, pageSize: 50, severities: ['p0', 'P1', 'NONE'], activeOnly: true },
          'c',
        ),
        pageDocument(dialect, { page: 0, pageSize: 1, severities: ['NONE'] }),
        `{ ${incidentField(dialect, 'a', dialect.selection)} }`,
        `{ ${incidentField(dialect, 'a"b', dialect.details)} }`,
        ...ACTIONS.flatMap((action) => mutationDocument(dialect, action, 'ann') ?? []),
      ];
      assert.ok(documents.length >= 9);
      for (const document of documents) {
        const errors = validate(schema, parse(document), specifiedRules);
        // The sample ids are no UUIDs; servers read them when they run the operation.
        assert.deepEqual(errors.map(String), [], document);
      }
    });
  }

  it('asks for what the server has, by its names', () => {
    const code = dialectFor(schemaText(DIALECTS.code)).dialect;
    assert.equal(
      code?.selection,
      'id title description severity state createdAt updatedAt source incidentType affectedResources assignees',
    );
    assert.equal(code.cost, 11);
    const schemaFile = dialectFor(schemaText(DIALECTS['schema file'])).dialect;
    assert.equal(
      schemaFile?.selection,
      'id title description severity status createdAt updatedAt source category affectedResources assignedTo { name }',
    );
    assert.equal(schemaFile.cost, 12);
    assert.match(pageDocument(schemaFile, { page: 0, pageSize: 10 }), /page: 1, pageSize: 10/);
    assert.match(pageDocument(code, { page: 0, pageSize: 10 }), /page: 0, pageSize: 10/);
  });

  it('leaves severities to the server only as far as it knows them', () => {
    const { dialect } = dialectFor(schemaText(codeDialect));
    assert.ok(dialect);
    const document = (...severities: string[]) => pageDocument(dialect, { page: 0, pageSize: 1, severities });
    assert.match(document('p1', 'HIGH', 'P0'), /severities: \[P0, P1\]/);
    assert.doesNotMatch(document('HIGH'), /severities/);
    assert.doesNotMatch(document(), /filter/);
  });

  it('acknowledges by the mutation for it, else by the first state that means it, else not at all', () => {
    const acknowledge = { kind: 'acknowledge', id: 'a' } as const;
    const documents = ['code', 'schema', 'websocket'].map((states) => {
      const { dialect } = dialectFor(schemaText({ ...codeDialect, states: states as 'code' }));
      assert.equal(dialect?.capabilities.actions.has('acknowledge'), states !== 'websocket');
      return dialect && mutationDocument(dialect, acknowledge, undefined);
    });
    assert.match(documents[0] ?? '', /updateIncident\(id: "a", input: \{state: TRIAGED\}\)/);
    assert.match(documents[1] ?? '', /acknowledgeIncident\(id: "a"\)/);
    assert.equal(documents[2], undefined);
  });

  it('offers no action that would lose what somebody wrote, or name what the server does not know', () => {
    const sdl = schemaText(codeDialect);
    const actions = (text: string) => [...(dialectFor(text).dialect?.capabilities.actions ?? [])];
    assert.deepEqual(actions(sdl), ['acknowledge', 'assign', 'escalate', 'resolve', 'comment', 'reopen']);
    assert.ok(!actions(sdl.replace('notes: String!  rootCause', 'rootCause')).includes('resolve'));
    assert.ok(!actions(sdl.replace('addComment(', 'addNothing(')).includes('comment'));
    assert.ok(!actions(sdl.replace('comment: String!): ', 'ticket: ID!): ')).includes('comment'));
    // An update that insists on what nobody here knows is no way to do anything.
    const insisting = sdl.replace('input UpdateIncidentInput {', 'input UpdateIncidentInput { etag: String!');
    assert.deepEqual(actions(insisting), ['assign', 'escalate', 'resolve', 'comment']);
    const optional = insisting.replace('input: UpdateIncidentInput!', 'input: UpdateIncidentInput');
    assert.deepEqual(actions(optional), ['assign', 'escalate', 'resolve', 'comment']);
    const { dialect } = dialectFor(sdl);
    assert.ok(dialect);
    const escalate = { kind: 'escalate', id: 'a', severity: 'CRITICAL', reason: '' } as const;
    assert.equal(mutationDocument(dialect, escalate, undefined), undefined);
  });

  it('names who acts where the server asks for it', () => {
    const sdl = schemaText({ ...codeDialect, states: 'schema' }).replace(
      'acknowledgeIncident(id: UUID!, notes: String)',
      'acknowledgeIncident(incidentId: UUID!, actor: String!, notes: String!)',
    );
    const { schema, dialect } = dialectFor(sdl);
    assert.ok(dialect);
    const documents = ['ann', undefined].map(
      (actor) => mutationDocument(dialect, { kind: 'acknowledge', id: 'a' }, actor) ?? '',
    );
    assert.match(documents[0] ?? '', /\(incidentId: "a", actor: "ann", notes: ""\)/);
    assert.match(documents[1] ?? '', /actor: "incident-feed"/);
    for (const document of documents) assert.deepEqual(validate(schema, parse(document)), []);
  });

  it('does not take several people for one where the server has room for one', () => {
    const sdl = schemaText({ ...codeDialect, owner: 'assignedTo' }).replace(
      'assignIncident(incidentId: UUID!, assignees: [String!]!)',
      'assignIncident(incidentId: UUID!, assignedTo: String!)',
    );
    const { dialect } = dialectFor(sdl.replace('assignees: [String!]  addLabels', 'addLabels'));
    assert.ok(dialect);
    assert.ok(dialect.capabilities.actions.has('assign'));
    const assign = (...assignees: string[]) =>
      mutationDocument(dialect, { kind: 'assign', id: 'a', assignees }, undefined);
    assert.match(assign('ann') ?? '', /assignedTo: "ann"/);
    assert.equal(assign('ann', 'bob'), undefined);
  });

  it('carries any text as it is, but for halves of characters', () => {
    for (const text of ['', '"', '\\', '"""', '\n\r\t\u0000', '\u2028', '😀', '${x}', '#', '") }']) {
      const schema = buildSchema('type Query { echo(text: String!): String }');
      const source = `{ echo(text: ${write(text)}) }`;
      const rootValue = { echo: (args: { text: string }) => args.text };
      assert.deepEqual({ ...graphqlSync({ schema, source, rootValue }).data }, { echo: text });
    }
    assert.equal(write('a\ud800b'), '"a\ufffdb"');
  });
});

describe('probeGraphql', () => {
  const rows = { incidents: [row('a')], pageInfo: { totalCount: 1, hasNextPage: false } };
  const refusedIntrospection = { data: null, errors: [{ message: 'No introspection.', locations: [{}] }] };

  it('asks in the ways of the documents where a server does not tell its schema, and offers no action', async () => {
    for (const silence of [refusedIntrospection, { data: { incident: null, __schema: null } }]) {
      const { request, sent } = scripted((query) =>
        query.includes('__schema') ? silence : { data: { incidents: rows } },
      );
      const dialect = await probeGraphql(request);
      assert.equal(sent.length, 2);
      assert.equal(dialect.capabilities.actions.size, 0);
      assert.equal(dialect.capabilities.timeline, false);
      assert.equal(dialect.subscriptions, undefined);
      assert.doesNotMatch(dialect.selection, /assign|label|timeline/);
      assert.equal(mutationDocument(dialect, { kind: 'acknowledge', id: 'a' }, undefined), undefined);
    }
  });

  it('reads incidents of the local server without its schema, in both ways', async (t) => {
    const { request, control, graphql, create } = await incidentBench(t);
    const ids = await create({ title: 'a' }, { title: 'b' }, { title: 'c' });
    for (const ways of [{}, { list: 'edges', pages: 'relay' }]) {
      await control('incidents-dialect', { introspection: 'refused', ...ways });
      assert.equal((await probeGraphql(request)).subscriptions, undefined);
      const reader = await graphql();
      const pages = await Promise.all([0, 1].map((page) => reader.page({ page, pageSize: 2 })));
      assert.deepEqual(
        new Set(pages.flatMap(({ incidents }) => incidents.map(({ id }) => id))),
        new Set(ids),
      );
      assert.deepEqual((await reader.read([...ids, UNKNOWN_ID])).missing, [UNKNOWN_ID]);
      assert.equal((await reader.details(ids[0] ?? '')).timeline, undefined);
      const acknowledge = { kind: 'acknowledge', id: ids[0] ?? '' } as const;
      assert.equal((await rejection(reader.act(acknowledge))).code, 'input');
    }
  });

  it('finds lists of edges without a schema too', async () => {
    const { request } = scripted((query) =>
      query.includes('edges')
        ? { data: { incidents: { edges: [{ node: row('a') }] } } }
        : refusedIntrospection,
    );
    const dialect = await probeGraphql(request);
    assert.equal(dialect.hasCursors, true);
    const { schema } = dialectFor(
      schemaText(DIALECTS.relay).replaceAll('status:', 'state:').replaceAll('category:', 'incidentType:'),
    );
    assert.deepEqual(validate(schema, parse(pageDocument(dialect, { page: 1, pageSize: 5 }, 'c'))), []);
  });

  it('says that it is unsupported where GraphQL is about other things', async () => {
    const schema = buildSchema('type Query { users: [User!]! } type User { id: ID! }');
    const { request } = scripted((source) => graphqlSync({ schema, source }));
    assert.equal((await rejection(probeGraphql(request))).code, 'unsupported');
    const { request: silent } = scripted(() => refusedIntrospection);
    assert.equal((await rejection(probeGraphql(silent))).code, 'unsupported');
  });

  it('passes on what is no answer to the question', async (t) => {
    const { request, control } = await incidentBench(t);
    for (const [status, code] of [
      [500, 'server'],
      [503, 'server'],
      [429, 'rate-limited'],
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [404, 'not-found'],
      [405, 'not-found'],
    ] as const) {
      await control('incidents-fail', { status, count: 1, what: 'graphql' });
      assert.equal((await rejection(probeGraphql(request))).code, code, String(status));
    }
    await control('incidents-mode', { mode: 'as-shipped' });
    assert.equal((await rejection(probeGraphql(request))).code, 'not-found');
  });

  it('knows unheard-of states and severities by what the schema says', async (t) => {
    const { request, control } = await incidentBench(t);
    await control('incidents-dialect', { moreStates: ['SNOOZED'], moreSeverities: ['P9'] });
    const { states, capabilities } = await probeGraphql(request);
    assert.ok(states.includes('SNOOZED'));
    assert.deepEqual(capabilities.severities, ['P0', 'P1', 'P2', 'P3', 'P4', 'P9']);
  });

  it('does not choke on a schema that is none', async () => {
    for (const junk of [
      7,
      'x',
      [],
      { fields: 7 },
      { fields: [null, 7, { name: 'a b' }, { name: '__proto__' }] },
    ]) {
      const schema = { queryType: junk, mutationType: junk, subscriptionType: junk };
      const { request } = scripted(() => ({ data: { __schema: schema, incident: junk, pageInfo: junk } }));
      assert.equal((await rejection(probeGraphql(request))).code, 'unsupported');
    }
  });
});

/** Counted as servers do: fragments where they are used, lists once. */
function sizeOf(document: DocumentNode): { depth: number; fields: number } {
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each.selectionSet] as const] : [],
    ),
  );
  let [fields, deepest, depth] = [0, 0, 0];
  const walk = (node: Parameters<typeof visit>[0]): void => {
    visit(node as DocumentNode, {
      Field: {
        enter() {
          fields += 1;
          deepest = Math.max(deepest, ++depth);
        },
        leave: () => void depth--,
      },
      FragmentDefinition: () => false,
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment) walk(fragment);
      },
    });
  };
  walk(document);
  return { depth: deepest, fields };
}
