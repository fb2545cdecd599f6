import { recall, remember } from '../queue/visitor-memory.ts';
import type { LauncherHost } from './chat-launcher.ts';
import { FULL_SCREEN } from './full-screen.ts';

/**
 * Whether the visitor left the window open, for the next page of the site. Written only when the visitor opens or closes it,
 * read and written only once the page has allowed the chat to connect.
 */
export class OpenMemory {
  readonly #host: LauncherHost;
  #isRead = false;

  constructor(host: LauncherHost) {
    this.#host = host;
    host.addEventListener('xians-opened', this.#keep);
    host.addEventListener('xians-closed', this.#keep);
  }

  /** To be called when something about the host has changed. */
  update(): void {
    if (this.#isRead || !this.#isAllowed) return;
    this.#isRead = true;
    if (this.#host.open) return this.#keep(); // by somebody who was faster than this code
    // A window that covers the page was in the way of the next one: a link was followed to see that page.
    const isWanted = recall(this.#name) !== undefined && !matchMedia(FULL_SCREEN).matches;
    // Not `show()`, which takes focus: the visitor is about to read the page.
    if (isWanted) this.#host.open = true;
  }

  get #isAllowed(): boolean {
    const { rememberOpen, consentNeeded, problem } = this.#host;
    return Boolean(rememberOpen) && !consentNeeded && !problem;
  }

  get #name(): string {
    return `open:${this.#host.workflow ?? ''}`;
  }

  #keep = () => {
    // What a page does by itself says nothing about the visitor.
    if (!this.#isAllowed || navigator.userActivation?.isActive === false) return;
    this.#isRead = true;
    remember(this.#name, this.#host.open ? '' : undefined);
  };
}
