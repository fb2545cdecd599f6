import { css } from 'lit';

/** What is there for reading a long conversation, and by keyboard. */
export const chatReadingStyles = css`
  /* A row that is not drawn yet. */
  .far {
    padding: 8px 13px;
    color: var(--_muted);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .unread {
    display: flex;
    align-items: center;
    gap: 10px;
    margin-block: 16px 4px;
    color: var(--_accent-text, var(--_accent));
    font-size: 0.8667em;
    font-weight: 650;
  }

  .unread::before,
  .unread::after {
    content: '';
    flex: 1;
    border-block-start: 1px solid currentcolor;
    opacity: 0.5;
  }

  .skips {
    position: absolute;
    z-index: 1;
    inset-block-start: 8px;
    inset-inline: 0;
    display: flex;
    justify-content: center;
    pointer-events: none;
  }

  .skips button:not(:focus-visible) {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    min-block-size: 0;
    padding: 0;
    border: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .skips button:focus-visible {
    box-shadow: var(--_shadow);
  }

  article:focus-visible,
  .transcript [data-key]:focus-visible {
    border-radius: 10px;
    outline-offset: 3px;
  }
`;
