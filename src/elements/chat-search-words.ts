import { defineWords } from './words.ts';

/** Of the search in a conversation. */
export const searchWords = defineWords('search', {
  label: 'Search in this conversation',
  placeholder: 'Search',
  place: '{at} of {count}',
  none: 'Nothing found',
  noneYet: 'Nothing found in what is loaded',
  older: 'Older match',
  newer: 'Newer match',
  close: 'Close search',
  earlier: 'Search older messages',
  stop: 'Stop',
  reading: 'Searched back to {date}…',
  failed: 'Older messages could not be read.',
});
