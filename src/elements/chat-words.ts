import { defineWords } from './words.ts';

/**
 * What the chat view shows or has read out, apart from what the composer, the connection, errors and the parts that are
 * loaded later say of themselves.
 */
export const chatWords = defineWords('chat', {
  heading: 'Chat',
  close: 'Close chat',
  conversation: 'Conversation',
  you: 'You',
  agent: 'Agent',
  earlier: 'Show earlier messages',
  loadingEarlier: 'Loading earlier messages…',
  loading: 'Loading the conversation…',
  greeting: 'How can we help?',
  greetingDetail: 'Ask a question and you will get an answer right here.',
  suggestions: 'Suggestions',
  signedOut: 'You are signed out. What was here is gone from this device.',
  copy: 'Copy message',
  copied: 'Copied',
  copyFailed: 'This page may not copy to the clipboard.',
  retry: 'Try again',
  discard: 'Discard',
  discardNow: 'Discard for good',
  discardSure: 'Press again to discard this message for good.',
  discarded: 'Message discarded.',
  discardTooLate: 'This message may have arrived already, so it stays.',
  keep: 'Keep',
  edit: 'Edit',
  saved: 'Saved on this device. Your message will be sent when there is a connection.',
  tryNow: 'Try now',
  dismiss: 'Dismiss',
  willBeSent: 'What you write is saved on this device and will be sent later.',
  willBeSentUnsaved: 'What you write will be sent later, but is not saved: keep this page open.',
  historyFailed: 'Earlier messages could not be loaded.',
  // Also true after consent is withdrawn, when something was sent before.
  consent: 'Chat is off until you allow it on this page. Until then, nothing is sent or stored.',
  file: 'File',
  emptyMessage: 'Message without text',
  loadingPart: 'Loading…',

  disconnected: {
    one: 'Disconnected: {count} message waits.',
    other: 'Disconnected: {count} messages wait.',
  },
  unreadable: {
    one: '{count} saved message could not be read and was set aside.',
    other: '{count} saved messages could not be read and were set aside.',
  },
  notSent: { one: '{count} message could not be sent.', other: '{count} messages could not be sent.' },
  retryAll: { other: 'Retry all ({count})' },
  actionsFor: 'Actions for: {text}',
  nowTalkingTo: 'You are now talking to {agent}',
  says: '{who}: {text}',
  unknownType: 'This message ({type}) cannot be shown here.',
});
