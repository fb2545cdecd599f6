import type { LitElement } from 'lit';

/** Milliseconds between two drawings while nothing changes but the time. */
const TICK_MS = 1_000;

/**
 * When a feed draws: at most once a frame however much arrives, once a second so that ages are true, and not at all while
 * nobody can see it; then once when somebody can.
 */
export class FeedPulse {
  readonly #host: LitElement;
  readonly #watcher = new IntersectionObserver((entries) => this.#onMeet(entries));
  #frame: number | undefined;
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
      this.#host.requestUpdate();
    });
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
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#timer = this.#frame = undefined;
  }
}
