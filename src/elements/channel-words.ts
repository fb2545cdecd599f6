import { defineWords } from './words.ts';

/** The transports one by one. */
export const channelWords = defineWords('channels', {
  hub: 'Live connection',
  sse: 'Slower channel',
  rest: 'Single requests',
  incidents: 'Incidents',
  idle: 'Not needed',
  connecting: 'Connecting…',
  open: 'Open',
  waiting: 'Waiting to try again',
  closed: 'Closed',
  answers: 'Answered',
  failed: 'It failed.',
  blocked: 'WebSockets do not get through here.',
  probing: 'Paused after failures, the next request is a look',

  paused: 'Paused after failures, next look in {time}',
  // In all, since the page was opened.
  up: 'up for {time}',
  wasUp: 'was up for {time}',
  listeners: {
    one: '{count} listener on one server instance, this page included',
    other: '{count} listeners on one server instance, this page included',
  },
});
