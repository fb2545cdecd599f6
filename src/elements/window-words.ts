import { defineWords } from './words.ts';

/** What is said around the window of a chat: by its floating button, its edges and the notes to who looks elsewhere. */
export const windowWords = defineWords('window', {
  heading: 'Chat',
  unread: { one: '{heading}, {count} new message', other: '{heading}, {count} new messages' },
  newMessage: 'New message',
  preview: 'Newest message',
  previewFrom: 'New message from {who}: {text}',
  dismissPreview: 'Dismiss this message',
  width: 'Width of the chat',
  height: 'Height of the chat',
  pixels: { one: '{count} pixel', other: '{count} pixels' },
  refused: 'This browser does not allow notifications for this site. Its settings can change that.',
  unsupported: 'This browser has no notifications for a page like this.',
});
