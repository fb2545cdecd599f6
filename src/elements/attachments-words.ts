import { defineWords } from './words.ts';

/** The words of `attachments.ts`. */
export const attachmentsWords = defineWords('attachments', {
  attach: 'Attach files',
  drop: 'Drop files here to send them',
  list: 'Files to be sent',
  remove: 'Remove {name}',
  preparing: 'Preparing…',
  smaller: 'made smaller to fit: {before} → {after}',
  size: '{width} × {height}',
  unnamed: 'File',
  added: '{name} is attached.',
  addedSmaller: '{name} is attached, made smaller to fit.',
  removed: '{name} is removed.',
  dismiss: 'Dismiss',
  slow: 'The connection is slow. Files are sent once it is fast again.',

  empty: '{name} is empty.',
  folder: '{name} is a folder. Choose the files in it.',
  type: '{name} is not of a kind that can be sent here.',
  large: '{name} is too large: it has {size}, and one message can carry {limit}.',
  largePicture:
    '{name} is too large: even a small picture of it has more than the {limit} that one message can carry.',
  broken: '{name} cannot be opened as a picture, and is too large to be sent as it is: {size} of {limit}.',
  unreadable: '{name} cannot be read. It may have been moved or deleted.',
  many: {
    one: 'Up to {limit} files can be sent at once. {count} was left out.',
    other: 'Up to {limit} files can be sent at once. {count} were left out.',
  },
});
