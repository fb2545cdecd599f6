import { css, html, nothing, type LitElement, type ReactiveController, type TemplateResult } from 'lit';

/** What Tab stops at. */
const STOPS = ':is(button, input):enabled';

/** How a sheet is drawn and named. */
export interface SheetLook {
  readonly role: 'dialog' | 'alertdialog';
  /** `drawer` stands at the side of a wide window and fills a narrow one; `card` in the middle; `alone` hides what is behind it. */
  readonly kind: 'drawer' | 'card' | 'card alone';
  /** Id of the element that names it. */
  readonly labelledby: string;
  /** Id of the element that describes it. */
  readonly describedby?: string;
}

/**
 * What lies over the whole window of a chat until it is dealt with: a list to choose from, a question. The rest of the
 * window is inert meanwhile, and gets the focus back. Only one at a time.
 */
export class Sheet implements ReactiveController {
  readonly #host: LitElement;
  readonly #id: string;
  #isOpen = false;
  #giveBack: HTMLElement | undefined;
  #onDismiss: (() => void) | undefined;
  /** What this sheet made inert. */
  #quiet: readonly Element[] = [];

  constructor(host: LitElement, id: string) {
    this.#host = host;
    this.#id = id;
    host.addController(this);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The sheet, while it is drawn. */
  get element(): HTMLElement | null {
    return this.#host.renderRoot.querySelector(`#${this.#id}`);
  }

  /**
   * @param focus Selector of what gets focus inside.
   * @param giveBack What gets it afterwards.
   */
  async open(focus: string, giveBack: HTMLElement | undefined): Promise<void> {
    // Its code may come when the host has gone.
    if (!this.#host.isConnected) return;
    this.#isOpen = true;
    this.#giveBack = giveBack;
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    this.element?.querySelector<HTMLElement>(focus)?.focus();
  }

  /** @param giveBack Whether focus goes back to where it was: not if it went elsewhere on purpose. */
  async close(giveBack = true): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // A click beside what can be focused has taken it away: then nothing has it.
    const hadFocus = this.element?.matches(':focus-within') || document.activeElement === document.body;
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    if (giveBack && hadFocus) this.#giveBack?.focus({ preventScroll: true });
  }

  hostUpdated(): void {
    const veil = this.element?.parentElement;
    const siblings = veil ? [...(veil.parentElement?.children ?? [])] : [];
    const quiet = siblings.filter((one) => one !== veil && !one.matches('.edge, .hush, .menu'));
    for (const one of this.#quiet) if (!quiet.includes(one)) one.removeAttribute('inert');
    for (const one of quiet) one.toggleAttribute('inert', true);
    this.#quiet = quiet;
    // The same listener again changes nothing.
    if (this.#isOpen) document.addEventListener('keydown', this.#onPageKey);
    else document.removeEventListener('keydown', this.#onPageKey);
  }

  hostDisconnected(): void {
    this.#isOpen = false;
    document.removeEventListener('keydown', this.#onPageKey);
  }

  /** @param onDismiss Escape was pressed, or the space beside the sheet. */
  render(look: SheetLook, content: unknown, onDismiss: () => void): TemplateResult | typeof nothing {
    if (!this.#isOpen) return nothing;
    this.#onDismiss = onDismiss;
    const onClick = (event: Event) => {
      if (event.target === event.currentTarget) onDismiss();
    };
    return html`<div class="veil" @click=${onClick} @keydown=${this.#onKeyDown}>
      <div
        id=${this.#id}
        class=${look.kind}
        tabindex="-1"
        part="sheet"
        role=${look.role}
        aria-modal="true"
        aria-labelledby=${look.labelledby}
        aria-describedby=${look.describedby ?? nothing}
      >
        ${content}
      </div>
    </div>`;
  }

  /** Also while nothing has focus, as after a click on a text. */
  #onPageKey = (event: KeyboardEvent) => {
    if (event.target === document.body) this.#onKeyDown(event);
  };

  #onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === 'Tab') this.#goRound(event);
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.#onDismiss?.();
  };

  /** Tab goes from the last stop to the first and back, wherever the window stands: the page is out of reach, too. */
  #goRound(event: KeyboardEvent): void {
    const stops = [...(this.element?.querySelectorAll<HTMLElement>(STOPS) ?? [])].filter((stop) =>
      stop.checkVisibility(),
    );
    const at = stops.indexOf((this.#host.renderRoot as ShadowRoot).activeElement as HTMLElement);
    const isLeaving = event.shiftKey ? at <= 0 : at < 0 || at === stops.length - 1;
    if (!isLeaving || stops.length === 0) return;
    event.preventDefault();
    stops.at(event.shiftKey ? -1 : 0)?.focus();
  }
}

export const sheetStyles = css`
  .window.as-inline {
    position: relative;
  }

  .veil {
    position: absolute;
    inset: 0;
    z-index: 3;
    display: flex;
    container-type: inline-size;
    border-radius: inherit;
    overflow: hidden;
    background: color-mix(in srgb, #0b0d14 45%, transparent);
    animation: veil var(--_fast);
  }

  .drawer:focus,
  .card:focus {
    outline: none;
  }

  .drawer,
  .card {
    display: flex;
    flex-direction: column;
    background: var(--_background);
    color: var(--_text);
    box-shadow: var(--_shadow);
  }

  .drawer {
    inline-size: 100%;
    padding-block: env(safe-area-inset-top) env(safe-area-inset-bottom);
  }

  .card {
    gap: 12px;
    max-inline-size: min(26em, 100% - 32px);
    max-block-size: calc(100% - 16px);
    margin: auto;
    padding: 20px;
    overflow: auto;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
  }

  .card p {
    margin: 0;
  }

  @container (min-width: 520px) {
    .drawer {
      inline-size: 320px;
      border-inline-end: 1px solid var(--_border);
    }
  }

  @keyframes veil {
    from {
      opacity: 0;
    }
  }

  .choices {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: 8px;
  }

  .pill.strong {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
  }

  .pill.strong.danger {
    background: var(--_danger);
    color: var(--_background);
  }

  @media (forced-colors: active) {
    .pill.strong {
      border-color: ButtonText;
      background: ButtonFace;
      color: ButtonText;
    }
  }
`;
