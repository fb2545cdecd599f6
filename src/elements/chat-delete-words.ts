import { defineWords } from './words.ts';

/** Of deleting a conversation. */
export const removalWords = defineWords('removal', {
  question: 'Delete this conversation?',
  detail:
    'All messages are deleted from the server, of every topic. This cannot be undone later. Other devices that show them are not told.',
  remove: 'Delete',
  cancel: 'Cancel',
  waiting: 'The conversation is about to be deleted',
  waitingDetail:
    'You can take this back for a few seconds. If you close this page before, nothing is deleted.',
  left: { one: '{count} second left', other: '{count} seconds left' },
  undo: 'Undo',
  undone: 'Nothing was deleted.',
  deleting: 'Deleting…',
  done: 'The conversation was deleted.',
  failed: 'The conversation could not be deleted. Nothing was changed.',
});
