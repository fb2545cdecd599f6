import { css } from 'lit';

/** Steps of an agent's work, and handoffs. */
export const chatRareRowsStyles = css`
  .progress {
    min-inline-size: 0;
    margin-block: 12px 4px;
    margin-inline-start: 36px;
    color: var(--_muted);
    font-size: 0.9em;
  }

  .now {
    min-inline-size: 0;
    overflow: hidden;
    color: var(--_text);
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .now::before {
    content: '';
    display: inline-block;
    inline-size: 7px;
    block-size: 7px;
    margin-inline-end: 6px;
    border-radius: 50%;
    background: var(--_accent);
    animation: wait 1.2s infinite;
  }

  .took {
    flex: none;
    margin-inline-start: auto;
    font-variant-numeric: tabular-nums;
  }

  .failures {
    display: inline-flex;
    flex: none;
    align-items: center;
    gap: 4px;
    color: var(--_danger);
  }

  /* These do not turn with what is open. */
  summary .failures .icon {
    scale: none;
    rotate: none;
  }

  .progress ol {
    display: grid;
    gap: 10px;
    margin: 4px 0 10px;
    margin-inline-start: 6px;
    padding: 0;
    padding-inline-start: 14px;
    border-inline-start: 2px solid var(--_border);
    list-style: none;
  }

  .progress li {
    min-inline-size: 0;
  }

  .did {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 6px;
  }

  .did .icon {
    inline-size: 1.1em;
    block-size: 1.1em;
  }

  .kind {
    min-inline-size: 0;
    color: var(--_text);
    font-weight: 600;
    overflow-wrap: anywhere;
  }

  .progress li .plain {
    overflow-wrap: anywhere;
  }

  .progress li.failed .kind {
    color: var(--_danger);
  }

  .progress .json {
    max-block-size: 20em;
    margin: 4px 0 0;
    padding: 8px;
    overflow: auto;
    border-radius: 8px;
    background: var(--_surface);
    color: var(--_text);
    font: 0.9em var(--_code-font);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    tab-size: 2;
  }

  .progress .all {
    margin-inline-start: 6px;
  }

  /* Where those who answer write. */
  .handoff {
    justify-content: start;
    gap: 10px;
    margin-block: 24px 28px;
    margin-inline-start: 36px;
    text-align: start;
  }

  .handoff > div {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .handoff > div > :first-child {
    color: var(--_text);
    font-weight: 600;
  }
`;
