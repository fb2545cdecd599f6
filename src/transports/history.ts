import { RealtimeError } from '../protocol/errors.ts';
import { HISTORY_PAGE_MAX, HISTORY_PAGE_MIN } from '../protocol/limits.ts';
import { parseHistory } from '../protocol/parse.ts';
import type { HistoryPage, HistoryQuery } from './transport.ts';

/** A thread, which a workflow and a participant name. */
export interface ThreadAddress {
  workflow: string;
  participantId?: string;
  signal?: AbortSignal;
}

/** Throws `input` for pages that a transport would refuse or answer wrongly. */
export function checkPaging({ page = 1, pageSize = 50 }: HistoryQuery): { page: number; pageSize: number } {
  if (!Number.isInteger(page) || page < 1) throw new RealtimeError('input', 'page starts at 1.');
  if (!Number.isInteger(pageSize) || pageSize < HISTORY_PAGE_MIN || pageSize > HISTORY_PAGE_MAX) {
    throw new RealtimeError('input', `pageSize must be ${HISTORY_PAGE_MIN} to ${HISTORY_PAGE_MAX}.`);
  }
  return { page, pageSize };
}

/** A raw history answer as a page. */
export function toPage(raw: unknown, pageSize: number): HistoryPage {
  const { messages, malformed } = parseHistory(raw);
  return { messages, malformed, hasMore: messages.length + malformed >= pageSize };
}
