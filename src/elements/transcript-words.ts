import { defineWords } from './words.ts';

/** What is said about the place in a conversation. */
export const transcriptWords = defineWords('transcript', {
  unread: { one: '{count} new message', other: '{count} new messages' },
  toNewest: 'To the newest message',
  toField: 'To the message field',
  keys: 'Arrow keys, Page Up and Page Down, Home and End go from message to message, Enter to what a message offers, Escape back.',
});
