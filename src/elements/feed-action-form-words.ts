import type { IncidentActionKind } from '../protocol/incident.ts';

/** What the forms of actions say. */
export const formWords = {
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
  failed: 'That did not work.',

  remove: (name: string) => `Remove ${name}`,
  removed: (name: string) => `${name} removed`,
  added: (name: string) => `${name} added`,
  current: (severity: string) => `${severity} (now)`,
  changed: (what: string) => `Changed while you were writing: ${what}.`,
  nowSeverity: (severity: string) => `severity ${severity}`,
  nowAssigned: (names: string) => (names ? `assigned to ${names}` : 'assigned to nobody'),
  nowDone: 'it is resolved',
  nowOpen: 'it is open again',
} as const;

/** Those that a form is for. */
export type FormKind = Exclude<IncidentActionKind, 'acknowledge' | 'reopen'>;

/** The heading of each form, what its button says, and what it says while it is at work. */
export const titles: Record<FormKind, readonly [title: string, submit: string, busy: string]> = {
  assign: ['Assign', 'Assign', 'Assigning…'],
  escalate: ['Change severity', 'Set severity', 'Setting…'],
  resolve: ['Resolve', 'Resolve', 'Resolving…'],
  comment: ['Comment', 'Add comment', 'Adding…'],
};

/** In the order in which they are offered. */
export const methods = {
  manual: 'By hand',
  'auto-assisted': 'By hand, with automation',
  automated: 'By automation',
} as const;
