import { defineWords } from './words.ts';

/** Of the header: what its buttons are called, and who answers. */
export const headerWords = defineWords('header', {
  search: 'Search in this conversation',
  more: 'More',
  answering: '{agent} answers',
  topic: 'Topic: {topic}',
  unavailable: 'This could not be loaded. Try again in a moment.',
});
