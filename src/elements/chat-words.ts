import type { Delivery, DeliveryState } from '../protocol/types.ts';
import { causeWords } from './connection-words.ts';

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
  discardNow: 'Discard for good',
  discardSure: 'Press again to discard this message for good.',
  discarded: 'Message discarded.',
  discardTooLate: 'This message may have arrived already, so it stays.',
  keep: 'Keep',
  edit: 'Edit',
  editing: 'Editing your message',
  editInput: 'Edit message',
  editHint: 'Enter saves, Escape cancels.',
  editTooLate: 'That message had left already and was not changed.',
  editKept: 'What you wrote is in the field.',
  save: 'Save message',
  cancel: 'Cancel',
  saved: 'Saved on this device. Your message will be sent when there is a connection.',
  notSaved: 'Not saved: keep this page open',
  input: 'Message',
  send: 'Send message',
  sendHint: 'Enter sends, Shift and Enter starts a new line.',
  tryNow: 'Try now',
  dismiss: 'Dismiss',
  willBeSent: 'What you write is saved on this device and will be sent later.',
  willBeSentUnsaved: 'What you write will be sent later, but is not saved: keep this page open.',
  historyFailed: 'Earlier messages could not be loaded.',
  // Also true after consent is withdrawn, when something was sent before.
  consent: 'Chat is off until you allow it on this page. Until then, nothing is sent or stored.',
  actionFailed: 'That did not work.',
  thinking: 'Thinking…',
  file: 'File',
  emptyMessage: 'Message without text',
  loadingPart: 'Loading…',

  disconnected: (waiting: number) =>
    `Disconnected: ${counted(waiting, 'message')} ${waiting === 1 ? 'waits' : 'wait'}.`,
  unreadable: (messages: number) =>
    `${counted(messages, 'saved message')} could not be read and ${messages === 1 ? 'was' : 'were'} set aside.`,
  notSent: (messages: number) => `${counted(messages, 'message')} could not be sent.`,
  retryAll: (messages: number) => `Retry all (${messages})`,
  actionsFor: (text: string) => `Actions for: ${text}`,
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

/**
 * What is said of a message of the visitor: how far it has come, why no further, and whether it must be looked after.
 * `waitsFor` is why one that is queued cannot leave over the connection that there is.
 */
export function tellDelivery({ state, reason, code, persisted }: Delivery, waitsFor?: string): string {
  const said = [waitsFor && state === 'queued' ? waitsFor : deliveryWords[state]];
  const why = causeWords({ code }) ?? reason;
  if (state === 'failed' && why) said.push(why);
  if (!persisted && WAITING.has(state)) said.push(words.notSaved);
  return said.join('. ').replace('…. ', '… ');
}

const WAITING: ReadonlySet<DeliveryState> = new Set<DeliveryState>(['queued', 'uncertain', 'verifying']);

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `Support Agent` of `Support Agent:Chat Flow`. */
export function agentName(workflowType: string): string {
  return workflowType.split(':')[0]?.trim() || words.agent;
}
