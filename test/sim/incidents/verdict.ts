import type { Played } from './play.ts';

/** A look beside a stream that is believed, what it takes, and the longest pause between two attempts before it. */
export const REPAIR_MS = 120_000;

/** What is wrong with how a gap ended; empty: nothing. */
export function faultsOf({ repairMs, difference, breaches }: Played): string[] {
  const { missing, leftOver, outdated } = difference;
  return [
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(leftOver > 0 ? [`${leftOver} left over`] : []),
    ...(outdated > 0 ? [`${outdated} outdated`] : []),
    ...(repairMs !== undefined && repairMs > REPAIR_MS ? [`repaired after ${repairMs} ms`] : []),
    ...breaches.map(([kind, detail]) => `${kind} ${detail}`),
  ];
}
