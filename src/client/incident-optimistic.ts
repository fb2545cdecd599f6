import type { Incident, IncidentAction } from '../protocol/incident.ts';

/** What the states of a new incident are called once somebody has seen it, in the servers' several vocabularies. */
const ACKNOWLEDGED: Readonly<Record<string, string>> = { DETECTED: 'TRIAGED' };

/**
 * What `incident` will look like once the server has done `action`, to be shown until its own answer is there. The very
 * same object where nothing of it changes. `updatedAt` stays: it is the server's clock, by which its answer is the newer.
 */
export function applyAction(incident: Incident, action: IncidentAction): Incident {
  switch (action.kind) {
    case 'acknowledge':
      if (incident.phase !== 'open') return incident;
      return { ...incident, state: ACKNOWLEDGED[incident.state] ?? 'ACKNOWLEDGED', phase: 'acknowledged' };
    case 'resolve':
      return incident.phase === 'done' ? incident : { ...incident, state: 'RESOLVED', phase: 'done' };
    case 'reopen':
      return incident.phase === 'done' ? { ...incident, state: 'INVESTIGATING', phase: 'working' } : incident;
    case 'escalate':
      return incident.severity === action.severity ? incident : { ...incident, severity: action.severity };
    case 'assign':
      return isAssigned(incident, action.assignees) ? incident : { ...incident, assignees: action.assignees };
    case 'comment':
      return incident;
  }
}

/**
 * Whether the server's `incident` is as `action` wants it, so that nothing is left to do. Never for a comment, which an
 * incident does not show.
 */
export function isDone(incident: Incident, action: IncidentAction): boolean {
  switch (action.kind) {
    case 'acknowledge':
      return incident.phase !== 'open' && incident.phase !== 'unknown';
    case 'resolve':
      return incident.phase === 'done';
    case 'reopen':
      return incident.phase !== 'done';
    case 'escalate':
      return incident.severity === action.severity;
    case 'assign':
      return isAssigned(incident, action.assignees);
    case 'comment':
      return false;
  }
}

function isAssigned({ assignees }: Incident, wanted: readonly string[]): boolean {
  return assignees?.length === wanted.length && wanted.every((name) => assignees.includes(name));
}
