import type { ErrorCode } from '../protocol/errors.ts';
import { defineWords } from './words.ts';

/** What is said of a failure by its {@link ErrorCode}, where the failure's own words are in another language. */
export const errorWords = defineWords('errors', {
  network: 'The server cannot be reached.',
  timeout: 'The answer took too long.',
  unauthorized: 'Your sign-in was not accepted.',
  forbidden: 'You have no access to this.',
  'not-found': 'This was not found on the server.',
  'rate-limited': 'Too many requests at once. Wait a moment.',
  server: 'The server has a problem.',
  protocol: 'The server’s answer could not be understood.',
  input: 'This is not set up correctly.',
  'too-large': 'This is too large to be sent.',
  'queue-full': 'Too many messages wait already. Wait until some are sent.',
  storage: 'This device could not save it.',
  expired: 'This waited for too long and was not sent.',
  unsupported: 'This browser or server cannot do that.',
  closed: 'That was stopped.',
  unavailable: 'The server does not answer at the moment.',
  bug: 'That did not work.',
} satisfies Record<ErrorCode, string>);
