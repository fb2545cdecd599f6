import { parseRecord } from './outbox-parse.ts';
import type { OutboxRecord } from './outbox-record.ts';

/** What a visitor left in a conversation besides messages. */
export interface Place {
  /** The unfinished text; `''` when there is none. */
  readonly draft: string;
  /** Server time of the newest message that was read; 0 when none was. It never goes back. */
  readonly readThrough: number;
}

/** A conversation in which nothing was left. */
export const NO_PLACE: Place = { draft: '', readThrough: 0 };

/** What one tab tells the others after a change: structured-cloneable. */
export type OutboxNote =
  | {
      readonly kind: 'record';
      readonly event: 'queued' | 'changed' | 'failed';
      /** With the message's `authorization`, if it has one: the channel is memory too. */
      readonly record: OutboxRecord;
    }
  | { readonly kind: 'gone'; readonly event: 'sent' | 'discarded'; readonly id: string }
  | { readonly kind: 'place'; readonly conversation: string; readonly place: Place }
  /** The account was signed out. */
  | { readonly kind: 'purged' };

/** `undefined` for what is no note of this version. */
export function parseNote(raw: unknown): OutboxNote | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const note = raw as Record<string, unknown>;
  const { kind, event, id, conversation } = note;
  if (kind === 'record' && (event === 'queued' || event === 'changed' || event === 'failed')) {
    const record = parseRecord(note['record']);
    return record && { kind, event, record };
  }
  if (kind === 'gone' && (event === 'sent' || event === 'discarded') && typeof id === 'string') {
    return { kind, event, id };
  }
  if (kind === 'place' && typeof conversation === 'string') {
    const place = parsePlace(note['place']);
    return place && { kind, conversation, place };
  }
  return kind === 'purged' ? { kind } : undefined;
}

export function parsePlace(raw: unknown): Place | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { draft, readThrough } = raw as Record<string, unknown>;
  return typeof draft === 'string' && typeof readThrough === 'number' && Number.isFinite(readThrough)
    ? { draft, readThrough }
    : undefined;
}
