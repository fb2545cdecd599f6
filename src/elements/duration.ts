const UNITS = [
  ['day', 86_400_000, 48 * 3_600_000],
  ['hour', 3_600_000, 120 * 60_000],
  ['minute', 60_000, 120_000],
  ['second', 1_000, 0],
] as const;

/** `12 s`, `4 min`, `3 hr`: one number, in the largest unit of which there are at least two. Never less than a second. */
export function duration(ms: number, locale?: string): string {
  const [unit, unitMs] = UNITS.find(([, , fromMs]) => ms >= fromMs) ?? UNITS[3];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(
    Math.max(1, Math.round(ms / unitMs)),
  );
}

/** `42 ms`, `2.4 s`. */
export function milliseconds(ms: number, locale?: string): string {
  const isShort = ms < 1_000;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: isShort ? 'millisecond' : 'second',
    unitDisplay: 'short',
    maximumFractionDigits: isShort ? 0 : 1,
    useGrouping: false,
  }).format(isShort ? ms : ms / 1_000);
}
