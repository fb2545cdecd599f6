import type { Incident, IncidentPhase } from './incident.ts';

/** No name of a state, severity or type is longer. */
const MAX_WORD = 64;

/** What each server calls its states. Everything else is `unknown`. */
const PHASES: ReadonlyMap<string, IncidentPhase> = new Map([
  ...phase('open', 'NEW DETECTED'),
  ...phase('acknowledged', 'ACKNOWLEDGED TRIAGED'),
  ...phase('working', 'INVESTIGATING IN_PROGRESS IDENTIFIED REMEDIATING MONITORING ESCALATED'),
  ...phase('done', 'RESOLVED CLOSED'),
]);

const SEVERITIES: ReadonlyMap<string, number> = new Map(
  ['P0 CRITICAL', 'P1 HIGH', 'P2 MEDIUM', 'P3 LOW', 'P4 INFO'].flatMap((names, rank) =>
    names.split(' ').map((name) => [name, rank] as const),
  ),
);

/**
 * A value of an enum in one spelling: `InProgress`, `in-progress` and `in_progress` are `IN_PROGRESS`. At most 64
 * characters; `''` for what is not text.
 */
export function enumWord(value: unknown): string {
  if (typeof value !== 'string') return '';
  // Nearly all of them, thousands of times a second.
  if (value.length <= MAX_WORD && /^[A-Z][A-Z\d_]*$/.test(value)) return value;
  return value
    .slice(0, MAX_WORD)
    .replace(/([a-z\d])(?=[A-Z])/g, '$1_')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '')
    .toUpperCase()
    .slice(0, MAX_WORD);
}

/** What `state`, in any server's words and any case, means for people. */
export function phaseOf(state: string): IncidentPhase {
  return PHASES.get(state) ?? PHASES.get(enumWord(state)) ?? 'unknown';
}

/** 0 for the most severe (`P0`, `CRITICAL`) to 4 (`P4`, `INFO`); 5 for a severity that nobody here knows. */
export function severityRank(severity: string): number {
  return SEVERITIES.get(severity) ?? SEVERITIES.get(enumWord(severity)) ?? 5;
}

/** Order of a feed: newest first, by creation time and then by id, so that it is the same everywhere. */
export function byNewest(a: Incident, b: Incident): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function phase(name: IncidentPhase, states: string): [string, IncidentPhase][] {
  return states.split(' ').map((state) => [state, name]);
}
