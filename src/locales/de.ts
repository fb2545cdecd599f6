import type { Locale } from '../elements/locale.ts';

export default {
  tag: 'de',
  name: 'Deutsch',
  reviewed: false,
  words: {
    chat: { close: 'Chat schließen' },
  },
} satisfies Locale;
