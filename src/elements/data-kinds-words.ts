import { defineWords } from './words.ts';

/** The words of cards, lists, tables, buttons and approvals. */
export const dataKindsWords = defineWords('dataKinds', {
  answers: 'Answers',
  suggestions: 'Suggestions',
  chosen: 'chosen',
  newTab: 'opens in a new tab',
  picture: 'Picture on {host}',
  more: { one: '{count} more', other: '{count} more' },
  table: 'Table',
  showAllRows: { one: 'Show {count} row', other: 'Show all {count} rows' },
  rowsNotShown: { one: '{count} row is not shown here.', other: '{count} rows are not shown here.' },
  copyCsv: 'Copy as CSV',
  copied: 'Copied',
  copyFailed: 'This page may not copy to the clipboard.',
  sortBy: 'Sort by {column}',
  yes: 'Yes',
  no: 'No',
  approve: 'Approve',
  decline: 'Decline',
  sure: 'Are you sure?',
  confirm: 'Yes: {answer}',
  back: 'Back',
  decision: '{title}: {answer}',
  approved: 'Approved',
  declined: 'Declined',
});
