import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError, type ErrorDetails } from '../protocol/errors.ts';
import { now, uuid } from '../protocol/page.ts';
import { OutboxMirror } from './outbox-mirror.ts';
import { NO_PLACE, parseNote, type OutboxNote, type Place } from './outbox-notes.ts';
import {
  createRecord,
  toDeadLetter,
  withText,
  type DeadLetter,
  type NewRecord,
  type OutboxRecord,
} from './outbox-record.ts';

export type { OutboxNote, Place } from './outbox-notes.ts';
export type { DeadLetter, NewRecord, OutboxRecord, QueuedState } from './outbox-record.ts';

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

/** The next version of a record, `'gone'` to remove it, `undefined` to leave it alone. */
type Step = (record: OutboxRecord) => OutboxRecord | 'gone' | undefined;

const DAY_MS = 86_400_000;
const DEFAULT_LIMITS: OutboxLimits = {
  messages: 1_000,
  bytes: 5_000_000,
  ttlMs: 7 * DAY_MS,
  deadLetters: 200,
  deadTtlMs: 7 * DAY_MS,
};

interface PendingEnqueue {
  readonly entry: NewRecord;
  readonly resolve: (record: OutboxRecord) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * What the visitor wrote, until a server has it.
 *
 * Every change is committed first, then shown by `get`, `list` and `heads`, and then told as an event.
 */
export class Outbox {
  readonly #environment: Partial<OutboxEnvironment>;
  readonly #limits: OutboxLimits;
  readonly #mirror = new OutboxMirror();
  readonly #places = new Map<string, Place>();
  readonly #events = new Emitter<OutboxEvents>();
  #enqueues: PendingEnqueue[] = [];
  #commitDue = false;
  /** The last step of the line in which all work waits. */
  #tail: Promise<unknown> = Promise.resolve();
  #dropped = 0;
  #closed = false;

  constructor(options: OutboxOptions = {}) {
    this.#environment = options.environment ?? {};
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** Whether storage works, or is expected to, and every message held is in it. */
  get persisted(): boolean {
    return false;
  }

  /** Messages held, dead letters included. */
  get size(): number {
    return this.#mirror.size;
  }

  /** Dead letters. */
  get failed(): number {
    return this.#mirror.failed;
  }

  on<Name extends keyof OutboxEvents>(event: Name, listener: (value: OutboxEvents[Name]) => void): Undo {
    return this.#events.on(event, listener);
  }

  get(id: string): OutboxRecord | undefined {
    return this.#mirror.get(id);
  }

  /** In queue order, dead letters included; of one conversation or of all. */
  list(conversation?: string): readonly OutboxRecord[] {
    return this.#mirror.list(conversation);
  }

  /** The oldest message of each conversation and priority that is not failed: the only ones that may be worked on. */
  heads(): OutboxRecord[] {
    return this.#mirror.heads();
  }

  status(): OutboxStatus {
    let oldestAt: number | undefined;
    for (const { state, createdAt } of this.#mirror.values()) {
      if (state !== 'failed') oldestAt = Math.min(oldestAt ?? createdAt, createdAt);
    }
    const { waiting, failed, bytes } = this.#mirror;
    const { persisted } = this;
    return { waiting, failed, bytes, quarantined: 0, dropped: this.#dropped, persisted, oldestAt };
  }

  exportDeadLetters(): DeadLetter[] {
    return this.list()
      .filter(({ state }) => state === 'failed')
      .map(toDeadLetter);
  }

  async open(_account: string): Promise<void> {
    await this.#serial(async () => {});
  }

  /**
   * Takes a message; resolves once it is certain to survive, or with `persisted: false` when it cannot be stored.
   *
   * @throws {RealtimeError} `queue-full`; `input` for an id that was used before or a message that is not JSON; `closed`.
   */
  enqueue(entry: NewRecord): Promise<OutboxRecord> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#enqueues.push({ entry, resolve, reject });
      this.#commitSoon();
    });
  }

  // The sender's side

  async lead(): Promise<true | { readonly until: number }> {
    return this.#serial(() => Promise.resolve(true as const));
  }

  async yieldLead(): Promise<void> {
    await this.#serial(async () => {});
  }

