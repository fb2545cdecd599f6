import type { StoredMessage } from './server.ts';

/** One message that a visitor handed to `send()`, and what became of it as the visitor was told. */
export interface Entry {
  /** Part of its text, so that it is found again wherever it shows up. */
  readonly number: number;
  readonly participant: string;
  readonly tab: string;
  /** Full workflow id and topic. */
  readonly workflowId: string;
  readonly scope: string | null;
  readonly priority: string;
  /** Its text, and what it may have become by edits; those that resolved `true` leave only one. */
  texts: string[];
  readonly calledAt: number;
  acceptedAt: number | undefined;
  persisted: boolean;
  requestId: string | undefined;
  /** `send()` rejected with this code. */
  refused: string | undefined;
  /** The visitor took it back, or signed out. */
  withdrawn: boolean;
  /** It was a dead letter at some time: those behind it went on. */
  hasFailed: boolean;
}

/** Everything that was written, by the number in its text. */
export class Ledger {
  readonly entries: Entry[] = [];

  write(start: Pick<Entry, 'participant' | 'tab' | 'workflowId' | 'scope' | 'priority' | 'calledAt'>): Entry {
    const number = this.entries.length;
    const entry: Entry = {
      ...start,
      number,
      texts: [`${start.participant} #${number}`],
      acceptedAt: undefined,
      persisted: false,
      requestId: undefined,
      refused: undefined,
      withdrawn: false,
      hasFailed: false,
    };
    this.entries.push(entry);
    return entry;
  }

  /** The entry that a text came from. */
  of(text: string | undefined): Entry | undefined {
    const number = /#(\d+)/.exec(text ?? '')?.[1];
    return number === undefined ? undefined : this.entries[Number(number)];
  }

  /** Copies of `entry` that the server has, in the order it stored them. */
  copies(entry: Entry, stored: readonly StoredMessage[]): StoredMessage[] {
    return stored.filter((message) => message.direction === 'Incoming' && this.of(message.text) === entry);
  }
}
