import { RealtimeError } from '../protocol/errors.ts';
import type { IncidentAction, IncidentActionKind, IncidentCapabilities } from '../protocol/incident.ts';
import { enumWord, severityRank } from '../protocol/incident-parse.ts';
import { costOf, Enum, fill } from './incident-documents.ts';
import { graphqlError, objectOf } from './incident-errors.ts';
import { mutationDocument, type MutationFacts } from './incident-mutations.ts';
import {
  readSchema,
  SCHEMA_QUERY,
  type Argument,
  type RootField,
  type SchemaFacts,
} from './incident-schema.ts';
import { detailsSelection, pick, rowSelection, SHARED_FIELDS } from './incident-selection.ts';
import type { GraphqlRequest, IncidentQuery } from './incident-source.ts';

/** How one server wants to be asked, found out from its schema. */
export interface IncidentDialect extends MutationFacts {
  /** What to select of an incident, and of one that is opened. */
  readonly selection: string;
  readonly details: string;
  /** Complexity of `selection`. */
  readonly cost: number;
  /** What to select of a page around its rows: `{ incidents { … } … }`. */
  readonly page: string;
  /** Arguments of the query for a page. */
  readonly pageArgs: readonly Argument[];
  /** Of the first page. */
  readonly firstPage: 0 | 1;
  /** Pages follow a cursor instead of a number. */
  readonly hasCursors: boolean;
  readonly incidentArgs: readonly Argument[];
  readonly capabilities: IncidentCapabilities;
  /** Names of the subscriptions; `undefined` where the server does not tell. */
  readonly subscriptions: ReadonlySet<string> | undefined;
}

const SAMPLES: { readonly [Kind in IncidentActionKind]: IncidentAction & { kind: Kind } } = {
  acknowledge: { kind: 'acknowledge', id: '' },
  assign: { kind: 'assign', id: '', assignees: [''] },
  escalate: { kind: 'escalate', id: '', severity: 'P0', reason: '' },
  resolve: { kind: 'resolve', id: '', method: 'manual', notes: '' },
  comment: { kind: 'comment', id: '', text: '' },
  reopen: { kind: 'reopen', id: '' },
};

/**
 * Asks a server for its dialect. Rejects with `unsupported` where it serves some other GraphQL, else with what went wrong.
 * One that does not tell its schema is asked for a page in the two ways that documents name; it gets no actions.
 */
export async function probeGraphql(request: GraphqlRequest, signal?: AbortSignal): Promise<IncidentDialect> {
  const { data, refusal } = await ask(request, SCHEMA_QUERY, signal);
  const schema = readSchema(data);
  if (schema) {
    const dialect = dialectOf(schema);
    if (dialect) return dialect;
    throw new RealtimeError('unsupported', 'The server has no incidents that can be read.');
  }
  let failure = refusal;
  for (const dialect of documented()) {
    const query = pageDocument(dialect, { page: 0, pageSize: 1 });
    const answer = await ask(request, query, signal);
    if (objectOf(objectOf(answer.data)?.['incidents'])) return dialect;
    failure = answer.refusal;
  }
  if (failure?.code === 'forbidden') throw failure;
  throw new RealtimeError('unsupported', 'The server does not understand questions about incidents.');
}

