import { cut, finite, isFields, pick, pickList, pickText, plainText, type Fields } from './data-values.ts';

/** Most that a small picture can tell apart. */
const SERIES = 6;
const BARS = 24;
const SLICES = 7;
/** Points of a line, two for each step of its width. */
const POINTS = 240;
/** Numbers beyond are left out, since differences between such are infinite. */
const HUGE = 1e300;

export interface Series {
  /** Empty where there is only one and nobody named it. */
  readonly name: string;
  /** A value for each label; `undefined` where there is none. */
  readonly values: readonly (number | undefined)[];
}

/** A chart as it is drawn and told. */
export interface Chart {
  readonly form: 'bar' | 'line' | 'pie';
  readonly isRing: boolean;
  readonly title: string | undefined;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  /** What is drawn of it: fewer bars, points or slices than there are values. */
  readonly drawn: { readonly labels: readonly string[]; readonly series: readonly Series[] };
  /** How many of the slices, from the first, are single values; the one after them stands for the rest. */
  readonly slices: number;
  /** Values that are no numbers, or negative ones in a pie. */
  readonly lost: number;
}

/** Reads `{ chart, title?, unit?, labels, values | series: [{ name, values }] }` and what others call these; `undefined` for no chart. */
export function chartOf(kind: string, data: Fields): Chart | undefined {
  const inner = pick(data, 'data');
  const body = isFields(inner) ? inner : data;
  const named = `${kind} ${pickText(data, 'chart', 'chartType', 'variant') ?? ''}`.toLowerCase();
  const form = /pie|donut|doughnut/.test(named) ? 'pie' : /line|area/.test(named) ? 'line' : 'bar';
  const given = seriesOf(body).slice(0, form === 'pie' ? 1 : SERIES);
  const length = Math.max(0, ...given.map(({ values }) => values.length));
  const labels = pickList(body, 'labels', 'categories', 'x');
  const names = Array.from({ length }, (_, index) =>
    cut(plainText(labels[index] ?? given[0]?.labels[index]) || String(index + 1), 80),
  );
  let lost = 0;
  const series = given.map(({ name, values }) => ({
    name,
    values: names.map((_, index) => {
      const raw = values[index];
      const value = finite(raw);
      const fits = value !== undefined && Math.abs(value) < HUGE && (form !== 'pie' || value >= 0);
      if (!fits && raw != null) lost++;
      return fits ? value : undefined;
    }),
  }));
  const sum = series[0]?.values.reduce<number>((total, value) => total + (value ?? 0), 0);
  if (!series.some(({ values }) => values.some((value) => value !== undefined))) return undefined;
  if (form === 'pie' && !(sum && sum < HUGE)) return undefined;
  const whole = { labels: names, series };
  return {
    form,
    isRing: /donut|doughnut/.test(named),
    title: pickText(data, 'title', 'name'),
    unit: cut(pickText(data, 'unit', 'units') ?? '', 20),
    ...whole,
    drawn:
      form === 'line'
        ? thinned(whole)
        : {
            labels: names.slice(0, BARS),
            series: series.map(({ name, values }) => ({ name, values: values.slice(0, BARS) })),
          },
    slices: names.length > SLICES + 1 ? SLICES : names.length,
    lost,
  };
}

interface Given {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly labels: readonly unknown[];
}

function seriesOf(body: Fields): readonly Given[] {
  const series = pickList(body, 'series', 'datasets').filter(isFields);
  if (series.length > 0) {
    return series.map((one) => ({
      ...listed(pickList(one, 'values', 'data', 'points')),
      name: cut(pickText(one, 'name', 'label') ?? '', 40),
    }));
  }
  return [{ ...listed(pickList(body, 'values', 'points', 'data', 'items', 'y')), name: '' }];
}

/** Plain numbers, `[label, value]` pairs, or `{ label, value }`. */
function listed(list: readonly unknown[]): { values: readonly unknown[]; labels: readonly unknown[] } {
  const pairs = list.map((item): readonly [unknown, unknown] => {
    if (Array.isArray(item)) return [item[0], item[1]];
    return isFields(item) ? [pick(item, 'label', 'name', 'x'), pick(item, 'value', 'y')] : [undefined, item];
  });
  return { values: pairs.map(([, value]) => value), labels: pairs.map(([label]) => label) };
}

/**
 * Few enough points for a line: of every stretch the least and the greatest of the first series, in their order, so that
 * no peak goes. The other series give their values at the same places.
 */
function thinned({ labels, series }: Chart['drawn']): Chart['drawn'] {
  if (labels.length <= POINTS) return { labels, series };
  const lead = series[0]?.values ?? [];
  const stretch = (labels.length * 2) / POINTS;
  const kept = new Set<number>([0, labels.length - 1]);
  for (let start = 0; start < labels.length; start += stretch) {
    const [from, to] = [Math.floor(start), Math.min(labels.length, Math.floor(start + stretch))];
    let [least, most] = [from, from];
    for (let index = from; index < to; index++) {
      if ((lead[index] ?? Infinity) < (lead[least] ?? Infinity)) least = index;
      if ((lead[index] ?? -Infinity) > (lead[most] ?? -Infinity)) most = index;
    }
    kept.add(least).add(most);
  }
  const places = [...kept].sort((one, other) => one - other);
  return {
    labels: places.map((index) => labels[index] ?? ''),
    series: series.map(({ name, values }) => ({ name, values: places.map((index) => values[index]) })),
  };
}
