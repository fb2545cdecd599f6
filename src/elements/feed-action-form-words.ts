import type { IncidentActionKind } from '../protocol/incident.ts';
import { defineWords } from './words.ts';

/** Those that a form is for. */
export type FormKind = Exclude<IncidentActionKind, 'acknowledge' | 'reopen'>;

/** What the forms of actions say: the heading of each, what its button says, also while it is at work, and the fields. */
export const formWords = defineWords('feedForm', {
  assignTitle: 'Assign',
  assignSubmit: 'Assign',
  assignBusy: 'Assigning…',
  escalateTitle: 'Change severity',
  escalateSubmit: 'Set severity',
  escalateBusy: 'Setting…',
  resolveTitle: 'Resolve',
  resolveSubmit: 'Resolve',
  resolveBusy: 'Resolving…',
  commentTitle: 'Comment',
  commentSubmit: 'Add comment',
  commentBusy: 'Adding…',

  assignees: 'Assigned to',
  addName: 'Add a name',
  assigneesHint: 'Enter or a comma adds a name. With none, nobody is assigned.',
  add: 'Add',
  severity: 'Severity',
  chooseSeverity: 'Choose…',
  reason: 'Reason',
  method: 'How it was resolved',
  notes: 'Notes',
  rootCause: 'Root cause',
  optional: 'optional',
  comment: 'Text',
  cancel: 'Cancel',
  keys: 'Ctrl or ⌘ and Enter sends, Escape cancels.',
  sure: 'Press Escape again to throw away what you wrote.',
  needsSeverity: 'Choose a severity other than the one it has.',
  needsReason: 'Say why, for those who come after you.',
  needsComment: 'Write something first.',
  nowNobody: 'assigned to nobody',
  nowDone: 'it is resolved',
  nowOpen: 'it is open again',

  remove: 'Remove {name}',
  removed: '{name} removed',
  added: '{name} added',
  current: '{severity} (now)',
  changed: 'Changed while you were writing: {what}.',
  nowSeverity: 'severity {severity}',
  nowAssigned: 'assigned to {names}',
});
