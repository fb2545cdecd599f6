import type { FaultEntry } from './fault-entry.ts';
import { incidentFaults } from './incidents/faults.ts';
import { networkFaults } from './network-faults.ts';
import { processingFaults } from './processing-faults.ts';
import { publishFaults } from './publish-faults.ts';
import { tokenFaults } from './token-faults.ts';

const reset: FaultEntry = {
  params: 'messages?: boolean',
  what: 'Clears all faults, counters and the report of what was received and collected; with messages, the store and the incidents too.',
  plan(read, context) {
    const messages = read.flag('messages', false);
    return () => {
      context.faults.reset();
      context.limiter.reset();
      context.received.clear();
      context.agents.reset();
      context.collected.clear();
      context.incidents.reset(messages);
      if (messages) context.store.clear();
    };
  },
};

/** Every fault by name, in the order in which `GET /__control` lists them. */
export const faultCatalogue: Readonly<Record<string, FaultEntry>> = {
  reset,
  ...networkFaults,
  ...processingFaults,
  ...publishFaults,
  ...tokenFaults,
  ...incidentFaults,
};
