import { stateIn, typeIn } from './dialect.ts';
import { API_ACTOR } from './desk.ts';
import type { GraphqlContext } from './graphql-context.ts';
import type { StoredIncident } from './model.ts';
import type { Report } from './report.ts';
import type { Resolvers } from './schema.ts';

type Labels = Readonly<Record<string, string>>;
interface ReportInput extends Omit<Report, 'type'> {
  incidentType: string;
}
interface AlertInput extends Omit<Report, 'type' | 'affectedResources'> {
  alertType: string;
  affectedServices: readonly string[];
  externalId?: string;
  runbookUrl?: string;
  annotations: Labels;
}
interface UpdateInput {
  state?: string | null;
  status?: string | null;
  assignees?: readonly string[] | null;
  addLabels?: Labels | null;
  removeLabels?: readonly string[] | null;
}
interface ResolveInput {
  method: string;
  notes: string;
  rootCause?: string | null;
}

/** One mutation: does it, notes it, and answers in the shape of the dialect. */
function mutation(
  name: string,
  act: (args: never, context: GraphqlContext) => StoredIncident,
): Resolvers[string] {
  return (_source: never, args: never, context) => {
    const incident = act(args, context);
    context.mutated(name, incident.id);
    if (context.dialect.results === 'plain') return incident;
    return { incident, success: true, message: 'Done' };
  };
}

export const mutationResolvers: Resolvers = {
  submitAlert: (_source: never, { input }: { input: AlertInput }, { desk, dialect, mutated }) => {
    const { alertType, affectedServices, ...told } = input;
    const type = typeIn(alertType, dialect);
    const alert = desk.alert({ ...told, type, affectedResources: affectedServices });
    mutated('submitAlert', alert.incidentId);
    return {
      alertId: alert.id,
      incidentId: alert.incidentId,
      status: alert.deduplicated ? 'DUPLICATE' : 'ACCEPTED',
      message: alert.deduplicated ? 'Alert is a duplicate of an active incident' : 'Alert accepted',
      receivedAt: alert.timestamp,
    };
  },
  createIncident: mutation('createIncident', ({ input }: { input: ReportInput }, { desk, dialect }) => {
    const { incidentType, ...told } = input;
    return desk.create({ ...told, type: typeIn(incidentType, dialect) });
  }),
  updateIncident: mutation(
    'updateIncident',
    ({ id, input }: { id: string; input: UpdateInput }, { desk, dialect }) => {
      const state = input.state ?? input.status;
      if (state) desk.setState(id, stateIn(state, dialect));
      if (input.assignees) desk.assign(id, input.assignees);
      if (input.addLabels || input.removeLabels) {
        desk.label(id, input.addLabels ?? {}, input.removeLabels ?? []);
      }
      return desk.get(id);
    },
  ),
  acknowledgeIncident: mutation(
    'acknowledgeIncident',
    ({ id, notes }: { id: string; notes?: string | null }, { desk }) => {
      if (notes) desk.comment(id, notes);
      return desk.setState(id, 'TRIAGED');
    },
  ),
  resolveIncident: mutation(
    'resolveIncident',
    ({ id, input }: { id: string; input: ResolveInput }, { desk }) =>
      desk.resolve(id, { by: API_ACTOR, ...input }),
  ),
  addComment: mutation(
    'addComment',
    ({ incidentId, comment }: { incidentId: string; comment: string }, { desk }) =>
      desk.comment(incidentId, comment),
  ),
  assignIncident: mutation(
    'assignIncident',
    ({ incidentId, assignees }: { incidentId: string; assignees: readonly string[] }, { desk }) =>
      desk.assign(incidentId, assignees),
  ),
  linkIncidents: mutation(
    'linkIncidents',
    ({ incidentId, relatedId }: { incidentId: string; relatedId: string }, { desk }) =>
      desk.link(incidentId, relatedId),
  ),
  escalateIncident: mutation(
    'escalateIncident',
    (
      { incidentId, newSeverity, reason }: { incidentId: string; newSeverity: string; reason: string },
      { desk },
    ) => desk.escalate(incidentId, newSeverity, reason),
  ),
};
