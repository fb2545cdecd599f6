import { defineWords } from './words.ts';

/** Of saving, copying and printing a conversation. */
export const exportWords = defineWords('export', {
  ask: {
    one: 'Only the newest message is loaded.',
    other: 'Only the newest {count} messages are loaded.',
  },
  all: 'Load all first',
  loaded: 'Use these',
  cancel: 'Cancel',
  loading: { one: '{count} message loaded…', other: '{count} messages loaded…' },
  failed: 'Older messages could not be loaded.',
  copied: 'The conversation was copied.',
  printFailed: 'The conversation could not be printed.',
  copyFailed: 'This page may not copy to the clipboard.',
  saved: 'Saved as {file}',
  fileName: 'conversation',
  title: '{heading}, {date}',
  you: 'You',
  handoff: 'You are now talking to {agent}',
});
