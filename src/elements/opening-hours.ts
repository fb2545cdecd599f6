import { RealtimeError } from '../protocol/errors.ts';

/** A span of a week in minutes since the beginning of its day; `to` may lie in the days after. */
interface Span {
  /** 0 is Sunday, as in `Date`. */
  readonly day: number;
  readonly from: number;
  readonly to: number;
}

/** What a clock on the wall of a time zone shows. */
interface WallTime {
  /** The date as a day at midnight UTC, in milliseconds. */
  readonly date: number;
  readonly day: number;
  readonly minutes: number;
}

const DAYS = ['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'];
const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
const ZONE = /(?:^|\s)((?:[A-Za-z_]+\/[\w/+-]+)|UTC|GMT)(?=\s|;|$)/g;
const TIMES = /^(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)$/;

/**
 * The hours of a week in which somebody is there, in one time zone.
 *
 * Written as rules between semicolons, each with days and times: `Mo-Fr 09:00-12:00,13:00-17:00; Sa 22:00-02:00 Europe/Berlin`.
 * Days are `Mo Tu We Th Fr Sa Su`, ranges (`Fr-Mo`) or lists of them; none means every day. Times that end before they begin
 * go on into the next day. The time zone is named once, in any rule; without one it is the reader's. `24/7` is always.
 */
export class OpeningHours {
  readonly #spans: readonly Span[];
  readonly #clock: Intl.DateTimeFormat;

  /** Throws `input` for what is not written like that. */
  constructor(text: string) {
    const zones = new Set([...text.matchAll(ZONE)].map((match) => match[1]));
    if (zones.size > 1) throw wrong('They name more than one time zone.');
    const [timeZone] = zones;
    try {
      this.#clock = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
      });
    } catch (cause) {
      throw wrong(`There is no time zone "${timeZone}".`, cause);
    }
    const rules = text.replaceAll(ZONE, ' ').split(';');
    this.#spans = rules.map((rule) => rule.trim()).flatMap((rule) => (rule ? parseRule(rule) : []));
    if (this.#spans.length === 0) throw wrong('They are empty.');
  }

  /** Whether somebody is there at `at`, in milliseconds since 1970. */
  isOpen(at: number): boolean {
    const { day, minutes } = this.#wallTime(at);
    return this.#spans.some((span) => {
      // A span that goes over midnight is also looked at from the day after.
      const since = ((day - span.day + 7) % 7) * DAY_MINUTES + minutes;
      return since >= span.from && since < span.to;
    });
  }

  /** When somebody is there next after `at`, where nobody is; milliseconds since 1970. */
  nextOpening(at: number): number {
    const now = this.#wallTime(at);
    // A week and a day: the one opening of a week may have been a moment ago.
    const openings = Array.from({ length: 9 }, (_, ahead) =>
      this.#spans
        .filter(({ day }) => day === (now.day + ahead) % 7)
        .map(({ from }) => this.#instant(now.date + ahead * DAY_MS, from)),
    ).flat();
    return Math.min(...openings.filter((opening) => opening > at));
  }

  #wallTime(at: number): WallTime {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#clock.formatToParts(at)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    const date = Date.UTC(year, month - 1, day);
    return { date, day: new Date(date).getUTCDay(), minutes: hour * 60 + minute };
  }

  /** When the clock of the zone shows `minutes` of `date`: where it jumps over that time, when it has jumped. */
  #instant(date: number, minutes: number): number {
    const wanted = date + minutes * MINUTE_MS;
    const offset = (at: number) => {
      const wall = this.#wallTime(at);
      return wall.date + wall.minutes * MINUTE_MS - Math.floor(at / MINUTE_MS) * MINUTE_MS;
    };
    // Around a change of the clock either offset may be the right one: the earlier moment that shows the wanted time.
    const before = wanted - offset(wanted - DAY_MS);
    const after = wanted - offset(wanted + DAY_MS);
    const shown = [before, after].sort((a, b) => a - b).find((at) => at + offset(at) === wanted);
    return shown ?? Math.max(before, after);
  }
}

function parseRule(rule: string): Span[] {
  if (rule === '24/7') return DAYS.map((_, day) => ({ day, from: 0, to: DAY_MINUTES }));
  const [, names = '', times = ''] = /^([A-Za-z][A-Za-z,\s–-]*?)?\s*(\d.*)$/.exec(rule) ?? [];
  const spans = times.split(',').map((time) => parseTimes(time.trim(), rule));
  return parseDays(names, rule).flatMap((day) => spans.map((span) => ({ day, ...span })));
}

function parseDays(names: string, rule: string): number[] {
  if (!names.trim()) return DAYS.map((_, day) => day);
  return names.split(',').flatMap((range) => {
    const [first = -1, last = first, ...more] = range.split(/[-–]/).map((name) => dayOf(name.trim()));
    if (first < 0 || last < 0 || more.length > 0) throw wrong(`"${rule}" does not name days.`);
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, more) => (first + more) % 7);
  });
}

/** Also of a name that is written in full. */
function dayOf(name: string): number {
  return /^[a-z]{2,9}$/i.test(name) ? DAYS.indexOf(name.slice(0, 2).toLowerCase()) : -1;
}

function parseTimes(time: string, rule: string): Omit<Span, 'day'> {
  const [, ...numbers] = (TIMES.exec(time) ?? []).map(Number);
  const [fromHour = 99, fromMinute = 0, toHour = 99, toMinute = 0] = numbers;
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (from >= DAY_MINUTES || to > DAY_MINUTES || fromMinute > 59 || toMinute > 59) {
    throw wrong(`"${rule}" has no times like 09:00-17:00.`);
  }
  return { from, to: to > from ? to : to + DAY_MINUTES };
}

function wrong(why: string, cause?: unknown): RealtimeError {
  return new RealtimeError('input', `The attribute hours cannot be read. ${why}`, { cause });
}
