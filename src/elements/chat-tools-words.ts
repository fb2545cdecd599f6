import { defineWords } from './words.ts';

/** Of the menu. */
export const menuWords = defineWords('menu', {
  topics: 'Topics',
  topicsWithNews: { one: 'Topics ({count} new message)', other: 'Topics ({count} new messages)' },
  copyAll: 'Copy conversation',
  saveMarkdown: 'Save as Markdown',
  saveText: 'Save as text',
  saveJson: 'Save as JSON',
  print: 'Print…',
  sound: 'Sound for new messages',
  notifications: 'Notifications',
  remove: 'Delete conversation…',
});
