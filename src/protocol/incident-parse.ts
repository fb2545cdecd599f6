import type { Incident, IncidentDetails, IncidentResolution, TimelineEntry } from './incident.ts';
import { manyLines, oneLine } from './incident-text.ts';
import { enumWord, phaseOf } from './incident-words.ts';

export { byNewest, enumWord, phaseOf, severityRank } from './incident-words.ts';

const MAX_LINE = 1_000;
const MAX_DESCRIPTION = 50_000;
/** Of one comment or event of a timeline. */
const MAX_ENTRY = 10_000;
const MAX_LIST = 1_000;
const MAX_ID = 200;

/** Date, time, any number of fraction digits, and a zone that may be missing (servers then mean UTC). */
const INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d*))?(Z|[+-]\d\d:?\d\d)?$/i;
/** No instant is longer. */
const MAX_INSTANT = 64;

type Wire = Readonly<Record<string, unknown>>;

/**
 * An incident in any server's words: GraphQL of the code, of the documents, or REST. Too long texts and lists are cut, and
 * what is `null` or of another type than it should be counts as empty. `undefined` where there is no usable id or
 * creation time. Never throws.
 */
export function parseIncident(raw: unknown): Incident | undefined {
  const wire = asWire(raw);
  if (!wire) return undefined;
  const id = parseId(field(wire, 'id'));
  const createdAt = parseInstant(field(wire, 'createdAt', 'created_at'));
  if (id === undefined || createdAt === undefined) return undefined;
  const state = enumWord(field(wire, 'state', 'status'));
  return {
    id,
    title: oneLine(field(wire, 'title'), MAX_LINE),
    description: manyLines(field(wire, 'description'), MAX_DESCRIPTION),
    severity: enumWord(field(wire, 'severity')),
    state,
    phase: phaseOf(state),
    type: enumWord(field(wire, 'incidentType', 'incident_type', 'category')) || undefined,
    source: oneLine(field(wire, 'source'), MAX_LINE),
    affectedResources: names(field(wire, 'affectedResources', 'affected_resources')) ?? [],
    assignees: names(field(wire, 'assignees', 'assignedTo', 'assigned_to')),
    createdAt,
    updatedAt: parseInstant(field(wire, 'updatedAt', 'updated_at')) ?? createdAt,
  };
}

/** As {@link parseIncident}, with what only a look at one incident brings. */
export function parseDetails(raw: unknown): IncidentDetails | undefined {
  const incident = parseIncident(raw);
  const wire = asWire(raw);
  if (!incident || !wire) return undefined;
  return {
    incident,
    timeline: parseTimeline(field(wire, 'timeline')),
    resolution: parseResolution(field(wire, 'resolution')),
    labels: parseLabels(field(wire, 'labels', 'tags')),
  };
}

/**
 * Milliseconds since 1970 of an RFC 3339 text, with the fraction that is finer than milliseconds as far as numbers are that
 * exact (about 0.25 µs); `undefined` for anything else.
 */
export function parseInstant(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > MAX_INSTANT) return undefined;
  const match = INSTANT.exec(text.trim());
  if (!match) return undefined;
  const [, date, time = '', fraction, zone = 'Z'] = match;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const whole = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}${offset}`);
  return Number.isNaN(whole) ? undefined : whole + (fraction ? Number(`0.${fraction}`) * 1_000 : 0);
}

/** The id of an incident in one spelling, since UUIDs are the same in both cases; `undefined` for what cannot be one. */
export function parseId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_ID || !/^[\x21-\x7e]+$/.test(value)) return undefined;
  return /^[\da-f-]{36}$/i.test(value) ? value.toLowerCase() : value;
}

function parseTimeline(raw: unknown): TimelineEntry[] | undefined {
  if (!Array.isArray(raw)) return undefined;
  // The newest ones, where they are too many: the list begins with the oldest.
  return raw
    .slice(-MAX_LIST)
    .flatMap((item: unknown) => {
      const wire = asWire(item);
      const at = wire && parseInstant(field(wire, 'timestamp', 'at', 'createdAt', 'created_at'));
      if (!wire || at === undefined) return [];
      return {
        at,
        type: enumWord(field(wire, 'eventType', 'event_type', 'type')),
        actor: oneLine(field(wire, 'actor'), MAX_LINE),
        description: manyLines(field(wire, 'description'), MAX_ENTRY),
      };
    })
    .sort((a, b) => a.at - b.at);
}

function parseResolution(raw: unknown): IncidentResolution | undefined {
  const wire = asWire(raw);
  return (
    wire && {
      at: parseInstant(field(wire, 'resolvedAt', 'resolved_at')),
      by: oneLine(field(wire, 'resolvedBy', 'resolved_by'), MAX_LINE),
      method: enumWord(field(wire, 'resolutionMethod', 'resolution_method', 'method')),
      notes: manyLines(field(wire, 'notes'), MAX_DESCRIPTION),
      rootCause: manyLines(field(wire, 'rootCause', 'root_cause'), MAX_DESCRIPTION) || undefined,
    }
  );
}

/** A list of pairs, a map, or a list of words, each of which some server has. */
function parseLabels(raw: unknown): IncidentDetails['labels'] {
  const pairs: unknown[] = Array.isArray(raw)
    ? raw.slice(0, MAX_LIST)
    : Object.entries(asWire(raw) ?? {})
        .slice(0, MAX_LIST)
        .map(([key, value]) => ({ key, value }));
  return pairs.flatMap((pair) => {
    const wire = asWire(pair);
    const key = oneLine(wire ? field(wire, 'key') : pair, MAX_LINE);
    const value = wire ? field(wire, 'value') : '';
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    return key ? [{ key, value: oneLine(text, MAX_LINE) }] : [];
  });
}

/** A name, a person, or a list of either. Nobody is `[]`; `undefined` where the server does not tell. */
function names(raw: unknown): string[] | undefined {
  if (raw === undefined) return undefined;
  const list: unknown[] = Array.isArray(raw) ? raw.slice(0, MAX_LIST) : [raw];
  return list.map(nameOf).filter((name) => name !== '');
}

function nameOf(raw: unknown): string {
  const wire = asWire(raw);
  return oneLine(wire ? field(wire, 'name', 'displayName', 'username', 'email', 'id') : raw, MAX_LINE);
}

/** The first of `candidates` that the server wrote; `null` counts only where none of them has a value. */
function field(wire: Wire, ...candidates: readonly string[]): unknown {
  let found: unknown;
  for (const name of candidates) {
    if (!Object.hasOwn(wire, name)) continue;
    found = wire[name];
    if (found !== null && found !== undefined) return found;
  }
  return found;
}

function asWire(raw: unknown): Wire | undefined {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Wire) : undefined;
}
