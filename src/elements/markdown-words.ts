/** The words of `markdown.ts`. */
export const markdownWords = {
  copyCode: 'Copy code',
  table: 'Table',
  code: 'Code',
  image: 'Image',
  done: 'Done',
  open: 'Not done',
} as const;
