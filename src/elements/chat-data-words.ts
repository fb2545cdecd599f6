import { defineWords } from './words.ts';

/** The words of `chat-data.ts`. */
export const dataWords = defineWords('data', {
  code: 'Code',
  table: 'Table',
  yes: 'Yes',
  no: 'No',
  details: { one: '{count} detail', other: '{count} details' },
  more: { one: '{count} more', other: '{count} more' },
  notShown: { one: '{count} more is not shown here.', other: '{count} more are not shown here.' },
  tooDeep: 'Nested too deeply to be shown.',
});
