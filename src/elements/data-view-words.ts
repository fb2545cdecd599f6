import { defineWords } from './words.ts';

/** The words of `data-view.ts`. */
export const dataViewWords = defineWords('dataView', {
  loading: 'Loading…',
  rendererFailed: 'This could not be shown the usual way. Here is what it says:',
});
