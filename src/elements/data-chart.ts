import { html, nothing, type TemplateResult } from 'lit';
import { drawBars, drawLine, drawPie, swatch } from './data-chart-draw.ts';
import { chartOf, type Chart } from './data-chart-shape.ts';
import { chartWords } from './data-chart-words.ts';
import type { DataContext } from './data-context.ts';
import { icon } from './icons.ts';
import type { Language } from './language.ts';
import { sentences } from './sentences.ts';

export { chartStyles as styles } from './data-chart-styles.ts';

/** Most rows of the table that says what a chart shows. */
const ROWS = 500;

/** What a chart remembers. */
interface State {
  readonly id: string;
  chart: Chart | undefined;
  /** Data and kind that it was made of. */
  of: unknown;
  /** Point of a line that is looked at. */
  at: number | undefined;
  /** Whether the table shows; it is not drawn before. */
  open: boolean;
}

let charts = 0;

/** Writes numbers of a chart for people. */
export type Format = (value: number | undefined) => string;

/** `{ chart: 'bar' | 'line' | 'pie' | 'donut', title?, unit?, labels, values | series }`, with its values as a table. */
export function draw(kind: string, context: DataContext): unknown {
  const { data, language, host } = context;
  const state = context.keep((): State => ({
    id: `chart-${++charts}`,
    chart: undefined,
    of: undefined,
    at: undefined,
    open: false,
  }));
  if (state.of !== data) Object.assign(state, { of: data, chart: chartOf(kind, data), at: undefined });
  const { chart } = state;
  if (!chart) return undefined;
  const words = language.words(chartWords);
  const format = formatOf(chart, language);
  const name = chart.title ? words.named({ kind: words[chart.form], title: chart.title }) : words[chart.form];
  const all = chart.series.flatMap(({ values }) => values).filter((value) => value !== undefined);
  const label = words.summary({
    name,
    count: all.length,
    least: format(all.reduce((one, other) => Math.min(one, other))),
    most: format(all.reduce((one, other) => Math.max(one, other))),
  });
  const isRtl = host.matches(':dir(rtl)');
  const view = { chart, id: state.id, format, isRtl, label, language };
  const look = (at: number | undefined) => {
    if (state.at === at) return;
    state.at = at;
    context.update();
  };
  return html`<figure class="chart" part="chart" dir=${isRtl ? 'rtl' : 'ltr'}>
    ${chart.title ? html`<figcaption class="card-title" dir="auto">${chart.title}</figcaption>` : nothing}
    ${chart.form === 'pie' ? nothing : drawLegend(chart)}
    ${chart.form === 'bar' ? drawBars(view) : chart.form === 'line' ? drawLine(view, state.at, look) : drawPie(view)}
    ${drawNotes(chart, language)}
    <details
      class="data"
      .open=${state.open}
      @toggle=${(event: Event) => {
        state.open = (event.target as HTMLDetailsElement).open;
        context.update();
      }}
    >
      <summary>${icon('chevron')}${words.values}</summary>
      ${state.open ? drawTable(chart, format, language) : nothing}
    </details>
  </figure>`;
}

function drawLegend({ form, series }: Chart): unknown {
  if (series.length < 2) return nothing;
  return html`<ul class="legend" aria-hidden="true">
    ${series.map(({ name }, index) => html`<li>${swatch(index, form === 'line')}<bdi>${name || index + 1}</bdi></li>`)}
  </ul>`;
}

function drawNotes({ form, labels, drawn, lost, slices }: Chart, language: Language): unknown {
  const words = language.words(chartWords);
  const shown = drawn.labels.length;
  const notes = [
    form !== 'pie' && shown < labels.length ? words.fewer({ shown, all: labels.length }) : '',
    form === 'pie' && slices < labels.length ? words.fewer({ shown: slices, all: labels.length }) : '',
    lost > 0 ? words.notDrawn({ count: lost }) : '',
  ].filter(Boolean);
  return notes.length > 0 ? html`<p class="chart-note">${sentences(language, ...notes)}</p>` : nothing;
}

function drawTable({ labels, series, title }: Chart, format: Format, language: Language): TemplateResult {
  const words = language.words(chartWords);
  const head = series.map(({ name }, index) =>
    series.length === 1 && !name ? words.value : name || words.seriesNumber({ number: index + 1 }),
  );
  return html`<div class="grid" tabindex="0" role="group" aria-label=${title ?? words.values}>
      <table>
        <thead>
          <tr>
            <th scope="col">${words.label}</th>
            ${head.map((name) => html`<th scope="col" dir="auto">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${labels.slice(0, ROWS).map(
            (name, row) =>
              html`<tr>
                <th scope="row" dir="auto">${name}</th>
                ${series.map(({ values }) => html`<td class="short">${format(values[row])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      labels.length > ROWS
        ? html`<p class="quiet">${words.notShown({ count: labels.length - ROWS })}</p>`
        : nothing
    }`;
}

/** Numbers by the customs of the language, with the unit; very large and very small ones as powers of ten. */
function formatOf({ unit }: Chart, language: Language): Format {
  const words = language.words(chartWords);
  const usual = new Intl.NumberFormat(language.tag, { maximumFractionDigits: 2 });
  const powers = new Intl.NumberFormat(language.tag, { notation: 'scientific', maximumFractionDigits: 2 });
  return (value) => {
    if (value === undefined) return '–';
    const size = Math.abs(value);
    const number = (size >= 1e12 || (size > 0 && size < 0.005) ? powers : usual).format(value);
    return unit ? words.amount({ value: number, unit }) : number;
  };
}
