import { defineWords } from './words.ts';

/** The words of `markdown.ts` and of what it loads. */
export const markdownWords = defineWords('markdown', {
  code: 'Code',
  copyCode: 'Copy code',
  wrapLines: 'Wrap long lines',
  table: 'Table',
  rows: { one: '{count} row', other: '{count} rows' },
  showAllRows: { one: 'Show {count} row', other: 'Show all {count} rows' },
  copyTable: 'Copy table',
  copyCsv: 'Copy as CSV',
  image: 'Image',
  copyFormula: 'Copy formula',
  done: 'Done',
  open: 'Not done',
});
