import { defineWords } from './words.ts';

/** How far a message of the visitor has come, and what holds it up. */
export const deliveryWords = defineWords('delivery', {
  queued: 'Waiting to be sent',
  sending: 'Sending…',
  uncertain: 'Checking whether it arrived…',
  verifying: 'Checking whether it arrived…',
  sent: 'Sent',
  answered: 'Answered',
  failed: 'Not sent',
  notSaved: 'Not saved: keep this page open',

  waitsForTopic: 'Waits for the fast connection: it has a topic',
  waitsForSize: 'Waits for the fast connection: it is too long for the slower one',
  waitsForMore: 'Waits for the fast connection: it carries more than the slower one takes',
  waitsForFile: 'Waits for the file before it',
});
