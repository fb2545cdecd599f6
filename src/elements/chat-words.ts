import type { DeliveryState } from '../protocol/types.ts';

/**
 * Every word the chat view shows or has read out, apart from what the connection, the errors and the parts that are loaded
 * later say of themselves. Functions, so that a translation can put the parts in its own order.
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
  waitingUnsaved:
    'The chat cannot be reached right now. Messages you write are sent once it can, if this page stays open.',
  unauthorized: 'You are signed out of this chat. Messages you write are kept until you are signed in again.',
  unauthorizedUnsaved:
    'You are signed out of this chat. Messages you write are sent once you are signed in again, if this page stays open.',
  historyFailed: 'Earlier messages could not be loaded.',
  // Also true after consent is withdrawn, when something was sent before.
  consent: 'Chat is off until you allow it on this page. Until then, nothing is sent or stored.',
  actionFailed: 'That did not work.',
  thinking: 'Thinking…',
  file: 'File',
  emptyMessage: 'Message without text',
  loadingPart: 'Loading…',

  worked: (steps: number) => `Worked on it · ${counted(steps, 'step')}`,
  nowTalkingTo: (agent: string) => `You are now talking to ${agent}`,
  says: (who: string, text: string) => `${who}: ${text}`,
  unknownType: (type: string) => `This message (${type}) cannot be shown here.`,
  nearLimit: (left: number) => `${counted(left, 'character')} left`,
  overLimit: (over: number) => `${counted(over, 'character')} too long to send in one message`,
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

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `Support Agent` of `Support Agent:Chat Flow`. */
export function agentName(workflowType: string): string {
  return workflowType.split(':')[0]?.trim() || words.agent;
}
