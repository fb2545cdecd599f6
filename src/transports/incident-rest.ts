import type { RealtimeError } from '../protocol/errors.ts';
import type {
  Incident,
  IncidentAction,
  IncidentActionKind,
  IncidentCapabilities,
  IncidentDetails,
} from '../protocol/incident.ts';
import { enumWord, parseDetails, parseIncident } from '../protocol/incident-parse.ts';
import { incidentError, objectOf } from './incident-errors.ts';
import { Gate, inTurns, MAX_REQUESTS } from './incident-gate.ts';
import type { IncidentHttp, IncidentHttpAnswer } from './incident-http.ts';
import { ANONYMOUS } from './incident-mutations.ts';
import { cannot, checkQuery, countOf, isFollowed, readRows, understood } from './incident-rows.ts';
import type { IncidentPage, IncidentQuery, IncidentReader, IncidentsById } from './incident-source.ts';

export interface RestReaderPorts {
  readonly http: IncidentHttp;
  /** `https://host[:port][/path]/v1`. */
  readonly base: string;
  readonly uuid: () => string;
  /** Name of who acts: it stands in the incident's history. */
  readonly actor?: () => string | undefined;
}

const NIL = '00000000-0000-0000-0000-000000000000';
const METHODS = { manual: 'Manual', automated: 'Automated', 'auto-assisted': 'AutoAssistedManual' } as const;

/**
 * Asks for one incident, and for changes of one that does not exist: a server that has these routes says that it has no such
 * incident. Rejects with `not-found` where nobody serves incidents by REST, else with what went wrong.
 */
export async function probeRest(ports: RestReaderPorts, signal?: AbortSignal): Promise<IncidentCapabilities> {
  const rest = new Rest(ports);
  const answer = await rest.send('GET', '/incidents?page=0&page_size=1', signal);
  if (answer.error) throw answer.error;
  if (!Array.isArray(objectOf(answer.body)?.['incidents'])) throw incidentError('not-found');
  const [updates, resolves] = await Promise.all([
    rest.has('PUT', `/incidents/${NIL}`, signal),
    rest.has('POST', `/incidents/${NIL}/resolve`, signal),
  ]);
  const kinds: IncidentActionKind[] = [
    ...(updates ? (['acknowledge', 'assign', 'reopen'] as const) : []),
    ...(resolves ? (['resolve'] as const) : []),
  ];
  return { via: 'rest', actions: new Set(kinds), timeline: false, severities: [] };
}

/** Reads and changes incidents by REST, the only way that the service ships. It knows no comments, escalation or history. */
export function createRestReader(ports: RestReaderPorts): IncidentReader {
  return new RestReader(ports);
}

class RestReader implements IncidentReader {
  readonly via = 'rest';
  readonly #rest: Rest;
  readonly #actor: () => string;

  constructor(ports: RestReaderPorts) {
    this.#rest = new Rest(ports);
    this.#actor = () => ports.actor?.() ?? ANONYMOUS;
  }

