import { BodyTooLargeError, readBody, type Exchange } from '../exchange.ts';
import { isRecord } from '../values.ts';
import type { TimeStyle } from './clock.ts';
import { isJson, plain } from './graphql-http.ts';
import { isActive, type StoredIncident } from './model.ts';
import { DuplicateIncident, NoSuchIncident } from './report.ts';
import { execution, restIncident, Shape, WrongShape } from './rest-shape.ts';
import { readUuid } from './schema.ts';
import type { IncidentSide } from './side.ts';

const BODY_LIMIT_BYTES = 2 * 1_024 * 1_024;
const PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;
const MAX_TITLE = 500;

/** A refusal in the service's own form. */
class RestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
  }
}

/** A refusal by what stands before the service's own code: a text. */
class PlainError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'PlainError';
    this.status = status;
  }
}

/** Answers `/v1/…` and `POST /api/v1/events`. */
export async function handleRest(side: IncidentSide, exchange: Exchange): Promise<void> {
  try {
    const route = findRoute(exchange);
    if (route === undefined) return exchange.empty(404);
    if (route === 'method') return exchange.empty(405);
    side.operations.count(`${exchange.method} ${route.name}`);
    if (exchange.path.startsWith('/v1/')) admit(side, exchange);
    await route.handle(side, exchange, route.id);
  } catch (error) {
    if (!answerRefusal(exchange, error)) throw error;
  }
}

type Handle = (side: IncidentSide, exchange: Exchange, id: string) => Promise<void> | void;

const routes: Readonly<Record<string, Handle>> = {
  'POST /v1/alerts': async (side, exchange) => {
    const body = await shape(exchange);
    const report = { ...readReport(body, 'alert_type'), externalId: body.optionalText('external_id') };
    const alert = side.desk.alert(report);
    side.mutated('POST /v1/alerts', alert.incidentId);
    exchange.json(200, {
      alert_id: alert.id,
      incident_id: alert.incidentId,
      status: alert.deduplicated ? 'Duplicate' : 'Accepted',
      message: alert.deduplicated ? 'Alert is a duplicate of an active incident' : 'Alert accepted',
      execution: traced(exchange),
    });
  },
  'POST /v1/incidents': async (side, exchange) => {
    const incident = side.desk.create(readReport(await shape(exchange), 'incident_type'));
    side.mutated('POST /v1/incidents', incident.id);
    exchange.json(201, { ...told(side, incident), execution: traced(exchange) });
  },
  'GET /v1/incidents': (side, exchange) => {
    const page = queryNumber(exchange, 'page', 0);
    const size = Math.min(MAX_PAGE_SIZE, queryNumber(exchange, 'page_size', PAGE_SIZE));
    const active = queryFlag(exchange, 'active_only');
    for (const name of ['states', 'severities', 'sources']) {
      if (exchange.query.get(name) !== undefined)
        throw badQuery(`${name}: invalid type, expected a sequence`);
    }
    const { incidents, total } = side.store.list(page * size, size, active ? isActive : undefined);
    exchange.json(200, {
      incidents: incidents.map((incident) => told(side, incident)),
      total,
      page,
      page_size: size,
    });
  },
  'GET /v1/incidents/{id}': (side, exchange, id) => exchange.json(200, told(side, side.desk.get(id))),
  'PUT /v1/incidents/{id}': async (side, exchange, id) => {
    const body = await shape(exchange);
    const state = body.optionalState();
    const assignees = body.optionalTexts('assignees');
    const actor = body.optionalText('actor');
    side.desk.get(id);
    if (assignees) side.desk.assign(id, assignees, true);
    if (state !== undefined) side.desk.setState(id, state, actor);
    side.mutated('PUT /v1/incidents/{id}', id);
    exchange.json(200, told(side, side.desk.get(id)));
  },
  'POST /v1/incidents/{id}/resolve': async (side, exchange, id) => {
    const body = await shape(exchange);
    const incident = side.desk.resolve(id, {
      by: body.text('resolved_by'),
      method: body.method(),
      notes: body.text('notes'),
      rootCause: body.optionalText('root_cause'),
    });
    side.mutated('POST /v1/incidents/{id}/resolve', id);
    exchange.json(200, { ...told(side, incident), execution: traced(exchange) });
  },
  /** Only logged by the service; no incident comes of it. */
  'POST /api/v1/events': async (_side, exchange) => {
    const body = await shape(exchange);
    exchange.json(202, { status: 'accepted', execution_id: body.text('execution_id') });
  },
};

