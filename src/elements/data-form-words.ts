import { defineWords } from './words.ts';

/** The words of forms. */
export const formWords = defineWords('form', {
  form: 'Form',
  submit: 'Send',
  optional: '{label} (optional)',
  choose: 'Please choose',
  sent: 'Sent',
  line: '{label}: {value}',
  yes: 'Yes',
  no: 'No',
  check: { one: 'Please check {count} answer:', other: 'Please check {count} answers:' },
  missing: 'Please fill this in.',
  unchosen: 'Please choose one.',
  unchecked: 'Please tick this.',
  email: 'Please enter an e-mail address, such as name@example.com.',
  url: 'Please enter an address that begins with https://.',
  date: 'Please enter a date.',
  number: 'Please enter a number.',
  integer: 'Please enter a whole number.',
  least: 'Please enter {value} or more.',
  most: 'Please enter {value} or less.',
  tooShort: {
    one: 'Please enter at least {count} character.',
    other: 'Please enter at least {count} characters.',
  },
  tooLong: {
    one: 'Please enter at most {count} character.',
    other: 'Please enter at most {count} characters.',
  },
  tooFew: { one: 'Please choose at least {count}.', other: 'Please choose at least {count}.' },
  tooMany: { one: 'Please choose at most {count}.', other: 'Please choose at most {count}.' },
  pattern: 'This is not in the form that is asked for.',
});
