import { defineWords } from './words.ts';

/** Phases, in the order in which they are offered. */
export const phaseWords = defineWords('feedPhases', {
  active: 'Active',
  open: 'Open',
  acknowledged: 'Acknowledged',
  working: 'In progress',
  done: 'Done',
});

/** What severities mean, from the most severe; beside the server's own `P0` to `P4`. */
export const severityWords = defineWords('feedSeverity', {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  informational: 'informational',
  named: '{label} {name}',
});

/** What servers call states and severities, by their own names. Others are shown as they are. */
export const stateWords = defineWords('feedStates', {
  NEW: 'New',
  DETECTED: 'Detected',
  ACKNOWLEDGED: 'Acknowledged',
  TRIAGED: 'Triaged',
  INVESTIGATING: 'Investigating',
  IN_PROGRESS: 'In progress',
  IDENTIFIED: 'Identified',
  REMEDIATING: 'Remediating',
  MONITORING: 'Monitoring',
  ESCALATED: 'Escalated',
  RESOLVED: 'Resolved',
  CLOSED: 'Closed',
  CRITICAL: 'Critical',
  HIGH: 'High',
  MEDIUM: 'Medium',
  LOW: 'Low',
  INFO: 'Info',
});

/** How an incident was resolved, in the order in which it is offered. */
export const methodWords = defineWords('feedMethods', {
  manual: 'By hand',
  'auto-assisted': 'By hand, with automation',
  automated: 'By automation',
});
