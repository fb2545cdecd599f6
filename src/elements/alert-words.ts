import { defineWords } from './words.ts';

/** What is said around what a service tells its users. */
export const alertWords = defineWords('alerts', {
  critical: 'Important',
  warning: 'Warning',
  info: 'Notice',
  next: 'Next',

  titled: '{severity}: {title}',
  place: '{number} of {count}',
  dismiss: 'Dismiss: {what}',
});
