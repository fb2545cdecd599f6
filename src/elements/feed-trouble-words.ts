import { defineWords } from './words.ts';

/** Why nothing is known for certain, as the end of a sentence. */
export const troubleWords = defineWords('feedTrouble', {
  offline: 'no network on this device',
  unauthorized: 'your sign-in was not accepted',
  forbidden: 'you have no access to these incidents',
  unsupported: 'this server offers no incidents',
  suspended: 'the page was asleep',
  closed: 'disconnected',
  signIn: 'the sign-in of this site does not work at the moment',
  'rate-limited': 'the server asked for a pause',
  server: 'the server has a problem',
  protocol: 'something between here and the server is in the way',
  input: 'this feed is not set up correctly',
  unproven: 'nothing has confirmed it lately',
  unreachable: 'no connection',
});
