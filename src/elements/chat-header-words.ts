import { defineWords } from './words.ts';

/** Of the header: what its buttons are called, and who answers. */
export const headerWords = defineWords('header', {
  search: 'Search in this conversation',
  more: 'More',
  moreWithNews: {
    one: 'More ({count} new message in another topic)',
    other: 'More ({count} new messages in other topics)',
  },
  answering: '{agent} answers',
  topic: 'Topic: {topic}',
  unavailable: 'This could not be loaded. Try again in a moment.',
});
