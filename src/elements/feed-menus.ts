import { css, html, nothing, type TemplateResult } from 'lit';
import type { Incident } from '../protocol/incident.ts';
import { addStyles } from './add-styles.ts';
import { renderHelp, styles as helpStyles } from './feed-help.ts';
import type { FeedHost } from './feed-host.ts';
import { feedSays } from './feed-words.ts';
import { FeedNotify, styles as notifyStyles } from './feed-notify.ts';

/** Least distance from the edges of the window, in CSS pixels. */
const MARGIN = 8;
/** In a window narrower than this, in CSS pixels, a menu is as wide as the window. */
const NARROW = 480;

/** What opens from the head of a feed: the list of keys, and the choice of notifications. */
export class FeedMenus {
  readonly #host: FeedHost;
  readonly #notify: FeedNotify;
  /** Gives focus back to where it was when a menu opened. */
  #giveBack: (() => void) | undefined;

  /** @param choiceKey Where a reader's choice of notifications is kept, once there is one. */
  constructor(host: FeedHost, choiceKey: string) {
    this.#host = host;
    this.#notify = new FeedNotify(host, choiceKey);
    addStyles(host, menuStyles, helpStyles, notifyStyles);
  }

  rest(): void {
    this.#notify.rest();
  }

  /** Incidents that somebody may want to be told of. */
  tell(incidents: readonly Incident[]): void {
    this.#notify.tell(incidents);
  }

  /**
   * Opens or closes a menu, below its button if there is one.
   *
   * @param giveBack Gives focus back when it closes; default: to the button.
   */
  toggle(name: 'help' | 'notify', button?: HTMLElement, giveBack = () => button?.focus()): void {
    const menu = this.#host.renderRoot.querySelector<HTMLElement>(`#${name}`);
    if (!menu) return;
    const { left, right, bottom } = (button ?? this.#host).getBoundingClientRect();
    const isNarrow = innerWidth < NARROW;
    const isLeft = left + right < innerWidth;
    // No style attribute: a page may forbid those.
    menu.style.top = `${button ? bottom + 4 : MARGIN}px`;
    menu.style.left = isLeft || isNarrow ? `${Math.max(MARGIN, isNarrow ? 0 : left)}px` : 'auto';
    menu.style.right = isLeft ? 'auto' : `${Math.max(MARGIN, isNarrow ? 0 : innerWidth - right)}px`;
    menu.togglePopover();
    if (!menu.matches(':popover-open')) return;
    this.#giveBack = giveBack;
    menu.focus();
  }

  render(): TemplateResult {
    const menu = (name: string, label: string, content: unknown) =>
      html`<div
        id=${name}
        class="menu"
        part="menu"
        popover
        role="dialog"
        tabindex="-1"
        aria-label=${label}
        @beforetoggle=${this.#onToggle}
      >
        ${content}
      </div>`;
    const { language, notify } = this.#host;
    const words = language.words(feedSays);
    return html`${menu('help', words.keys, renderHelp(language))}
    ${notify.length > 0 ? menu('notify', words.notifications, this.#notify.render()) : nothing}`;
  }

  /** A reader who pressed somewhere else has gone there. */
  #onToggle = ({ newState, currentTarget }: ToggleEvent) => {
    if (newState === 'open') return;
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    if ((currentTarget as Element).matches(':focus-within')) queueMicrotask(() => giveBack?.());
  };
}

const menuStyles = css`
  .menu {
    position: fixed;
    inset: auto;
    inline-size: max-content;
    max-inline-size: min(24em, 100vi - 16px);
    max-block-size: 80vb;
    margin: 0;
    padding: 12px 16px;
    overflow: auto;
    border: 1px solid var(--_border);
    border-radius: 10px;
    background: var(--_background);
    color: var(--_text);
    box-shadow: var(--_shadow);
    font-size: 0.9333em;
    outline: none;
  }

  .menu p {
    color: var(--_muted);
    font-size: 0.9em;
  }
`;
