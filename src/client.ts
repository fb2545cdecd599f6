/**
 * The client without elements: no DOM, no Lit. Runs in browsers, workers and Node 20 and later, where `WebSocket` has to
 * be passed in: `defaultEnvironment({ WebSocket })`.
 */
export { defaultEnvironment, type Environment, type LifecycleEvent } from './client/environment.ts';
export { createHybridClient } from './client/hybrid-client.ts';
export { TenantManager, type TenantListeners, type TenantResult } from './client/tenant-manager.ts';
export { subjectOf, TokenManager, type TokenSource } from './client/token-manager.ts';
export type * from './client/types.ts';
export { backoff, type BackoffOptions } from './protocol/backoff.ts';
export type { Undo } from './protocol/emitter.ts';
export { RealtimeError, type ErrorCode, type RealtimeErrorOptions, type Stored } from './protocol/errors.ts';
export type * from './protocol/types.ts';
export { workflowId, workflowType } from './protocol/workflow.ts';
export { Outbox } from './queue/outbox.ts';
export type * from './queue/outbox.ts';
export type { ThreadAddress } from './transports/history.ts';
export { HubTransport, type HubTransportOptions } from './transports/hub-transport.ts';
export {
  RestTransport,
  type Availability,
  type ConverseRequest,
  type RestTransportOptions,
} from './transports/rest-transport.ts';
export { SseTransport, type SseTransportOptions } from './transports/sse-transport.ts';
export type * from './transports/transport.ts';
