import type { Undo } from '../protocol/emitter.ts';
import type { Environment } from './environment.ts';

/** How often it looks. A machine that wakes takes up its timers where they stood, so this is how late it may be noticed. */
const LOOK_MS = 1_500;
/** A busy page is late by less. */
const LATE_MS = 4_000;

/**
 * Calls `onWake` when the machine has slept: not every sleep has an event, and sockets do not survive it, but a timer that
 * was due long ago tells. By whichever clock moved further, since either may stand still meanwhile. Hidden pages, whose
 * timers the browser delays anyway, are not watched. Runs until the undo is called.
 */
export function watchWake(environment: Environment, onWake: () => void): Undo {
  let cancel: Undo;
  const look = () => {
    const wall = environment.now();
    const monotonic = environment.monotonicNow();
    cancel = environment.setTimer(() => {
      const tookMs = Math.max(environment.now() - wall, environment.monotonicNow() - monotonic);
      look();
      if (environment.isVisible() && tookMs > LOOK_MS + LATE_MS) onWake();
    }, LOOK_MS);
  };
  look();
  return () => cancel();
}
