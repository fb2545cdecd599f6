import type { Message } from '../protocol/types.ts';
import type { Place } from '../queue/outbox.ts';
import { isStep } from './message-log.ts';

/** What {@link ReadingPlace} needs from its conversation. */
export interface ReadingPlacePorts {
  load(): Place;
  save(change: Partial<Place>): void;
  /** The draft became another text by other means than `setDraft()`. */
  onDraft(draft: string): void;
  onUnread(): void;
}

/** Where the visitor is in a conversation: what is being written, and how far was read. Shared by the tabs of the site. */
export class ReadingPlace {
  readonly #ports: ReadingPlacePorts;
  /** Last draft that listeners know of. */
  #draft = '';
  #unread = 0;
  #newest = 0;
  /** Server time of the newest message at the first load: up to it all counts as read, unless an earlier visit left a mark. */
  #baseline: number | undefined;

  constructor(ports: ReadingPlacePorts) {
    this.#ports = ports;
  }

  get draft(): string {
    return this.#ports.load().draft;
  }

  get unread(): number {
    return this.#unread;
  }

  setDraft(draft: string): void {
    if (draft === this.draft) return;
    this.#draft = draft;
    this.#ports.save({ draft });
  }

  markRead(): void {
    if (this.#unread > 0) this.#ports.save({ readThrough: this.#newest });
  }

  /** It was read from storage, or changed in another tab. */
  refresh(): void {
    const { draft } = this;
    if (draft === this.#draft) return;
    this.#draft = draft;
    this.#ports.onDraft(draft);
  }

  /** Counts what agents wrote since; `newest` is the server time of the last message. */
  count(messages: readonly Message[], newest: number): void {
    this.#newest = newest;
    this.#baseline ??= newest;
    const since = this.#ports.load().readThrough || this.#baseline;
    let unread = 0;
    for (let i = messages.length - 1; i >= 0; i--) {
      const message = messages[i]!;
      const { author, createdAt, delivery } = message;
      // What waits here is dated by this machine, and stands after what the server dated.
      if (createdAt <= since && !delivery) break;
      if (author === 'agent' && !isStep(message) && createdAt > since) unread++;
    }
    if (unread === this.#unread) return;
    this.#unread = unread;
    this.#ports.onUnread();
  }

  /** Forgets everything, as what is stored is forgotten by others. */
  reset(): void {
    if (this.#draft) this.#ports.onDraft((this.#draft = ''));
    this.#unread = 0;
    this.#baseline = undefined;
  }
}
