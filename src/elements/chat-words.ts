import type { DeliveryState } from '../protocol/types.ts';

/**
 * Every word the chat view shows or has read out, apart from what the connection and the errors say of themselves.
 * Functions, so that a translation can put the parts in its own order.
 */
export const words = {
  close: 'Close chat',
  conversation: 'Conversation',
  you: 'You',
  agent: 'Agent',
  earlier: 'Show earlier messages',
  loadingEarlier: 'Loading earlier messages…',
  loading: 'Loading the conversation…',
  newMessages: 'New messages',
  greeting: 'How can we help?',
  greetingDetail: 'Ask a question and you will get an answer right here.',
  suggestions: 'Suggestions',
  typing: 'Writing a reply…',
  slow: 'This is taking longer than usual. You can keep writing; the reply will appear here.',
  copy: 'Copy message',
  copied: 'Copied',
  copyFailed: 'This page may not copy to the clipboard.',
  copyCode: 'Copy code',
  retry: 'Try again',
  discard: 'Discard',
  input: 'Message',
  send: 'Send message',
  sendHint: 'Enter sends, Shift and Enter starts a new line.',
  tryNow: 'Try now',
  dismiss: 'Dismiss',
  offline: 'You are offline. Messages you write are kept and sent when the network is back.',
  offlineUnsaved:
    'You are offline. Messages you write are sent when the network is back, if this page stays open.',
  waiting: 'The chat cannot be reached right now. Messages you write are kept until it can.',
  unauthorized: 'You are signed out of this chat. Messages you write are kept until you are signed in again.',
  historyFailed: 'Earlier messages could not be loaded.',
  consent: 'Chat is off until you allow it on this page. Nothing has been sent or stored.',
  actionFailed: 'That did not work.',
  download: 'Download',
  thinking: 'Thinking…',
  file: 'File',
  emptyMessage: 'Message without text',
  showAll: 'Show all as text',
  downloadText: 'Download as text',
  table: 'Table',
  code: 'Code',
  image: 'Image',
  done: 'Done',
  open: 'Not done',

  steps: (count: number) => (count === 1 ? '1 step' : `${count} steps`),
  worked: (count: number) => `Worked on it · ${words.steps(count)}`,
  nowTalkingTo: (agent: string) => `You are now talking to ${agent}`,
  says: (who: string, text: string) => `${who}: ${text}`,
  details: (count: number) => (count === 1 ? '1 detail' : `${count} details`),
  downloadFile: (name: string) => `Download ${name}`,
  unknownType: (type: string) => `This message (${type}) cannot be shown here.`,
  nearLimit: (left: number) => (left === 1 ? '1 character left' : `${left} characters left`),
  overLimit: (over: number) =>
    `${over} ${over === 1 ? 'character' : 'characters'} too long to send in one message`,
  truncated: (shown: string, all: string) => `Showing the first ${shown} of ${all}.`,
} as const;

/** How far a message of the visitor has come. */
export const deliveryWords: Record<DeliveryState, string> = {
  queued: 'Waiting to be sent',
  sending: 'Sending…',
  uncertain: 'Checking whether it arrived…',
  verifying: 'Checking whether it arrived…',
  sent: 'Sent',
  answered: 'Answered',
  failed: 'Not sent',
};

/** `Support Agent` of `Support Agent:Chat Flow`. */
export function agentName(workflowType: string): string {
  return workflowType.split(':')[0]?.trim() || words.agent;
}
