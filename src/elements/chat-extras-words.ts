/** The words of `chat-extras.ts`. */
export const extrasWords = {
  code: 'Code',
  download: 'Download',
  file: 'File',
  showAll: 'Show all as text',
  downloadText: 'Download as text',

  details: (count: number) => (count === 1 ? '1 detail' : `${count} details`),
  downloadFile: (name: string) => `Download ${name}`,
  truncated: (shown: string, all: string) => `Showing the first ${shown} of ${all}.`,
} as const;
