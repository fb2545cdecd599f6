/** How an instant is printed: with a numeric offset (GraphQL) or `Z` (REST), and how many digits of a second. */
export const TIME_STYLES = ['offset0', 'offset3', 'offset6', 'offset9', 'z0', 'z3', 'z6', 'z9'] as const;
export type TimeStyle = (typeof TIME_STYLES)[number];

const MICROSECOND = 0.001;

/** The server's clock. No two readings are alike: the second one of a millisecond is a microsecond later. */
export class Clock {
  readonly #aheadMs: () => number;
  #last = 0;

  /** `aheadMs`: how wrong it goes, in comparison with this machine's. */
  constructor(aheadMs: () => number) {
    this.#aheadMs = aheadMs;
  }

  /** Milliseconds since 1970, with fractions. */
  now(): number {
    const time = this.time();
    // Only within a millisecond or so: a clock that was set back shows it.
    this.#last = time > this.#last || this.#last - time > 1_000 ? time : this.#last + MICROSECOND;
    return this.#last;
  }

  /** As {@link now}, but to whole milliseconds, and readings may be alike. */
  time(): number {
    return Date.now() + this.#aheadMs();
  }
}

/** RFC 3339 in UTC. Nanoseconds are made up from the microseconds; a whole millisecond has none. */
export function formatInstant(ms: number, style: TimeStyle): string {
  const whole = Math.floor(ms);
  const text = new Date(whole).toISOString();
  const zone = style.startsWith('z') ? 'Z' : '+00:00';
  const digits = Number(style.at(-1));
  if (digits === 0) return text.slice(0, 19) + zone;
  if (digits === 3) return text.slice(0, 23) + zone;
  const micros = Math.min(999, Math.round((ms - whole) / MICROSECOND));
  const nanos = digits === 9 ? pad((micros * 7) % 1_000) : '';
  return text.slice(0, 23) + pad(micros) + nanos + zone;
}

function pad(value: number): string {
  return String(value).padStart(3, '0');
}
