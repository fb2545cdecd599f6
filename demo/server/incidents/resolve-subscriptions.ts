import type { StreamEvent, IncidentUpdate } from './events.ts';
import { isActive, isCritical } from './model.ts';
import type { GraphQLFieldResolver } from 'graphql';
import { Topic } from './topic.ts';

interface UpdateArgs {
  incidentIds?: readonly string[] | null;
  severities?: readonly string[] | null;
  activeOnly?: boolean | null;
}

/** What each subscription lets through. Absent, null and empty lists let everything through. */
export const subscriptionResolvers: Readonly<
  Record<string, GraphQLFieldResolver<never, never, never, Topic>>
> = {
  incidentUpdates: (_source, { incidentIds, severities, activeOnly }: UpdateArgs) =>
    new Topic(
      'incidentUpdates',
      (event) =>
        event.kind === 'update' &&
        (!incidentIds?.length || incidentIds.includes(event.incident.id)) &&
        (!severities?.length || severities.includes(event.incident.severity)) &&
        (!activeOnly || isActive(event.incident))
          ? event.update
          : undefined,
      heartbeat,
    ),
  newIncidents: (_source, { severities }: UpdateArgs) =>
    new Topic('newIncidents', (event) => {
      const incident = created(event);
      return incident && (!severities?.length || severities.includes(incident.severity))
        ? incident
        : undefined;
    }),
  criticalIncidents: () =>
    new Topic('criticalIncidents', (event) => {
      const incident = created(event);
      return incident && isCritical(incident) ? incident : undefined;
    }),
  incidentStateChanges: (_source, { incidentId }: { incidentId?: string | null }) =>
    new Topic('incidentStateChanges', (event) =>
      event.kind === 'state' && (!incidentId || event.change.incidentId === incidentId)
        ? event.change
        : undefined,
    ),
  alerts: (_source, { sources }: { sources?: readonly string[] | null }) =>
    new Topic('alerts', (event) =>
      event.kind === 'alert' && (!sources?.length || sources.includes(event.alert.source))
        ? event.alert
        : undefined,
    ),
  incidentCreated: () => new Topic('incidentCreated', created),
  incidentUpdated: (_source, { id }: { id?: string | null }) =>
    new Topic('incidentUpdated', (event) =>
      event.kind === 'update' && event.update.updateType !== 'CREATED' && (!id || event.incident.id === id)
        ? event.incident
        : undefined,
    ),
};

function heartbeat(now: number): IncidentUpdate {
  return { updateType: 'HEARTBEAT', incidentId: null, timestamp: now };
}

function created(event: StreamEvent) {
  return event.kind === 'created' ? event.incident : undefined;
}
