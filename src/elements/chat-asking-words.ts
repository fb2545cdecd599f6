import { defineWords } from './words.ts';

/** Asking once more, and waiting for replies. */
export const askingWords = defineWords('asking', {
  askAgain: 'Ask again',
  noReply: 'No reply yet',
  typing: 'Writing a reply…',
  slow: 'This is taking longer than usual. You can keep writing; the reply will appear here.',
  stopWaiting: 'Stop waiting',
  stopped: 'Not waiting any more. If a reply still comes, it will appear here.',
});
