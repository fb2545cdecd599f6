import { defineWords } from './words.ts';

/** The words of `markdown.ts`. */
export const markdownWords = defineWords('markdown', {
  code: 'Code',
  copyCode: 'Copy code',
  table: 'Table',
  image: 'Image',
  done: 'Done',
  open: 'Not done',
});
