import { css, html, type LitElement, type TemplateResult } from 'lit';
import { pageStorage } from '../queue/waiting-mark.ts';
import type { Incident } from '../protocol/incident.ts';
import { Chime, countInTitle, DesktopNotes } from './attention.ts';
import { isUrgent } from './feed-announcer.ts';
import type { FeedHost } from './feed-host.ts';
import { notifyWords } from './feed-notify-words.ts';
import { severityName } from './feed-severity.ts';
import { feedSays } from './feed-words.ts';

const KINDS = ['sound', 'title', 'desktop'] as const;
type Kind = (typeof KINDS)[number];

/** More at once become one notification. */
const SINGLE = 3;

/**
 * Tells whoever looks elsewhere of new urgent incidents, in the ways that they switched on. Nothing is on, asked for or kept
 * before somebody presses a switch.
 */
export class FeedNotify {
  readonly #host: FeedHost;
  readonly #storageKey: string;
  readonly #on = new Set<Kind>();
  readonly #chime = new Chime(660, 880);
  readonly #notes = new DesktopNotes();
  /** Incidents that came while nobody looked. */
  #missed = 0;
  #note: 'refused' | 'unsupported' | undefined;

  /** @param storageKey Where the choice is kept in `localStorage`. */
  constructor(host: FeedHost & LitElement, storageKey: string) {
    this.#host = host;
    this.#storageKey = storageKey;
    for (const kind of this.#stored()) this.#on.add(kind);
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Takes back what stands outside of the element. It goes on when there is something to tell. */
  rest(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#countMissed(0);
    this.#notes.rest();
    this.#chime.rest();
  }

  render(): TemplateResult {
    const kinds = KINDS.filter((kind) => this.#host.notify.includes(kind));
    const words = this.#host.language.words(notifyWords);
    const note = this.#note && words[this.#note];
    return html`<h3>${this.#host.language.words(feedSays).notifications}</h3>
      ${kinds.map((kind) => {
        const isMissing = kind === 'desktop' && !DesktopNotes.supported;
        return html`<label class="choice">
          <input
            type="checkbox"
            role="switch"
            .checked=${this.#on.has(kind)}
            ?disabled=${isMissing}
            @change=${(event: Event) => void this.#choose(kind, event.target as HTMLInputElement)}
          />
          <span>${words[kind]}<small>${isMissing ? words.unsupported : words[`${kind}Hint`]}</small></span>
        </label>`;
      })}
      <p role="status">${note}</p>`;
  }

  /** New incidents that the reader sees, or would. */
  tell(incidents: readonly Incident[]): void {
    const urgent = incidents.filter(isUrgent);
    if (urgent.length === 0) return;
    if (this.#isOn('sound')) this.#chime.play();
    if (document.visibilityState === 'visible') return;
    document.addEventListener('visibilitychange', this.#onVisibility);
    if (this.#isOn('title')) this.#countMissed(this.#missed + urgent.length);
    if (this.#isOn('desktop')) this.#notify(urgent);
  }

  #isOn(kind: Kind): boolean {
    return this.#on.has(kind) && this.#host.notify.includes(kind);
  }

  async #choose(kind: Kind, box: HTMLInputElement): Promise<void> {
    this.#note = undefined;
    if (!box.checked) this.#on.delete(kind);
    else if (kind === 'desktop' && (await Notification.requestPermission()) !== 'granted') {
      box.checked = false;
      this.#note = 'refused';
    } else this.#on.add(kind);
    // Also lets the browser play later, when nobody presses anything.
    if (kind === 'sound' && box.checked) this.#chime.play();
    this.#store();
    this.#host.requestUpdate();
  }

  #notify(urgent: readonly Incident[]): void {
    if (Notification.permission !== 'granted') return;
    const { language } = this.#host;
    const words = language.words(notifyWords);
    if (urgent.length > SINGLE) {
      return this.#show('xians-incidents', words.burst({ count: urgent.length }), '');
    }
    for (const { id, severity, title, source } of urgent) {
      this.#show(id, words.one({ severity: severityName(severity, language), title }), source);
    }
  }

  #show(tag: string, title: string, body: string): void {
    if (this.#notes.show(title, { tag, body })) return;
    this.#on.delete('desktop');
    this.#note = 'unsupported';
  }

  #countMissed(count: number): void {
    this.#missed = count;
    countInTitle(this, count);
  }

  #onVisibility = () => {
    if (document.visibilityState === 'visible') this.#countMissed(0);
  };

  #stored(): readonly Kind[] {
    const names = pageStorage()?.getItem(this.#storageKey)?.split(' ');
    return KINDS.filter((kind) => names?.includes(kind));
  }

  #store(): void {
    try {
      if (this.#on.size > 0) localStorage.setItem(this.#storageKey, [...this.#on].join(' '));
      else localStorage.removeItem(this.#storageKey);
    } catch {
      // A page without storage: the choice lasts as long as the page.
    }
  }
}

export const styles = css`
  .choice {
    display: flex;
    align-items: start;
    gap: 10px;
    min-block-size: 44px;
    padding-block: 6px;
    cursor: pointer;
  }

  .choice input {
    flex: none;
    inline-size: 20px;
    block-size: 20px;
    margin: 1px 0 0;
    accent-color: var(--_accent);
  }

  .choice small {
    display: block;
    color: var(--_muted);
    font-size: 0.9em;
  }
`;
