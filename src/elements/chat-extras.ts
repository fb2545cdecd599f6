// What few conversations show, in a chunk of its own: data, files and texts of the length of a book.

export { renderFields } from './chat-data.ts';
export { chatExtrasStyles as styles } from './chat-extras-styles.ts';
export { renderFiles } from './chat-files.ts';
export { renderLongText } from './chat-long-text.ts';
export { renderData } from './data-views.ts';
