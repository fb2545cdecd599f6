import { defineWords } from './words.ts';

/** Who took over, from whom and why. */
export const handoffWords = defineWords('handoff', {
  nowTalkingTo: 'You are now talking to {agent}',
  from: 'Handed over by {agent}',
  since: 'Since {time}',
  reason: 'Reason: {reason}',
});
