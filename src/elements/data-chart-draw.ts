import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { Format } from './data-chart.ts';
import type { Chart } from './data-chart-shape.ts';
import { chartWords } from './data-chart-words.ts';
import { cut } from './data-values.ts';
import type { Language } from './language.ts';

/** Units of the drawing; it grows with the bubble, its letters only by the steps in `data-chart-styles.ts`. */
const WIDTH = 320;
/** Room for numbers beside bars, and beside the lines of a grid. */
const NUMBERS = 92;
const TICKS = 46;
const HEIGHT = 150;

/** What every form is drawn from. */
export interface ChartView {
  readonly chart: Chart;
  readonly id: string;
  readonly format: Format;
  readonly isRtl: boolean;
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly language: Language;
}

/** Lines over a colour, so that no two series differ by colour alone; on a square of 8. */
const HATCHES = ['', 'M0 8L8 0', 'M2 0V8M6 0V8', 'M0 0L8 8M0 8L8 0', 'M0 2H8M0 6H8', 'M0 0L8 8'];
/** Dashes and marks of lines, to the same end. */
const DASHES = ['none', '6 3', '2 3', '8 3 2 3', '10 4', '4 2'];
const MARKS = [
  'm-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0',
  'm-3 -3h6v6h-6z',
  'm0 -4l4 7h-8z',
  'm0 -4l4 4l-4 4l-4 -4z',
  'm0 4l4 -7h-8z',
  'm-4 -1h3v-3h2v3h3v2h-3v3h-2v-3h-3z',
];
/** Lines with more points are drawn without marks. */
const MARKED = 30;

/** The sign of a series in a legend: of its bars or slices, or of its line. */
export function swatch(index: number, isLine = false): TemplateResult {
  if (isLine) {
    return html`<svg class="swatch wide" viewBox="0 0 28 12">
      <path class="stroke tone-${index}" stroke-dasharray=${DASHES[index] ?? 'none'} d="M0 6H28" />
      <path class="tone-${index}" d="M14 6${MARKS[index] ?? ''}" />
    </svg>`;
  }
  return html`<svg class="swatch" viewBox="0 0 12 12">
    <rect class=${`tone-${index % 6}`} width="12" height="12" rx="3" />
    <path class="hatch" d=${HATCHES[index % 6] ?? ''} transform="scale(1.5)" />
  </svg>`;
}

/** Bars that lie: names and numbers have the room that they need, in a narrow window too. */
export function drawBars({ chart, id, format, isRtl, label }: ChartView): TemplateResult {
  const { labels, series } = chart.drawn;
  const values = series.flatMap((one) => one.values).map((value) => value ?? 0);
  const least = Math.min(0, ...values);
  const most = Math.max(0, ...values);
  const room = WIDTH - NUMBERS;
  const at = (value: number) => (most === least ? 0 : ((value - least) / (most - least)) * room);
  const row = 20 + series.length * 16 + 6;
  const mirrored = (x: number, width = 0) => (isRtl ? WIDTH - x - width : x);
  return html`<svg class="plot" viewBox="0 0 ${WIDTH} ${labels.length * row}" role="img" aria-label=${label}>
    ${hatches(id)}
    ${labels.map(
      (name, index) =>
        svg`<text x=${mirrored(0)} y=${index * row + 13}>${cut(name, 40)}</text>
        ${series.map((one, nth) => {
          const value = one.values[index];
          const y = index * row + 19 + nth * 16;
          const from = at(Math.min(0, value ?? 0));
          const width = Math.max(value ? 2 : 1, at(Math.max(0, value ?? 0)) - from);
          const x = mirrored(from, width);
          return svg`${
            value === undefined
              ? nothing
              : svg`<rect class=${`tone-${nth}`} x=${x} y=${y} width=${width} height="12" rx="3" />
                <rect fill=${`url(#${id}-${nth})`} x=${x} y=${y} width=${width} height="12" rx="3" />`
          }<text class="amount" text-anchor="end" x=${mirrored(WIDTH)} y=${y + 10.5}>${format(value)}</text>`;
        })}`,
    )}
  </svg>`;
}

