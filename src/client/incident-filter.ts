import { RealtimeError } from '../protocol/errors.ts';
import type { Incident } from '../protocol/incident.ts';
import { enumWord, phaseOf } from '../protocol/incident-words.ts';
import type { IncidentQuery } from '../transports/incident-source.ts';
import type { IncidentFilter } from './incident-types.ts';

/** A filter that was checked, and what follows from it. */
export interface ResolvedFilter {
  /** Equal for filters that mean the same. */
  readonly key: string;
  readonly filter: IncidentFilter;
  readonly limit: number;
  /** What a server may be asked to leave out. */
  readonly query: Pick<IncidentQuery, 'severities' | 'activeOnly'>;
  /** Whether that is all of the filter, so that the server's count is one of this filter. */
  readonly isWhole: boolean;
  matches(incident: Incident): boolean;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 100_000;
const PHASES: ReadonlySet<string> = new Set(['OPEN', 'ACKNOWLEDGED', 'WORKING', 'DONE', 'UNKNOWN']);

/** Throws `input` for a filter that cannot work. An empty list is no list. */
export function resolveFilter(given: IncidentFilter = {}): ResolvedFilter {
  const { limit = DEFAULT_LIMIT } = given;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RealtimeError('input', `limit must be a whole number from 1 to ${MAX_LIMIT}.`);
  }
  const severities = words('severities', given.severities);
  const states = words('states', given.states);
  const activeOnly = given.activeOnly === true;
  const isActive = activeOnly || (states.length > 0 && states.every((state) => !mayBeDone(state)));
  const allSeverities = new Set(severities);
  const allStates = new Set(states);
  return {
    key: JSON.stringify([severities, states, activeOnly, limit]),
    filter: Object.freeze({
      ...(severities.length > 0 && { severities }),
      ...(states.length > 0 && { states }),
      activeOnly,
      limit,
    }),
    limit,
    query: {
      ...(severities.length > 0 && { severities }),
      ...(isActive && { activeOnly: true }),
    },
    isWhole: states.length === 0,
    matches: ({ severity, state, phase }) =>
      (allSeverities.size === 0 || allSeverities.has(severity)) &&
      (allStates.size === 0 || allStates.has(state) || allStates.has(phase.toUpperCase())) &&
      !(activeOnly && phase === 'done'),
  };
}

/** In one spelling and order, each once. */
function words(name: string, list: readonly string[] | undefined): readonly string[] {
  if (list === undefined) return [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw new RealtimeError('input', `${name} must be a list of texts.`);
  }
  return Object.freeze([...new Set(list.map(enumWord).filter(Boolean))].sort());
}

function mayBeDone(state: string): boolean {
  return PHASES.has(state) ? state === 'DONE' : phaseOf(state) === 'done';
}
