import { defineWords } from './words.ts';

/** The words of `chat-citations.ts`. */
export const citationWords = defineWords('citations', {
  sources: { one: '{count} source', other: '{count} sources' },
  source: 'Source {number}',
  namedSource: 'Source {number}: {title}',
  excerpt: 'Excerpt',
});
