/** Milliseconds between two sounds: a burst is one. */
const SOUND_MS = 3_000;
/** A sound that may start no sooner tells nothing any more. */
const LATE_MS = 1_000;

/** How much there is to see by whom it is told. There is one title, however many elements count in it. */
const counts = new Map<object, number>();
/** What stands before the page's title now. */
let badge = '';

/** Counts `count` for `owner` in the title, `(3) ` before whatever the page makes of it meanwhile; 0 takes it back. */
export function countInTitle(owner: object, count: number): void {
  if (count > 0) counts.set(owner, count);
  else counts.delete(owner);
  const sum = [...counts.values()].reduce((total, one) => total + one, 0);
  const { title } = document;
  const own = badge && title.startsWith(badge) ? title.slice(badge.length) : title;
  badge = sum > 0 ? `(${sum}) ` : '';
  if (title !== badge + own) document.title = badge + own;
}

/** Short tones, made here: a file would have to be loaded when the network may be gone. */
export class Chime {
  readonly #frequencies: readonly number[];
  #audio: AudioContext | undefined;
  #playedAt = -Infinity;

  /** @param frequencies The tones one after another, in hertz. */
  constructor(...frequencies: readonly number[]) {
    this.#frequencies = frequencies;
  }

  /** Plays, unless it has just done so. Most browsers play nothing before somebody has touched the page. */
  play(): void {
    const now = performance.now();
    if (now - this.#playedAt < SOUND_MS) return;
    this.#playedAt = now;
    const audio = (this.#audio ??= new AudioContext());
    void audio.resume().then(() => {
      if (performance.now() - now > LATE_MS) return; // a touch long after what it was for
      this.#frequencies.forEach((frequency, index) => {
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

  rest(): void {
    void this.#audio?.close();
    this.#audio = undefined;
  }
}

/** Notifications of the browser that an element shows, as far as they still stand. */
export class DesktopNotes {
  readonly #shown = new Set<Notification>();

  /** Whether the browser knows them at all. */
  static get supported(): boolean {
    return 'Notification' in globalThis;
  }

  /**
   * Shows one, in place of an earlier one with the same tag; a click on it leads to this page, and to what `onClick` does.
   * `false` where a page cannot: phones want a service worker for this, which a widget has no business to install.
   */
  show(title: string, options: NotificationOptions, onClick: () => void = () => {}): boolean {
    let notification: Notification;
    try {
      notification = new Notification(title, options);
    } catch {
      return false;
    }
    this.#shown.add(notification);
    notification.onclick = () => {
      window.focus();
      notification.close();
      onClick();
    };
    notification.onclose = () => void this.#shown.delete(notification);
    return true;
  }

  /** Takes back those that stand. */
  rest(): void {
    for (const one of this.#shown) one.close();
    this.#shown.clear();
  }
}
