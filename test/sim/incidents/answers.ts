import { graphqlSync } from 'graphql';
import { codeDialect } from '../../../demo/server/incidents/dialect.ts';
import type { StoredIncident } from '../../../demo/server/incidents/model.ts';
import { restIncident } from '../../../demo/server/incidents/rest-shape.ts';
import { schemaOf } from '../../../demo/server/incidents/schema.ts';
import { wireOf, type Manager } from './manager.ts';

export interface Answer {
  readonly status: number;
  /** JSON; `undefined`: nothing. */
  readonly body: string | undefined;
}

const NOTHING: Answer = { status: 404, body: undefined };
const NOT_FOUND: Answer = {
  status: 404,
  body: JSON.stringify({ error: { code: 'NOT_FOUND', message: 'Incident not found' } }),
};
const introspected = new Map<string, string>();
const restWritten = new WeakMap<StoredIncident, string>();

/**
 * What the incident manager answers to a request for `url`. The local server would answer the same in a hundred times the
 * time: only questions about its schema go to a GraphQL library, once each.
 */
export function answerOf(manager: Manager, hasGraphql: boolean, url: URL, init: RequestInit): Answer {
  if (url.pathname === '/graphql') {
    if (!hasGraphql) return NOTHING;
    const { query } = JSON.parse(init.body as string) as { query: string };
    return { status: 200, body: graphqlAnswer(manager, query) };
  }
  if (url.pathname === '/v1/incidents') return restPage(manager, url.searchParams);
  const id = /^\/v1\/incidents\/([^/]+)(\/resolve)?$/.exec(url.pathname)?.[1];
  const incident = id === undefined ? undefined : manager.get(id);
  if (id === undefined) return NOTHING;
  return incident ? { status: 200, body: restWire(incident) } : NOT_FOUND;
}

/** Of a query that the product writes. Throws for any other: the model would answer something made up. */
export function graphqlAnswer(manager: Manager, query: string): string {
  if (query.includes('__schema')) return introspection(query);
  if (query.startsWith('query IncidentPage')) return pageAnswer(manager, query);
  if (query.startsWith('query IncidentsById')) return lookupAnswer(manager, query);
  throw new Error(`The model knows no answer to ${query}`);
}

function introspection(query: string): string {
  let answer = introspected.get(query);
  if (answer === undefined) {
    answer = JSON.stringify(graphqlSync({ schema: schemaOf(codeDialect), source: query }));
    introspected.set(query, answer);
  }
  return answer;
}

function pageAnswer(manager: Manager, query: string): string {
  const number = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(query)?.[1] ?? NaN);
  const pageSize = number('pageSize');
  const page = number('page');
  const severities = /\bseverities: \[([^\]]*)\]/.exec(query)?.[1]?.split(', ');
  const activeOnly = /\bactiveOnly: true/.test(query);
  const { incidents, total } = manager.list({ page, pageSize, severities, activeOnly });
  const hasNextPage = page * pageSize + incidents.length < total;
  const rows = incidents.map(wireOf).join();
  const pageInfo = JSON.stringify({ hasNextPage, totalCount: total });
  return `{"data":{"incidents":{"incidents":[${rows}],"pageInfo":${pageInfo}}}}`;
}

/** As in the service, whose field is not nullable: one that is not there takes all others with it. */
function lookupAnswer(manager: Manager, query: string): string {
  const asked = [...query.matchAll(/\b(i\d+): incident\(id: "([^"]+)"\)/g)];
  const found = asked.map(([, alias, id]) => ({ alias, incident: manager.get(id ?? '') }));
  const missing = found.find(({ incident }) => !incident);
  if (missing) {
    const errors = [{ message: 'Incident not found', path: [missing.alias] }];
    return JSON.stringify({ data: null, errors });
  }
  const fields = found.map(({ alias, incident }) => `"${alias}":${incident ? wireOf(incident) : 'null'}`);
  return `{"data":{${fields.join()}}}`;
}

/** The only filter that REST has is `active_only`. */
function restPage(manager: Manager, search: URLSearchParams): Answer {
  const page = Number(search.get('page'));
  const pageSize = Number(search.get('page_size'));
  const activeOnly = search.get('active_only') === 'true';
  const { incidents, total } = manager.list({ page, pageSize, activeOnly });
  const rows = incidents.map(restWire).join();
  const body = `{"incidents":[${rows}],"total":${total},"page":${page},"page_size":${pageSize}}`;
  return { status: 200, body };
}

function restWire(incident: StoredIncident): string {
  let text = restWritten.get(incident);
  if (text === undefined) restWritten.set(incident, (text = JSON.stringify(restIncident(incident, 'z9'))));
  return text;
}
