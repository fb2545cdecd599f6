import { createHash } from 'node:crypto';
import { formatInstant } from './clock.ts';

import { stateOut, typeOut } from './dialect.ts';
import type { StateChange } from './events.ts';
import type { GraphqlContext } from './graphql-context.ts';
import {
  isActive,
  isCritical,
  type StoredAlert,
  type StoredIncident,
  type StoredResolution,
  type TimelineItem,
} from './model.ts';
import { identity } from './report.ts';
import type { Resolvers } from './schema.ts';

type Read<Source> = (source: Source, args: unknown, context: GraphqlContext) => unknown;

const state: Read<StoredIncident> = (incident, _args, { dialect }) => stateOut(incident.state, dialect);
const type: Read<StoredIncident> = (incident, _args, { dialect }) => typeOut(incident.type, dialect);
const timestamp: Read<{ timestamp: number }> = (source, _args, context) => instant(source.timestamp, context);

/** How what is stored is told. */
export const fieldResolvers: Readonly<Record<string, Resolvers>> = {
  Incident: {
    state,
    status: state,
    incidentType: type,
    category: type,
    createdAt: (incident: StoredIncident, _args, context) => instant(incident.createdAt, context),
    updatedAt: (incident: StoredIncident, _args, context) => instant(incident.updatedAt, context),
    labels: ({ labels }: StoredIncident, _args, { dialect }) =>
      dialect.labels === 'map' ? labels : pairs(labels),
    assignedTo: ({ assignees }: StoredIncident, _args, { dialect }) => {
      const [first] = assignees;
      return first === undefined || dialect.owner !== 'user' ? (first ?? null) : user(first);
    },
    relatedIncidents: ({ related }: StoredIncident, _args, { store }) =>
      related.map((id) => store.get(id)).filter((incident) => incident !== undefined),
    activePlaybook: () => null,
    fingerprint: (incident: StoredIncident) => createHash('sha256').update(identity(incident)).digest('hex'),
    correlationScore: () => null,
    isActive,
    isCritical,
  },
  Resolution: {
    resolvedAt: ({ resolvedAt }: StoredResolution, _args, context) => instant(resolvedAt, context),
  },
  TimelineEvent: { timestamp, metadata: ({ metadata }: TimelineItem) => pairs(metadata) },
  IncidentUpdate: { timestamp: timestamp },
  IncidentStateChange: {
    timestamp: timestamp,
    oldState: ({ oldState }: StateChange, _args, { dialect }) => stateOut(oldState, dialect),
    newState: ({ newState }: StateChange, _args, { dialect }) => stateOut(newState, dialect),
  },
  Alert: {
    timestamp: timestamp,
    receivedAt: timestamp,
    alertType: ({ alertType }: StoredAlert, _args, { dialect }) => typeOut(alertType, dialect),
    labels: ({ labels }: StoredAlert) => pairs(labels),
    annotations: ({ annotations }: StoredAlert) => pairs(annotations),
    isUrgent: isCritical,
  },
};

export function instant(ms: number, { dialect }: GraphqlContext): string {
  return formatInstant(ms, dialect.time);
}

function pairs(labels: Readonly<Record<string, string>>) {
  return Object.entries(labels).map(([key, value]) => ({ key, value }));
}

function user(name: string) {
  const id = name.toLowerCase().replaceAll(/[^a-z0-9@.-]+/g, '.');
  return { id, name, email: id.includes('@') ? id : `${id}@example.com` };
}
