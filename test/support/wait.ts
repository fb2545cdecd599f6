/** Long enough for a loaded machine; a condition that holds is noticed at once. */
const DEADLINE_MS = 12_000;

type Falsy = false | 0 | '' | null | undefined;

/**
 * Resolves with the first truthy value of `condition`, which may be asynchronous; asks once a frame in a browser, a few
 * dozen times a second elsewhere. Rejects with `message` and the last error of `condition` after `deadlineMs`.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  message: string,
  deadlineMs = DEADLINE_MS,
): Promise<Exclude<Value, Falsy>> {
  const deadline = performance.now() + deadlineMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Exclude<Value, Falsy>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`Waited ${deadlineMs} ms in vain: ${message}`, { cause: lastError });
    }
    await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  // A page gets no frames while it is hidden, which it may become at any time, and a loop without any pause would
  // starve the sockets that it waits for: hence the timer beside the frame.
  return new Promise((resolve) => {
    if (typeof requestAnimationFrame === 'function') requestAnimationFrame(() => resolve());
    setTimeout(resolve, 10);
  });
}