  async page(query: IncidentQuery): Promise<IncidentPage> {
    checkQuery(query);
    const { page, pageSize, activeOnly, severities, signal } = query;
    const search = `page=${page}&page_size=${pageSize}${activeOnly ? '&active_only=true' : ''}`;
    const body = await understood(this.#get(`/incidents?${search}`, signal));
    const list = objectOf(body);
    const rows = list?.['incidents'];
    if (!list || !Array.isArray(rows)) throw incidentError('protocol');
    const total = countOf(list['total']) ?? countOf(objectOf(list['pagination'])?.['total']);
    return {
      ...readRows(rows, query),
      // It cannot filter by severity: the parameter is refused.
      total: severities?.length ? undefined : total,
      hasMore: isFollowed(query, rows.length, total),
    };
  }

  async read(ids: readonly string[], signal?: AbortSignal): Promise<IncidentsById> {
    const wanted = [...new Set(ids)];
    const found = await inTurns(wanted, (id) => this.#one(id, signal));
    return {
      incidents: found.flatMap((body) => parseIncident(body) ?? []),
      // One that nobody can read is as good as none, as in a list.
      missing: wanted.filter((_, i) => !parseIncident(found[i])),
    };
  }

  async details(id: string, signal?: AbortSignal): Promise<IncidentDetails> {
    const body = await this.#one(id, signal);
    const details = parseDetails(body);
    if (!details) throw incidentError(body === undefined ? 'not-found' : 'protocol');
    return details;
  }

  async act(action: IncidentAction, signal?: AbortSignal): Promise<Incident> {
    const change = changeOf(action, this.#actor());
    if (!change) throw cannot();
    const path = pathOf(action.id);
    const { body, error } = change.resolve
      ? await this.#rest.send('POST', `${path}/resolve`, signal, change.resolve)
      : await this.#rest.send('PUT', path, signal, change.update);
    if (error) throw error;
    const incident = parseIncident(body);
    if (!incident) throw incidentError('protocol', { stored: 'yes', retryable: false });
    return incident;
  }

  async #get(path: string, signal: AbortSignal | undefined): Promise<unknown> {
    const { body, error } = await this.#rest.send('GET', path, signal);
    if (error) throw error;
    return body;
  }

  /** `undefined`: the server says that there is none. */
  async #one(id: string, signal: AbortSignal | undefined): Promise<unknown> {
    const answer = await this.#rest.send('GET', pathOf(id), signal);
    if (!answer.error) return answer.body ?? null;
    if (saysNotFound(answer)) return undefined;
    throw answer.error;
  }
}

/** Requests below one address, few at a time, with the headers that the service demands of everybody. */
class Rest {
  readonly #ports: RestReaderPorts;
  readonly #gate = new Gate(MAX_REQUESTS);

  constructor(ports: RestReaderPorts) {
    this.#ports = ports;
  }

  send(
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    signal?: AbortSignal,
    body?: unknown,
  ): Promise<IncidentHttpAnswer> {
    const { http, base, uuid } = this.#ports;
    const extraHeaders = { 'X-Execution-Id': uuid(), 'X-Parent-Span-Id': uuid() };
    const isRead = method === 'GET';
    return this.#gate.run(
      () => http.send({ method, url: base + path, body, extraHeaders, isRead, signal }),
      signal,
    );
  }

  /** Whether there is such a route: it says something about what is asked for, not that there is nothing. */
  async has(method: 'PUT' | 'POST', path: string, signal: AbortSignal | undefined): Promise<boolean> {
    const answer = await this.send(method, path, signal, {}).catch((error: RealtimeError) => {
      if (signal?.aborted) throw error;
      return undefined; // Not even an answer: CORS may allow reading only.
    });
    return answer !== undefined && (saysNotFound(answer) || answer.status === 400 || answer.status === 422);
  }
}

interface Change {
  readonly update?: Readonly<Record<string, unknown>>;
  readonly resolve?: Readonly<Record<string, unknown>>;
}

function changeOf(action: IncidentAction, actor: string): Change | undefined {
  switch (action.kind) {
    case 'acknowledge':
      return { update: { state: 'Triaged', actor } };
    case 'reopen':
      // Somebody has just looked at it and found it unfinished: it is being worked on, and not one that nobody has seen.
      return { update: { state: 'Investigating', actor } };
    case 'assign':
      return { update: { assignees: action.assignees, actor } };
    case 'resolve': {
      const { method, notes, rootCause } = action;
      return {
        resolve: { resolved_by: actor, method: METHODS[method], notes, root_cause: rootCause ?? null },
      };
    }
    case 'escalate':
    case 'comment':
      return undefined;
  }
}

function pathOf(id: string): string {
  return `/incidents/${encodeURIComponent(id)}`;
}

/** The server's own 404, and not that of a wrong address or a proxy. */
function saysNotFound({ status, body }: IncidentHttpAnswer): boolean {
  return status === 404 && enumWord(objectOf(objectOf(body)?.['error'])?.['code']) === 'NOT_FOUND';
}
