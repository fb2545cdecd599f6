import { html, nothing, svg, type TemplateResult } from 'lit';
import type { LatencySample } from '../client/metrics.ts';
import { duration, milliseconds } from './duration.ts';
import type { Language } from './language.ts';
import { latencyWords } from './latency-words.ts';
import { sentences } from './sentences.ts';

/** Of the drawing, in its own units; it is stretched to the width of its place. */
const WIDTH = 300;
const HEIGHT = 60;
/** Room for half of a line above and below. */
const MARGIN = 4;
/** The time that is shown at least: a line that fills the chart after one step says nothing. */
const SPAN_MS = 60_000;
/** Nobody asked for longer than this: what was in between is not known. */
const UNKNOWN_MS = 35_000;
/** How long one question without an answer is drawn. */
const GAP_MS = 10_000;

/**
 * Round trips over time, newest at the end. `gaps` are the times at which no answer came, in milliseconds since 1970 like
 * those of the samples. Draws nothing while both are empty.
 *
 * @param isMeasured Whether the last one is how it is now.
 */
export function renderLatency(
  samples: readonly LatencySample[],
  gaps: readonly number[],
  language: Language,
  now: number,
  isMeasured = true,
): TemplateResult | typeof nothing {
  const times = [...samples.map(({ at }) => at), ...gaps];
  if (times.length === 0) return nothing;
  const words = language.words(latencyWords);
  const ms = (value: number) => milliseconds(value, language.tag);
  const start = Math.min(now - SPAN_MS, ...times);
  const trips = samples.map(({ ms }) => ms);
  const [low, high] = [Math.min(...trips), Math.max(...trips)];
  const [bottom, top] = scale(low, high);
  const x = (at: number) => round(((at - start) / (now - start)) * WIDTH);
  const y = (ms: number) => round(HEIGHT - MARGIN - ((ms - bottom) / (top - bottom)) * (HEIGHT - 2 * MARGIN));
  const lines = unbroken(samples, gaps).map((line) => line.map(({ at, ms }) => [x(at), y(ms)] as const));
  const last = samples.at(-1);
  const isLost = gaps.some((at) => at > (last?.at ?? 0));
  const current = isMeasured && !isLost ? last : undefined;
  const value = current ? ms(current.ms) : isMeasured ? words.none : '–';
  return html`<figure class="chart" part="chart">
    <figcaption>${words.name} <strong>${value}</strong></figcaption>
    <svg
      role="img"
      aria-label=${summary(current, low, high, now - start, gaps.length, language)}
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
    >
      <path class="grid" d="M0 ${MARGIN}H${WIDTH}M0 ${HEIGHT - MARGIN}H${WIDTH}" />
      ${gaps.map((at) => svg`<rect class="gap" x=${x(Math.max(start, at - GAP_MS))} y="0" width=${Math.max(2, x(at) - x(Math.max(start, at - GAP_MS)))} height=${HEIGHT} />`)}
      ${lines.map((line) => svg`<path class="area" d=${`${path(line)}V${HEIGHT}H${line[0]?.[0] ?? 0}z`} /><path class="trip ${line.length === 1 ? 'dot' : ''}" d=${path(line)} />`)}
    </svg>
    ${
      last
        ? html`<div class="axis" aria-hidden="true"><span>${ms(top)}</span><span>${ms(bottom)}</span></div>`
        : nothing
    }
    <div class="times" aria-hidden="true">
      <span>${words.ago({ time: duration(now - start, language.tag) })}</span><span>${words.now}</span>
    </div>
  </figure>`;
}

/** Limits around what is between `low` and `high`, far enough apart that trembling is not drawn as a storm. */
function scale(low: number, high: number): readonly [bottom: number, top: number] {
  if (low > high) return [0, 1];
  const missing = Math.max(0, Math.max(10, high * 0.25) - (high - low));
  const bottom = Math.max(0, Math.floor(low - missing / 2));
  return [bottom, Math.max(Math.ceil(high + missing / 2), bottom + 10)];
}

/** The samples in pieces within which an answer came to every question. */
function unbroken(samples: readonly LatencySample[], gaps: readonly number[]): LatencySample[][] {
  const lines: LatencySample[][] = [];
  let before = -Infinity;
  for (const sample of samples) {
    const { at } = sample;
    const isBroken = at - before > UNKNOWN_MS || gaps.some((gap) => gap > before && gap < at);
    if (isBroken) lines.push([sample]);
    else lines.at(-1)?.push(sample);
    before = at;
  }
  return lines;
}

/** A piece of one sample is a dot: a line without length, with round ends. */
function path(line: readonly (readonly [x: number, y: number])[]): string {
  const points = line.map(([x, y]) => `${x} ${y}`).join('L');
  return `M${points}${line.length === 1 ? 'h.01' : ''}`;
}

/** In the place of the picture. */
function summary(
  current: LatencySample | undefined,
  low: number,
  high: number,
  spanMs: number,
  lost: number,
  language: Language,
): string {
  const words = language.words(latencyWords);
  const ms = (value: number) => milliseconds(value, language.tag);
  const minutes = Math.max(1, Math.round(spanMs / 60_000));
  return sentences(
    language,
    current ? words.nowIs({ time: ms(current.ms) }) : words.noneNow,
    low <= high
      ? words.range({ low: ms(low), high: ms(high), count: minutes })
      : words.noneIn({ count: minutes }),
    lost > 0 && words.lost({ count: lost }),
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
