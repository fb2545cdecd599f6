import type { Undo } from '../protocol/emitter.ts';
import type { TransportEnvironment } from './transport.ts';

/** Notices when nothing is heard for a while. */
export interface SilenceWatch {
  heard(): void;
  readonly stop: Undo;
}

/** Calls `onSilent` once, when `heard()` was not called for `limitMs`. One timer, however often something is heard. */
export function watchSilence(
  environment: TransportEnvironment,
  limitMs: number,
  onSilent: () => void,
): SilenceWatch {
  let lastHeardAt = environment.monotonicNow();
  let cancel: Undo;
  const check = () => {
    const leftMs = lastHeardAt + limitMs - environment.monotonicNow();
    if (leftMs <= 0) onSilent();
    else cancel = environment.setTimer(check, leftMs);
  };
  cancel = environment.setTimer(check, limitMs);
  return {
    heard: () => {
      lastHeardAt = environment.monotonicNow();
    },
    stop: () => cancel(),
  };
}
