import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { ErrorDetails } from '../protocol/error-details.ts';
import type { OutboxNote, Place } from './outbox-notes.ts';
import type { OutboxRecord } from './outbox-record.ts';

/** What the outbox needs from the outside; the client's `Environment` is a superset. */
export interface OutboxEnvironment {
  readonly indexedDB?: IDBFactory;
  /** Milliseconds since 1970. */
  now(): number;
  setTimer(callback: () => void, delayMs: number): Undo;
  uuid(): string;
}

/** How much is kept, for how long. */
export interface OutboxLimits {
  /** Messages that wait; one more is refused with `queue-full`. Default 1,000. */
  readonly messages: number;
  /** Bytes of JSON in them. Default 5 MB. */
  readonly bytes: number;
  /** Milliseconds a message waits before it becomes a dead letter. Default 7 days. */
  readonly ttlMs: number;
  /** Dead letters; the oldest make room for new ones. Default 200. */
  readonly deadLetters: number;
  /** Milliseconds a dead letter is kept. Default 7 days. */
  readonly deadTtlMs: number;
}

export interface OutboxOptions {
  /** Replaces parts of the page's. */
  environment?: Partial<OutboxEnvironment>;
  limits?: Partial<OutboxLimits>;
  /**
   * For pages without Web Locks: how long a sender that shows no sign of life keeps others from taking over. Absent:
   * whoever calls {@link Outbox.lead} takes over at once.
   */
  leaseMs?: number;
}

export interface OutboxStatus {
  /** Messages that are not given up. */
  readonly waiting: number;
  /** Dead letters. */
  readonly failed: number;
  /** Bytes of JSON in the messages that wait. */
  readonly bytes: number;
  /** Damaged records set aside, and records of a later version left alone. */
  readonly quarantined: number;
  /** Dead letters that had to go: over the limit, or too old. */
  readonly dropped: number;
  /** Whether every message held survives a reload. */
  readonly persisted: boolean;
  /** `createdAt` of the oldest message that waits. */
  readonly oldestAt: number | undefined;
}

export interface OutboxEvents {
  /**
   * A record was added, changed, or left: `sent` because the server has it, `discarded` by the visitor or for want of
   * room, `missing` when the database has it no longer and nobody said why. `here`: this tab did it.
   */
  change: {
    readonly record: OutboxRecord;
    readonly event: 'queued' | 'changed' | 'sent' | 'failed' | 'discarded' | 'missing';
    readonly here: boolean;
  };
  place: { readonly conversation: string; readonly place: Place; readonly here: boolean };
  /** Storage failed in a way that no caller hears of. */
  error: RealtimeError;
  /** For the other tabs, once the change is certain. */
  note: OutboxNote;
}

/** What the sender may change about a message under way. */
export interface OutboxRelease {
  readonly state?: 'queued' | 'uncertain' | 'verifying';
  readonly attempts?: number;
  readonly losses?: number;
  readonly nextAttemptAt?: number | undefined;
  readonly error?: ErrorDetails | undefined;
}

/** Another sender has taken over: whoever gets this must stop sending. */
export class FencedError extends RealtimeError {
  constructor() {
    super('closed', 'Another tab has taken over sending.', { retryable: false });
    this.name = 'FencedError';
  }
}

const DAY_MS = 86_400_000;
export const DEFAULT_LIMITS: OutboxLimits = {
  messages: 1_000,
  bytes: 5_000_000,
  ttlMs: 7 * DAY_MS,
  deadLetters: 200,
  deadTtlMs: 7 * DAY_MS,
};
