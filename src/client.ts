/**
 * The client without elements: no DOM, no Lit. Runs in browsers, workers and Node 20 and later, where `WebSocket` has to
 * be passed in: `defaultEnvironment({ WebSocket })`.
 */
export type { SystemAlert } from './client/alerts.ts';
export {
  CircuitBreaker,
  type BreakerOptions,
  type BreakerState,
  type BreakerStatus,
  type Pass,
} from './client/circuit-breaker.ts';
export { defaultEnvironment, type Environment, type LifecycleEvent } from './client/environment.ts';
export type { ErrorClass } from './client/error-class.ts';
export type { ErrorContext, ErrorFacts } from './client/error-report.ts';
export {
  ErrorReporter,
  type ErrorBatch,
  type ErrorReport,
  type ErrorReporterOptions,
  type ErrorSource,
  type ErrorSummary,
} from './client/error-reporter.ts';
export { createHybridClient } from './client/hybrid-client.ts';
export { createIncidentClient } from './client/incident-client.ts';
export { IncidentStore } from './client/incident-store.ts';
export type * from './client/incident-store.ts';
export type * from './client/incident-types.ts';
export { Metrics } from './client/metrics.ts';
export type * from './client/metrics.ts';
export type { MetricsReport } from './client/metrics-reporter.ts';
export { TenantManager, type TenantListeners, type TenantResult } from './client/tenant-manager.ts';
export {
  subjectOf,
  TokenManager,
  type TokenKey,
  type TokenManagerOptions,
  type TokenSource,
  type TokenStatus,
} from './client/token-manager.ts';
export type * from './client/types.ts';
export { backoff, type BackoffOptions } from './protocol/backoff.ts';
export type { Undo } from './protocol/emitter.ts';
export { RealtimeError, type ErrorCode, type RealtimeErrorOptions, type Stored } from './protocol/errors.ts';
export type * from './protocol/incident.ts';
export type * from './protocol/types.ts';
export { workflowId, workflowType } from './protocol/workflow.ts';
export { Outbox } from './queue/outbox.ts';
export type * from './queue/outbox.ts';
export type { ThreadAddress } from './transports/history.ts';
export { HubTransport, type HubTransportOptions } from './transports/hub-transport.ts';
export type { OperationSink } from './transports/incident-operations.ts';
export type * from './transports/incident-source.ts';
export { IncidentTransport, type IncidentTransportOptions } from './transports/incident-transport.ts';
export {
  RestTransport,
  type Availability,
  type ConverseRequest,
  type RestTransportOptions,
} from './transports/rest-transport.ts';
export { SseTransport, type SseTransportOptions } from './transports/sse-transport.ts';
export type * from './transports/transport.ts';
