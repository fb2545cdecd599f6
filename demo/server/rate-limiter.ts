import type { IncomingMessage } from 'node:http';

/** Fixed windows without a queue: the first request of a partition opens its window. */
export class RateLimiter {
  readonly #permits: number;
  readonly #windowMs: number;
  readonly #windows = new Map<string, { opened: number; used: number }>();

  constructor({ permits, windowMs }: { permits: number; windowMs: number }) {
    this.#permits = permits;
    this.#windowMs = windowMs;
  }

  /** `undefined` lets the request in; otherwise the milliseconds until the window ends. */
  take(partition: string, now = performance.now()): number | undefined {
    let window = this.#windows.get(partition);
    if (!window || now - window.opened >= this.#windowMs) {
      this.#windows.set(partition, (window = { opened: now, used: 0 }));
    }
    window.used += 1;
    return window.used > this.#permits ? window.opened + this.#windowMs - now : undefined;
  }

  reset(): void {
    this.#windows.clear();
  }
}

/** Before authentication, a caller is its `X-API-Key` header, else its first forwarded address, else its address. */
export function rateLimitPartition({ headers, socket }: IncomingMessage): string {
  const key = headers['x-api-key'];
  if (typeof key === 'string' && key !== '') return `key ${key}`;
  const forwarded = headers['x-forwarded-for'];
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim();
  return `ip ${first || socket.remoteAddress}`;
}
