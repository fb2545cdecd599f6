import { defineWords } from './words.ts';

/** The words of `pre-chat.ts`. */
export const preChatWords = defineWords('preChat', {
  title: 'Before we start',
  detail: 'Tell us who you are, so that we can answer you.',
  name: 'Name',
  email: 'E-mail',
  phone: 'Phone',
  company: 'Company',
  optional: '{field} (optional)',
  start: 'Start chat',
  missing: 'Please fill this in.',
  badEmail: 'Please write an e-mail address, like name@example.com.',
  notAgreed: 'Please agree to this before you start.',
  check: { one: 'Please check {count} field.', other: 'Please check {count} fields.' },
});
