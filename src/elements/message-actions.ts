import type { DeliveryState } from '../protocol/types.ts';
import { askingWords } from './chat-asking-words.ts';
import { chatWords } from './chat-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { errorText } from './error-text.ts';

/** How long a button waits for the second press that discards a message, and the least time before it counts. */
const SURE_MS = 6_000;
const DOUBLE_CLICK_MS = 500;

/** What happens outside of the rows. */
export interface MessageActionsPorts {
  /** Sends a text as a new message. */
  send(text: string): void;
  /** Opens a text for change. */
  edit(requestId: string, text: string): void;
  /** Has words read out. */
  say(words: string): void;
  /** Shows why an action failed. */
  fail(reason: string): void;
}

/** What the visitor does about messages: those that wait or failed, and those that nobody answers. */
export class MessageActions {
  readonly #host: ChatViewHost;
  readonly #ports: MessageActionsPorts;
  #discarding: string | undefined;
  #askedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ChatViewHost, ports: MessageActionsPorts) {
    this.#host = host;
    this.#ports = ports;
  }

  /** Key of the row whose message is discarded by one more press. */
  get discarding(): string | undefined {
    return this.#discarding;
  }

  /** Whether a message can still get another text: it waits, or failed and was certainly not stored. */
  canEdit(requestId: string, state: DeliveryState): boolean {
    if (state !== 'failed') return state === 'queued';
    const record = this.#host.client?.outbox.list().find(({ id }) => id === requestId);
    return record?.error?.stored === 'no' && !record.losses;
  }

  edit(requestId: string, text: string): void {
    this.keep();
    this.#ports.edit(requestId, text);
  }

  retry(requestId: string): void {
    void this.#run(this.#host.retry(requestId));
  }

  retryAll(): void {
    void this.#run(this.#host.conversation?.retryAll());
  }

  /** Sends a text as a new request. */
  askAgain(text: string): void {
    this.keep();
    this.#ports.send(text);
  }

  /** Expects no reply any more. */
  stopWaiting(): void {
    this.#host.conversation?.stopWaiting();
    this.#ports.say(this.#host.language.words(askingWords).stopped);
  }

  /** Asks first: the second press, of the same button, discards. The second click of a double click is none. */
  discard(requestId: string, key: string): void {
    if (this.#discarding !== key) return this.#ask(key);
    if (performance.now() - this.#askedAt < DOUBLE_CLICK_MS) return;
    const words = this.#host.language.words(chatWords);
    this.keep();
    void this.#run(this.#host.discard(requestId), words.discardTooLate, words.discarded);
  }

  /** Asks no longer. `event` is a key that has done its work by this. */
  keep(event?: Event): void {
    event?.preventDefault();
    if (this.#discarding === undefined) return;
    clearTimeout(this.#timer);
    this.#discarding = undefined;
    this.#host.requestUpdate();
  }

  #ask(key: string): void {
    clearTimeout(this.#timer);
    this.#discarding = key;
    this.#askedAt = performance.now();
    this.#timer = setTimeout(() => this.keep(), SURE_MS);
    this.#ports.say(this.#host.language.words(chatWords).discardSure);
    this.#host.requestUpdate();
  }

  /** Waits for `action`, has `done` read out, or says why it failed; `refusal` stands for `false`. */
  async #run(action: Promise<unknown> | undefined, refusal?: string, done?: string): Promise<void> {
    try {
      if ((await action) === false && refusal) this.#ports.fail(refusal);
      else if (done) this.#ports.say(done);
    } catch (error) {
      this.#ports.fail(errorText(error, this.#host.language));
    }
  }
}
