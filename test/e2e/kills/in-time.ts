import { setTimeout as delay } from 'node:timers/promises';

/** Longer than anything takes that ends. */
const LIMIT_MS = 120_000;

/** What `work` resolves with. Rejects when that takes too long, so that a browser that hangs does not hang the run. */
export async function inTime<Value>(work: Promise<Value>, what: string): Promise<Value> {
  const over = new AbortController();
  const late = delay(LIMIT_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${what} did not end in ${LIMIT_MS} ms.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
    late.catch(() => undefined); // cancelled
  }
}
