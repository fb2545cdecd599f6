import { css } from 'lit';

/** Data, files and long texts inside a message. */
export const chatExtrasStyles = css`
  .data summary,
  dd {
    font-weight: 600;
  }

  .fields {
    display: grid;
    grid-template-columns: minmax(0, max-content) 1fr;
    gap: 4px 16px;
    margin: 4px 0;
  }

  dt,
  .detail {
    opacity: 0.85;
  }

  dt::first-letter {
    text-transform: uppercase;
  }

  dd {
    min-inline-size: 0;
    margin: 0;
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
    display: flex;
    align-items: center;
    gap: 8px;
  }

  .file {
    display: grid;
    flex: 1;
    min-inline-size: 0;
  }

  .file bdi {
    font-weight: 600;
  }

  .detail {
    font-size: 0.85em;
    white-space: nowrap;
  }

  .files .tool {
    color: inherit;
  }

  .more {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    margin-block-start: 8px;
    font-size: 0.9em;
  }
`;
