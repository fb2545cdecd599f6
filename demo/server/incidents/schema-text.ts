import { stateWords, typeWords, type Dialect } from './dialect.ts';
import { METHODS, SEVERITIES } from './model.ts';

const UPDATES =
  'incidentUpdates(incidentIds: [UUID!], severities: [Severity!], activeOnly: Boolean): IncidentUpdate!';
const SUBSCRIPTIONS: Readonly<Record<Dialect['subscriptions'], string>> = {
  all: `type SubscriptionRoot {
  ${UPDATES}
  newIncidents(severities: [Severity!]): Incident!
  criticalIncidents: Incident!
  incidentStateChanges(incidentId: UUID): IncidentStateChange!
  alerts(sources: [String!]): Alert!
}`,
  updates: `type SubscriptionRoot { ${UPDATES} }`,
  documents: 'type SubscriptionRoot { incidentCreated: Incident! incidentUpdated(id: UUID): Incident! }',
  none: '',
};

/** The schema that is served, as SDL. */
export function schemaText(dialect: Dialect): string {
  const { field, owner, labels, list, pages, results, type } = dialect;
  const owners = { assignees: '[String!]!', assignedTo: 'String', user: 'User' }[owner];
  const ownerField = owner === 'assignees' ? 'assignees' : 'assignedTo';
  const result = results === 'plain' ? 'Incident!' : 'IncidentPayload!';
  const paging = pages === 'relay' ? 'first: Int, after: String' : 'pagination: PaginationInput';
  const firstPage =
    pages === 'one' ? 'page: Int! = 1  pageSize: Int! = 50' : 'page: Int! = 0  pageSize: Int! = 20';
  return `
scalar UUID
scalar DateTimeScalar
scalar JSONObject
${labels === 'map' ? 'scalar Map' : ''}

enum Severity { ${[...SEVERITIES, ...dialect.moreSeverities].join(' ')} }
enum IncidentState { ${stateWords(dialect).join(' ')} }
enum IncidentType { ${typeWords(dialect).join(' ')} }
enum ResolutionMethod { ${METHODS.join(' ')} }
enum EventType { CREATED STATE_CHANGED ACTION_EXECUTED NOTIFICATION_SENT ASSIGNMENT_CHANGED COMMENT_ADDED
                 PLAYBOOK_STARTED PLAYBOOK_COMPLETED ESCALATED RESOLVED }
enum IncidentUpdateType { CREATED UPDATED STATE_CHANGED RESOLVED ASSIGNED COMMENT_ADDED HEARTBEAT }
enum AckStatus { ACCEPTED DUPLICATE RATE_LIMITED REJECTED }
enum IncidentSortField { CREATED_AT UPDATED_AT SEVERITY STATE }
enum SortOrder { ASC DESC }

type Label { key: String! value: String! }
${owner === 'user' ? 'type User { id: String! name: String! email: String! }' : ''}

type Incident {
  id: UUID!
  createdAt: DateTimeScalar!
  updatedAt: DateTimeScalar!
  ${field}: IncidentState!
  severity: Severity!
  ${type}: IncidentType!
  source: String!
  title: String!
  description: String!
  affectedResources: [String!]!
  labels: ${labels === 'map' ? 'Map!' : '[Label!]!'}
  relatedIncidents: [Incident!]!
  activePlaybook: Playbook
  resolution: Resolution
  timeline: [TimelineEvent!]!
  ${ownerField}: ${owners}
  fingerprint: String
  correlationScore: Float
  isActive: Boolean!
  isCritical: Boolean!
}
type Resolution { resolvedAt: DateTimeScalar! resolvedBy: String! resolutionMethod: ResolutionMethod!
                  rootCause: String notes: String! }
type TimelineEvent { timestamp: DateTimeScalar! eventType: EventType! actor: String! description: String! metadata: [Label!]! }
type Playbook { id: UUID! name: String! version: String! description: String! owner: String!
                createdAt: DateTimeScalar! updatedAt: DateTimeScalar! enabled: Boolean! tags: [String!]! }

type Alert {
  id: UUID!  externalId: String!  source: String!  timestamp: DateTimeScalar!  receivedAt: DateTimeScalar!
  severity: Severity!  alertType: IncidentType!  title: String!  description: String!
  labels: [Label!]!  affectedServices: [String!]!  runbookUrl: String  annotations: [Label!]!
  incidentId: UUID  deduplicated: Boolean!  parentAlertId: UUID  isUrgent: Boolean!
}
type AlertAck { alertId: UUID! incidentId: UUID status: AckStatus! message: String! receivedAt: DateTimeScalar! }
${results === 'plain' ? '' : 'type IncidentPayload { incident: Incident! success: Boolean! message: String! }'}

${
  list === 'edges'
    ? `type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type IncidentEdge { node: Incident! cursor: String! }
type IncidentConnection { edges: [IncidentEdge!]! pageInfo: PageInfo! totalCount: Int! }`
    : `type PageInfo { page: Int! pageSize: Int! totalCount: Int! totalPages: Int! hasNextPage: Boolean! hasPreviousPage: Boolean! }
type IncidentConnection { incidents: [Incident!]! pageInfo: PageInfo! }`
}
type HealthInfo { status: String! version: String! }
type SeverityStats { p0: Int! p1: Int! p2: Int! p3: Int! p4: Int! }
type IncidentStats { total: Int! active: Int! resolved: Int! bySeverity: SeverityStats! }
type _Service { sdl: String }

type IncidentUpdate { updateType: IncidentUpdateType! incidentId: UUID timestamp: DateTimeScalar! }
type IncidentStateChange { incidentId: UUID! oldState: IncidentState! newState: IncidentState! changedBy: String! timestamp: DateTimeScalar! }

input IncidentFilterInput { states: [IncidentState!] severities: [Severity!] sources: [String!] activeOnly: Boolean }
${pages === 'relay' ? '' : `input PaginationInput { ${firstPage} }`}
input IncidentSortInput { field: IncidentSortField!  order: SortOrder! = DESC }
input CreateIncidentInput { source: String! title: String! description: String! severity: Severity! incidentType: IncidentType!
                            affectedResources: [String!]! = []  labels: JSONObject! = {} }
input UpdateIncidentInput { ${field}: IncidentState  assignees: [String!]  addLabels: JSONObject  removeLabels: [String!] }
input ResolveIncidentInput { method: ResolutionMethod!  notes: String!  rootCause: String }
input SubmitAlertInput { externalId: String source: String! title: String! description: String! severity: Severity! alertType: IncidentType!
                         labels: JSONObject! = {}  affectedServices: [String!]! = []  runbookUrl: String  annotations: JSONObject! = {} }

type QueryRoot {
  health: HealthInfo!
  incident(id: UUID!): Incident!
  incidents(filter: IncidentFilterInput, ${paging}, sort: IncidentSortInput): IncidentConnection!
  activeIncidents(${paging}): IncidentConnection!
  criticalIncidents(${paging}): IncidentConnection!
  searchIncidents(query: String!, ${paging}): IncidentConnection!
  incidentStats: IncidentStats!
  playbook(id: UUID!): Playbook!
  playbooks: [Playbook!]!
  _service: _Service!
}
type MutationRoot {
  submitAlert(input: SubmitAlertInput!): AlertAck!
  createIncident(input: CreateIncidentInput!): ${result}
  updateIncident(id: UUID!, input: UpdateIncidentInput!): ${result}
  resolveIncident(id: UUID!, input: ResolveIncidentInput!): ${result}
  addComment(incidentId: UUID!, comment: String!): ${result}
  assignIncident(incidentId: UUID!, assignees: [String!]!): ${result}
  linkIncidents(incidentId: UUID!, relatedId: UUID!): ${result}
  escalateIncident(incidentId: UUID!, newSeverity: Severity!, reason: String!): ${result}
  ${dialect.states === 'schema' ? `acknowledgeIncident(id: UUID!, notes: String): ${result}` : ''}
}
${SUBSCRIPTIONS[dialect.subscriptions]}
schema { query: QueryRoot mutation: MutationRoot ${dialect.subscriptions === 'none' ? '' : 'subscription: SubscriptionRoot'} }
`.replace(/^\s*\n/gm, '');
}
