import type { Aftermath } from './storm.ts';

export interface DrawnPolicy extends Aftermath {
  readonly name: string;
}

const WIDTH = 960;
const HEIGHT = 484;
const PLOT = { left: 64, top: 84, right: 684, bottom: 424 };
const SHOWN_S = 180;
/** Rates are drawn from a tenth of what the server admits to a thousand times as much. */
const LOWEST = 0.1;
const HIGHEST = 1_000;
/** Clients without chance come in waves a few seconds apart: of so many seconds the busiest is drawn. */
const STEP_S = 5;

const STYLE = `
  :root { --ink: #1f2328; --quiet: #59636e; --paper: #ffffff; --rule: #d1d9e0; --away: #f3f0ea;
    --c0: #0550ae; --c1: #c4314b; --c2: #8250df; --c3: #b35900; --c4: #1a7f5a; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #f0f6fc; --quiet: #9198a1; --paper: #0d1117; --rule: #3d444d; --away: #1c2028;
      --c0: #79b8ff; --c1: #ff7b8a; --c2: #c8a6ff; --c3: #f0a35e; --c4: #56c596; }
  }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: var(--quiet); }
  .title { font-size: 19px; font-weight: 600; fill: var(--ink); }
  .name { font-size: 14px; font-weight: 600; }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
  .ours { stroke-width: 4; }
`;
const DASHES = ['', '7 4', '2 4', '10 4 2 4', '4 3'];

/**
 * Attempts per second over time on a logarithmic scale, as a self-contained SVG that follows the reader's colour scheme.
 * The first of `policies` is ours and drawn last, on top.
 */
export function drawStorm(policies: readonly DrawnPolicy[], clients: number, outageMs: number): string {
  const order = policies.map((_, index) => index).reverse();
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title desc">
<title id="title">Attempts to reconnect after an outage</title>
<desc id="desc">${describe(policies)}</desc>
<style>${STYLE}</style>
<rect width="${WIDTH}" height="${HEIGHT}" rx="10" fill="var(--paper)"/>
<text class="title" x="24" y="36">${clients.toLocaleString('en')} clients lose their server for ${outageMs / 1_000} s</text>
<text x="24" y="58">Attempts to connect in a second, in multiples of what the server admits; the busiest second of every ${STEP_S}</text>
${axes(outageMs)}
${order.map((index) => line(policies[index]?.rates ?? [], index)).join('\n')}
${policies.map(legend).join('\n')}
</svg>
`;
}

function axes(outageMs: number): string {
  const parts = [
    `<rect x="${x(0)}" y="${PLOT.top}" width="${x(outageMs / 1_000) - x(0)}" height="${PLOT.bottom - PLOT.top}" fill="var(--away)"/>`,
    `<text x="${x(outageMs / 2_000)}" y="${PLOT.bottom - 10}" text-anchor="middle">server away</text>`,
  ];
  for (let rate = LOWEST; rate <= HIGHEST; rate *= 10) {
    const isCapacity = Math.abs(rate - 1) < 0.01;
    const stroke = isCapacity ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--rule)"';
    parts.push(
      `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(rate)}" y2="${y(rate)}" ${stroke}/>`,
      `<text x="${PLOT.left - 8}" y="${y(rate) + 4}" text-anchor="end">${Number(rate.toPrecision(1))}×</text>`,
    );
  }
  for (let second = 0; second <= SHOWN_S; second += 30) {
    parts.push(`<text x="${x(second)}" y="${PLOT.bottom + 20}" text-anchor="middle">${second}</text>`);
  }
  parts.push(
    `<text x="${x(SHOWN_S / 2)}" y="${PLOT.bottom + 42}" text-anchor="middle">seconds after the loss</text>`,
    `<text x="${x(outageMs / 1_000) + 10}" y="${y(1) + 18}">as many as the server admits</text>`,
  );
  return parts.join('\n');
}

/** Broken where nobody tries; a wave with nothing before and after it is a dot. */
function line(rates: readonly number[], index: number): string {
  const shown = Array.from({ length: SHOWN_S / STEP_S }, (_, step) => {
    return Math.max(0, ...rates.slice(step * STEP_S, (step + 1) * STEP_S));
  });
  const isDrawn = (step: number) => (shown[step] ?? 0) > LOWEST;
  let path = '';
  let dots = '';
  for (const [step, rate] of shown.entries()) {
    if (!isDrawn(step)) continue;
    const left = x((step + 0.5) * STEP_S);
    const top = y(rate);
    path += `${isDrawn(step - 1) ? 'L' : 'M'}${left} ${top}`;
    if (isDrawn(step - 1) || isDrawn(step + 1)) continue;
    dots += `<circle cx="${left}" cy="${top}" r="4" fill="var(--c${index})"/>`;
  }
  return `${stroke(index, path)}${dots}`;
}

function stroke(index: number, path: string): string {
  const dash = DASHES[index] ? ` stroke-dasharray="${DASHES[index]}"` : '';
  return `<path class="line${index === 0 ? ' ours' : ''}" stroke="var(--c${index})"${dash} d="${path}"/>`;
}

function legend(policy: DrawnPolicy, index: number): string {
  const left = PLOT.right + 28;
  const top = PLOT.top + 14 + index * 68;
  return `${stroke(index, `M${left} ${top - 5}h26`)}
<text class="name" x="${left + 36}" y="${top}" style="fill:var(--c${index})">${policy.name}</text>
<text x="${left + 36}" y="${top + 18}">${figures(policy)}</text>
<text x="${left + 36}" y="${top + 35}">${outcome(policy)}</text>`;
}

function figures({ peakAtDrop, peakAfterReturn, attemptsPerClient }: DrawnPolicy): string {
  const peak = Math.max(peakAtDrop, peakAfterReturn);
  return `peak ${peak.toFixed(0)}×, ${attemptsPerClient.toFixed(1)} attempts each`;
}

function outcome({ stranded, t99Ms }: DrawnPolicy): string {
  if (stranded > 0.005) return `${(stranded * 100).toFixed(0)} % gave up`;
  return t99Ms === undefined
    ? 'not back within half an hour'
    : `99 % back ${Math.round(t99Ms / 1_000)} s after its return`;
}

function describe(policies: readonly DrawnPolicy[]): string {
  return policies.map((policy) => `${policy.name}: ${figures(policy)}, ${outcome(policy)}.`).join(' ');
}

function x(second: number): number {
  return Math.round((PLOT.left + ((PLOT.right - PLOT.left) * second) / SHOWN_S) * 10) / 10;
}

function y(rate: number): number {
  const share = Math.log(rate / LOWEST) / Math.log(HIGHEST / LOWEST);
  return Math.round((PLOT.bottom - (PLOT.bottom - PLOT.top) * share) * 10) / 10;
}
