import { defineWords } from './words.ts';

/** How a connection is, and what helps. */
export const connectionSays = defineWords('connection', {
  notYet: 'Not connected yet',
  notConnected: 'Not connected',
  connecting: 'Connecting…',
  syncing: 'Reading what is new…',
  live: 'Connected',
  shared: 'Connected through another tab',
  slow: 'Connected, but slow',
  slowHint: 'The last answers took longer than 3 seconds.',
  slower: 'Connected over a slower channel',
  polled: 'Connected, but messages arrive with a delay',
  paused: 'Paused',
  pausedHint: 'It connects again as soon as it is needed.',
  suspendedHint: 'It goes on when you are back on this page.',
  closed: 'Disconnected',
  noNetwork: 'No network on this device',
  noNetworkHint: 'It goes on by itself when the network is back.',
  intercepted: 'Something between here and the server is in the way',
  interceptedHint: 'If this network has a sign-in page, open that first.',
  unreachable: 'The server cannot be reached',
  lost: 'Connection lost, connecting again…',
  serverError: 'The server has a problem',
  serverErrorHint: 'It is not your network.',
  rateLimited: 'Too many requests at once',
  rateLimitedHint: 'The server asked for a pause.',
  signingIn: 'Signing in again…',
  signInFails: 'The sign-in of this site does not work at the moment',
  refused: 'Your sign-in was not accepted',
  refusedHint: 'Sign in to this site again, or reload the page.',
  forbidden: 'You have no access to this chat',
  forbiddenHint: 'Another sign-in may have it.',
  configuration: 'This chat is not set up correctly',
  configurationHint: 'Only those who run this site can mend that.',
});

/** What it is about to do, and the messages that wait for it. */
export const waitingWords = defineWords('waiting', {
  trying: 'trying now',
  nextTry: 'next try in {seconds} s',
  saved: {
    one: '{count} message waiting, saved on this device',
    other: '{count} messages waiting, saved on this device',
  },
  unsaved: {
    one: '{count} message waiting, not saved: keep this page open',
    other: '{count} messages waiting, not saved: keep this page open',
  },
  failed: { one: '{count} message not sent', other: '{count} messages not sent' },
  both: '{waits}; {lost}',
});
