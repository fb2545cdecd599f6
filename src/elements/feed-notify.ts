import { css, html, type LitElement, type TemplateResult } from 'lit';
import { pageStorage } from '../queue/waiting-mark.ts';
import type { Incident } from '../protocol/incident.ts';
import { isUrgent } from './feed-announcer.ts';
import type { FeedHost } from './feed-host.ts';
import { notifyWords } from './feed-notify-words.ts';
import { severityName } from './feed-severity.ts';
import { feedSays } from './feed-words.ts';

const KINDS = ['sound', 'title', 'desktop'] as const;
type Kind = (typeof KINDS)[number];

/** Milliseconds between two sounds: a burst is one alarm. */
const SOUND_MS = 3_000;
/** More at once become one notification. */
const SINGLE = 3;

/** What stands before the page's title now: there is one title, however many feeds there are. */
const badge = { count: 0, text: '' };

/**
 * Tells whoever looks elsewhere of new urgent incidents, in the ways that they switched on. Nothing is on, asked for or kept
 * before somebody presses a switch.
 */
export class FeedNotify {
  readonly #host: FeedHost;
  readonly #storageKey: string;
  readonly #on = new Set<Kind>();
  #audio: AudioContext | undefined;
  #soundAt = -Infinity;
  #note: 'refused' | 'unsupported' | undefined;
  readonly #shown = new Set<Notification>();

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
    setBadge(0);
    for (const one of this.#shown) one.close();
    this.#shown.clear();
    void this.#audio?.close();
    this.#audio = undefined;
  }

  render(): TemplateResult {
    const kinds = KINDS.filter((kind) => this.#host.notify.includes(kind));
    const words = this.#host.language.words(notifyWords);
    const note = this.#note && words[this.#note];
    return html`<h3>${this.#host.language.words(feedSays).notifications}</h3>
      ${kinds.map((kind) => {
        const isMissing = kind === 'desktop' && !('Notification' in globalThis);
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
    if (this.#isOn('sound')) this.#beep();
    if (document.visibilityState === 'visible') return;
    document.addEventListener('visibilitychange', this.#onVisibility);
    if (this.#isOn('title')) setBadge(badge.count + urgent.length);
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
    if (kind === 'sound' && box.checked) this.#beep();
    this.#store();
    this.#host.requestUpdate();
  }

  /** Two short tones, made here: a file would have to be loaded when the network may be gone. */
  #beep(): void {
    const now = performance.now();
    if (now - this.#soundAt < SOUND_MS) return;
    this.#soundAt = now;
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    void audio.resume().then(() => {
      [660, 880].forEach((frequency, index) => {
        const start = audio.currentTime + index * 0.18;
        const tone = new OscillatorNode(audio, { frequency });
        const volume = new GainNode(audio, { gain: 0 });
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(0.2, start + 0.02);
        volume.gain.linearRampToValueAtTime(0, start + 0.15);
        tone.connect(volume).connect(audio.destination);
        tone.start(start);
        tone.stop(start + 0.16);
      });
    });
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
    try {
      const notification = new Notification(title, { tag, body });
      this.#shown.add(notification);
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
      notification.onclose = () => void this.#shown.delete(notification);
    } catch {
      // Phones want a service worker for this, which a widget has no business to install.
      this.#on.delete('desktop');
      this.#note = 'unsupported';
    }
  }

  #onVisibility = () => {
    if (document.visibilityState === 'visible') setBadge(0);
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

/** `(3) ` before the title, whatever the page makes of that meanwhile. */
function setBadge(count: number): void {
  const { title } = document;
  const own = badge.text && title.startsWith(badge.text) ? title.slice(badge.text.length) : title;
  badge.count = count;
  badge.text = count > 0 ? `(${count}) ` : '';
  if (title !== badge.text + own) document.title = badge.text + own;
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
