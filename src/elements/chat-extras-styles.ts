import { css } from 'lit';

/** Data, files and long texts inside a message. */
export const chatExtrasStyles = css`
  .fields {
    display: grid;
    grid-template-columns: fit-content(45%) minmax(0, 1fr);
    gap: 6px 16px;
    margin: 2px 0;
  }

  dt,
  .grid th,
  .bubble .detail {
    opacity: 0.85;
  }

  /* Wide enough for its longest word, unless that is one that no card has room for. */
  .fields > dt {
    max-inline-size: 12em;
    overflow-wrap: break-word;
  }

  dt,
  .grid th {
    font-size: 0.9em;
    font-weight: 400;
  }

  dd {
    min-inline-size: 0;
    margin: 0;
    font-weight: 600;
  }

  /* What has more than a line takes the width of the card. */
  .fields > dt:has(+ dd > *) {
    max-inline-size: none;
  }

  dt:has(+ dd > *),
  dd:has(> *) {
    grid-column: 1 / -1;
  }

  dd:has(> *) {
    margin-block-start: -4px;
    font-weight: 400;
  }

  .plain + :is(.fields, .grid, .items),
  .rich + :is(.fields, .grid, .items) {
    margin-block-start: 8px;
  }

  .bubble > * + .data-view {
    margin-block-start: 8px;
  }

  /* Texts run as they are written, and stand where the window begins. */
  :is(.data-view, .files) [dir]:not(input, textarea, pre, .number) {
    text-align: left;
  }

  :is(.data-view, .files):dir(rtl) [dir]:not(input, textarea, pre, .number) {
    text-align: right;
  }

  .card-title {
    font-size: 1.05em;
    font-weight: 650;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }

  .data-error {
    display: flex;
    gap: 6px;
    margin: 6px 0 2px;
    color: var(--_danger);
    font-size: 0.9333em;
  }

  .data-error .icon {
    flex: none;
    margin-block-start: 0.2em;
  }

  .items {
    margin: 0;
    padding-inline-start: 1.2em;
  }

  .items > li + li {
    margin-block-start: 6px;
  }

  .grid {
    overflow-x: auto;
  }

  .grid table {
    inline-size: 100%;
    border-collapse: collapse;
    overflow-wrap: normal;
  }

  .grid :is(th, td) {
    padding: 4px 0;
    border-block-start: 1px solid color-mix(in srgb, currentcolor 18%, transparent);
    text-align: start;
    vertical-align: top;
  }

  /* Between columns, whatever the direction of a cell. */
  .grid :is(th, td) + * {
    padding-left: 16px;
  }

  .grid:dir(rtl) :is(th, td) + * {
    padding-right: 16px;
    padding-left: 0;
  }

  .grid th {
    border: 0;
  }

  .grid :is(th, .short) {
    white-space: nowrap;
  }

  .json {
    max-block-size: 20em;
    margin: 0;
    padding: 8px;
    overflow: auto;
    overflow-wrap: normal;
    font:
      0.9em ui-monospace,
      Menlo,
      Consolas,
      monospace;
    tab-size: 4;
  }

  .files {
    display: grid;
    gap: 8px;
    margin: 4px 0;
    padding: 0;
    list-style: none;
  }

  .files li {
    min-inline-size: 0;
  }

  .got {
    display: flex;
    align-items: center;
    gap: 8px;
  }

  /* Beside a text of many lines, the sign stands at the first. */
  .got:not(:has(.tool)) {
    align-items: start;
  }

  .got .icon {
    flex: none;
  }

  .files canvas {
    max-inline-size: 100%;
    max-block-size: 240px;
    margin-block-end: 4px;
    border-radius: 10px;
  }

  .files canvas[hidden] {
    display: none;
  }

  .files .file {
    display: grid;
    flex: 1;
    min-inline-size: 0;
  }

  .files bdi {
    font-weight: 600;
  }

  .files .detail {
    font-size: 0.85em;
  }

  .files .tool {
    color: inherit;
  }

  .whole {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    margin-block-start: 8px;
    font-size: 0.9em;
  }
`;
