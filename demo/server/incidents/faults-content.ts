import type { FaultEntry } from '../fault-entry.ts';
import { ControlError, type FaultParameters } from '../fault-parameters.ts';
import { TIME_STYLES } from './clock.ts';
import type { IncidentDesk } from './desk.ts';
import { STATE_WORDS, stateIn, typeIn, type Dialect } from './dialect.ts';
import { SEVERITIES } from './model.ts';
import { NoSuchIncident, type Placement } from './report.ts';
import { schemaOf } from './schema.ts';
import { MODES, type Switches } from './switches.ts';

/** What one call may put there. */
const MAX_SEEDED = 200_000;
const NAME = /^[A-Z][A-Z0-9_]*$/;

/** What incidents there are, and in whose words they are told. */
export const contentFaults: Readonly<Record<string, FaultEntry>> = {
  'incidents-mode': {
    params: `mode: ${MODES.map((mode) => `'${mode}'`).join('|')}`,
    what: 'Whether it answers GraphQL and streams, streams heartbeats only, or answers REST only. Cuts all sockets.',
    plan(read, { incidents: { switches, sockets } }) {
      const mode = read.oneOf('mode', MODES);
      return () => {
        switches.set('incidents-mode', { mode });
        sockets.drop('all');
      };
    },
  },
  'incidents-dialect': {
    params:
      "states?: 'code'|'websocket'|'schema', list?: 'incidents'|'edges', field?: 'state'|'status', " +
      "type?: 'incidentType'|'category', owner?: 'assignees'|'assignedTo'|'user', labels?: 'list'|'map', " +
      "pages?: 'zero'|'one'|'relay', results?: 'plain'|'payload', " +
      "subscriptions?: 'all'|'updates'|'documents'|'none', introspection?: 'allowed'|'refused', " +
      `time?: ${TIME_STYLES.map((style) => `'${style}'`).join('|')}, moreStates?: string[], moreSeverities?: string[]`,
    what: 'In whose words the server speaks; its schema changes with them. What is not given stays.',
    plan(read, { incidents: { switches } }) {
      const now = switches.dialect;
      const dialect: Dialect = {
        states: read.oneOf('states', Object.keys(STATE_WORDS) as (keyof typeof STATE_WORDS)[], now.states),
        list: read.oneOf('list', ['incidents', 'edges'], now.list),
        field: read.oneOf('field', ['state', 'status'], now.field),
        type: read.oneOf('type', ['incidentType', 'category'], now.type),
        owner: read.oneOf('owner', ['assignees', 'assignedTo', 'user'], now.owner),
        labels: read.oneOf('labels', ['list', 'map'], now.labels),
        pages: read.oneOf('pages', ['zero', 'one', 'relay'], now.pages),
        results: read.oneOf('results', ['plain', 'payload'], now.results),
        subscriptions: read.oneOf(
          'subscriptions',
          ['all', 'updates', 'documents', 'none'],
          now.subscriptions,
        ),
        introspection: read.oneOf('introspection', ['allowed', 'refused'], now.introspection),
        time: read.oneOf('time', TIME_STYLES, now.time),
        moreStates: names(read, 'moreStates', now.moreStates),
        moreSeverities: names(read, 'moreSeverities', now.moreSeverities),
      };
      schemaOf(dialect);
      return () => switches.set('incidents-dialect', dialect);
    },
  },
  'incidents-create': {
    params: 'incidents: { id?, title?, severity?, state?, createdAt?: time, … }[], silent?: boolean = false',
    what: 'Adds incidents, each with a new id unless it brings one. Silent: no subscriber hears of it.',
    plan(read, { incidents: { desk, switches } }) {
      const placements = read.records('incidents').map((record) => placement(record, switches));
      const isSilent = read.flag('silent', false);
      return () => ({ ids: placements.map((each) => desk.place(each, 'control', isSilent).id) });
    },
  },
  'incidents-update': {
    params:
      'id: string, state?, severity?, title?, description?, source?, type?, assignees?: string[], ' +
      'affectedResources?: string[], updatedAt?: time, silent?: boolean = false',
    what: 'Changes an incident, each part with the event that belongs to it. Silent: no subscriber hears of it.',
    plan(read, { incidents: { desk, switches } }) {
      const id = read.text('id');
      const isSilent = read.flag('silent', false);
      const record = { ...read.rest() };
      const { state, assignees, ...fields } = placement(record, switches);
      return () => {
        const incident = existing(desk, id);
        if (isSilent) {
          desk.edit(
            id,
            { ...fields, ...(state !== undefined && { state }), ...(assignees && { assignees }) },
            true,
          );
          return;
        }
        if (state !== undefined && state !== incident.state) desk.setState(id, state, 'control');
        if (assignees) desk.assign(id, assignees);
        if (Object.keys(fields).length > 0) desk.edit(id, fields);
      };
    },
  },
  'incidents-delete': {
    params: 'id: string',
    what: 'Removes an incident. Nobody is told, as nobody would be.',
    plan(read, { incidents: { desk } }) {
      const id = read.text('id');
      return () => ({ removed: desk.remove(id) });
    },
  },
  'incidents-clear': {
    params: '',
    what: 'Removes all incidents. Nobody is told.',
    plan:
      (_read, { incidents: { desk } }) =>
      () =>
        desk.clear(),
  },
  'incidents-seed': {
    params: 'count: number, seed?: number = 1',
    what: 'Adds incidents of the last days that could be real. Nobody is told.',
    plan(read, { incidents: { generator } }) {
      const count = read.count(1);
      if (count > MAX_SEEDED) throw new ControlError(`"count" must be at most ${MAX_SEEDED}.`);
      const seed = read.number('seed', 1);
      return () => generator.seed(count, seed);
    },
  },
};

