import { css, html, nothing, svg, type ReactiveController, type TemplateResult } from 'lit';
import type { Blocked } from '../context/shared-client.ts';
import type { ConnectionStatus, HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { addStyles } from './add-styles.ts';
import { mayTryNow, type ConnectionTone, type ConnectionWords } from './connection-words.ts';
import { speak, type LanguageHost } from './language-controller.ts';
import { errorText } from './error-text.ts';
import type { Language } from './language.ts';
import { LazyPart } from './lazy-part.ts';
import { sentences } from './sentences.ts';
import { statusWords } from './status-words.ts';
import { PageScheme } from './page-scheme.ts';
import { SteadyWords } from './steady-words.ts';
import { viewTheme } from './view-theme.ts';

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

  /* Words that need a second line keep beside their sign. */
  [part='label']:not(.hush) {
    max-inline-size: calc(100% - 1.4em);
  }

  .hint {
    flex: 1 0 100%;
    margin: 2px 0 0;
    color: var(--_muted);
    font-size: 0.9em;
  }

  .countdown {
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }

  :host .alert {
    flex: 1 0 100%;
    margin-block-start: 6px;
    border-block-end: 0;
    border-radius: 6px;
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
export interface StatusFaceHost extends LanguageHost {
  readonly display: string;
  retryNow(): Promise<void>;
}

/** The face of `host`, once it has its words. */
export async function openFace(host: StatusFaceHost): Promise<StatusFace> {
  await speak(host);
  return new StatusFace(host);
}

/** What `connection-status` shows of a connection: shape, words, countdown, and what the service tells. */
export class StatusFace implements ReactiveController {
  readonly #host: StatusFaceHost;
  readonly #words: SteadyWords;
  #client: HybridClient | undefined;
  #unfollow: Undo | undefined;
  /** What had focus before the host changed. */
  #focused: Element | null | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Both are fetched when they are of use. */
  readonly #details = new LazyPart(
    async () => new (await import('./status-details.ts')).StatusDetails(this.#host, renderShape),
    () => this.#host.requestUpdate(),
  );
  readonly #alerts = new LazyPart(
    async () => new (await import('./alert-view.ts')).AlertView(this.#host),
    () => this.#host.requestUpdate(),
  );

  constructor(host: StatusFaceHost) {
    this.#host = host;
    this.#words = new SteadyWords(() => host.requestUpdate());
    addStyles(host, viewTheme, styles);
    host.addController(this);
    new PageScheme(host);
  }

  /**
   * @param blocked Why there can be no connection.
   * @param client Whose alerts are shown, and what `display="details"` tells of.
   */
  render(status: ConnectionStatus | undefined, blocked?: Blocked, client?: HybridClient): TemplateResult {
    // A host may draw itself once more after it was removed.
    this.#follow(this.#host.isConnected ? client : undefined);
    const { display, language } = this.#host;
    const shown = this.#words.show(status, language, blocked && blockedWords(blocked, language));
    const { tone, label, hint, countdown, pending } = shown;
    const dot = display === 'dot';
    const details = display === 'details' ? this.#details.value : undefined;
    const words = sentences(language, label, pending);
    // The sentence for developers is nobody's reading, but whoever looks for it finds it.
    const more = [details ? undefined : hint, tone === 'bad' ? status?.error?.message : undefined]
      .filter(Boolean)
      .join(' ');
    const tryNow = mayTryNow(status)
      ? html`<button part="retry" type="button" @click=${() => this.#host.retryNow()}>
          ${language.words(statusWords).tryNow}
        </button>`
      : nothing;
    const isStuck = tone === 'bad' && status?.state !== 'closed';
    return html`${renderShape(tone, words)}
      <span role="status" part="label" class=${dot ? 'hush' : ''} title=${more || nothing}
        ><bdi
          >${details && pending ? html`${label}<span class="hush">${words.slice(label.length)}</span>` : words}</bdi
        ></span
      >
      ${countdown && !dot ? html`<bdi class="countdown">${countdown}</bdi> ${details ? nothing : tryNow}` : nothing}
      ${details && hint ? html`<p class="hint" part="hint"><bdi>${hint}</bdi></p>` : nothing}
      ${dot ? nothing : this.#alerts.value?.render(client)}
      ${details?.render(client, client && (isStuck || countdown) ? tryNow : nothing)}`;
  }

  hostUpdate(): void {
    this.#focused = this.#root.activeElement;
  }

  hostUpdated(): void {
    const { display, isConnected } = this.#host;
    if (isConnected && display === 'details') this.#details.want();
    else this.#details.value?.rest();
    if (isConnected && display !== 'dot' && this.#client?.alerts.length) this.#alerts.want();
    const counts =
      this.#words.shown?.countdown !== undefined ||
      (display === 'details' && this.#client && this.#details.value?.counts(this.#client));
    if (isConnected && counts) this.#ticking ??= setInterval(() => this.#host.requestUpdate(), 1000);
    else this.#stopTicking();
    this.#keepFocus();
  }

  hostDisconnected(): void {
    this.#follow(undefined);
    this.#stopTicking();
    this.#words.rest();
    this.#details.rest();
    this.#alerts.rest();
  }

  get #root(): ShadowRoot {
    return this.#host.renderRoot as ShadowRoot;
  }

  /** The host follows the status; what is only of use here is asked for here. */
  #follow(client: HybridClient | undefined): void {
    if (client === this.#client) return;
    this.#unfollow?.();
    this.#client = client;
    this.#unfollow = client?.on('alert', () => this.#host.requestUpdate());
  }

  /** A button that has done its work may go: whoever pressed it goes on from the next one, else from the host. */
  #keepFocus(): void {
    const host = this.#host;
    if (!this.#focused || this.#focused.isConnected || !host.isConnected) return;
    const button = this.#root.querySelector('button');
    if (!button && !host.hasAttribute('tabindex')) {
      host.tabIndex = -1;
      host.addEventListener('blur', () => host.removeAttribute('tabindex'), { once: true });
    }
    (button ?? host).focus({ preventScroll: true });
  }

  #stopTicking(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}

/** `title` is its tooltip; without one it stands beside words that say the same. */
function renderShape(tone: ConnectionTone, title?: string): TemplateResult {
  return html`<svg part=${title ? 'indicator' : nothing} class=${tone} viewBox="0 0 16 16" aria-hidden="true">
    ${title ? svg`<title>${title}</title>` : nothing} ${SHAPES[tone]}
  </svg>`;
}

function blockedWords(blocked: Blocked, language: Language): Partial<ConnectionWords> {
  return blocked === 'consent'
    ? { tone: 'idle', label: language.words(statusWords).consent }
    : { tone: 'bad', label: errorText(blocked, language) };
}
