import { css, html, nothing, type LitElement, type TemplateResult } from 'lit';

/** Least distance of a menu from the edges of the viewport, in CSS pixels. */
const MARGIN = 8;
/** Letters typed within this time belong together. */
const TYPING_MS = 700;

/** One line of a menu. */
export interface MenuItem {
  /** Unlike that of any other item. */
  readonly id: string;
  readonly label: string;
  readonly icon?: unknown;
  /** Present: the item is a switch, on or off. */
  readonly checked?: boolean | undefined;
  /** Stays in the list, greyed, and does nothing. */
  readonly disabled?: boolean | undefined;
  /** Takes something away for good. */
  readonly danger?: boolean | undefined;
  /** Begins a group. */
  readonly separated?: boolean | undefined;
  run(): void;
}

/**
 * The menu of a button, as the ARIA practices describe it: arrow keys, Home, End and letters move, Enter and Space choose,
 * Escape, Tab and a press outside close. Lies above everything in the page and keeps within the viewport.
 */
export class Menu {
  readonly #host: LitElement;
  readonly #id: string;
  #items: readonly MenuItem[] = [];
  #label = '';
  #button: HTMLElement | undefined;
  #typed = '';
  #typedAt = -Infinity;

  /** @param id Of the menu's element; the button's `aria-controls` names it. */
  constructor(host: LitElement, id: string) {
    this.#host = host;
    this.#id = id;
    host.addController({ hostDisconnected: () => this.close(false) });
  }

  get isOpen(): boolean {
    return this.#button !== undefined;
  }

