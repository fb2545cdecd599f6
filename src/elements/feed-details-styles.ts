import { css } from 'lit';

/** What is below the line of an open row. */
export const detailsStyles = css`
  .details {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0 32px;
    font-size: 0.9333em;
  }

  .details > * + * {
    margin-block-start: 12px;
  }

  .buttons,
  .copies {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }

  .copies {
    gap: 4px 12px;
    margin-inline-start: -4px;
  }

  .copies a {
    display: inline-flex;
    align-items: center;
  }

  .description {
    max-block-size: 20em;
    overflow: auto;
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  .left {
    margin-block-end: 12px;
    font-weight: 600;
  }

  .details dl {
    display: grid;
    grid-template-columns: fit-content(40%) minmax(0, 1fr);
    gap: 4px 14px;
    margin: 0;
  }

  .details dt {
    color: var(--_muted);
  }

  .details dd {
    margin: 0;
    overflow-wrap: anywhere;
  }

  .details dd time {
    color: inherit;
    font-size: inherit;
  }

  .names,
  .waiting ul,
  .details ol {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 6px;
    margin: 0;
    padding: 0;
    list-style: none;
  }

  .names li {
    padding-inline: 6px;
    border-radius: 5px;
    background: var(--_surface);
  }

  .details ol,
  .waiting ul {
    flex-flow: column;
    gap: 6px;
    margin-block-start: 4px;
  }

  .details ol li {
    display: grid;
    grid-template-columns: 7.5em minmax(0, 1fr);
    gap: 2px 12px;
    padding-inline-start: 12px;
    border-inline-start: 2px solid var(--_border);
    overflow-wrap: anywhere;
  }

  .failed {
    color: var(--_danger);
  }

  code {
    font:
      0.9em ui-monospace,
      monospace;
  }

  /* Beside what happened: what does not change. */
  @container feed (inline-size > 64em) {
    .details {
      grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
    }

    .details > * {
      grid-column: 1;
    }

    .details > dl {
      grid-row: 1 / span 9;
      grid-column: 2;
      align-content: start;
      margin-block-start: 0;
    }
  }

  @container feed (inline-size < 30em) {
    .details ol li {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
