import { defaultEnvironment, type Environment, type LifecycleEvent } from '../../src/client/environment.ts';
import {
  type ErrorBatch,
  ErrorReporter,
  type ErrorReporterOptions,
} from '../../src/client/error-reporter.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import { ManualTime } from '../transports/manual-time.ts';

export const STARTED = Date.UTC(2026, 0, 1);

/** A page on manual time whose posts are kept, and answered as `answer` says. */
export class ErrorPage {
  readonly time = new ManualTime();
  readonly lifecycle = new Emitter<{ event: LifecycleEvent }>();
  readonly batches: ErrorBatch[] = [];
  readonly beacons: ErrorBatch[] = [];
  /** A status with headers, or a rejection. */
  answer: { readonly status: number; readonly headers?: Record<string, string> } | Error = { status: 200 };
  online = true;
  href = 'https://shop.example/cart/83719264?token=abc#top';
  readonly environment: Environment = defaultEnvironment({
    now: () => STARTED + this.time.now,
    monotonicNow: this.time.monotonicNow,
    setTimer: this.time.setTimer,
    random: () => 0.5,
    isOnline: () => this.online,
    onLifecycle: (listener) => this.lifecycle.on('event', listener),
    location: { href: this.href, hostname: 'shop.example' },
    fetch: async (_url, init) => {
      this.batches.push(JSON.parse(init?.body as string) as ErrorBatch);
      const { answer } = this;
      if (answer instanceof Error) throw answer;
      return new Response(null, answer);
    },
    sendBeacon: (_url, body) => {
      void body.text().then((text) => this.beacons.push(JSON.parse(text) as ErrorBatch));
      return true;
    },
  });

  reporter(options: ErrorReporterOptions = {}): ErrorReporter {
    return new ErrorReporter({ environment: this.environment, url: '/errors', ...options });
  }

  /** To the moment at which the next batch is due and has been answered. Milliseconds that took; `undefined`: none is due. */
  async untilPosted(): Promise<number | undefined> {
    const waitMs = this.time.pending[0];
    if (waitMs === undefined) return undefined;
    const before = this.batches.length;
    this.time.advance(waitMs);
    // The answer of `fetch` and what follows it take no time, but a few turns.
    while (this.batches.length === before || this.time.pending.includes(15_000)) await turn();
    await turn();
    return waitMs;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
