import type { Emitter, Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { AuthType, CredentialSource } from './credentials.ts';
import { liveEvents } from './live-events.ts';
import { ReconnectingLink } from './reconnect.ts';
import { resolveSettings, type Settings } from './settings.ts';
import type { LiveEvents, TransportOptions, TransportState } from './transport.ts';

export interface LinkedTransportOptions extends TransportOptions {
  /** Retry by itself after a failure or loss, for as long as it is wanted. Default `true`. */
  reconnect?: boolean;
}

/**
 * What the live transports have in common: a link that connects and retries, listeners, remembered subscriptions and a
 * credential that can be replaced. What a connection is, each of them says in `open` and `close`.
 *
 * @template Subscription What is remembered of one, by its key.
 */
export abstract class LinkedTransport<Subscription> {
  protected readonly settings: Settings;
  protected readonly events: Emitter<LiveEvents> = liveEvents();
  protected readonly subscriptions = new Map<string, Subscription>();
  readonly #link: ReconnectingLink;

  /** Throws `input` for options that cannot work. */
  constructor(options: LinkedTransportOptions) {
    this.settings = resolveSettings(options);
    this.#link = new ReconnectingLink(this.settings.environment, options.reconnect ?? true, this.events, {
      open: (signal) => this.open(signal),
      close: () => this.close(),
    });
  }

  get state(): TransportState {
    return this.#link.state;
  }

  get isConnected(): boolean {
    return this.state === 'open';
  }

  get tenantId(): string {
    return this.settings.tenantId;
  }

  get authType(): AuthType {
    return this.settings.credentials.type;
  }

  on<Name extends keyof LiveEvents>(event: Name, listener: (value: LiveEvents[Name]) => void): Undo {
    return this.events.on(event, listener);
  }

  /**
   * Resolves when open and subscribed. With `reconnect`, a rejection tells of this attempt only: the next ones follow
   * until `disconnect()`, unless no retry can help.
   */
  connect(signal?: AbortSignal): Promise<void> {
    return this.#link.connect(signal);
  }

  disconnect(): Promise<void> {
    return this.#link.disconnect();
  }

  async dispose(): Promise<void> {
    await this.#link.dispose();
    this.subscriptions.clear();
    this.events.clear();
  }

  /** Resolves when connected with the new credential, if a connection is wanted; subscriptions are kept. */
  updateApiKey(apiKey: string): Promise<void> {
    return this.#updateCredential({ apiKey });
  }

  updateToken(token: string): Promise<void> {
    return this.#updateCredential({ token });
  }

  updateTokenProvider(getToken: () => string | Promise<string>): Promise<void> {
    return this.#updateCredential({ getToken });
  }

  /** One attempt. Rejects with what went wrong and then leaves nothing open. */
  protected abstract open(signal: AbortSignal): Promise<void>;
  /** Closes what `open` opened. Never rejects. */
  protected abstract close(): Promise<void>;

  /** What was open is gone by itself. */
  protected lost(error: RealtimeError): void {
    this.#link.lost(error);
  }

  async #updateCredential(source: CredentialSource): Promise<void> {
    this.settings.credentials.replace(source);
    await this.#link.restart();
  }
}
