/** The words of `chat-extras.ts`. */
export const extrasWords = {
  code: 'Code',
  download: 'Download',
  file: 'File',
  showAll: 'Show all as text',
  downloadText: 'Download as text',

  table: 'Table',
  yes: 'Yes',
  no: 'No',

  details: (count: number) => (count === 1 ? '1 detail' : `${count} details`),
  moreDetails: (count: number) => `${count} more`,
  notShown: (count: number) => `${count} more are not shown here.`,
  downloadFile: (name: string) => `Download ${name}`,
  truncated: (shown: string, all: string) => `Showing the first ${shown} of ${all}.`,
} as const;
