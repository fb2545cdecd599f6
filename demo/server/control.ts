import type { ServerContext } from './context.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { readBody, type Exchange } from './exchange.ts';
import { faultCatalogue } from './fault-catalogue.ts';
import { ControlError, FaultParameters } from './fault-parameters.ts';
import { isLoopbackOrigin } from './options.ts';
import type { StoredMessage } from './store.ts';
import { isRecord } from './values.ts';
import { historyItem, timestamp } from './wire.ts';

export const CONTROL_PATH = '/__control';
const BODY_LIMIT_BYTES = 1_048_576;

/** `GET` reports, `POST` sets a fault. Pages of other machines are kept out, whatever CORS allows elsewhere. */
export async function handleControl(context: ServerContext, exchange: Exchange): Promise<void> {
  const { origin } = exchange.request.headers;
  if (origin !== undefined && !isLoopbackOrigin(origin)) return exchange.json(403, { error: 'Forbidden' });
  setCorsHeaders(exchange, isLoopbackOrigin);
  if (exchange.method === 'OPTIONS') return answerPreflight(exchange);
  if (exchange.method === 'GET') return exchange.json(200, controlReport(context));
  if (exchange.method !== 'POST') return exchange.empty(405);
  try {
    const body: unknown = JSON.parse((await readBody(exchange.request, BODY_LIMIT_BYTES)).toString('utf8'));
    exchange.json(200, applyFault(context, body));
  } catch (error) {
    if (!(error instanceof ControlError || error instanceof SyntaxError)) throw error;
    const what = error instanceof ControlError ? error.message : 'The body must be JSON.';
    exchange.json(400, { error: what, available: available() });
  }
}

/** Carries out `{ fault, … }`. Throws {@link ControlError} when it is unknown or its parameters are wrong. */
export function applyFault(context: ServerContext, body: unknown): Record<string, unknown> {
  const name = isRecord(body) ? body['fault'] : undefined;
  const entry =
    typeof name === 'string' && Object.hasOwn(faultCatalogue, name) ? faultCatalogue[name] : undefined;
  if (!isRecord(body) || !entry) throw new ControlError(`There is no fault "${String(name)}".`);
  const read = new FaultParameters(body);
  const effect = entry.plan(read, context);
  read.done();
  const result = effect();
  return {
    ok: true,
    fault: name,
    ...result,
    faults: { ...context.faults.active(), ...context.incidents.switches.active() },
  };
}

/** What is set, what can be set, and what really arrived here. */
export function controlReport({ faults, store, received, hub, sse, collected, incidents }: ServerContext) {
  const counts: Record<string, number> = {
    ...received.counts(),
    stored: store.all().length,
    received: received.entries().length,
  };
  return {
    faults: { ...faults.active(), ...incidents.switches.active() },
    available: available(),
    stored: store.all().map(reported),
    received: received.entries().map((entry) => ({ ...entry })),
    collected: collected.report(),
    connections: { hub: hub.size, sse: sse.size },
    counts,
    incidents: incidents.report(),
  };
}

function available() {
  return Object.entries(faultCatalogue).map(([fault, { params, what }]) => ({ fault, params, what }));
}

/** A stored message with everything but its origin, which may be somebody's credential. */
function reported(message: StoredMessage) {
  const { origin, feedback: _feedback, status: _status, ...item } = historyItem(message);
  return {
    ...item,
    // As stored, not as history shows it.
    data: message.data,
    expiresAt: timestamp(message.expiresAt),
    originHoldsCredential: origin !== null && /^sk-|^eyJ|\..*\./.test(origin),
  };
}
