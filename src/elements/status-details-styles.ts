import { css } from 'lit';

export const detailsStyles = css`
  :host {
    inline-size: fit-content;
    max-inline-size: 100%;
  }

  .details {
    display: grid;
    flex: 1 0 100%;
    gap: 12px;
    min-inline-size: 0;
    margin-block-start: 8px;
  }

  .details > * {
    margin: 0;
  }

  .quiet,
  .facts,
  small,
  .axis,
  .times {
    color: var(--_muted);
  }

  .quiet {
    font-size: 0.9em;
  }

  .chart {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 2px 6px;
    inline-size: min(24rem, 100%);
    /* Time runs from left to right in every language. */
    direction: ltr;
  }

  figcaption {
    grid-column: 1 / -1;
    display: flex;
    justify-content: space-between;
    gap: 1em;
  }

  strong,
  .axis,
  .times,
  .facts,
  dd {
    font-variant-numeric: tabular-nums;
  }

  .chart svg {
    position: static;
    inline-size: 100%;
    block-size: 60px;
    /* Half of a line or dot at the edge. */
    overflow: visible;
    fill: none;
    color: var(--_accent-text);
  }

  .trip,
  .grid {
    stroke: currentcolor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
    vector-effect: non-scaling-stroke;
  }

  .dot {
    stroke-width: 6;
  }

  .grid {
    stroke: var(--_border);
    stroke-width: 1;
  }

  .area {
    fill: currentcolor;
    opacity: 0.14;
  }

  .gap {
    fill: var(--_danger);
    opacity: 0.25;
  }

  .axis,
  .times {
    display: flex;
    justify-content: space-between;
    font-size: 0.8em;
    line-height: 1.2;
  }

  .axis {
    flex-direction: column;
    align-items: end;
    min-inline-size: 3.5em;
  }

  .channels {
    display: grid;
    gap: 8px;
    padding: 0;
    list-style: none;
  }

  .channels li {
    display: flex;
    align-items: baseline;
    gap: 0.6em;
  }

  .channels li > div {
    flex: 1;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    min-inline-size: 0;
    line-height: 1.4;
  }

  .name small {
    font-size: 0.85em;
  }

  .facts {
    font-size: 0.9em;
  }

  dl {
    display: grid;
    grid-template-columns: fit-content(45%) minmax(0, 1fr);
    gap: 2px 1em;
  }

  dt {
    color: var(--_muted);
  }

  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }

  .no {
    color: var(--_warning);
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
  }

  .details:empty,
  .actions:not(:has(button)) {
    display: none;
  }

  .done:empty {
    display: none;
  }
`;
