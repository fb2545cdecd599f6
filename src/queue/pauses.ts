import type { Undo } from '../protocol/emitter.ts';
import type { OutboxRecord } from './outbox-record.ts';

/** A time to wait that was read from storage is no longer than this: the clock may have jumped since it was written. */
const STORED_PAUSE_MAX_MS = 300_000;

interface Pause {
  /** The `nextAttemptAt` it belongs to. Another one ends it. */
  readonly at: number | undefined;
  /** The server asked for it, so that nothing but time ends it. */
  readonly isAsked: boolean;
  readonly cancel: Undo;
  isOver: boolean;
}

interface PauseEnvironment {
  setTimer(callback: () => void, delayMs: number): Undo;
  now(): number;
}

/**
 * Which messages have to wait before they are tried again. Each pause runs by a timer of its own, once: the wall clock is
 * asked only for those of an earlier page, whose time is known from their record alone.
 */
export class Pauses {
  readonly #environment: PauseEnvironment;
  readonly #onEnd: () => void;
  /** By record id. Kept when it is over, so that a clock set back does not start it again. */
  readonly #pauses = new Map<string, Pause>();

  constructor(environment: PauseEnvironment, onEnd: () => void) {
    this.#environment = environment;
    this.#onEnd = onEnd;
  }

  /** Whether `record` has to wait. Starts the pause that an earlier page left on it. */
  holds(record: OutboxRecord): boolean {
    const { nextAttemptAt, state, error } = record;
    if (!this.#pauses.has(record.id) && nextAttemptAt !== undefined && state !== 'sending') {
      const longest = Math.max(STORED_PAUSE_MAX_MS, error?.retryAfterMs ?? 0);
      const delayMs = Math.min(nextAttemptAt - this.#environment.now(), longest);
      if (delayMs > 0) this.start(record, delayMs, error?.retryAfterMs !== undefined);
    }
    return this.#pauses.get(record.id)?.isOver === false;
  }

  /** Holds `record`, as it is now, for `delayMs`. */
  start(record: OutboxRecord, delayMs: number, isAsked: boolean): void {
    this.#pauses.get(record.id)?.cancel();
    const cancel = this.#environment.setTimer(() => {
      pause.isOver = true;
      this.#onEnd();
    }, delayMs);
    const pause: Pause = { at: record.nextAttemptAt, isAsked, cancel, isOver: false };
    this.#pauses.set(record.id, pause);
  }

  /** Holds `record` for `delayMs`, unless it has to wait anyway. */
  ensure(record: OutboxRecord, delayMs: number): void {
    if (!this.holds(record)) this.start(record, delayMs, false);
  }

  /** Ends the pauses that no server asked for. */
  skip(): void {
    for (const pause of this.#pauses.values()) {
      if (pause.isAsked) continue;
      pause.cancel();
      pause.isOver = true;
    }
  }

  /** Forgets the pauses of messages that are gone or were changed by others. */
  prune(find: (id: string) => OutboxRecord | undefined): void {
    for (const [id, pause] of this.#pauses) {
      const record = find(id);
      if (record && record.nextAttemptAt === pause.at) continue;
      pause.cancel();
      this.#pauses.delete(id);
    }
  }

  clear(): void {
    for (const pause of this.#pauses.values()) pause.cancel();
    this.#pauses.clear();
  }
}
