import { defineWords } from './words.ts';

/** What `connection-status` says beside the connection's own words. */
export const statusWords = defineWords('status', {
  tryNow: 'Try now',
  consent: 'Waiting for consent',
});
