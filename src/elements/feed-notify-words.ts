import { defineWords } from './words.ts';

/** The ways to be told of incidents while looking elsewhere, and what is told. */
export const notifyWords = defineWords('feedNotify', {
  sound: 'Sound',
  soundHint: 'Two short tones for a new critical or high incident.',
  title: 'Count in the tab’s title',
  titleHint: 'How many came while you looked elsewhere.',
  desktop: 'Desktop notifications',
  desktopHint: 'For new critical and high incidents while this page is hidden.',
  refused: 'This browser does not allow notifications for this site. Its settings can change that.',
  unsupported: 'This browser has none.',

  burst: { one: '{count} new incident', other: '{count} new incidents' },
  one: '{severity}: {title}',
});
