import type { ServerContext } from './context.ts';
import { errorBody, type Exchange } from './exchange.ts';
import type { FaultTarget, RetryAfter } from './faults.ts';

/**
 * Answers the request as a `hang`, `refuse` or `fail` fault for any of `targets` says: with silence, or with a status.
 * Returns the status, 0 for silence, or `undefined` if there is no such fault.
 */
export function answerFault(
  { faults, auth }: ServerContext,
  exchange: Exchange,
  targets: readonly FaultTarget[],
): number | undefined {
  const tenantId = auth.tenantOf(exchange.request.headers, exchange.query);
  // Nothing is written for as long as the client waits; its end is the end.
  if (faults.takeRule('hang', targets, tenantId)) return 0;
  const rule = faults.takeRule('refuse', targets, tenantId) ?? faults.takeRule('fail', targets, tenantId);
  if (!rule) return undefined;
  if (rule.retryAfter) exchange.response.setHeader('Retry-After', retryAfterText(rule.retryAfter));
  exchange.json(rule.status, errorBody(rule.status));
  return rule.status;
}

export function retryAfterText({ value, asDate }: RetryAfter): string {
  return asDate ? new Date(Date.now() + Number(value) * 1_000).toUTCString() : value;
}
