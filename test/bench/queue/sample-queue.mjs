/**
 * The storage behaviour of the message queue in the Xians SDK's advanced guide, written anew: an array kept as one JSON
 * text in `localStorage`, all of it written after every change; a failure to write is not told to anybody. Sending and
 * retrying are left out.
 */
export class SampleQueue {
  static #KEY = 'sample_message_queue';
  static #RANK = { high: 3, normal: 2, low: 1 };
  #queue = [];
  /** Writes that failed; the guide's queue prints a warning and goes on. */
  failedWrites = 0;

  get depth() {
    return this.#queue.length;
  }

  /** Fills it to `depth` in one go, which the guide's queue has no way to do. `false`: that many do not fit. */
  fill(depth, entry) {
    this.#queue = Array.from({ length: depth }, (_, index) => this.#wrap(entry, index));
    this.failedWrites = 0;
    this.#write();
    return this.failedWrites === 0;
  }

  enqueue(entry, priority = 'normal') {
    const message = this.#wrap(entry, this.#queue.length, priority);
    const behind = this.#queue.findIndex(
      (other) => SampleQueue.#RANK[other.priority] < SampleQueue.#RANK[priority],
    );
    if (behind === -1) this.#queue.push(message);
    else this.#queue.splice(behind, 0, message);
    this.#write();
    return message.id;
  }

  /** What it does once the first message was sent. */
  dequeue() {
    this.#queue.shift();
    this.#write();
  }

  clear() {
    this.#queue = [];
    window.localStorage.removeItem(SampleQueue.#KEY);
  }

  #wrap(entry, index, priority = 'normal') {
    const id = `msg-${1_763_800_000_000 + index}-abcdefghi`;
    const request = { ...entry, requestId: id };
    return {
      id,
      request,
      messageType: 'Chat',
      attempts: 0,
      maxAttempts: 3,
      timestamp: 1_763_800_000_000,
      priority,
    };
  }

  #write() {
    try {
      window.localStorage.setItem(SampleQueue.#KEY, JSON.stringify(this.#queue));
    } catch {
      this.failedWrites++;
    }
  }
}