function findRoute({
  method,
  path,
}: Exchange): { name: string; handle: Handle; id: string } | 'method' | undefined {
  const [, id = ''] = /^\/v1\/incidents\/([^/]+)(?:\/resolve)?$/.exec(path) ?? [];
  const name = id === '' ? path : path.replace(`/${id}`, '/{id}');
  const handle = routes[`${method} ${name}`];
  if (handle) return { name, handle, id: id === '' ? '' : readId(id) };
  return Object.keys(routes).some((route) => route.endsWith(` ${name}`)) ? 'method' : undefined;
}

function readId(text: string): string {
  const id = readUuid(text);
  if (id === undefined) throw new PlainError(400, 'Invalid URL: Cannot parse `id`: UUID parsing failed');
  return id;
}

/** Checks the execution headers, where they are asked for, and the token. */
function admit(side: IncidentSide, { request }: Exchange): void {
  const isStrict = side.switches.get('incidents-strict-headers').on ?? side.switches.mode === 'as-shipped';
  for (const name of ['X-Execution-Id', 'X-Parent-Span-Id']) {
    if (isStrict && readUuid(request.headers[name.toLowerCase()]) === undefined) {
      throw new RestError(400, 'EXECUTION_VIOLATION', `Missing or invalid ${name} header`);
    }
  }
  if (side.gate.admit(request.headers) === undefined) {
    throw new RestError(401, 'AUTHENTICATION_ERROR', 'Authentication failed');
  }
}

async function shape(exchange: Exchange): Promise<Shape> {
  if (!isJson(exchange)) {
    throw new PlainError(415, 'Expected request with `Content-Type: application/json`');
  }
  const text = (await readBody(exchange.request, BODY_LIMIT_BYTES)).toString('utf8');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw error instanceof SyntaxError
      ? new PlainError(400, 'Failed to parse the request body as JSON')
      : error;
  }
  if (!isRecord(body)) throw new WrongShape('invalid type, expected a struct');
  return new Shape(body);
}

function readReport(body: Shape, typeField: 'alert_type' | 'incident_type') {
  const report = {
    source: body.text('source'),
    title: body.text('title'),
    description: body.text('description'),
    severity: body.severity(),
    type: body.type(typeField),
  };
  if (report.source === '') throw new RestError(400, 'VALIDATION_ERROR', 'source: must not be empty');
  if (report.title === '' || report.title.length > MAX_TITLE) {
    throw new RestError(400, 'VALIDATION_ERROR', `title: must have 1 to ${MAX_TITLE} characters`);
  }
  return report;
}

function told(side: IncidentSide, incident: StoredIncident) {
  return restIncident(incident, `z${side.switches.dialect.time.at(-1)}` as TimeStyle);
}

function traced({ request: { headers } }: Exchange) {
  return execution(readUuid(headers['x-execution-id']), readUuid(headers['x-parent-span-id']));
}

function queryNumber({ query }: Exchange, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === undefined) return fallback;
  if (!/^\d{1,9}$/.test(text)) throw badQuery(`${name}: invalid digit found in string`);
  return Number(text);
}

function queryFlag({ query }: Exchange, name: string): boolean {
  const text = query.get(name);
  if (text === undefined || text === 'true' || text === 'false') return text === 'true';
  throw badQuery(`${name}: provided string was not \`true\` or \`false\``);
}

function badQuery(what: string): PlainError {
  return new PlainError(400, `Failed to deserialize query string: ${what}`);
}

/** `false`: it is none of the refusals that a request can bring about. */
function answerRefusal(exchange: Exchange, error: unknown): boolean {
  if (error instanceof PlainError) plain(exchange, error.status, error.message);
  else if (error instanceof WrongShape) plain(exchange, 422, error.message);
  else if (error instanceof BodyTooLargeError) plain(exchange, 413, 'length limit exceeded');
  else if (error instanceof RestError) refuse(exchange, error.status, error.code, error.message);
  else if (error instanceof NoSuchIncident) refuse(exchange, 404, 'NOT_FOUND', error.message);
  else if (error instanceof DuplicateIncident) refuse(exchange, 400, 'VALIDATION_ERROR', error.message);
  else return false;
  return true;
}

function refuse(exchange: Exchange, status: number, code: string, message: string): void {
  exchange.json(status, { error: { code, message, status } });
}
