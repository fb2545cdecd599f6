import { defineWords } from './words.ts';

/** The words of `markdown-extras.ts`. */
export const markdownExtrasWords = defineWords('markdownExtras', {
  wrapLines: 'Wrap long lines',
  rows: { one: '{count} row', other: '{count} rows' },
  showAllRows: { one: 'Show {count} row', other: 'Show all {count} rows' },
  copyTable: 'Copy table',
  copyCsv: 'Copy as CSV',
  copyFormula: 'Copy formula',
});
