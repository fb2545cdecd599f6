import { defineWords } from './words.ts';

/** What `display="details"` says of a connection and its messages. */
export const detailsWords = defineWords('statusDetails', {
  shared: 'Another tab of this site is connected for this one.',
  since: 'Since',
  tenant: 'Tenant',
  waiting: 'Waiting',
  oldest: 'Oldest',
  failed: 'Not sent',
  saved: 'Saved',
  yes: 'On this device',
  no: 'No: keep this page open',
  unreadable: 'Unreadable',
  gap: 'Last gap',
  requests: 'Requests',
  signIn: 'Sign-in',
  renewing: 'Being renewed',
  technical: 'Technical',
  copy: 'Copy unsent text',
  copied: 'Copied',
  problem: 'That did not work.',

  filled: { one: '{count} missed message read at {time}', other: '{count} missed messages read at {time}' },
  paused: 'Wait for {time}',
  lasts: 'Good for {time}, then renewed',
  retryAll: { other: 'Retry all ({count})' },
});
