import type { LitElement } from 'lit';

/** Milliseconds between two drawings while nothing changes but the time. */
const TICK_MS = 1_000;

/** Milliseconds between two drawings in a burst: nobody reads rows that are replaced sixty times a second. */
const BURST_MS = 50;
/** Drawings shortly after one another that make a burst. */
const BURST = 3;

/**
 * When a feed draws: with the next frame, but at most twenty times a second in a burst; once a second so that ages are true;
 * and not at all while nobody can see it, then once when somebody can.
 */
export class FeedPulse {
  readonly #host: LitElement;
  readonly #watcher = new IntersectionObserver((entries) => this.#onMeet(entries));
  #frame: number | undefined;
  #later: number | undefined;
  #drawnAt = -Infinity;
  /** Drawings, each shortly after the one before. */
  #streak = 0;
  #timer: number | undefined;
  #isOnScreen = true;
  #isDue = false;

  constructor(host: LitElement) {
    this.#host = host;
  }

  get isVisible(): boolean {
    return this.#isOnScreen && document.visibilityState === 'visible';
  }

  start(): void {
    this.#isOnScreen = true;
    this.#watcher.observe(this.#host);
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
  }

  /** No timer, frame or listener is left. */
  rest(): void {
    this.#watcher.disconnect();
    document.removeEventListener('visibilitychange', this.#look);
    this.#stop();
  }

  /** Has the host draw itself with the next frame. */
  schedule = (): void => {
    this.#isDue = true;
    if (!this.isVisible) return;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#isDue = false;
      const now = performance.now();
      this.#streak = now - this.#drawnAt < 2 * BURST_MS ? this.#streak + 1 : 0;
      this.#drawnAt = now;
      this.#host.requestUpdate();
    });
  };

  /** Something arrived: the host draws it soon. */
  arrived = (): void => {
    const waitMs = this.#drawnAt + BURST_MS - performance.now();
    this.#isDue = true;
    if (!this.isVisible || this.#later !== undefined) return;
    if (waitMs <= 0 || this.#streak < BURST) return this.schedule();
    this.#later = window.setTimeout(() => {
      this.#later = undefined;
      this.schedule();
    }, waitMs);
  };

  #onMeet(entries: readonly IntersectionObserverEntry[]): void {
    this.#isOnScreen = entries.at(-1)?.isIntersecting ?? true;
    this.#look();
  }

  #look = () => {
    if (!this.isVisible) return this.#stop();
    if (this.#timer === undefined || this.#isDue) this.schedule();
    this.#timer ??= window.setInterval(this.schedule, TICK_MS);
  };

  #stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#later);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#timer = this.#frame = this.#later = undefined;
  }
}
