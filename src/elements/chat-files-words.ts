import { defineWords } from './words.ts';

/** Files in messages. */
export const filesWords = defineWords('files', {
  file: 'File',
  download: 'Download',
  downloadFile: 'Download {name}',
  damaged: 'This file is damaged and cannot be saved.',
});
