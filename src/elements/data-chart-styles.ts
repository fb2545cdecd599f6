import { css } from 'lit';

/** Charts. The colours of series can be set; lines and marks tell them apart as well. */
export const chartStyles = css`
  .chart {
    container-type: inline-size;
    display: grid;
    gap: 6px;
    inline-size: 24rem;
    max-inline-size: 100%;
    margin: 2px 0;
  }

  /* Unlike icons, these are no drawings of lines. */
  .chart svg:not(.icon) {
    fill: none;
    stroke: none;
    stroke-linecap: butt;
    stroke-width: 1;
  }

  .plot {
    display: block;
    inline-size: 100%;
    block-size: auto;
    overflow: visible;
  }

  .plot-box {
    border-radius: 6px;
    touch-action: pan-y;
  }

  .plot text {
    fill: currentcolor;
    font-size: 14px;
  }

  .plot .tick {
    fill: var(--_muted);
    font-size: 13px;
  }

  .plot .amount {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }

  /* Units of the drawing, which grows with the bubble: letters are to be as large as those of texts. */
  @container (min-width: 340px) {
    .plot text {
      font-size: 12px;
    }

    .plot .tick {
      font-size: 11px;
    }
  }

  @container (max-width: 270px) {
    .plot text {
      font-size: 17px;
    }

    .plot :is(.tick, .amount) {
      font-size: 15.5px;
    }
  }

  @container (max-width: 220px) {
    .plot text {
      font-size: 18.5px;
    }

    .plot :is(.tick, .amount) {
      font-size: 17px;
    }
  }

  .tone-0 {
    --_tone: var(--xians-chart-color-1, var(--_accent));
  }
  .tone-1 {
    --_tone: var(--xians-chart-color-2, light-dark(#0f766e, #5eead4));
  }
  .tone-2 {
    --_tone: var(--xians-chart-color-3, light-dark(#b45309, #fbbf24));
  }
  .tone-3 {
    --_tone: var(--xians-chart-color-4, light-dark(#be185d, #f9a8d4));
  }
  .tone-4 {
    --_tone: var(--xians-chart-color-5, light-dark(#1d4ed8, #93c5fd));
  }
  .tone-5 {
    --_tone: var(--xians-chart-color-6, light-dark(#4d7c0f, #bef264));
  }

  [class*='tone-'] {
    fill: var(--_tone);
  }

  .stroke[class*='tone-'] {
    fill: none;
    stroke: var(--_tone);
    stroke-width: 2;
    stroke-linejoin: round;
  }

  .slice[class*='tone-'] {
    fill: none;
    stroke: var(--_tone);
  }

  .over {
    fill: none;
  }

  .hatch {
    fill: none;
    stroke: var(--_surface);
    stroke-width: 1.5;
    opacity: 0.75;
  }

  .grid-line {
    stroke: color-mix(in srgb, currentcolor 16%, transparent);
  }

  .cursor {
    stroke: currentcolor;
    stroke-dasharray: 2 2;
  }

  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 14px;
    margin: 0;
    padding: 0;
    font-size: 0.9em;
    list-style: none;
  }

  .legend li {
    display: flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
  }

  .swatch {
    flex: none;
    inline-size: 12px;
    block-size: 12px;
    overflow: hidden;
  }

  .swatch.wide {
    inline-size: 28px;
  }

  .pie {
    display: grid;
    grid-template-columns: minmax(6rem, 9rem) minmax(9rem, 1fr);
    align-items: center;
    gap: 12px 16px;
  }

  .pie .legend {
    display: grid;
  }

  .pie .legend li {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0 8px;
    line-height: 1.4;
  }

  .share {
    grid-column: 2;
    color: var(--_muted);
  }

  .chart-note {
    margin: 0;
    color: var(--_muted);
    font-size: 0.9em;
  }

  .point {
    color: inherit;
    font-variant-numeric: tabular-nums;
  }

  /* A window narrower than a pie with its words. */
  @media (max-width: 360px) {
    .pie {
      grid-template-columns: 1fr;
    }
  }

  @media (forced-colors: active) {
    [class*='tone-'] {
      --_tone: CanvasText;
    }

    .hatch {
      stroke: Canvas;
      opacity: 1;
    }
  }
`;
