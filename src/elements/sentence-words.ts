import { defineWords } from './words.ts';

/** How texts become sentences, and sentences one text. */
export const sentenceWords = defineWords('sentence', {
  end: '{text}.',
  next: '{first} {next}',
  listed: '{first}, {next}',
});
