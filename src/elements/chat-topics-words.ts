import { defineWords } from './words.ts';

/** Of the list of topics. */
export const topicsWords = defineWords('topics', {
  heading: 'Topics',
  close: 'Close topics',
  general: 'General',
  create: 'New topic',
  name: 'Name of the new topic',
  start: 'Start',
  current: 'Current topic',
  unread: { one: '{count} new message', other: '{count} new messages' },
  empty: 'Nothing has been written yet.',
  draft: 'Draft: {text}',
  rename: 'Rename {topic}',
  newName: 'New name of {topic}',
  save: 'Save name',
  cancel: 'Cancel',
  renameHint: 'The name is kept on this device only.',
  loading: 'Loading topics…',
  failed: 'The topics could not be loaded.',
  retry: 'Try again',
  switched: 'Topic: {topic}',
});
