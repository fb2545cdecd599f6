import { html, type TemplateResult } from 'lit';
import { addStyles } from './add-styles.ts';
import type * as Help from './feed-help.ts';
import type { FeedHost } from './feed-host.ts';
import type { FeedNotify } from './feed-notify.ts';
import { words } from './feed-words.ts';
import { LazyPart } from './lazy-part.ts';
import type { Incident } from '../protocol/incident.ts';

/** Where a reader's choice of notifications is kept, once there is one. */
const CHOICE_KEY = 'xians-feed-notify';
/** Least distance from the edges of the window, in CSS pixels. */
const MARGIN = 8;
/** In a window narrower than this, in CSS pixels, a menu is as wide as the window. */
const NARROW = 480;

/** What opens from the head of a feed: the list of keys, and the choice of notifications. Both are fetched on first need. */
export class FeedMenus {
  readonly #host: FeedHost;
  readonly #help: LazyPart<typeof Help>;
  readonly #notify: LazyPart<FeedNotify>;

  constructor(host: FeedHost) {
    const update = () => host.requestUpdate();
    this.#host = host;
    this.#help = new LazyPart(
      () => import('./feed-help.ts'),
      ({ styles }) => {
        addStyles(host, styles);
        update();
      },
    );
    this.#notify = new LazyPart(async () => {
      const { FeedNotify, styles } = await import('./feed-notify.ts');
      addStyles(host, styles);
      return new FeedNotify(host, CHOICE_KEY);
    }, update);
  }

  /** To be called after each update: fetches what an earlier choice needs. */
  updated(): void {
    if (this.#host.notify.length > 0 && !this.#notify.value && hasChosen()) this.#notify.want();
  }

  rest(): void {
    this.#help.rest();
    this.#notify.rest();
    this.#notify.value?.rest();
  }

  /** Incidents that somebody may want to be told of. */
  tell(incidents: readonly Incident[]): void {
    this.#notify.value?.tell(incidents);
  }

  toggle(name: 'help' | 'notify', button?: HTMLElement): void {
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
    if (menu.matches(':popover-open')) menu.focus();
  }

  render(): TemplateResult {
    const menu = (name: string, label: string, want: () => void, content: unknown) =>
      html`<div
        id=${name}
        class="menu"
        part="menu"
        popover
        role="dialog"
        tabindex="-1"
        aria-label=${label}
        @beforetoggle=${(event: ToggleEvent) => event.newState === 'open' && want()}
      >
        ${content ?? html`<p>${words.loadingPart}</p>`}
      </div>`;
    return html`${menu('help', words.keys, () => this.#help.want(), this.#help.value?.renderHelp())}
    ${
      this.#host.notify.length > 0
        ? menu('notify', words.notifications, () => this.#notify.want(), this.#notify.value?.render())
        : null
    }`;
  }
}

function hasChosen(): boolean {
  try {
    return Boolean(localStorage.getItem(CHOICE_KEY));
  } catch {
    // A page without storage: then nothing was chosen.
    return false;
  }
}
