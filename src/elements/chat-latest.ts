import type { Conversation } from '../client/types.ts';
import type { MessageItem, TranscriptItem } from './transcript.ts';

/** Keys of the rows that show more than others because nothing came after them. */
export interface Latest {
  /** The visitor's last message, whose delivery is spelt out. */
  readonly latestOwn: string | undefined;
  /** The agent's last message, whose tools show without being pointed at. */
  readonly latestAgent: string | undefined;
  /** The visitor's last message when the server has it and nobody is expected to answer it any more, or soon. */
  readonly unanswered: string | undefined;
}

/** The latest among `items`. */
export function latestOf(
  items: readonly TranscriptItem[],
  { awaitingReply }: Pick<Conversation, 'awaitingReply'>,
): Latest {
  const latestOwn = items.findLast(isOf('participant'));
  const last = items.findLast(({ kind }) => kind === 'message' || kind === 'handoff');
  const isUnanswered =
    latestOwn !== undefined &&
    last === latestOwn &&
    isSent(latestOwn) &&
    (!awaitingReply || (awaitingReply.slow && awaitingReply.requestId === latestOwn.message.requestId));
  return {
    latestOwn: latestOwn?.key,
    latestAgent: items.findLast(isOf('agent'))?.key,
    unanswered: isUnanswered ? latestOwn.key : undefined,
  };
}

/** Whether the server has a message of the visitor, and the visitor can send its text anew. */
export function canAskAgain({ author, type, text, delivery }: MessageItem['message']): boolean {
  const state = delivery?.state ?? 'sent';
  return author === 'participant' && type === 'Chat' && !!text && (state === 'sent' || state === 'answered');
}

function isSent({ message }: MessageItem): boolean {
  return canAskAgain(message) && message.delivery?.state !== 'answered';
}

function isOf(author: 'participant' | 'agent') {
  return (item: TranscriptItem): item is MessageItem =>
    item.kind === 'message' && item.message.author === author;
}
