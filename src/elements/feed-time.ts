import type { Language } from './language.ts';

const UNITS = [
  ['day', 86_400_000, 48 * 3_600_000],
  ['hour', 3_600_000, 120 * 60_000],
  ['minute', 60_000, 60_000],
  ['second', 1_000, 0],
] as const;
type Unit = (typeof UNITS)[number][0];
/** The last moment that a `Date` can hold. */
const LAST = 8.64e15;

/** Times and numbers in one language. Making a formatter costs a hundred times what using it costs, hence the object. */
export class FeedTime {
  /** What is said around them. */
  readonly language: Language;
  readonly #units = new Map<Unit, Intl.NumberFormat>();
  readonly #clock: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #whole: Intl.DateTimeFormat;

  constructor(language: Language) {
    this.language = language;
    const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language.tag, options);
    this.#clock = format({ timeStyle: 'medium' });
    this.#day = format({ dateStyle: 'medium', timeStyle: 'medium' });
    this.#whole = format({ dateStyle: 'full', timeStyle: 'long' });
  }

  /** `12 s`, `4 min`, `3 hr`: in the largest unit that is not too coarse. Never less than a second. */
  span(ms: number): string {
    const [unit, unitMs] = UNITS.find(([, , fromMs]) => ms >= fromMs) ?? UNITS[3];
    let format = this.#units.get(unit);
    if (!format) {
      format = new Intl.NumberFormat(this.language.tag, { style: 'unit', unit, unitDisplay: 'short' });
      this.#units.set(unit, format);
    }
    return format.format(Math.max(1, Math.floor(ms / unitMs)));
  }

  /** `14:03:20`, with the day if that is not today. `at` in milliseconds since 1970, like all below. */
  at(at: number): string {
    const today = new Date(at).toDateString() === new Date().toDateString();
    return (today ? this.#clock : this.#day).format(clamp(at));
  }

  /** With the day, and the time zone. */
  whole(at: number): string {
    return this.#whole.format(clamp(at));
  }

  number(value: number): string {
    return this.language.number(value);
  }
}

/** For `<time datetime>`. */
export function isoTime(at: number): string {
  return new Date(clamp(at)).toISOString();
}

function clamp(at: number): number {
  return Math.min(LAST, Math.max(-LAST, at)) || 0;
}
