import { LitElement, css, html, type PropertyValues } from 'lit';
import type { ConnectionState, HybridClient } from '../client/types.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { ClientController } from './client-controller.ts';
import { XiansErrorEvent } from './events.ts';
import { LazyPart } from './lazy-part.ts';
import { property } from './property.ts';
import { theme } from './theme.ts';

export type StatusDisplay = 'dot' | 'compact';

/**
 * Tells whether messages arrive, and what is wrong if not. Follows the provider around it; makes nothing connect by
 * itself. Short interruptions are neither shown nor announced.
 *
 * @tag connection-status
 * @csspart indicator - The dot.
 * @csspart label - The words.
 * @csspart retry - The button that tries now, while a wait runs.
 * @fires {XiansErrorEvent} xians-error - `retryNow()` could not load what it needs.
 */
export class ConnectionStatusElement extends LitElement {
  static override styles = [
    theme,
    css`
      :host {
        display: inline-flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 0.5em;
        font: inherit;
        color: inherit;
      }

      svg {
        position: relative;
        inset-block-start: 0.1em;
        flex: none;
        width: 0.9em;
        height: 0.9em;
        fill: none;
        stroke: currentcolor;
        stroke-width: 2.5;
        color: var(--_muted);
      }
    `,
  ];

  /** `dot`: the words are for screen readers and as a tooltip. Unknown values count as `compact`. */
  @property() display: StatusDisplay = 'compact';

  /** State of the connection. Read-only; reflected so that the page's CSS can select on it. */
  @property({ reflect: true }) state: ConnectionState = 'idle';

  readonly #connection: ClientController;
  /** Draws every state but the first; fetched when there is a client to tell of. */
  readonly #face = new LazyPart(
    async () => new (await import('./status-face.ts')).StatusFace(this),
    () => this.requestUpdate(),
  );

  constructor() {
    super();
    this.#connection = new ClientController(this, this.#follow);
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
      const problem = RealtimeError.from(error, 'network', 'The connection could not be loaded.');
      this.dispatchEvent(new XiansErrorEvent(problem));
    }
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    this.state = this.#connection.client?.state ?? 'idle';
  }

  protected override render(): unknown {
    const { client, shared } = this.#connection;
    if (client && this.#face.value) return this.#face.value.render(client.status);
    const blocked = shared?.blocked;
    const words =
      blocked === 'consent' ? 'Waiting for consent' : blocked ? blocked.message : 'Not connected yet';
    const dot = this.display === 'dot';
    return html`<svg part="indicator" viewBox="0 0 16 16" aria-hidden="true">
        <title>${words}</title>
        <circle cx="8" cy="8" r="5" />
      </svg>
      <span role="status" part="label" class=${dot ? 'hush' : ''}>${words}</span>`;
  }

  #follow = (client: HybridClient) => {
    this.#face.want();
    return client.on('status', () => this.requestUpdate());
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'connection-status': ConnectionStatusElement;
  }
}
