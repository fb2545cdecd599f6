import type { IncidentActionKind } from '../protocol/incident.ts';
import { defineWords } from './words.ts';

/** The names of what a reader can do, and what is said while it is under way. */
export const actionWords = defineWords('feedActions', {
  acknowledge: 'Acknowledge',
  acknowledgeBusy: 'Acknowledging…',
  assign: 'Assign',
  assignBusy: 'Assigning…',
  escalate: 'Change severity',
  escalateBusy: 'Changing severity…',
  resolve: 'Resolve',
  resolveBusy: 'Resolving…',
  comment: 'Comment',
  commentBusy: 'Adding the comment…',
  reopen: 'Reopen',
  reopenBusy: 'Reopening…',
} satisfies Record<IncidentActionKind | `${IncidentActionKind}Busy`, string>);
