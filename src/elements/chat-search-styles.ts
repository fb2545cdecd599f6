import { css } from 'lit';

export const chatSearchStyles = css`
  .search {
    padding-block: 8px;
    padding-inline: 14px 8px;
    border-block-end: 1px solid var(--_border);
    background: var(--_background);
  }

  .finding {
    display: flex;
    align-items: center;
    gap: 2px;
  }

  .as-page :is(.finding, .reading) {
    max-inline-size: 52rem;
    margin-inline: auto;
  }

  .search input {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 36px;
    padding: 4px 12px;
    border: 1px solid var(--_border);
    border-radius: 18px;
    background: var(--_surface);
    color: inherit;
    /* Below 16px phones zoom in. */
    font: inherit;
    font-size: max(16px, 1em);
    appearance: none;
  }

  .search input::-webkit-search-cancel-button {
    display: none;
  }

  .search input:focus-visible {
    outline-offset: 0;
  }

  .search .tool:disabled {
    opacity: 0.4;
  }

  .places {
    padding-inline: 8px 2px;
    color: var(--_muted);
    font-size: 0.8667em;
    font-variant-numeric: tabular-nums;
    text-align: end;
  }

  .reading {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 12px;
    padding-block-start: 4px;
    color: var(--_muted);
    font-size: 0.8667em;
  }

  ::highlight(xians-found) {
    background: #ffe58a;
    color: #1b1e28;
  }

  ::highlight(xians-found-here) {
    background: #ff9b42;
    color: #1b1e28;
  }

  [data-found='here'] .bubble {
    outline: 2px solid var(--_warning);
    outline-offset: 2px;
  }

  @supports not selector(::highlight(a)) {
    [data-found] .bubble {
      outline: 2px solid var(--_border);
      outline-offset: 1px;
    }

    [data-found='here'] .bubble {
      outline-color: var(--_warning);
    }
  }

  @media (forced-colors: active) {
    ::highlight(xians-found) {
      background: Mark;
      color: MarkText;
    }

    ::highlight(xians-found-here) {
      background: Highlight;
      color: HighlightText;
    }
  }

  @media (pointer: coarse) {
    .search input {
      min-block-size: 44px;
    }
  }
`;
