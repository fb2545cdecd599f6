import { LitElement, type PropertyValues } from 'lit';
import type { ConnectionState } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { ClientController } from './client-controller.ts';
import { textProperties } from './connection-properties.ts';
import { XiansErrorEvent } from './events.ts';
import type { Language, OwnWords } from './language.ts';
import { LazyPart } from './lazy-part.ts';
import { theme } from './theme.ts';

export type StatusDisplay = 'dot' | 'compact' | 'details';

/**
 * Tells whether messages arrive, and what is wrong if not. Follows the provider around it; makes nothing connect by
 * itself. Short interruptions are neither shown nor announced.
 *
 * @tag connection-status
 * @csspart indicator - The dot.
 * @csspart label - The words.
 * @csspart retry - The button that tries now, while a wait runs.
 * @csspart hint - In `display="details"`, what the words mean or what helps.
 * @csspart chart - The round trips of `display="details"`.
 * @csspart channels - The list of transports of `display="details"`.
 * @csspart details - The list of facts of `display="details"`.
 * @csspart alert - What the service tells its users.
 * @csspart alert-dismiss - The button that closes it.
 * @csspart retry-all - The button that sends every failed message again.
 * @csspart copy - The button that copies what failed.
 * @fires {XiansErrorEvent} xians-error - `retryNow()` could not load what it needs, or `strings` cannot be read.
 */
export class ConnectionStatusElement extends LitElement {
  static override styles = theme;
  static override properties = {
    ...textProperties(['display', 'locale', 'strings']),
    state: { reflect: true },
  };

  /**
   * `dot`: the words are for screen readers and as a tooltip. `details`: also round trips, which are measured while it is seen,
   * each transport, what waits, whether it is saved, and what failed. Unknown values count as `compact`.
   */
  display: StatusDisplay = 'compact';

  /** State of the connection. Read-only; reflected so that the page's CSS can select on it. */
  state: ConnectionState = 'idle';

  /**
   * Language of words, dates and numbers, as a BCP 47 tag. Default: that of the provider, else of the page.
   * @attr locale
   */
  declare locale: string | undefined;

  /**
   * Texts in the page's own words, by key: `{"connection.live":"On air"}`; as an attribute JSON.
   * @attr strings
   */
  declare strings: string | OwnWords | undefined;

  /**
   * What it speaks. Given by its code, once that is loaded.
   * @internal
   */
  declare language: Language;

  readonly #connection: ClientController;
  /** Draws what there is to tell; fetched when the element comes into a document. */
  readonly #face = new LazyPart(
    async () => (await import('./status-face.ts')).openFace(this),
    () => this.requestUpdate(),
  );

  constructor() {
    super();
    this.#connection = new ClientController(this, (client) =>
      client.on('status', () => this.requestUpdate()),
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#face.want();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#face.rest();
  }

  /** Tries to connect now, instead of when the wait is over; connects if nothing has asked for it yet. */
  async retryNow(): Promise<void> {
    const { shared } = this.#connection;
    try {
      if (!shared) throw new RealtimeError('input', 'This status needs an xians-provider around it.');
      if (shared.client && shared.client.state !== 'idle') shared.client.retryNow();
      else (await shared.load()).connect();
    } catch (error) {
      const problem = RealtimeError.from(error, 'network', 'Part of the chat could not be loaded.');
      this.dispatchEvent(new XiansErrorEvent(problem));
    }
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    this.state = this.#connection.client?.state ?? 'idle';
  }

  protected override render(): unknown {
    const { client, shared } = this.#connection;
    return this.#face.value?.render(client?.status, shared?.blocked, client);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'connection-status': ConnectionStatusElement;
  }
}
