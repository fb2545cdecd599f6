import type { SharedClient } from '../context/shared-client.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { addStyles } from './add-styles.ts';
import type { ChatSession } from './chat-session.ts';
import type { ChatViewHost, ChatViewPart } from './chat-view-host.ts';
import type { ClientController } from './client-controller.ts';
import { RetryTimer } from './retry-timer.ts';

function importParts() {
  return import('./chat-view.ts');
}

/** Downloads the chat's code ahead of need. A failure shows when it is needed: opening tries again and says so. */
export function prefetchParts(): void {
  void Promise.allSettled([importParts()]);
}

/** What a chat element fetches when it is first needed: its view, its session and the client. The host updates after each change. */
export class ChatParts {
  readonly #host: ChatViewHost;
  readonly #connection: ClientController;
  readonly #retry = new RetryTimer(() => void this.load());
  #view: ChatViewPart | undefined;
  #session: ChatSession | undefined;
  #loading = false;
  #problem: RealtimeError | undefined;
  /** The connection that `#problem` is about. */
  #failedFor: SharedClient | undefined;

  constructor(host: ChatViewHost, connection: ClientController) {
    this.#host = host;
    this.#connection = connection;
  }

  get view(): ChatViewPart | undefined {
    return this.#view;
  }

  get session(): ChatSession | undefined {
    return this.#session;
  }

  /** Why something could not be fetched. */
  get problem(): RealtimeError | undefined {
    return this.#problem;
  }

  /**
   * Fetches what is missing, and again later what failed for want of a network. To be called at every update of the host:
   * after a failure only the timer, the visitor (`again`) or another connection makes the next attempt.
   */
  want(again: boolean): void {
    if (!this.#problem || again || this.#connection.shared !== this.#failedFor) void this.load();
  }

  async load(): Promise<void> {
    const { shared } = this.#connection;
    const clientNeeded = shared !== undefined && !shared.client;
    if (this.#loading || shared?.blocked) return;
    if (this.#view && !clientNeeded) {
      if (this.#problem) this.#host.requestUpdate(); // somebody else has loaded what was missing
      this.#problem = undefined;
      return;
    }
    this.#loading = true;
    try {
      await Promise.all([this.#makeView(), clientNeeded && shared.load()]);
      this.#problem = undefined;
      this.#retry.reset();
    } catch (error) {
      if (!this.#host.isConnected || shared !== this.#connection.shared) return;
      this.#failedFor = shared;
      this.#problem = RealtimeError.from(error, 'network', 'The chat could not be loaded.');
      if (this.#problem.retryable) this.#retry.schedule();
    } finally {
      this.#loading = false;
      this.#host.requestUpdate();
    }
  }

  /** The session, fetched if need be, for a chat that may not be shown. */
  async loadSession(): Promise<ChatSession> {
    const { ChatSession } = await importParts();
    return (this.#session ??= new ChatSession(this.#host));
  }

  /** {@link load}, with short waits again if that fails. */
  retry(): void {
    this.#retry.reset();
    void this.load();
  }

  /** Stops trying: the host has left the document. */
  rest(): void {
    this.#retry.reset();
    this.#problem = undefined;
  }

  async #makeView(): Promise<void> {
    const [{ ChatView, speak }] = await Promise.all([importParts(), this.loadSession()]);
    await speak(this.#host);
    this.#view = new ChatView(this.#host);
    addStyles(this.#host, ...ChatView.styles);
  }
}