  /** Records that an attempt begins. `undefined`: the message is gone, or not `queued`. */
  claim(id: string): Promise<OutboxRecord | undefined> {
    return this.#change(id, (record) =>
      record.state === 'queued'
        ? { ...record, state: 'sending', attempts: record.attempts + 1, nextAttemptAt: undefined }
        : undefined,
    );
  }

  /** Records how a message under way stands. `undefined`: it is gone, or was given up. */
  release(id: string, change: OutboxRelease): Promise<OutboxRecord | undefined> {
    return this.#change(id, (record) => (record.state === 'failed' ? undefined : { ...record, ...change }));
  }

  /** The server has the message. Proof is proof: any tab may bring it, as often as it likes. */
  async acknowledge(id: string): Promise<void> {
    await this.#change(id, () => 'gone', 'sent');
  }

  /** Gives a message up; it becomes a dead letter. */
  async bury(id: string, error: RealtimeError): Promise<void> {
    await this.#change(id, (record) => (record.state === 'failed' ? undefined : this.#dead(record, error)));
  }

  // Anybody's side

  /** Sends a dead letter again, under its id and at its old place. Resolves to whether there was one. */
  async retry(id: string): Promise<boolean> {
    const expiresAt = this.#now() + this.#limits.ttlMs;
    const changed = await this.#change(id, (record) =>
      record.state === 'failed'
        ? {
            ...record,
            // It may have been stored by its last attempt: look before sending.
            state: record.error?.stored === 'maybe' ? 'uncertain' : 'queued',
            attempts: 0,
            losses: 0,
            nextAttemptAt: undefined,
            failedAt: undefined,
            error: undefined,
            expiresAt,
          }
        : undefined,
    );
    return changed !== undefined;
  }

  /** How many dead letters are sent again. */
  async retryAll(): Promise<number> {
    const ids = this.exportDeadLetters().map(({ id }) => id);
    const retried = await Promise.all(ids.map((id) => this.retry(id)));
    return retried.filter(Boolean).length;
  }

  /** Removes a message that waits or was given up. `false`: it may be under way, or is gone. */
  async discard(id: string): Promise<boolean> {
    const isIdle: Step = ({ state }) => (state === 'queued' || state === 'failed' ? 'gone' : undefined);
    return (await this.#change(id, isIdle, 'discarded')) !== undefined;
  }

  /**
   * Changes the text of a message that no server can have; it keeps its id and place, and a dead letter goes again.
   * `false`: it may be under way or stored, or is gone.
   */
  async edit(id: string, text: string): Promise<boolean> {
    const expiresAt = this.#now() + this.#limits.ttlMs;
    const changed = await this.#change(id, (record) => {
      const isFailed = record.state === 'failed' && record.error?.stored === 'no';
      if (record.state !== 'queued' && !isFailed) return undefined;
      return {
        ...withText(record, text),
        state: 'queued',
        attempts: 0,
        losses: 0,
        failedAt: undefined,
        error: undefined,
        expiresAt,
      };
    });
    return changed !== undefined;
  }

  /** Turns what waited too long into dead letters, and forgets dead letters that are too old or too many. */
  async expire(): Promise<void> {
    const now = this.#now();
    const expired = (record: OutboxRecord) =>
      record.expiresAt <= now && (record.state === 'queued' || record.state === 'uncertain');
    for (const { id } of this.list().filter(expired)) {
      await this.#change(id, (record) =>
        expired(record)
          ? this.#dead(
              record,
              new RealtimeError('expired', 'It could not be sent for too long.', {
                stored: record.state === 'queued' ? 'no' : 'maybe',
              }),
            )
          : undefined,
      );
    }
    const dead = this.list().filter(({ state }) => state === 'failed');
    dead.sort((a, b) => (b.failedAt ?? 0) - (a.failedAt ?? 0));
    const surplus = dead.filter(
      ({ failedAt = 0 }, index) =>
        index >= this.#limits.deadLetters || failedAt + this.#limits.deadTtlMs <= now,
    );
    for (const { id } of surplus) {
      await this.#change(id, ({ state }) => (state === 'failed' ? 'gone' : undefined), 'discarded');
      this.#dropped++;
    }
    if (surplus.length > 0) {
      const message = `Messages that could not be sent were forgotten to make room: ${surplus.length}.`;
      this.#events.emit('error', new RealtimeError('storage', message));
    }
  }

  /** Forgets everything of this account, for example when the visitor signs out. */
  async purge(): Promise<void> {
    await this.#serial(async () => {
      this.#forget(true);
      this.#events.emit('note', { kind: 'purged' });
    });
  }

  place(conversation: string): Place {
    return this.#places.get(conversation) ?? NO_PLACE;
  }

  /** Shown at once and stored soon, together with a message that is enqueued at the same time. */
  setPlace(conversation: string, change: Partial<Place>): void {
    this.#showPlace(conversation, { ...this.place(conversation), ...change }, true);
    this.#events.emit('note', { kind: 'place', conversation, place: this.place(conversation) });
  }

  /** Stores what is pending and lets go of the database. Nothing is left running. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#serial(async () => {});
    this.#events.clear();
  }

  // Other tabs

  /** Takes another tab's note; anything else is ignored. */
  receiveNote(raw: unknown): void {
    const note = parseNote(raw);
    if (!note || this.#closed) return;
    switch (note.kind) {
      case 'record': {
        const { record, event } = note;
        const known = this.#mirror.get(record.id);
        if (this.#mirror.isGone(record.id) || (known && known.revision >= record.revision)) return;
        this.#mirror.put(record);
        this.#events.emit('change', { record, event, here: false });
        return;
      }
      case 'gone':
        this.#leave(note.id, note.event, false);
        return;
      case 'place':
        this.#showPlace(note.conversation, note.place, false);
        return;
      case 'purged':
        this.#forget(false);
    }
  }

  /** Records that only this tab has, to be offered to a new sender. */
  unpersisted(): OutboxNote[] {
    return this.list()
      .filter(({ persisted }) => !persisted)
      .map((record) => ({ kind: 'record', event: 'queued', record }));
  }

  async refresh(): Promise<void> {
    await this.#serial(async () => {});
  }

  /** Runs `step` on a record and shows the outcome. Resolves to the changed record, or the one that is gone. */
  #change(
    id: string,
    step: Step,
    goneAs: 'sent' | 'discarded' = 'discarded',
  ): Promise<OutboxRecord | undefined> {
    return this.#serial(async () => {
      const before = this.#mirror.get(id);
      const after = before && step(before);
      if (!before || !after) return undefined;
      if (after === 'gone') {
        this.#leave(id, goneAs, true);
        return before;
      }
      const record = { ...after, revision: before.revision + 1 };
      const event = record.state === 'failed' && before.state !== 'failed' ? 'failed' : 'changed';
      this.#show(record, event);
      return record;
    });
  }

  #commitSoon(): void {
    if (this.#commitDue) return;
    this.#commitDue = true;
    void this.#serial(async () => {
      this.#commitDue = false;
      const enqueues = this.#enqueues;
      this.#enqueues = [];
      for (const pending of enqueues) this.#keepInMemory(pending);
    });
  }

  #keepInMemory({ entry, resolve, reject }: PendingEnqueue): void {
    try {
      const record = this.#admit(entry);
      this.#show(record, 'queued');
      resolve(record);
    } catch (error) {
      reject(error);
    }
  }

  #admit(entry: NewRecord): OutboxRecord {
    const id = entry.id ?? entry.message.requestId ?? (this.#environment.uuid ?? uuid)();
    const seq = this.#mirror.lastSeq + 1;
    const record = createRecord(entry, { id, seq, now: this.#now(), ttlMs: this.#limits.ttlMs });
    if (this.#mirror.get(id) || this.#mirror.isGone(id)) {
      throw new RealtimeError('input', 'A message with this request id was sent before.');
    }
    const { waiting, bytes } = this.#mirror;
    if (waiting >= this.#limits.messages || bytes + record.bytes > this.#limits.bytes) {
      throw new RealtimeError('queue-full', 'Too many messages wait to be sent.');
    }
    return record;
  }

  #dead(record: OutboxRecord, error: RealtimeError): OutboxRecord {
    return {
      ...record,
      state: 'failed',
      nextAttemptAt: undefined,
      failedAt: this.#now(),
      error: error.details(),
    };
  }

  #show(record: OutboxRecord, event: 'queued' | 'changed' | 'failed'): void {
    this.#mirror.put(record);
    this.#events.emit('change', { record, event, here: true });
    this.#events.emit('note', { kind: 'record', event, record });
  }

  #leave(id: string, event: 'sent' | 'discarded', here: boolean): void {
    const record = this.#mirror.get(id);
    this.#mirror.remove(id, true);
    if (record) this.#events.emit('change', { record, event, here });
    if (here) this.#events.emit('note', { kind: 'gone', event, id });
  }

  #showPlace(conversation: string, place: Place, here: boolean): void {
    const readThrough = Math.max(place.readThrough, this.place(conversation).readThrough);
    this.#places.set(conversation, { draft: place.draft, readThrough });
    this.#events.emit('place', { conversation, place: this.place(conversation), here });
  }

  #forget(here: boolean): void {
    const records = this.list();
    this.#mirror.clear();
    this.#places.clear();
    for (const record of records) this.#events.emit('change', { record, event: 'discarded', here });
  }

  #now(): number {
    return (this.#environment.now ?? now)();
  }

  /** One thing after another: what a step read is still so when it writes. */
  #serial<Result>(job: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(job);
    this.#tail = result.catch(() => undefined); // the caller hears of it
    return result;
  }
}

function closed(): RealtimeError {
  return new RealtimeError('closed', 'The outbox is closed.');
}
