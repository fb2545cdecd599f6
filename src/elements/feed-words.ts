import type { IncidentActionKind } from '../protocol/incident.ts';

/**
 * Every word the feed shows or has read out, apart from what is loaded when an incident is opened. Functions, so that a
 * translation can put the parts in its own order.
 */
export const words = {
  heading: 'Incidents',
  list: 'List of incidents',
  live: 'Live',
  checking: 'Checking…',
  connecting: 'Connecting…',
  tryNow: 'Try now',
  tryAgain: 'Try again',
  tryingNow: 'trying now',
  cannotPush: 'This server cannot push, so it is asked again and again.',
  mayHaveChanged: 'What is shown may have changed since.',
  known: 'Known incidents',
  pause: 'Pause',
  resume: 'Resume',
  paused: 'Paused',
  resumed: 'Resumed',
  notifications: 'Notifications',
  keys: 'Keyboard shortcuts',
  filters: 'Filters',
  filterBySeverity: 'Filter by severity',
  state: 'State',
  source: 'Source',
  group: 'Group by',
  search: 'Search',
  anyState: 'Any state',
  anySource: 'Any source',
  notGrouped: 'Not grouped',
  bySeverity: 'By severity',
  byState: 'By state',
  bySource: 'By source',
  reset: 'Reset filters',
  nothingMatches: 'No incident matches these filters.',
  none: 'No incidents',
  unknownEmpty: 'None are shown, but there may be incidents.',
  loading: 'Loading incidents…',
  noSource: 'No source',
  showMore: 'Show more',
  open: 'Show details',
  close: 'Hide details',
  loadingPart: 'Loading…',
  retry: 'Try again',
  discard: 'Discard',
  dismiss: 'Dismiss',
  left: 'No longer in this list. It stays here until you close it.',
  leftDone: 'Resolved meanwhile. It stays here until you close it.',
  unknownShort: 'Unknown',
  notConnected: 'Not connected',
  notDoneAtAll: 'That did not work.',
  keepOpen: 'not saved: keep this page open',
  unassigned: 'nobody assigned',
  // Also true after consent is withdrawn.
  consent: 'Incidents are off until you allow them on this page. Until then, nothing is requested or stored.',
  noFeed: 'This feed is not set up: it has no incidents-url.',

  checkedAgo: (age: string) => `checked ${age} ago`,
  ago: (age: string) => `${age} ago`,
  every: (time: string) => `Checked every ${time}`,
  unknown: (why: string, since: string | undefined) =>
    since ? `Unknown since ${since} — ${why}` : `Unknown — ${why}`,
  shownAsOf: (time: string) => `Shown as of ${time}.`,
  asOf: (time: string) => `as of ${time}`,
  nextTry: (time: string) => `next try in ${time}`,
  arrived: (count: number) => `Paused · ${count} arrived`,
  newAbove: (count: number) => `${count} new`,
  more: (count: number) => `+${count}`,
  shown: (count: string, of: string | undefined) => (of ? `${count} of ${of} shown` : `${count} shown`),
  assigned: (names: string) => `assigned to ${names}`,
  resources: (count: number) => (count === 1 ? '1 resource' : `${count} resources`),
  inGroup: (name: string, count: string) => `${name} · ${count}`,
  notDone: (reason: string) => `Not done: ${reason}`,
  queued: (what: string) => `${what}: will be sent when connected`,
  queuedReceipt: (what: string) => `${what}: kept, and sent when there is a connection.`,
  unneeded: 'There was nothing left to do.',
  fresh: (severity: string, title: string, source: string) =>
    `New ${severity}: ${title}${source ? `, ${source}` : ''}.`,
  raised: (severity: string, title: string) => `Now ${severity}: ${title}.`,
  burst: (count: number, critical: number) =>
    critical > 0
      ? `${counted(count, 'new incident')}, ${critical} critical.`
      : `${counted(count, 'new incident')}.`,
} as const;

/** Why nothing is known for certain, as the end of a sentence. */
export const troubles = {
  offline: 'no network on this device',
  unauthorized: 'your sign-in was not accepted',
  forbidden: 'you have no access to these incidents',
  unsupported: 'this server offers no incidents',
  suspended: 'the page was asleep',
  closed: 'disconnected',
  signIn: 'the sign-in of this site does not work at the moment',
  'rate-limited': 'the server asked for a pause',
  server: 'the server has a problem',
  protocol: 'something between here and the server is in the way',
  input: 'this feed is not set up correctly',
  unproven: 'nothing has confirmed it lately',
  unreachable: 'no connection',
} as const;

/** The names of what a reader can do, and what is said while it is under way. */
export const actionWords: Record<IncidentActionKind, readonly [name: string, underWay: string]> = {
  acknowledge: ['Acknowledge', 'Acknowledging…'],
  assign: ['Assign', 'Assigning…'],
  escalate: ['Change severity', 'Changing severity…'],
  resolve: ['Resolve', 'Resolving…'],
  comment: ['Comment', 'Adding the comment…'],
  reopen: ['Reopen', 'Reopening…'],
};

/** Names of phases, in the order in which they are offered. */
export const phaseWords = {
  active: 'Active',
  open: 'Open',
  acknowledged: 'Acknowledged',
  working: 'In progress',
  done: 'Done',
} as const;

/** Names for the ranks of severities, from the most severe. */
export const severityNames = ['critical', 'high', 'medium', 'low', 'informational'] as const;

/** `IN_PROGRESS` as `In progress`. */
export function sentence(name: string): string {
  const text = name.replaceAll('_', ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
