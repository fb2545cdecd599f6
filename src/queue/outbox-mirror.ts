import { byPlace, streamOf, type OutboxRecord } from './outbox-record.ts';

/** Ids of messages that left, remembered so that late news of another tab does not bring them back. */
const GONE_LIMIT = 1_000;

/** The records as this tab knows them, and what is asked about them all the time: read at once, never from the disk. */
export class OutboxMirror {
  readonly #records = new Map<string, OutboxRecord>();
  readonly #gone = new Map<string, 'sent' | 'discarded'>();
  /** Not failed. */
  waiting = 0;
  failed = 0;
  /** Of those that wait. */
  bytes = 0;
  /** Records that only this tab has. */
  unstored = 0;
  /** The highest place given so far. */
  lastSeq = 0;

  get size(): number {
    return this.#records.size;
  }

  get(id: string): OutboxRecord | undefined {
    return this.#records.get(id);
  }

  /** How a message left, if that was a short while ago. */
  goneAs(id: string): 'sent' | 'discarded' | undefined {
    return this.#gone.get(id);
  }

  /** `createdAt` of the oldest message that waits. */
  get oldestAt(): number | undefined {
    let oldestAt: number | undefined;
    for (const { state, createdAt } of this.#records.values()) {
      if (state !== 'failed') oldestAt = Math.min(oldestAt ?? createdAt, createdAt);
    }
    return oldestAt;
  }

  put(record: OutboxRecord): void {
    const previous = this.#records.get(record.id);
    if (previous) this.#count(previous, -1);
    this.#records.set(record.id, record);
    this.#count(record, 1);
    this.lastSeq = Math.max(this.lastSeq, record.seq);
  }

  /** Forgets the record; `goneAs` says that it is not to come back. */
  remove(id: string, goneAs?: 'sent' | 'discarded'): void {
    const record = this.#records.get(id);
    if (record) this.#count(record, -1);
    this.#records.delete(id);
    if (!goneAs) return;
    this.#gone.set(id, goneAs);
    for (const oldest of this.#gone.keys()) {
      if (this.#gone.size <= GONE_LIMIT) break;
      this.#gone.delete(oldest);
    }
  }

  clear(): void {
    this.#records.clear();
    this.#gone.clear();
    this.waiting = this.failed = this.bytes = this.unstored = 0;
  }

  /** In queue order, dead letters included. */
  list(conversation?: string): OutboxRecord[] {
    const records = [...this.#records.values()];
    return records
      .filter((record) => conversation === undefined || record.conversation === conversation)
      .sort(byPlace);
  }

  /** The oldest record of each conversation and priority that is not failed: the only ones that may be worked on. */
  heads(): OutboxRecord[] {
    const heads = new Map<string, OutboxRecord>();
    for (const record of this.#records.values()) {
      if (record.state === 'failed') continue;
      const stream = streamOf(record);
      const head = heads.get(stream);
      if (!head || byPlace(record, head) < 0) heads.set(stream, record);
    }
    return [...heads.values()].sort(byPlace);
  }

  #count(record: OutboxRecord, by: 1 | -1): void {
    if (record.state === 'failed') this.failed += by;
    else {
      this.waiting += by;
      this.bytes += by * record.bytes;
    }
    if (!record.persisted) this.unstored += by;
  }
}
