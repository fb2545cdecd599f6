import { RealtimeError } from '../protocol/errors.ts';
import type { LauncherHost } from './chat-launcher.ts';
import { XiansErrorEvent } from './events.ts';

/** Milliseconds until what a page has added is looked through: pages add many elements at once. */
const LOOK_MS = 50;

/** What is said of a button, each with what the page itself had said. */
type Said = ReadonlyMap<'aria-expanded' | 'aria-haspopup' | 'data-unread', string | null>;

/**
 * The page's own buttons that open and close the window: all that match the selector, those that come later too. Elements in
 * shadow roots of the page are out of a selector's reach.
 */
export class PageButtons {
  readonly #host: LauncherHost;
  readonly #said = new Map<Element, Said>();
  readonly #observer = new MutationObserver(() => this.#lookSoon());
  /** What the page asked for, and what of it is a selector. */
  #asked: string | undefined;
  #selector: string | undefined;
  #timer: number | undefined;
  #unread = 0;
  #isLost = false;

  constructor(host: LauncherHost) {
    this.#host = host;
  }

  /** Whether what the page asked for finds no button, ever: the chat needs its own. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * To be called when something about the host has changed.
   *
   * @param unread Messages that nobody has seen; the page's styles find them in `data-unread`.
   */
  update(unread: number): void {
    this.#unread = unread;
    const { display, launcher } = this.#host;
    const asked = /^(bubble|panel)$/.test(display) ? launcher?.trim() || undefined : undefined;
    if (asked !== this.#asked) {
      this.rest();
      this.#asked = asked;
      const isLost = asked !== undefined && !this.#isSelector(asked);
      if (asked && !isLost) this.#watch(asked);
      if (isLost !== this.#isLost) this.#host.requestUpdate();
      this.#isLost = isLost;
    }
    this.#look();
  }

  /** Leaves the page's buttons as they were. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#observer.disconnect();
    document.removeEventListener('click', this.#onClick);
    for (const button of [...this.#said.keys()]) this.#release(button);
    this.#asked = this.#selector = undefined;
  }

  #isSelector(selector: string): boolean {
    try {
      document.createDocumentFragment().querySelector(selector);
      return true;
    } catch {
      const problem = new RealtimeError('input', 'The attribute launcher is not a CSS selector.');
      this.#host.dispatchEvent(new XiansErrorEvent(problem));
      return false;
    }
  }

  #watch(selector: string): void {
    this.#selector = selector;
    // One listener on the document: a framework may replace its buttons at any time.
    document.addEventListener('click', this.#onClick);
    this.#observer.observe(document, {
      childList: true,
      subtree: true,
      attributeFilter: ['id', 'class'],
    });
  }

  #lookSoon(): void {
    this.#timer ??= window.setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, LOOK_MS);
  }

  #look(): void {
    const selector = this.#selector;
    const found = new Set(selector ? document.querySelectorAll(selector) : []);
    for (const button of [...this.#said.keys()]) if (!found.has(button)) this.#release(button);
    for (const button of found) this.#wire(button, this.#unread);
  }

  #wire(button: Element, unread: number): void {
    if (!this.#said.has(button)) {
      const names = ['aria-expanded', 'aria-haspopup', 'data-unread'] as const;
      this.#said.set(button, new Map(names.map((name) => [name, button.getAttribute(name)])));
      button.setAttribute('aria-haspopup', 'dialog');
    }
    button.setAttribute('aria-expanded', String(this.#host.open));
    if (unread > 0) button.setAttribute('data-unread', String(unread));
    else button.removeAttribute('data-unread');
  }

  #release(button: Element): void {
    for (const [name, value] of this.#said.get(button) ?? []) {
      if (value === null) button.removeAttribute(name);
      else button.setAttribute(name, value);
    }
    this.#said.delete(button);
  }

  #onClick = (event: MouseEvent) => {
    const { target } = event;
    const button = target instanceof Element ? target.closest(this.#selector ?? ':not(*)') : null;
    if (!(button instanceof HTMLElement)) return;
    if (button instanceof HTMLAnchorElement) event.preventDefault(); // it opens the chat, and leads nowhere
    // Safari gives no focus to a button that is clicked; it shall come back there.
    if (!this.#host.open) button.focus({ preventScroll: true });
    this.#host.toggle();
  };
}
