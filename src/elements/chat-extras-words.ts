import { defineWords } from './words.ts';

/** The words of `chat-extras.ts`. */
export const extrasWords = defineWords('extras', {
  showAll: 'Show all as text',
  downloadText: 'Download as text',
  truncated: 'Showing the first {shown} of {all}.',
});
