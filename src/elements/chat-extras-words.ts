import { defineWords } from './words.ts';

/** The words of `chat-extras.ts`. */
export const extrasWords = defineWords('extras', {
  download: 'Download',
  file: 'File',
  showAll: 'Show all as text',
  downloadText: 'Download as text',
  downloadFile: 'Download {name}',
  truncated: 'Showing the first {shown} of {all}.',
});