function names(read: FaultParameters, name: string, fallback: readonly string[]): readonly string[] {
  const value = read.any(name) ?? fallback;
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string' && NAME.test(each))) {
    throw new ControlError(`"${name}" must be a list of names in capitals.`);
  }
  return value as string[];
}

function existing(desk: IncidentDesk, id: string) {
  try {
    return desk.get(id);
  } catch (error) {
    throw error instanceof NoSuchIncident ? new ControlError(`There is no incident "${id}".`) : error;
  }
}

const TEXTS = ['id', 'title', 'description', 'severity', 'source'] as const;
const LISTS = ['affectedResources', 'assignees', 'related'] as const;
const TIMES = ['createdAt', 'updatedAt'] as const;

/** Reads what may be said of an incident. States and types may be in the words of the service or of the dialect. */
function placement(record: Record<string, unknown>, { dialect }: Switches): Placement {
  const left = new Map(Object.entries(record));
  const take = (name: string) => {
    const value = left.get(name);
    left.delete(name);
    return value ?? undefined;
  };
  const wrong = (name: string, what: string) => new ControlError(`"${name}" must be ${what}.`);
  const text = (name: string) => {
    const value = take(name);
    if (value !== undefined && typeof value !== 'string') throw wrong(name, 'a text');
    return value;
  };
  const made: Record<string, unknown> = {};
  for (const name of TEXTS) made[name] = text(name);
  for (const name of LISTS) {
    const value = take(name);
    if (value !== undefined && !(Array.isArray(value) && value.every((each) => typeof each === 'string'))) {
      throw wrong(name, 'a list of texts');
    }
    made[name] = value;
  }
  for (const name of TIMES) made[name] = time(take(name), () => wrong(name, 'a time'));
  const labels = take('labels');
  made['labels'] = labels;
  const [state, type] = [text('state') ?? text('status'), text('type') ?? text('incidentType')];
  if (state !== undefined) made['state'] = stateIn(state, dialect);
  if (type !== undefined) made['type'] = typeIn(type, dialect);
  const [unknown] = left.keys();
  if (unknown !== undefined) throw new ControlError(`An incident has no "${unknown}".`);
  const known = [...SEVERITIES, ...dialect.moreSeverities];
  const severity = made['severity'];
  if (severity !== undefined && !known.includes(severity as string)) {
    throw wrong('severity', `one of ${known.join(', ')}; see incidents-dialect for more`);
  }
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined));
}

/** Milliseconds since 1970, from themselves or from ISO 8601. */
function time(value: unknown, wrong: () => Error): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) throw wrong();
  return ms;
}
