import { defineWords } from './words.ts';

/** What is read out about messages that are not read out. */
export const speechWords = defineWords('speech', {
  more: { one: '{count} more message', other: '{count} more messages' },
  cut: '{text} … The rest is in the conversation.',
});
