/** `0.4 s`, `12 s`, `1 min 5 s`: a length of time that may still grow, as the customs of `tag` write it. */
export function shortDuration(ms: number, tag?: string): string {
  const seconds = Math.max(0, ms) / 1_000;
  const unit = (value: number, unit: string, maximumFractionDigits = 0) =>
    new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(
      value,
    );
  if (seconds < 1) return unit(seconds, 'second', 1);
  const whole = Math.round(seconds);
  if (whole < 60) return unit(whole, 'second');
  const parts =
    whole < 3_600
      ? [unit(Math.floor(whole / 60), 'minute'), unit(whole % 60, 'second')]
      : [unit(Math.floor(whole / 3_600), 'hour'), unit(Math.floor(whole / 60) % 60, 'minute')];
  return new Intl.ListFormat(tag, { type: 'unit', style: 'narrow' }).format(parts);
}
