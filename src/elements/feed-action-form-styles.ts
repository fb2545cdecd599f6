import { css } from 'lit';

/** The forms of actions. Everything is as wide as the row allows; what is touched is 44 pixels high where fingers do that. */
export const actionFormStyles = css`
  .act {
    display: grid;
    gap: 10px;
    max-inline-size: 40rem;
    margin: 0;
    padding: 12px;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) - 4px);
    background: var(--_background);
  }

  .act h3,
  .act p {
    margin: 0;
  }

  /* They stay, so that what comes into them is read out, but take no room. */
  .act > p:empty {
    position: absolute;
  }

  .act div > p:not(:empty) {
    margin-block-start: 5px;
  }

  .act h3 {
    font-size: 1em;
  }

  .act label,
  .act .label {
    display: block;
    margin-block-end: 3px;
    font-size: 0.9em;
    font-weight: 600;
  }

  .act small,
  .act .tip {
    color: var(--_muted);
    font-size: 0.85em;
    font-weight: 400;
  }

  .act :is(input, select, textarea) {
    display: block;
    inline-size: 100%;
    min-block-size: 36px;
    padding: 6px 10px;
    border: 1px solid color-mix(in srgb, var(--_muted) 70%, var(--_background));
    border-radius: 8px;
    background: var(--_background);
    color: inherit;
    font: inherit;
    /* Below 16 pixels, iOS zooms the page when the field gets focus. */
    font-size: max(16px, 1em);
  }

  .act textarea {
    field-sizing: content;
    min-block-size: calc(3lh + 14px);
    max-block-size: calc(10lh + 14px);
    resize: vertical;
  }

  .act [aria-invalid='true'] {
    border-color: var(--_danger);
    outline-color: var(--_danger);
  }

  .act .wrong {
    color: var(--_danger);
    overflow-wrap: anywhere;
  }

  .act .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 0 0 6px;
    padding: 0;
    list-style: none;
  }

  .act .chips li {
    display: flex;
    align-items: center;
    max-inline-size: 100%;
    padding-inline-start: 10px;
    border: 1px solid var(--_border);
    border-radius: 99px;
    background: var(--_surface);
  }

  .act .chips bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .act .chips button {
    flex: none;
    inline-size: 28px;
    block-size: 28px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: none;
    color: var(--_muted);
    font: inherit;
    cursor: pointer;
  }

  .act .add,
  .act .ends {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }

  .act .add input {
    flex: 1;
    inline-size: 8rem;
  }

  .act .ends .tip {
    flex: 1 1 12rem;
  }

  .act :is(.ends, .add) button {
    min-block-size: 36px;
    padding: 4px 14px;
    border: 1px solid var(--_border);
    border-radius: 99px;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  .act .ends button[type='submit'] {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
  }

  .act[aria-busy='true'] .ends button[type='submit'] {
    opacity: 0.7;
    cursor: progress;
  }

  @media (hover: hover) {
    .act .chips button:hover {
      color: var(--_text);
    }
  }

  @media (pointer: coarse) {
    .act .keys {
      display: none;
    }

    .act .ends .tip {
      flex-basis: auto;
    }

    .act :is(input, select, .ends button, .add button) {
      min-block-size: 44px;
    }

    .act .chips button {
      inline-size: 44px;
      block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    .act .ends button[type='submit'] {
      border-color: ButtonText;
      forced-color-adjust: none;
      background: ButtonText;
      color: ButtonFace;
    }
  }
`;
