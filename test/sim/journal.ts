import type { StoredMessage } from './server.ts';

/** One try of one tab to bring one message to the server. */
export interface Attempt {
  readonly requestId: string;
  readonly tab: string;
  readonly via: 'hub' | 'rest';
  /** Virtual milliseconds, as everywhere here. */
  readonly startedAt: number;
  /** When its outcome reached the tab; `undefined` while it did not. */
  settledAt: number | undefined;
  /** What the server stored of it. */
  readonly copies: StoredMessage[];
  /** The network delivered it twice: nobody's fault here. */
  doubled: boolean;
}

/** One read of history by one tab. */
export interface Look {
  readonly tab: string;
  readonly workflowId: string;
  readonly participantId: string;
  readonly scope: string | null;
  readonly page: number;
  readonly startedAt: number;
  /** When the server looked. */
  snapshotAt: number | undefined;
  /** When the answer reached the tab. */
  deliveredAt: number | undefined;
}

/** What crossed the network, as an observer who sees both ends writes it down. */
export class Journal {
  readonly attempts: Attempt[] = [];
  readonly looks: Look[] = [];
  /** Told before an attempt is added. */
  onAttempt: (attempt: Attempt) => void = () => undefined;

  attempt(start: Pick<Attempt, 'requestId' | 'tab' | 'via' | 'startedAt'>): Attempt {
    const attempt: Attempt = { ...start, settledAt: undefined, copies: [], doubled: false };
    this.onAttempt(attempt);
    this.attempts.push(attempt);
    return attempt;
  }

  look(start: Omit<Look, 'snapshotAt' | 'deliveredAt'>): Look {
    const look: Look = { ...start, snapshotAt: undefined, deliveredAt: undefined };
    this.looks.push(look);
    return look;
  }
}
