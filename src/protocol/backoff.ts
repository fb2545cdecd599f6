/** Values a caller of {@link backoff} supplies; all have the defaults of the shared reconnect policy. */
export interface BackoffOptions {
  /** Uniform in [0, 1). */
  random?: () => number;
  /** A hidden page waits longer, so that a crowd of background tabs does not wake a server first. Default `false`. */
  hidden?: boolean;
  /** What the server asked for, in milliseconds; replaces the policy, with up to 20 % on top so that clients spread. */
  retryAfterMs?: number;
}

const FIRST_VISIBLE_MS = 2_000;
const FIRST_HIDDEN_MS = 30_000;
const STEP_MS = 4_000;
const CAP_VISIBLE_MS = 30_000;
const CAP_HIDDEN_MS = 60_000;
const MIN_RETRY_AFTER_MS = 1_000;

/**
 * Milliseconds to wait before retry `attempt` (0 is the first after a failure). The first wait is uniform in
 * [0, 2 s) on a visible page and [0, 30 s) on a hidden one; later ones are uniform in [w/2, 3w/2) with
 * w = min(30 s visible or 60 s hidden, 4 s · 2^(attempt − 1)). It never says stop.
 *
 * The wide first window is what keeps a million clients from returning in the same second: everyone notices a broken
 * socket at once, so the first wait decides the peak.
 */
export function backoff(attempt: number, options: BackoffOptions = {}): number {
  const { random = Math.random, hidden = false, retryAfterMs } = options;
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs)) {
    return Math.max(MIN_RETRY_AFTER_MS, retryAfterMs) * (1 + 0.2 * random());
  }
  if (attempt <= 0) return random() * (hidden ? FIRST_HIDDEN_MS : FIRST_VISIBLE_MS);
  const width = Math.min(hidden ? CAP_HIDDEN_MS : CAP_VISIBLE_MS, STEP_MS * 2 ** (attempt - 1));
  return width * (0.5 + random());
}
