import type { StoredMessage, WireType } from './store.ts';

/** Who gets what is stored, in this order; each finishes with one message before the next message. */
export interface FeedOutlet {
  deliver(message: StoredMessage): void;
}

interface Waiter {
  matches: (message: StoredMessage) => boolean;
  resolve: (message: StoredMessage) => void;
}

export interface FeedFaults {
  isSuspended(): boolean;
  /** How many more times to deliver this message. */
  repeats(): number;
}

/**
 * Carries stored messages to the live channels, one after another in the order they were stored. Like the real server's
 * watch on its database it is lossy: what is stored while it is suspended reaches nobody, although it is in history.
 */
export class Feed {
  readonly #outlets: FeedOutlet[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #claimed = new Set<string>();
  readonly #faults: FeedFaults;
  #queue: StoredMessage[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(faults: FeedFaults) {
    this.#faults = faults;
  }

  addOutlet(outlet: FeedOutlet): void {
    this.#outlets.push(outlet);
  }

  push(message: StoredMessage): void {
    // Decided now, so that a message stored in a suspension stays lost when the suspension ends in the same moment.
    if (this.#faults.isSuspended()) return;
    this.#queue.push(message);
    this.#scheduled ??= setImmediate(() => this.#drain());
  }

  /**
   * The first agent message that `matches`, from now on. `abandon` stops waiting; the promise then never settles.
   */
  next(matches: (message: StoredMessage) => boolean): { reply: Promise<StoredMessage>; abandon: () => void } {
    let waiter!: Waiter;
    const reply = new Promise<StoredMessage>((resolve) => {
      waiter = { matches, resolve };
    });
    this.#waiters.add(waiter);
    return { reply, abandon: () => void this.#waiters.delete(waiter) };
  }

  /**
   * The one agent message that answers a `converse` call. `undefined` while another call waits for the same request.
   * `abandon` frees the request id; call it in any case.
   */
  claim(requestId: string, messageType: WireType) {
    if (this.#claimed.has(requestId)) return undefined;
    this.#claimed.add(requestId);
    const { reply, abandon } = this.next(
      (message) => message.requestId === requestId && message.messageType === messageType,
    );
    return {
      reply,
      abandon: () => {
        this.#claimed.delete(requestId);
        abandon();
      },
    };
  }

  /** How many calls wait for a message. */
  get waiting(): number {
    return this.#waiters.size;
  }

  close(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled);
    this.#queue = [];
    this.#waiters.clear();
  }

  #drain(): void {
    this.#scheduled = undefined;
    const messages = this.#queue;
    this.#queue = [];
    for (const message of messages) this.#deliver(message);
  }

  #deliver(message: StoredMessage): void {
    if (message.direction !== 'Outgoing' && message.messageType !== 'Handoff') return;
    for (const waiter of [...this.#waiters]) {
      if (message.direction !== 'Outgoing' || !waiter.matches(message)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(message);
    }
    const repeats = this.#faults.repeats();
    for (let copy = 0; copy <= repeats; copy += 1) {
      // A repeated delivery is a reported update: the same id with a later time of change.
      const version = copy === 0 ? message : { ...message, updatedAt: message.updatedAt + copy * 1_000 };
      for (const outlet of this.#outlets) outlet.deliver(version);
    }
  }
}
