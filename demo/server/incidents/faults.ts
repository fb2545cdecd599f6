import type { FaultEntry } from '../fault-entry.ts';
import { contentFaults } from './faults-content.ts';
import { eventFaults } from './faults-events.ts';
import { wireFaults } from './faults-wire.ts';

/** Everything that can be set or done on the incident side. */
export const incidentFaults: Readonly<Record<string, FaultEntry>> = {
  ...contentFaults,
  ...eventFaults,
  ...wireFaults,
};
