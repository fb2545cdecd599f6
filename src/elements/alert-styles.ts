import { css } from 'lit';

/** One alert in the place where it is drawn: across a chat's window, or below the words of a status. */
export const alertStyles = css`
  .alert {
    --_tone: var(--_accent);
    display: flex;
    flex: none;
    align-items: start;
    gap: 10px;
    min-inline-size: 0;
    padding: 10px;
    padding-inline-end: 8px;
    border-block-end: 1px solid var(--_border);
    border-inline-start: 3px solid var(--_tone);
    background: color-mix(in srgb, var(--_tone) 10%, var(--_background));
    color: var(--_text);
    font-size: 0.9em;
    line-height: 1.4;
    overflow-wrap: anywhere;
  }

  .alert.warning {
    --_tone: var(--_warning);
  }

  .alert.critical {
    --_tone: var(--_danger);
  }

  .alert > svg {
    position: static;
    flex: none;
    inline-size: 1.3em;
    block-size: 1.3em;
    margin-block-start: 0.05em;
    fill: none;
    stroke: currentcolor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
    color: var(--_tone);
  }

  .alert-words {
    flex: 1;
    min-inline-size: 0;
    max-block-size: 9em;
    overflow-y: auto;
  }

  .alert-words p {
    margin: 0;
    white-space: pre-line;
  }

  .alert-more {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
    color: var(--_muted);
    font-size: 0.9em;
  }

  .alert button {
    flex: none;
    min-block-size: 24px;
    padding: 0 4px;
    border: 0;
    border-radius: 6px;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  .alert-more button {
    color: var(--_text);
    text-decoration: underline;
  }

  .alert button:hover {
    background: color-mix(in srgb, currentcolor 12%, transparent);
  }

  .alert-close svg {
    display: block;
    position: static;
    inline-size: 16px;
    block-size: 16px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 2;
    stroke-linecap: round;
    color: inherit;
  }

  @media (pointer: coarse) {
    .alert button {
      min-inline-size: 44px;
      min-block-size: 44px;
      padding: 0 14px;
    }

    .alert .alert-close,
    .alert-more button {
      margin-block: -10px;
    }
  }
`;
