import type { ReactiveController } from 'lit';
import { addStyles } from './add-styles.ts';
import { ChatResize, resizeStyles } from './chat-resize.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { FULL_SCREEN } from './full-screen.ts';
import { lockScroll } from './scroll-lock.ts';
import { VisibleArea } from './visible-area.ts';

/**
 * What becomes of the window on the screen: over all of it the page behind keeps still and the keyboard covers nothing;
 * beside the page it takes the size that the visitor gave it.
 *
 * The back button of a phone leaves the page, as on any other: to close the window instead, an entry of its own would have to
 * stand in the history, which single-page sites keep for themselves, and which stays behind when the window closes.
 */
export class ChatWindow implements ReactiveController {
  readonly #host: ChatViewHost;
  readonly #screen = matchMedia(FULL_SCREEN);
  readonly #area = new VisibleArea();
  readonly #size: ChatResize;

  constructor(host: ChatViewHost) {
    this.#host = host;
    this.#size = new ChatResize(host);
    addStyles(host, resizeStyles);
    host.addController(this);
  }

  /** The edges that can be moved. */
  renderEdges(): unknown {
    return this.#size.render(this.#isFloating && !this.#screen.matches);
  }

  hostUpdated(): void {
    const { display, shown, isConnected, renderRoot } = this.#host;
    if (!isConnected) return;
    const element = renderRoot.querySelector<HTMLElement>('#window') ?? undefined;
    const covers = shown && this.#isFloating && this.#screen.matches;
    this.#area.follow(covers || display === 'page' ? element : undefined);
    lockScroll(this, covers);
    this.#size.apply(element, this.#isFloating);
  }

  hostDisconnected(): void {
    this.#area.follow(undefined);
    lockScroll(this, false);
  }

  get #isFloating(): boolean {
    return this.#host.display === 'bubble' || this.#host.display === 'panel';
  }
}
