import { css, html, nothing, type LitElement, type ReactiveController, type TemplateResult } from 'lit';
import type { HybridClient } from '../client/types.ts';
import type { DeadLetter } from '../queue/outbox-record.ts';
import { addStyles } from './add-styles.ts';

/** How long a button says that it has done its work. */
const DONE_MS = 2_000;

const words = {
  waiting: 'Waiting',
  oldest: 'Oldest',
  failed: 'Not sent',
  saved: 'Saved',
  yes: 'On this device',
  no: 'No: keep this page open',
  unreadable: 'Unreadable',
  retryAll: 'Retry all',
  copy: 'Copy unsent text',
  copied: 'Copied',
  problem: 'That did not work.',
} as const;

const styles = css`
  :host {
    inline-size: fit-content;
    max-inline-size: 100%;
  }

  dl {
    display: grid;
    flex: 1 0 100%;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 2px 1em;
    margin: 0.4em 0 0;
  }

  dt {
    color: var(--_muted);
  }

  dd {
    margin: 0;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }

  .no {
    color: var(--_warning);
  }

  .actions {
    display: flex;
    flex: 1 0 100%;
    flex-wrap: wrap;
    gap: 0 6px;
  }

  .actions button {
    margin-block-start: 0.5em;
  }
`;

/** The messages behind a connection, for `display="details"`: what waits, since when, whether it is saved, what failed. */
export class StatusDetails implements ReactiveController {
  readonly #host: LitElement;
  /** What had focus before the host changed. */
  #focused: Element | null | undefined;
  #said: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: LitElement) {
    this.#host = host;
    addStyles(host, styles);
    host.addController(this);
  }

  hostUpdate(): void {
    this.#focused = this.#root.activeElement;
  }

  /** A button that has done its work may go: whoever pressed it goes on from the next one, else from the host. */
  hostUpdated(): void {
    if (!this.#focused || this.#focused.isConnected || !this.#host.isConnected) return;
    const host = this.#host;
    const button = this.#root.querySelector('button');
    if (!button && !host.hasAttribute('tabindex')) {
      host.tabIndex = -1;
      host.addEventListener('blur', () => host.removeAttribute('tabindex'), { once: true });
    }
    (button ?? host).focus({ preventScroll: true });
  }

  /** `tryNow` is the button for that, where it is of use. */
  render(client: HybridClient, tryNow: unknown): TemplateResult {
    const { waiting, failed, oldestAt, quarantined } = client.outbox.status();
    const { persisted, state } = client.status;
    const kept = waiting + failed + quarantined;
    // Before a connection says whose messages these are, none may only mean that none are known.
    const known = kept > 0 || state === 'live' || state === 'degraded';
    const row = (name: string, value: unknown, tone = '') =>
      html`<dt>${name}</dt>
        <dd class=${tone}><bdi>${value}</bdi></dd>`;
    return html`${
        known
          ? html`<dl part="details">
              ${row(words.waiting, waiting)} ${row(words.failed, failed)}
              ${persisted || kept > 0 ? row(words.saved, persisted ? words.yes : words.no, persisted ? '' : 'no') : nothing}
              ${oldestAt === undefined ? nothing : row(words.oldest, when(oldestAt))}
              ${quarantined > 0 ? row(words.unreadable, quarantined) : nothing}
            </dl>`
          : nothing
      }
      <div class="actions">
        ${tryNow} ${failed > 0 ? this.#renderFailed(client, failed) : nothing}
        <span role="status">${this.#said}</span>
      </div>`;
  }

  get #root(): ShadowRoot {
    return this.#host.renderRoot as ShadowRoot;
  }

  #renderFailed({ outbox }: HybridClient, failed: number): TemplateResult {
    const copy = () => navigator.clipboard.writeText(outbox.exportDeadLetters().map(textOf).join('\n\n'));
    return html`<button part="retry-all" type="button" @click=${() => this.#run(outbox.retryAll())}>
        ${words.retryAll} (${failed})
      </button>
      ${
        navigator.clipboard
          ? html`<button part="copy" type="button" @click=${() => this.#run(copy(), words.copied)}>
              ${words.copy}
            </button>`
          : nothing
      }`;
  }

  async #run(action: Promise<unknown>, done?: string): Promise<void> {
    try {
      await action;
      this.#say(done);
    } catch (error) {
      // The clipboard speaks to programmers; what the client says is for people.
      this.#say(error instanceof DOMException || !(error instanceof Error) ? words.problem : error.message);
    }
  }

  #say(line: string | undefined): void {
    clearTimeout(this.#timer);
    this.#said = line;
    this.#host.requestUpdate();
    if (line) this.#timer = setTimeout(() => this.#say(undefined), DONE_MS);
  }
}

/** What the visitor wrote, to be kept elsewhere. */
function textOf({ message: { text, data } }: DeadLetter): string {
  return [text, data && JSON.stringify(data, undefined, 2)].filter(Boolean).join('\n');
}

/** `14:03`, with the day if it was another one. */
function when(at: number): string {
  const today = new Date(at).toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(undefined, {
    ...(!today && { day: 'numeric', month: 'short' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(at);
}
