import type { IncidentEvent } from '../protocol/incident.ts';
import { enumWord, parseId, parseIncident, parseInstant } from '../protocol/incident-parse.ts';
import { objectOf } from './incident-errors.ts';
import type { GraphqlOperation } from './incident-source.ts';

/**
 * Tells that something changed, not what. Without filters: one by severity or activity would hide the very event that takes
 * an incident out of it.
 */
export const UPDATES: GraphqlOperation = {
  query: 'subscription Updates { incidentUpdates { updateType incidentId timestamp } }',
};

/** New incidents, whole, with the fields of `selection`. */
export function newIncidents(selection: string): GraphqlOperation {
  return { query: `subscription Created { newIncidents { ${selection} } }` };
}

/** What the data of one result of {@link UPDATES} tells; `undefined` for what cannot be understood. */
export function parseUpdate(data: unknown): IncidentEvent | undefined {
  const update = objectOf(objectOf(data)?.['incidentUpdates']);
  if (!update) return undefined;
  const updateType = enumWord(update['updateType']);
  const timestamp = parseInstant(update['timestamp']);
  // About no incident: whatever it is called, it says that the subscription lives.
  if (updateType === 'HEARTBEAT' || (update['incidentId'] ?? undefined) === undefined) {
    return { kind: 'heartbeat', timestamp };
  }
  const incidentId = parseId(update['incidentId']);
  return incidentId === undefined ? undefined : { kind: 'changed', incidentId, updateType, timestamp };
}

/** What the data of one result of {@link newIncidents} tells. */
export function parseCreated(data: unknown): IncidentEvent | undefined {
  const incident = parseIncident(objectOf(data)?.['newIncidents']);
  return incident && { kind: 'created', incident };
}
