import { defineWords } from './words.ts';

/** The picture of the round trips, and what stands in its place. */
export const latencyWords = defineWords('latency', {
  name: 'Round trip',
  none: 'No answer',
  now: 'now',
  noneNow: 'Round trip: no answer now',

  ago: '{time} ago',
  nowIs: 'Round trip: {time} now',
  range: {
    one: '{low} to {high} in the last minute.',
    other: '{low} to {high} in the last {count} minutes.',
  },
  noneIn: { one: 'None in the last minute.', other: 'None in the last {count} minutes.' },
  lost: { one: 'Once no answer came.', other: '{count} times no answer came.' },
});
