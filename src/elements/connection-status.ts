import { LitElement, css, html, nothing, svg, type PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import type { ConnectionState, HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { ClientController } from './client-controller.ts';
import { connectionWords, type ConnectionTone, type ConnectionWords } from './connection-words.ts';
import { XiansErrorEvent } from './events.ts';
import { theme } from './theme.ts';

export type StatusDisplay = 'dot' | 'compact';

/** Milliseconds a worse state has to last before it is shown and announced: most interruptions are over by then. */
const SETTLE_MS = 600;

/** A shape for each tone, so that colour is never the only sign. */
const SHAPES: Record<ConnectionTone, unknown> = {
  idle: svg`<circle cx="8" cy="8" r="5" class="line" />`,
  busy: svg`<circle cx="8" cy="8" r="5" class="line dashed" />`,
  good: svg`<circle cx="8" cy="8" r="6" /><path d="m5.4 8.2 1.8 1.8 3.4-3.8" class="mark" />`,
  warn: svg`<path d="M8 1.8 14.8 14H1.2z" /><path d="M8 6.2v3.4M8 11.8v.1" class="mark" />`,
  bad: svg`<rect x="2.4" y="2.4" width="11.2" height="11.2" rx="2.6" /><path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" class="mark" />`,
};

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
        align-items: center;
        gap: 0.5em;
        font: inherit;
        color: inherit;
      }

      svg {
        display: block;
        flex: none;
        width: 0.9em;
        height: 0.9em;
        fill: currentcolor;
      }

      [part='indicator'] {
        color: var(--_muted);
      }

      .good {
        color: var(--_success) !important;
      }

      .warn {
        color: var(--_warning) !important;
      }

      .bad {
        color: var(--_danger) !important;
      }

      .line {
        fill: none;
        stroke: currentcolor;
        stroke-width: 2.5;
      }

      .dashed {
        stroke-dasharray: 5 3;
      }

      .mark {
        fill: none;
        stroke: var(--_background);
        stroke-width: 1.8;
        stroke-linecap: round;
        stroke-linejoin: round;
      }

      button {
        min-height: 24px;
        padding: 0 0.6em;
        border: 1px solid currentcolor;
        border-radius: 999px;
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
    `,
  ];

  /** `dot`: the words are for screen readers and as a tooltip. Unknown values count as `compact`. */
  @property() display: StatusDisplay = 'compact';

  /** State of the connection. Read-only; reflected so that the page's CSS can select on it. */
  @property({ reflect: true }) state: ConnectionState = 'idle';

  readonly #connection: ClientController;
  #words: ConnectionWords = connectionWords(undefined);
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** The wait is over: the next update shows whatever the state is then. */
  #settled = false;
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.#connection = new ClientController(this, this.#follow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#settling);
    clearInterval(this.#ticking);
    this.#settling = this.#ticking = undefined;
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
    this.#words = this.#steady(this.#current());
  }

  protected override render(): unknown {
    const { tone, label, countdown, pending } = this.#words;
    const dot = this.display === 'dot';
    const words = [label, pending].filter(Boolean).join('. ');
    return html`<svg part="indicator" class=${tone} viewBox="0 0 16 16" aria-hidden="true">
        ${SHAPES[tone]}${dot ? svg`<title>${words}</title>` : nothing}
      </svg>
      <span role="status" part="label" class=${dot ? 'hush' : ''}>${words}</span>
      ${
        countdown && !dot
          ? html`<span>${countdown}</span>
              <button part="retry" type="button" @click=${this.retryNow}>Try now</button>`
          : nothing
      }`;
  }

  protected override updated(): void {
    const counting = this.isConnected && this.#words.countdown !== undefined;
    if (counting) this.#ticking ??= setInterval(() => this.requestUpdate(), 1000);
    else this.#ticking = void clearInterval(this.#ticking);
  }

  #follow = (client: HybridClient): Undo => {
    const undos = [
      client.on('state', () => this.requestUpdate()),
      client.on('status', () => this.requestUpdate()),
    ];
    return () => undos.forEach((undo) => undo());
  };

  #current(): ConnectionWords {
    const { shared, client } = this.#connection;
    if (shared?.blocked === 'consent') {
      return { ...connectionWords(undefined), label: 'Not connected: waiting for consent' };
    }
    if (shared?.blocked) {
      return { ...connectionWords(undefined), tone: 'bad', label: shared.blocked.message };
    }
    return connectionWords(client?.status);
  }

  /**
   * What to show for `next`: good news, and more of the same, at once; anything else when it has lasted {@link SETTLE_MS}.
   */
  #steady(next: ConnectionWords): ConnectionWords {
    const shown = this.#words;
    if (!this.hasUpdated || next.tone === 'good' || next.label === shown.label) {
      this.#settling = void clearTimeout(this.#settling);
      this.#settled = false;
      return next;
    }
    if (this.#settled) {
      this.#settled = false;
      return next;
    }
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#settled = true;
      this.requestUpdate();
    }, SETTLE_MS);
    return { ...shown, pending: next.pending };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'connection-status': ConnectionStatusElement;
  }
}
