import type { Undo } from './emitter.ts';

/** Milliseconds since 1970. May jump. */
export const now = (): number => Date.now();

/** Calls `callback` once after `delayMs`; the undo cancels it. */
export function setTimer(callback: () => void, delayMs: number): Undo {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

/** A UUID v4, also on pages served over plain http, where `crypto.randomUUID` does not exist. */
export function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
