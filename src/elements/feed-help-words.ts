import { defineWords } from './words.ts';

/** What the keys of a feed do. */
export const helpWords = defineWords('feedHelp', {
  where: 'They work while an incident in the list has focus.',
  next: 'Next incident',
  previous: 'Previous incident',
  ends: 'First and last',
  pages: 'A page up and down',
  toggle: 'Show or hide details',
  hide: 'Hide details',
  acknowledge: 'Acknowledge',
  resolve: 'Resolve',
  escalate: 'Change severity',
  comment: 'Comment',
  search: 'Search',
  pause: 'Pause or resume',
  help: 'This list',
});