/** What the schema offers a feed; `undefined` where incidents cannot be listed and read. */
export function dialectOf(schema: SchemaFacts): IncidentDialect | undefined {
  const { incident, queries } = schema;
  const list = queries.get('incidents');
  const one = queries.get('incident');
  const shape = list?.returns.fields;
  const rows = shape && pick(shape, 'incidents|edges')[0];
  if (!incident?.has('id') || !incident.has('createdAt') || !one || !rows) return undefined;
  const selection = rowSelection(incident);
  const words = (...names: readonly string[]) =>
    names.map((name) => incident.get(name)?.enumValues ?? []).find(({ length }) => length > 0) ?? [];
  const facts: MutationFacts = {
    mutations: schema.mutations,
    states: words('state', 'status'),
    severities: words('severity'),
    resolutionMethods: schema.resolutionMethods,
    selection,
  };
  const pageInfo = pick(schema.pageInfo, 'hasNextPage totalCount endCursor').join(' ');
  const page = [
    rows === 'edges' ? `edges { node { ${selection} } }` : `incidents { ${selection} }`,
    ...(shape.has('pageInfo') && pageInfo ? [`pageInfo { ${pageInfo} }`] : []),
    ...(shape.has('totalCount') ? ['totalCount'] : []),
  ].join(' ');
  const firstPage = firstPageOf(list.args) ?? (rows === 'edges' ? 1 : 0);
  const dialect = {
    ...facts,
    details: detailsSelection(incident),
    cost: costOf(selection),
    page,
    pageArgs: list.args,
    firstPage,
    hasCursors: hasArgument(list.args, 'after') && !hasArgument(list.args, 'page'),
    incidentArgs: one.args,
    capabilities: capabilitiesOf(facts, /\btimeline \{/.test(detailsSelection(incident))),
    subscriptions: schema.subscriptions,
  } satisfies IncidentDialect;
  // A server that insists on what nobody here knows cannot be asked.
  return fill(one.args, { id: '', incidentId: '' }) === undefined ||
    fill(list.args, pageValues(dialect, { page: 0, pageSize: 1 })) === undefined
    ? undefined
    : dialect;
}

/** The query for one page. `cursor`: the end of the page before, where pages have cursors. */
export function pageDocument(dialect: IncidentDialect, query: IncidentQuery, cursor?: string): string {
  const args = fill(dialect.pageArgs, pageValues(dialect, query, cursor)) ?? '';
  return `query IncidentPage { incidents${args} { ${dialect.page} } }`;
}

/** Whether the server leaves out by itself what `query` does not ask for; else `total` is not that of the query. */
export function isFiltered(dialect: IncidentDialect, query: IncidentQuery): boolean {
  const { severities, activeOnly } = pageValues(dialect, query);
  return (
    (!query.severities?.length ||
      (severities !== undefined && hasArgument(dialect.pageArgs, 'severities'))) &&
    (!query.activeOnly || (activeOnly !== undefined && hasArgument(dialect.pageArgs, 'activeOnly')))
  );
}

function pageValues({ firstPage, severities, hasCursors }: PageFacts, query: IncidentQuery, cursor?: string) {
  const asked = query.severities?.map(enumWord);
  const known = severities.filter((word) => asked?.includes(enumWord(word)));
  return {
    page: hasCursors ? undefined : query.page + firstPage,
    pageSize: query.pageSize,
    limit: query.pageSize,
    offset: query.page * query.pageSize,
    first: query.pageSize,
    after: cursor,
    // The server refuses a word that it does not know; what it has of the others is left out by the reader.
    severities: known.length > 0 ? known.map((word) => new Enum(word)) : undefined,
    activeOnly: query.activeOnly || undefined,
  };
}
type PageFacts = Pick<IncidentDialect, 'firstPage' | 'severities' | 'hasCursors'>;

/** The two ways to list incidents that documents agree on, with the fields that all of them have. */
function documented(): IncidentDialect[] {
  const argument = (name: string, ...inputs: readonly string[]): Argument => ({
    name,
    isRequired: false,
    defaultValue: undefined,
    fields: inputs.length > 0 ? inputs.map((each) => argument(each)) : undefined,
  });
  const common = {
    mutations: new Map<string, RootField>(),
    states: [],
    severities: [],
    resolutionMethods: [],
    selection: SHARED_FIELDS,
    details: SHARED_FIELDS,
    cost: costOf(SHARED_FIELDS),
    firstPage: 0 as const,
    incidentArgs: [argument('id')],
    capabilities: {
      via: 'graphql' as const,
      actions: new Set<IncidentActionKind>(),
      timeline: false,
      severities: [],
    },
    subscriptions: undefined,
  };
  return [
    {
      ...common,
      page: `incidents { ${SHARED_FIELDS} } pageInfo { totalCount hasNextPage }`,
      pageArgs: [argument('pagination', 'page', 'pageSize')],
      hasCursors: false,
    },
    {
      ...common,
      page: `edges { node { ${SHARED_FIELDS} } } pageInfo { hasNextPage endCursor }`,
      pageArgs: [argument('first'), argument('after')],
      hasCursors: true,
    },
  ];
}

/** One question. A refusal of the question itself is no failure: another way to ask may do. */
async function ask(request: GraphqlRequest, query: string, signal: AbortSignal | undefined) {
  const { data, errors } = await request({ query }, signal).catch((reason: unknown) => {
    const error = RealtimeError.from(reason, 'network', 'The incident server could not be reached.');
    return { data: undefined, errors: error };
  });
  if (objectOf(data) && !(errors instanceof RealtimeError)) return { data, refusal: undefined };
  const refusal = errors instanceof RealtimeError ? errors : graphqlError(errors);
  // Without a status it is about what was asked for, and not about asking at all.
  const isForbidden = refusal.code === 'forbidden' && refusal.status === undefined;
  if (refusal.code !== 'input' && !isForbidden) throw refusal;
  return { data: undefined, refusal };
}

function capabilitiesOf(facts: MutationFacts, timeline: boolean): IncidentCapabilities {
  const severities = [...facts.severities].sort((a, b) => severityRank(a) - severityRank(b));
  const [severity = SAMPLES.escalate.severity] = severities;
  const samples = Object.values({ ...SAMPLES, escalate: { ...SAMPLES.escalate, severity } });
  const can = samples.filter((sample) => mutationDocument(facts, sample, undefined) !== undefined);
  return { via: 'graphql', actions: new Set(can.map(({ kind }) => kind)), timeline, severities };
}

function firstPageOf(args: readonly Argument[]): 0 | 1 | undefined {
  const page = args.flatMap((arg) => [arg, ...(arg.fields ?? [])]).find(({ name }) => name === 'page');
  return page?.defaultValue === '1' ? 1 : page?.defaultValue === '0' ? 0 : undefined;
}

function hasArgument(args: readonly Argument[], name: string): boolean {
  return args.some((arg) => arg.name === name || (arg.fields && hasArgument(arg.fields, name)));
}
