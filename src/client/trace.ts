import type { Environment } from './environment.ts';
import type { HybridClientOptions } from './types.ts';

/**
 * A new `traceparent` that says "recorded", as W3C Trace Context level 1 has it: `00-<32 hex>-<16 hex>-01`. The ids are random
 * and belong to one request; nothing can be told from them.
 */
export function traceparent(uuid: () => string): string {
  const hex = () => uuid().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(16)}-01`;
}

/** What the header of a request to `url` is, by the option `tracing`; `undefined`: none. Outside a page nothing is same-origin. */
export function tracingPolicy(
  { tracing = 'same-origin' }: Pick<HybridClientOptions, 'tracing'>,
  { location, uuid }: Pick<Environment, 'location' | 'uuid'>,
): (url: URL) => string | undefined {
  const origin = location && new URL(location.href).origin;
  return ({ origin: target }) =>
    tracing === 'always' || (tracing === 'same-origin' && target === origin) ? traceparent(uuid) : undefined;
}
