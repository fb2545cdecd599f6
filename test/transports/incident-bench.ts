import type { TestContext } from 'node:test';
import type { IncidentEvent } from '../../src/protocol/incident.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { IncidentTransport, type IncidentTransportOptions } from '../../src/transports/incident-transport.ts';
import type { TransportState } from '../../src/transports/transport.ts';
import { nodeEnvironment } from './support.ts';

/** Everything that a transport tells. */
export interface StreamRecord {
  readonly events: IncidentEvent[];
  readonly errors: RealtimeError[];
  readonly states: TransportState[];
  alive: number;
}

/** A transport to the server at `url` that ends with the test, and what it tells. It follows the events from the start. */
export function incidentTransport(
  t: TestContext,
  url: string,
  options: Partial<IncidentTransportOptions> = {},
): { transport: IncidentTransport; record: StreamRecord } {
  const transport = new IncidentTransport({
    incidentsUrl: url,
    reconnect: false,
    environment: nodeEnvironment(),
    ...options,
  });
  t.after(() => transport.dispose());
  const record: StreamRecord = { events: [], errors: [], states: [], alive: 0 };
  transport.on('event', (event) => record.events.push(event));
  transport.on('error', (error) => record.errors.push(error));
  transport.on('state', ({ state }) => record.states.push(state));
  transport.on('alive', () => record.alive++);
  return { transport, record };
}

/** A result of the subscription to updates. */
export const update = (
  incidentId: string | null,
  updateType = 'UPDATED',
  timestamp = '2026-01-02T03:04:05Z',
) => ({
  data: { incidentUpdates: { updateType, incidentId, timestamp } },
});

/** An incident as the code's dialect sends it. */
export const incident = (id: string, overrides: Readonly<Record<string, unknown>> = {}) => ({
  id,
  title: 'Checkout is slow',
  description: '',
  severity: 'P1',
  state: 'DETECTED',
  createdAt: '2026-01-02T03:04:05.123456789+00:00',
  updatedAt: '2026-01-02T03:04:05.123456789+00:00',
  source: 'probe',
  incidentType: 'PERFORMANCE',
  affectedResources: [],
  ...overrides,
});
