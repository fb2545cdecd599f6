import { css } from 'lit';

/** The field the visitor writes in, its button and its hints. */
export const chatComposerStyles = css`
  .composer {
    padding: 10px 12px calc(12px + env(safe-area-inset-bottom, 0px));
  }

  .as-inline .composer {
    padding-block-end: 12px;
  }

  .field {
    display: flex;
    align-items: flex-end;
    gap: 4px;
    padding: 3px;
    border: 1px solid var(--_field-border, color-mix(in srgb, var(--_muted) 70%, var(--_background)));
    border-radius: 26px;
    background: var(--_background);
  }

  .field:focus-within {
    border-color: var(--_focus);
    box-shadow: 0 0 0 1px var(--_focus);
  }

  textarea {
    flex: 1;
    field-sizing: content;
    min-inline-size: 0;
    min-block-size: 44px;
    max-block-size: min(calc(8lh + 20px), 40vh);
    padding: 10px 8px 10px 14px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    /* Below 16 pixels, iOS zooms the page when the field gets focus. */
    font-size: max(16px, 1em);
    resize: none;
    scrollbar-width: thin;
  }

  textarea:focus {
    outline: none;
  }

  textarea:disabled {
    opacity: 0.6;
    cursor: not-allowed;
  }

  textarea::placeholder {
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
    border: 0;
    border-radius: 50%;
    background: var(--_accent);
    color: var(--_on-accent);
    transition: background var(--_fast);
  }

  .send:hover:enabled {
    background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
  }

  .send:disabled {
    background: var(--_surface);
    color: var(--_muted);
  }

  .composer-error .banner {
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

  @media (forced-colors: active) {
    .send {
      border: 1px solid;
    }

    .field:focus-within {
      outline: 2px solid Highlight;
    }
  }
`;
