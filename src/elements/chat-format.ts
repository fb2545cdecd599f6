/** Dates in the language of the page. One per element; made anew when the language changes. */
export class ChatFormat {
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #full: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  /** The language, if the browser knows it; `undefined` is the browser's own. */
  readonly locale: string | undefined;

  /** `locale` is a BCP 47 tag; one the browser does not understand means the browser's own language. */
  constructor(locale?: string) {
    this.locale = usable(locale);
    this.#time = new Intl.DateTimeFormat(this.locale, { hour: 'numeric', minute: '2-digit' });
    this.#day = new Intl.DateTimeFormat(this.locale, { weekday: 'long', day: 'numeric', month: 'long' });
    this.#full = new Intl.DateTimeFormat(this.locale, { dateStyle: 'full', timeStyle: 'short' });
    this.#relative = new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto' });
  }

  /** `14:03` */
  time(at: number): string {
    return this.#time.format(at);
  }

  /** `Monday, 3 August 2026 at 14:03` */
  full(at: number): string {
    return this.#full.format(at);
  }

  /** `today`, `yesterday`, else `Monday, 3 August`, with the year when it is not this one. */
  day(at: number, now: number): string {
    const days = Math.round((midnight(at) - midnight(now)) / 86_400_000);
    if (days === 0 || days === -1) return capital(this.#relative.format(days, 'day'));
    const text = this.#day.format(at);
    const year = new Date(at).getFullYear();
    return year === new Date(now).getFullYear() ? text : `${text} ${year}`;
  }
}

/** `2026-08-03`: the day of the visitor's own calendar, as dates sort. */
export function isoDay(at: number): string {
  const date = new Date(at);
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function midnight(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

function usable(locale: string | undefined): string | undefined {
  if (!locale) return undefined;
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale)[0];
  } catch (error) {
    // A page may write anything into `lang`.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
