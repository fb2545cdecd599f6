import { defineWords } from './words.ts';

/** What a visitor may say about a reply. */
export const feedbackWords = defineWords('feedback', {
  rate: 'Rate this reply',
  good: 'Good reply',
  bad: 'Bad reply',
  stars: { one: '{count} of 5 stars', other: '{count} of 5 stars' },
  whatWasWrong: 'What was wrong?',
  whatWasGood: 'What was good?',
  FactuallyIncorrect: 'Not correct',
  DidNotAnswerActualQuestion: 'Not what I asked',
  MissingImportantDetails: 'Something is missing',
  ResponseTooGeneric: 'Too general',
  ResponseTooLong: 'Too long',
  ResponseDifficultToUnderstand: 'Hard to understand',
  Other: 'Something else',
  comment: 'Your comment',
  optional: 'Your comment (optional)',
  send: 'Send feedback',
  skip: 'No comment',
  noted: 'Your rating is noted.',
  thanks: 'Thank you for your feedback.',
});
