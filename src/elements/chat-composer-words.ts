import { defineWords } from './words.ts';

/** What the field says that the visitor writes in, and what is around it. */
export const composerWords = defineWords('composer', {
  placeholder: 'Write a message…',
  input: 'Message',
  send: 'Send message',
  sendHint: 'Enter sends, Shift and Enter starts a new line.',
  editing: 'Editing your message',
  editInput: 'Edit message',
  editHint: 'Enter saves, Escape cancels.',
  editTooLate: 'That message had left already and was not changed.',
  editTooLateKept: 'That message had left already and was not changed. What you wrote is in the field.',
  save: 'Save message',
  cancel: 'Cancel',
  dismiss: 'Dismiss',

  nearLimit: { one: '{count} character left', other: '{count} characters left' },
  overLimit: {
    one: '{count} character too long to send in one message',
    other: '{count} characters too long to send in one message',
  },
});
