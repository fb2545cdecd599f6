import { css } from 'lit';

/** The field the visitor writes in, its button and its hints. */
export const chatComposerStyles = css`
  .composer {
    padding: 10px 12px 12px;
  }

  .window:not(.as-inline) .composer {
    padding-block-end: calc(12px + env(safe-area-inset-bottom));
  }

  .field {
    display: flex;
    align-items: end;
    gap: 4px;
    padding: 3px;
    border: 1px solid color-mix(in srgb, var(--_muted) 70%, var(--_background));
    border-radius: 26px;
  }

  .field:focus-within {
    border-color: var(--_focus);
    outline: 1px solid var(--_focus);
    outline-offset: 0;
  }

  .composer textarea {
    flex: 1;
    field-sizing: content;
    min-inline-size: 0;
    min-block-size: 44px;
    /* Whole lines. What is above and below them is border, since lines are scrolled into a padding. */
    max-block-size: calc(min(8lh, round(down, 40vh, 1lh)) + 20px);
    padding: 0 8px 0 14px;
    border: solid var(--_background);
    border-width: 10px 0;
    border-radius: inherit;
    background: none;
    color: inherit;
    font: inherit;
    /* Below 16 pixels, iOS zooms the page when the field gets focus. */
    font-size: max(16px, 1em);
    resize: none;
    scrollbar-width: thin;
  }

  .composer textarea:focus {
    outline: none;
  }

  .composer textarea:disabled {
    opacity: 0.6;
    cursor: not-allowed;
  }

  .composer textarea::placeholder {
    color: var(--_muted);
    opacity: 1;
  }

  .send {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 44px;
    block-size: 44px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 50%;
    background: var(--_accent);
    color: var(--_on-accent);
    transition: background var(--_fast);
  }

  .send:disabled {
    background: var(--_surface);
    color: var(--_muted);
  }

  .editing {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 0 6px 4px 14px;
    color: var(--_muted);
    font-size: 0.9em;
  }

  .editing .icon {
    color: var(--_accent-text);
  }

  .editing span {
    flex: 1;
  }

  .composer .banner {
    margin-block-end: 8px;
    border: 0;
    border-radius: var(--_radius);
  }

  .limit:not(:empty) {
    padding: 4px 14px 0;
    color: var(--_muted);
    font-size: 0.8em;
    text-align: end;
  }

  .limit.over {
    color: var(--_danger);
  }
`;
