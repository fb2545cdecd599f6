import { GraphQLError } from 'graphql';
import { stateIn } from './dialect.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { isActive, isCritical, SEVERITIES, type StoredIncident } from './model.ts';
import type { Resolvers } from './schema.ts';
import { schemaText } from './schema-text.ts';

export const VERSION = '1.0.1';
const MAX_PAGE_SIZE = 100;
const RELAY_PAGE_SIZE = 50;
/** `searchIncidents` looks no further. */
const SEARCHED = 1_000;

interface Paging {
  pagination?: { page: number; pageSize: number } | null;
  first?: number | null;
  after?: string | null;
}
interface Filter {
  states?: readonly string[] | null;
  severities?: readonly string[] | null;
  sources?: readonly string[] | null;
  activeOnly?: boolean | null;
}
type Matches = (incident: StoredIncident) => boolean;

export const queryResolvers: Resolvers = {
  health: () => ({ status: 'healthy', version: VERSION }),
  incident: (_source: never, { id }: { id: string }, { desk }) => desk.get(id),
  /** `sort` is accepted and ignored. */
  incidents: (_source: never, args: Paging & { filter?: Filter | null }, context) =>
    connection(context, args, matcher(args.filter, context)),
  activeIncidents: (_source: never, args: Paging, context) => connection(context, args, isActive),
  criticalIncidents: (_source: never, args: Paging, context) =>
    connection(context, args, (incident) => isCritical(incident) && isActive(incident)),
  searchIncidents: (_source: never, args: Paging & { query: string }, context) => {
    const wanted = args.query.toLowerCase();
    const newest = new Set(context.store.list(0, SEARCHED).incidents);
    return connection(
      context,
      args,
      (incident) =>
        newest.has(incident) && `${incident.title}\n${incident.description}`.toLowerCase().includes(wanted),
    );
  },
  incidentStats: (_source: never, _args: never, { store }) => {
    const active = store.list(0, Infinity, isActive);
    const bySeverity = Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity.toLowerCase(),
        active.incidents.filter((incident) => incident.severity === severity).length,
      ]),
    );
    return { total: store.size, active: active.total, resolved: store.size - active.total, bySeverity };
  },
  playbook: () => {
    throw new GraphQLError('Playbook not found');
  },
  playbooks: () => [],
  _service: (_source: never, _args: never, { dialect }) => ({ sdl: schemaText(dialect) }),
};

/** `undefined` where everything matches. */
function matcher(filter: Filter | null | undefined, { dialect }: GraphqlContext): Matches | undefined {
  const states = filter?.states?.map((word) => stateIn(word, dialect));
  const { severities, sources, activeOnly } = filter ?? {};
  if (!states && !severities && !sources && !activeOnly) return undefined;
  return (incident) =>
    (!states?.length || states.includes(incident.state)) &&
    (!severities?.length || severities.includes(incident.severity)) &&
    (!sources?.length || sources.some((source) => incident.source.includes(source))) &&
    (!activeOnly || isActive(incident));
}

function connection(context: GraphqlContext, paging: Paging, matches?: Matches) {
  const { skip, size, first } = span(context, paging, matches);
  const { incidents, total } = context.store.list(skip, size, matches);
  const hasNextPage = skip + incidents.length < total;
  const cursors = incidents.map(({ id }) => Buffer.from(id).toString('base64'));
  return {
    incidents,
    edges: incidents.map((node, index) => ({ node, cursor: cursors[index] })),
    totalCount: total,
    pageInfo: {
      page: Math.floor(skip / size) + first,
      pageSize: size,
      totalCount: total,
      totalPages: Math.ceil(total / size),
      hasNextPage,
      hasPreviousPage: skip > 0,
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
  };
}

function span({ dialect, store }: GraphqlContext, paging: Paging, matches?: Matches) {
  if (dialect.pages === 'relay') {
    const after = Buffer.from(paging.after ?? '', 'base64').toString();
    const rank = after === '' ? -1 : store.rank(after, matches);
    if (rank === undefined) throw new GraphQLError('Invalid cursor');
    return { skip: rank + 1, size: checkedSize(paging.first ?? RELAY_PAGE_SIZE), first: 0 };
  }
  const first = dialect.pages === 'one' ? 1 : 0;
  const { page, pageSize } = paging.pagination ?? { page: first, pageSize: first === 1 ? 50 : 20 };
  if (page < first) throw new GraphQLError(`Page must be at least ${first}`);
  const size = checkedSize(pageSize);
  return { skip: (page - first) * size, size, first };
}

function checkedSize(size: number): number {
  if (size < 1 || size > MAX_PAGE_SIZE) {
    throw new GraphQLError(`Page size must be between 1 and ${MAX_PAGE_SIZE}`);
  }
  return size;
}
