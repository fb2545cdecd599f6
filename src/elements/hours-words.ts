import { defineWords } from './words.ts';

/** The words of `chat-hours.ts`. */
export const hoursWords = defineWords('hours', {
  away: 'We are not here right now. Leave us a message, and we will answer when we are back.',
  backToday: 'We are back today at {time}.',
  backTomorrow: 'We are back tomorrow at {time}.',
  backOn: 'We are back on {day} at {time}.',
});