/** Lines over a grid. Arrow keys and the pointer go from point to point, whose values stand below. */
export function drawLine(
  view: ChartView,
  at: number | undefined,
  look: (at: number | undefined) => void,
): TemplateResult {
  const { chart, isRtl, label, language } = view;
  const { labels, series } = chart.drawn;
  const last = labels.length - 1;
  const ticks = ticksOf(series.flatMap((one) => one.values).filter((value) => value !== undefined));
  const [least, most] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const across = (index: number) => {
    const x = TICKS + (last === 0 ? 0.5 : index / last) * (WIDTH - TICKS - 6);
    return isRtl ? WIDTH - x : x;
  };
  const up = (value: number) => 8 + (1 - (value - least) / (most - least)) * (HEIGHT - 34);
  const compact = new Intl.NumberFormat(language.tag, { notation: 'compact', maximumSignificantDigits: 3 });
  const tick = (value: number) => (Math.abs(value) < 1e15 ? compact.format(value) : value.toExponential(0));
  const named = last > 3 ? [0, Math.round(last / 2), last] : labels.map((_, index) => index);
  const shown = at ?? last;
  const telling = tell(view, shown);
  const go = (event: KeyboardEvent) => {
    const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
    const to =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? last
          : /^Arrow(Left|Right|Up|Down)$/.test(event.key)
            ? Math.min(last, Math.max(0, shown + (event.key === forward || event.key === 'ArrowUp' ? 1 : -1)))
            : undefined;
    if (to === undefined) return;
    event.preventDefault();
    // The transcript has keys of its own.
    event.stopPropagation();
    look(to);
  };
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const x = ((isRtl ? box.right - event.clientX : event.clientX - box.left) / box.width) * WIDTH;
    look(Math.min(last, Math.max(0, Math.round(((x - TICKS) / (WIDTH - TICKS - 6)) * last))));
  };
  return html`<div
      class="plot-box"
      role="slider"
      tabindex="0"
      aria-label=${label}
      aria-valuemin="1"
      aria-valuemax=${last + 1}
      aria-valuenow=${shown + 1}
      aria-valuetext=${telling}
      @keydown=${go}
      @pointermove=${point}
      @pointerdown=${point}
    >
      <svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
        ${ticks.map(
          (value) =>
            svg`<line class="grid-line" x1=${isRtl ? 0 : TICKS} x2=${isRtl ? WIDTH - TICKS : WIDTH} y1=${up(value)} y2=${up(value)} />
            <text class="tick" text-anchor="end" x=${isRtl ? WIDTH - TICKS + 6 : TICKS - 6} y=${up(value) + 4}>${tick(value)}</text>`,
        )}
        ${named.map(
          (index) =>
            svg`<text class="tick" text-anchor=${index === 0 ? 'start' : index === last ? 'end' : 'middle'} x=${across(index)} y=${HEIGHT - 6}>${cut(labels[index] ?? '', 12)}</text>`,
        )}
        ${
          at === undefined
            ? nothing
            : svg`<line class="cursor" x1=${across(at)} x2=${across(at)} y1="4" y2=${HEIGHT - 24} />`
        }
        ${series.map(({ values }, nth) => {
          const places = values.map((value, index) =>
            value === undefined ? undefined : `${round(across(index))} ${round(up(value))}`,
          );
          const path = places
            .map((place, index) => place && `${places[index - 1] === undefined ? 'M' : 'L'}${place}`)
            .filter(Boolean);
          const marks = places.filter((place, index) => place && (places.length <= MARKED || index === at));
          return svg`<path class=${`stroke tone-${nth}`} stroke-dasharray=${DASHES[nth] ?? 'none'} d=${path.join('')} />
            <path class=${`tone-${nth}`} d=${marks.map((place) => `M${place}${MARKS[nth] ?? ''}`).join('')} />`;
        })}
      </svg>
    </div>
    <p class="chart-note point" aria-hidden="true">${telling}</p>`;
}

