import { css, html, nothing, svg, type LitElement, type ReactiveController, type TemplateResult } from 'lit';
import type { Blocked } from '../context/shared-client.ts';
import type { ConnectionStatus, HybridClient } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import { connectionWords, type ConnectionTone, type ConnectionWords } from './connection-words.ts';
import { LazyPart } from './lazy-part.ts';
import { viewTheme } from './view-theme.ts';

/** Milliseconds a worse state has to last before it is shown and announced: most interruptions are over by then. */
const SETTLE_MS = 600;

/** A shape for each tone, so that colour is never the only sign. */
const SHAPES: Record<ConnectionTone, unknown> = {
  idle: svg`<circle cx="8" cy="8" r="5" class="line" />`,
  busy: svg`<circle cx="8" cy="8" r="5" class="line dashed" />`,
  good: svg`<circle cx="8" cy="8" r="6.5" /><path d="m5.2 8.2 2 2 3.6-4" class="mark" />`,
  warn: svg`<path d="M8 1.4 15.2 14.4H.8z" /><path d="M8 6.2v3.6M8 12v.2" class="mark" />`,
  bad: svg`<rect x="2" y="2" width="12" height="12" rx="2.6" /><path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" class="mark" />`,
};

const styles = css`
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
    inline-size: 0.9em;
    block-size: 0.9em;
    fill: currentcolor;
    color: var(--_muted);
  }

  svg.good {
    color: var(--_success);
  }

  svg.warn {
    color: var(--_warning);
  }

  svg.bad {
    color: var(--_danger);
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

  @media (pointer: coarse) {
    button {
      min-height: 44px;
      padding: 0 1.1em;
    }
  }
`;

/** The element a face is drawn in. */
export interface StatusFaceHost extends LitElement {
  readonly display: string;
  retryNow(): Promise<void>;
}

/** What `connection-status` shows of a connection: shape, words, countdown. Calm: see {@link SETTLE_MS}. */
export class StatusFace implements ReactiveController {
  readonly #host: StatusFaceHost;
  #shown: ConnectionWords | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** The wait is over: the next render shows whatever the state is then. */
  #settled = false;
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Fetched when they are asked for. */
  readonly #details = new LazyPart(
    async () => new (await import('./status-details.ts')).StatusDetails(this.#host),
    () => this.#host.requestUpdate(),
  );

  constructor(host: StatusFaceHost) {
    this.#host = host;
    addStyles(host, viewTheme, styles);
    host.addController(this);
  }

  /**
   * @param blocked Why there can be no connection.
   * @param client Whose messages `display="details"` tells of.
   */
  render(status: ConnectionStatus | undefined, blocked?: Blocked, client?: HybridClient): TemplateResult {
    const next = connectionWords(status);
    const { tone, label, countdown, pending } = (this.#shown = this.#steady(
      blocked ? { ...next, ...blockedWords(blocked) } : next,
      !blocked && status?.state === 'live',
    ));
    const { display } = this.#host;
    const dot = display === 'dot';
    const details = display === 'details' && client ? this.#details.value : undefined;
    const words = [label, pending].filter(Boolean).join('. ');
    const tryNow = html`<button part="retry" type="button" @click=${() => this.#host.retryNow()}>
      Try now
    </button>`;
    return html`<svg part="indicator" class=${tone} viewBox="0 0 16 16" aria-hidden="true">
        <title>${words}</title>
        ${SHAPES[tone]}
      </svg>
      <span role="status" part="label" class=${dot ? 'hush' : ''}
        >${details && pending ? html`${label}<span class="hush">. ${pending}</span>` : words}</span
      >
      ${countdown && !dot ? html`<span>${countdown}</span> ${details ? nothing : tryNow}` : nothing}
      ${client && details?.render(client, tone === 'bad' && status?.state !== 'closed' ? tryNow : nothing)}`;
  }

  hostUpdated(): void {
    if (this.#host.isConnected && this.#host.display === 'details') this.#details.want();
    const counting = this.#host.isConnected && this.#shown?.countdown !== undefined;
    if (counting) this.#ticking ??= setInterval(() => this.#host.requestUpdate(), 1000);
    else this.#stopTicking();
  }

  hostDisconnected(): void {
    this.#stopTicking();
    this.#stopSettling();
    this.#details.rest();
    this.#shown = undefined;
  }

  /** What to show for `next`: good news, and more of the same, at once; anything else when it has lasted a moment. */
  #steady(next: ConnectionWords, good: boolean): ConnectionWords {
    const shown = this.#shown;
    if (!shown || this.#settled || good || next.label === shown.label) {
      this.#stopSettling();
      return next;
    }
    this.#settling ??= setTimeout(() => {
      this.#settled = true;
      this.#host.requestUpdate();
    }, SETTLE_MS);
    return { ...shown, pending: next.pending };
  }

  #stopSettling(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#settled = false;
  }

  #stopTicking(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}

function blockedWords(blocked: Blocked): Pick<ConnectionWords, 'tone' | 'label'> {
  return blocked === 'consent'
    ? { tone: 'idle', label: 'Waiting for consent' }
    : { tone: 'bad', label: blocked.message };
}
