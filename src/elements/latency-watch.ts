import type { LitElement, ReactiveController } from 'lit';
import type { LatencySample } from '../client/metrics.ts';
import type { HybridClient } from '../client/types.ts';

const EVERY_MS = 10_000;
/** As many as the client keeps of a channel. */
const KEPT = 60;
/** What is older is no part of the picture, in milliseconds. */
const KEPT_MS = 600_000;

/**
 * Measures a client's round trip every 10 s while somebody can see its host, and only over a connection that stands. Keeps
 * also when no answer came, which the client itself counts only as a failure.
 */
export class LatencyWatch implements ReactiveController {
  readonly #host: LitElement;
  #client: HybridClient | undefined;
  #observer: IntersectionObserver | undefined;
  #onScreen = false;
  #samples: LatencySample[] = [];
  #gaps: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #askedAt = -Infinity;
  #asking = false;

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  /** Round trips that were measured here, oldest first. */
  get samples(): readonly LatencySample[] {
    return this.#samples;
  }

  /** When no answer came, in milliseconds since 1970. */
  get gaps(): readonly number[] {
    return this.#gaps;
  }

  /** Turns to `client`, or to none. To be called at every render. */
  follow(client: HybridClient | undefined): void {
    if (client !== this.#client) {
      this.#samples = [];
      this.#gaps = [];
      this.#askedAt = -Infinity;
    }
    this.#client = client;
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#plan);
    this.#observer = new IntersectionObserver(([entry]) => {
      this.#onScreen = entry?.isIntersecting ?? false;
      this.#plan();
    });
    this.#observer.observe(this.#host);
  }

  hostUpdated(): void {
    this.#plan();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#plan);
    this.#observer?.disconnect();
    this.#onScreen = false;
    this.#plan();
  }

  get #isWanted(): boolean {
    const state = this.#client?.state;
    return (
      this.#onScreen && document.visibilityState === 'visible' && (state === 'live' || state === 'degraded')
    );
  }

  #plan = () => {
    if (!this.#isWanted) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (!this.#asking) {
      this.#timer ??= setTimeout(
        () => void this.#ask(),
        Math.max(0, this.#askedAt + EVERY_MS - performance.now()),
      );
    }
  };

  async #ask(): Promise<void> {
    const client = this.#client;
    this.#timer = undefined;
    if (!client) return;
    this.#asking = true;
    this.#askedAt = performance.now();
    // A failure is drawn as a gap: what it means for the connection, the client tells.
    const ms = await client.probe().catch(() => undefined);
    this.#asking = false;
    if (client === this.#client) {
      const at = Date.now();
      if (ms === undefined) this.#gaps = kept([...this.#gaps, at], (gap) => gap);
      else this.#samples = kept([...this.#samples, { at, ms }], (sample) => sample.at);
      this.#host.requestUpdate();
    }
    this.#plan();
  }
}

function kept<Item>(items: readonly Item[], timeOf: (item: Item) => number): Item[] {
  const since = Date.now() - KEPT_MS;
  return items.filter((item) => timeOf(item) >= since).slice(-KEPT);
}