/** A pie or a ring, its slices by name, value and share beside it. */
export function drawPie({ chart, id, format, label, language }: ChartView): TemplateResult {
  const words = language.words(chartWords);
  const values = chart.series[0]?.values.map((value) => value ?? 0) ?? [];
  const rest = values.slice(chart.slices).reduce((sum, value) => sum + value, 0);
  const slices = [
    ...values.slice(0, chart.slices).map((value, index) => ({ name: chart.labels[index] ?? '', value })),
    ...(rest > 0 ? [{ name: words.other, value: rest }] : []),
  ];
  const sum = slices.reduce((total, { value }) => total + value, 0);
  const percent = new Intl.NumberFormat(language.tag, { style: 'percent', maximumFractionDigits: 1 });
  const radius = chart.isRing ? 43 : 29;
  const around = 2 * Math.PI * radius;
  let before = 0;
  return html`<div class="pie">
    <svg class="plot" viewBox="0 0 120 120" role="img" aria-label=${label}>
      ${hatches(id)}
      ${slices.map(({ value }, index) => {
        const share = value / sum;
        const turn = before * 360 - 90;
        before += share;
        // Stroked circles rather than sectors: a slice that is all of it needs no other drawing.
        const ring = (stroke: string | typeof nothing, look: string) =>
          svg`<circle class=${look} cx="60" cy="60" r=${radius} stroke=${stroke} stroke-width=${chart.isRing ? 28 : 58}
            stroke-dasharray="${Math.max(0, share * around - (share < 1 ? 1.5 : 0))} ${around}" transform="rotate(${turn} 60 60)" />`;
        return share > 0
          ? [ring(nothing, `slice tone-${index % 6}`), ring(`url(#${id}-${index % 6})`, 'over')]
          : nothing;
      })}
    </svg>
    <ul class="legend">
      ${slices.map(
        ({ name, value }, index) =>
          html`<li>
            ${swatch(index)}<bdi>${name}</bdi>
            <bdi class="share"
              >${words.share({ value: format(value), percent: percent.format(value / sum) })}</bdi
            >
          </li>`,
      )}
    </ul>
  </div>`;
}

/** The values of one point in words. */
function tell({ chart, format, language }: ChartView, at: number): string {
  const words = language.words(chartWords);
  const { labels, series } = chart.drawn;
  const values = series.map(({ name, values: all }) => {
    const value = all[at] === undefined ? words.noValue : format(all[at]);
    return name ? words.ofSeries({ series: name, value }) : value;
  });
  const list = new Intl.ListFormat(language.tag, { type: 'unit' }).format(values);
  return words.point({ label: labels[at] ?? '', values: list });
}

/** Three to six round numbers that span `values`. */
function ticksOf(values: readonly number[]): readonly number[] {
  let least = values.reduce((one, other) => Math.min(one, other));
  let most = values.reduce((one, other) => Math.max(one, other));
  // A line near zero begins there; one that is all the same gets room around it.
  if (least > 0 && least < most / 2) least = 0;
  if (least === most) [least, most] = least === 0 ? [0, 1] : [Math.min(0, least * 2), Math.max(0, most * 2)];
  const rough = (most - least) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(least / step);
  const count = Math.ceil(most / step) - first;
  return Array.from({ length: Math.min(8, count) + 1 }, (_, index) => (first + index) * step);
}

function hatches(id: string): SVGTemplateResult {
  return svg`<defs>${HATCHES.map(
    (path, index) =>
      svg`<pattern id=${`${id}-${index}`} width="8" height="8" patternUnits="userSpaceOnUse"><path class="hatch" d=${path} /></pattern>`,
  )}</defs>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
