const BASE_MS = 2_000;
const CAP_MS = 30_000;

/** Calls `run` again after a growing, jittered wait, or as soon as the machine says that it is online again. */
export class RetryTimer {
  readonly #run: () => void;
  #attempt = 0;
  #stop: AbortController | undefined;

  constructor(run: () => void) {
    this.#run = run;
  }

  /** Waits for the next attempt. A wait that runs already is replaced. */
  schedule(): void {
    this.#stop?.abort();
    const stop = (this.#stop = new AbortController());
    const go = () => {
      stop.abort();
      this.#run();
    };
    const timer = setTimeout(go, Math.min(CAP_MS, BASE_MS * 2 ** this.#attempt++) * (0.5 + Math.random()));
    stop.signal.addEventListener('abort', () => clearTimeout(timer));
    window.addEventListener('online', go, { signal: stop.signal });
  }

  /** Stops waiting, and begins with short waits again. */
  reset(): void {
    this.#stop?.abort();
    this.#attempt = 0;
  }
}