  /**
   * Opens it below `button`, with focus on its first item, or on the last one.
   *
   * @param label Its name.
   */
  async open(button: HTMLElement, label: string, items: readonly MenuItem[], last = false): Promise<void> {
    // Its code may come when the host has gone.
    if (!this.#host.isConnected) return;
    this.#button = button;
    this.#label = label;
    this.#items = items;
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    const menu = this.#element;
    if (!menu) return;
    // A browser without popovers still has the fixed position.
    if ('showPopover' in menu && !menu.matches(':popover-open')) menu.showPopover();
    placeBelow(menu, button);
    this.#focus(last ? -1 : 0);
    document.addEventListener('pointerdown', this.#onPointerDown, true);
    window.addEventListener('resize', this.#onResize);
  }

  /** Closes it, and gives focus back to its button unless somebody has gone elsewhere. */
  close(giveBack = true): void {
    const button = this.#button;
    if (!button) return;
    this.#button = undefined;
    document.removeEventListener('pointerdown', this.#onPointerDown, true);
    window.removeEventListener('resize', this.#onResize);
    // Before the item that has focus goes: what keeps focus in the window would look for another place.
    if (giveBack) button.focus({ preventScroll: true });
    this.#host.requestUpdate();
  }

  render(): TemplateResult | typeof nothing {
    if (!this.#button) return nothing;
    return html`<div
      id=${this.#id}
      class="menu"
      part="menu"
      popover="manual"
      role="menu"
      aria-label=${this.#label}
      @keydown=${this.#onKeyDown}
    >
      ${this.#items.map((item) => this.#renderItem(item))}
    </div>`;
  }

  #renderItem(item: MenuItem): TemplateResult {
    const { label, icon, checked, disabled = false, danger = false, separated = false } = item;
    return html`${separated ? html`<div class="rule" role="separator"></div>` : nothing}
      <button
        type="button"
        class=${danger ? 'item danger' : 'item'}
        role=${checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
        aria-checked=${checked ?? nothing}
        aria-disabled=${disabled || nothing}
        tabindex="-1"
        @click=${() => this.#choose(item)}
      >
        ${icon ?? nothing}<span>${label}</span>
      </button>`;
  }

  #choose({ disabled, run }: MenuItem): void {
    if (disabled) return;
    this.close();
    run();
  }

  get #element(): HTMLElement | null {
    return this.#host.renderRoot.querySelector(`#${this.#id}`);
  }

  get #lines(): HTMLElement[] {
    return [...(this.#element?.querySelectorAll<HTMLElement>('.item') ?? [])];
  }

  /** Gives focus to an item, counted from the first one, or backwards from the last. */
  #focus(index: number): void {
    this.#lines.at(index)?.focus();
  }

  #onKeyDown = (event: KeyboardEvent) => {
    const lines = this.#lines;
    const at = lines.indexOf(event.target as HTMLElement);
    const { key } = event;
    if (key === 'ArrowDown') this.#focus((at + 1) % lines.length);
    else if (key === 'ArrowUp') this.#focus(at - 1);
    else if (key === 'Home') this.#focus(0);
    else if (key === 'End') this.#focus(-1);
    else if (key === 'Escape') this.close();
    else if (key === 'Tab') {
      // From the button on, as if the menu were not there.
      this.close();
      return;
    } else if (isLetter(event)) this.#find(key, at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** The next item that begins with what is typed; the same letter again goes on to the next one. */
  #find(letter: string, from: number): void {
    const now = performance.now();
    this.#typed = now - this.#typedAt < TYPING_MS && this.#typed !== letter ? this.#typed + letter : letter;
    this.#typedAt = now;
    const labels = this.#items.map(({ label }) => label.slice(0, this.#typed.length));
    const begin = this.#typed.length > 1 ? from : from + 1;
    const collator = new Intl.Collator(this.#host.lang || undefined, { sensitivity: 'base' });
    for (let step = 0; step < labels.length; step++) {
      const index = (begin + step) % labels.length;
      if (collator.compare(labels[index]!, this.#typed) === 0) return this.#focus(index);
    }
  }

  #onPointerDown = (event: PointerEvent) => {
    const path = event.composedPath();
    // The button closes it by itself.
    if (this.#button && path.includes(this.#button)) return;
    const menu = this.#element;
    if (menu && path.includes(menu)) return;
    this.close(false);
  };

  #onResize = () => {
    const menu = this.#element;
    if (menu && this.#button) placeBelow(menu, this.#button);
  };
}

/** Puts `popup`, which has a fixed position, below `button`, or above it where there is more room, inside the viewport. */
export function placeBelow(popup: HTMLElement, button: HTMLElement): void {
  const { top, bottom, left, right } = button.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = popup;
  const isAbove = bottom + offsetHeight + MARGIN > innerHeight && top > innerHeight - bottom;
  const isRight = left + right > innerWidth;
  const x = isRight ? right - offsetWidth : left;
  const y = isAbove ? top - offsetHeight - 4 : bottom + 4;
  const within = (at: number, size: number, room: number) =>
    `${Math.max(MARGIN, Math.min(at, room - size - MARGIN))}px`;
  // No style attribute: a page may forbid those.
  popup.style.left = within(x, offsetWidth, document.documentElement.clientWidth);
  popup.style.top = within(y, offsetHeight, innerHeight);
}

function isLetter({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return /^\S$/u.test(key) && !ctrlKey && !metaKey && !altKey;
}

export const menuStyles = css`
  .menu {
    position: fixed;
    inset: auto;
    z-index: 1;
    inline-size: max-content;
    min-inline-size: 12em;
    max-inline-size: calc(100vi - 16px);
    max-block-size: calc(100vb - 16px);
    margin: 0;
    padding: 6px;
    overflow: auto;
    border: 1px solid var(--_border);
    border-radius: 12px;
    background: var(--_background);
    color: var(--_text);
    box-shadow: var(--_shadow);
    font-size: 0.9667em;
    animation: menu var(--_fast);
  }

  @keyframes menu {
    from {
      opacity: 0;
      translate: 0 -4px;
    }
  }

  .item {
    display: flex;
    align-items: center;
    gap: 12px;
    inline-size: 100%;
    min-block-size: 36px;
    padding: 6px 12px;
    border: 0;
    border-radius: 8px;
    background: none;
    color: inherit;
    text-align: start;
  }

  .item > .icon {
    color: var(--_muted);
  }

  .item > span {
    flex: 1;
  }

  .item:hover,
  .item:focus-visible {
    background: color-mix(in srgb, var(--_text) 8%, transparent);
  }

  .item:focus-visible {
    outline-offset: -2px;
  }

  .item.danger,
  .item.danger > .icon {
    color: var(--_danger);
  }

  .item[aria-disabled='true'] {
    opacity: 0.55;
    cursor: default;
  }

  .item[aria-checked]::after {
    content: '';
    inline-size: 8px;
    block-size: 14px;
    margin-inline-end: 4px;
    border: solid transparent;
    border-width: 0 2px 2px 0;
    rotate: 45deg;
    translate: 0 -2px;
  }

  .item[aria-checked='true']::after {
    border-color: currentcolor;
  }

  .rule {
    margin: 6px 12px;
    border-block-start: 1px solid var(--_border);
  }

  @media (pointer: coarse) {
    .item {
      min-block-size: 44px;
    }
  }
`;
