import type { Message } from '../protocol/types.ts';
import type { HistoryPage, HistoryQuery } from '../transports/transport.ts';

/** Where history is read from: the hub while it is open, REST otherwise, or the tab that has the connection. */
export interface HistoryReader {
  history(query: HistoryQuery): Promise<HistoryPage>;
}

/** Part of a thread's history, from the newest message back. */
export interface HistoryTail {
  /** Oldest first. */
  readonly messages: Message[];
  /** Whether older ones exist. */
  readonly hasMore: boolean;
  /** Whether it goes back as far as was asked for: to the beginning, or to where it was enough. */
  readonly reached: boolean;
}

/**
 * Reads a thread from its newest page back, until `isEnough` says so of the page just read (oldest message first), there is
 * no more, or `pages` have been read.
 */
export async function readBack(
  reader: HistoryReader,
  query: HistoryQuery,
  pages: number,
  isEnough: (page: readonly Message[]) => boolean,
): Promise<HistoryTail> {
  let collected: Message[] = [];
  for (let page = 1; ; page++) {
    const { messages, hasMore } = await reader.history({ ...query, page });
    collected = [...messages, ...collected];
    const reached = !hasMore || isEnough(messages);
    if (reached || page >= pages) return { messages: collected, hasMore, reached };
  }
}
