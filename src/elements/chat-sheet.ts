import { css, html, nothing, type LitElement, type ReactiveController, type TemplateResult } from 'lit';

/** How a sheet is drawn and named. */
export interface SheetLook {
  readonly role: 'dialog' | 'alertdialog';
  /** `drawer` stands at the side of a wide window and fills a narrow one; `card` in the middle; `whole` hides what is behind it. */
  readonly kind: 'drawer' | 'card' | 'card whole';
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
    const hadFocus = this.element?.matches(':focus-within');
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
  }

  hostDisconnected(): void {
    this.#isOpen = false;
  }

  /** @param onDismiss Escape was pressed, or the space beside the sheet. */
  render(look: SheetLook, content: unknown, onDismiss: () => void): TemplateResult | typeof nothing {
    if (!this.#isOpen) return nothing;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      event.preventDefault();
      onDismiss();
    };
    const onClick = (event: Event) => {
      if (event.target === event.currentTarget) onDismiss();
    };
    return html`<div class="veil" @click=${onClick} @keydown=${onKeyDown}>
      <div
        id=${this.#id}
        class=${look.kind}
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
