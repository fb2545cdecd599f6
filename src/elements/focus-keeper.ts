import { html, type TemplateResult } from 'lit';
import type { ChatViewHost } from './chat-view-host.ts';
import { FULL_SCREEN } from './full-screen.ts';
import { LazyPart } from './lazy-part.ts';

/** What Tab stops at. */
const STOPS = ':is(button, textarea, a, summary, [tabindex="0"]):not(.edge)';

/** Sees to it that whoever uses the keyboard stays in the window: when what had focus goes, and while it covers the page. */
export class FocusKeeper {
  readonly #host: ChatViewHost;
  readonly #screen = matchMedia(FULL_SCREEN);
  #focused: Element | null | undefined;
  /** The buttons that what has focus stands among. */
  #group: Element | null | undefined;

  /** Fetched where the window covers the screen, or its size is the visitor's to choose. */
  readonly #window = new LazyPart(
    async () => new (await import('./chat-window.ts')).ChatWindow(this.#host),
    () => this.#host.requestUpdate(),
  );

  constructor(host: ChatViewHost) {
    this.#host = host;
  }

  /** Whether a window that floats covers all of the page. The host updates when it changes. */
  get fullScreen(): boolean {
    return this.#screen.matches;
  }

  watch(): void {
    this.#screen.addEventListener('change', this.#onScreen);
  }

  /** Stops watching. */
  rest(): void {
    this.#screen.removeEventListener('change', this.#onScreen);
    this.#window.rest();
  }

  /** Remembers what has focus. To be called before the host changes. */
  before(): void {
    this.#focused = this.#root?.activeElement;
    this.#group = this.#focused?.closest('.actions');
  }

  /**
   * If that is gone, gives focus to the last button beside it, else to the messages. Not to the field: on a phone that
   * would open the keyboard over them.
   */
  after(): void {
    const { shown, display, resizable } = this.#host;
    if (shown && display !== 'inline' && (resizable || display === 'page' || this.fullScreen)) {
      this.#window.want();
    }
    if (!this.#focused || this.#focused.isConnected) return;
    if (this.#group?.isConnected) {
      const button = this.#group.querySelector<HTMLElement>('button:last-of-type');
      button?.focus({ preventScroll: true });
      if (button && this.#root?.activeElement === button) return;
    }
    this.#root?.querySelector<HTMLElement>('.transcript')?.focus({ preventScroll: true });
  }

  /** The edges of the window that can be moved. */
  renderEdges(): unknown {
    return this.#window.value?.renderEdges();
  }

  /** A stop of its own at the start and at the end of the window, from which focus goes to the other end. */
  renderEdge(): TemplateResult {
    return html`<span class="edge" tabindex="0" @focus=${this.#onEdge}></span>`;
  }

  get #root(): ShadowRoot | undefined {
    const { renderRoot } = this.#host;
    return renderRoot instanceof ShadowRoot ? renderRoot : undefined;
  }

  #onScreen = () => this.#host.requestUpdate();

  #onEdge = (event: FocusEvent) => {
    const root = this.#root;
    const edge = event.currentTarget as Element;
    const stops = [...(root?.querySelectorAll<HTMLElement>(`.window ${STOPS}`) ?? [])];
    if (!edge.previousElementSibling) stops.reverse();
    // Some cannot take focus: disabled, or in details that are closed.
    stops.find((stop) => {
      stop.focus();
      return root?.activeElement === stop;
    });
  };
}
