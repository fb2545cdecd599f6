/** Values a caller of {@link backoff} supplies; all have the defaults of the shared reconnect policy. */
export interface BackoffOptions {
  /** Uniform in [0, 1). */
  random?: () => number;
  /** A hidden page waits longer, so that a crowd of background tabs does not wake a server first. Default `false`. */
  hidden?: boolean;
  /** What the server asked for, in milliseconds: nothing happens before, and the policy decides how long after. */
  retryAfterMs?: number;
}

const VISIBLE = { firstMs: 2_000, stepMs: 4_000, capMs: 30_000 };
const HIDDEN = { firstMs: 30_000, stepMs: 15_000, capMs: 60_000 };
const MIN_RETRY_AFTER_MS = 1_000;
/** Of a long `Retry-After`, so that those who were told the same do not come back together. */
const SPREAD = 0.2;

/**
 * Milliseconds to wait before retry `attempt` (0 is the first after a failure). The first wait is uniform in
 * [0, 2 s) on a visible page and [0, 30 s) on a hidden one; later ones are uniform in [w/2, 3w/2) with
 * w = min(30 s, 4 s · 2^(attempt − 1)), hidden min(60 s, 15 s · 2^(attempt − 1)). It never says stop.
 *
 * After a `Retry-After` (at least a second) it is that time and, on top, uniform in [0, the longest wait of the policy or
 * 20 % of that time, whichever is more).
 *
 * The wide first window is what keeps a million clients from returning in the same second: everyone notices a broken
 * socket at once, so the first wait decides the peak. The numbers come from `npm run sim:storm`.
 */
export function backoff(attempt: number, options: BackoffOptions = {}): number {
  const { random = Math.random, hidden = false, retryAfterMs } = options;
  const isFirst = attempt <= 0;
  const { firstMs, stepMs, capMs } = hidden ? HIDDEN : VISIBLE;
  const width = isFirst ? firstMs : Math.min(capMs, stepMs * 2 ** (attempt - 1));
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs)) {
    const askedMs = Math.max(MIN_RETRY_AFTER_MS, retryAfterMs);
    return askedMs + Math.max(isFirst ? width : 1.5 * width, SPREAD * askedMs) * random();
  }
  return width * (isFirst ? random() : 0.5 + random());
}
