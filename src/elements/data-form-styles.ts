import { css } from 'lit';

/** Forms inside a message. */
export const dataFormStyles = css`
  .data-form {
    display: grid;
    gap: calc(var(--_space, 4px) * 3);
    inline-size: 24rem;
    max-inline-size: 100%;
    padding-block: 2px;
  }

  .form-field {
    display: grid;
    gap: 4px;
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }

  .form-field > :is(label:not(.form-tick), legend) {
    padding: 0;
    font-size: 0.9333em;
    font-weight: 600;
  }

  .form-field legend {
    margin-block-end: 4px;
  }

  .form-field :is(input:not([type='checkbox'], [type='radio']), select, textarea) {
    inline-size: 100%;
    min-block-size: 40px;
    padding: 7px 11px;
    border: 1px solid color-mix(in srgb, var(--_muted) 75%, var(--_border));
    border-radius: calc(var(--_radius) * 0.7);
    background: var(--_background);
    color: var(--_text);
    font: inherit;
    /* Safari on phones zooms in on smaller ones. */
    font-size: max(1em, 16px);
  }

  .form-field textarea {
    resize: vertical;
  }

  .form-field.wrong :is(input, select, textarea) {
    border-color: var(--_danger);
    outline-color: var(--_danger);
  }

  .form-tick {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: 30px;
    cursor: pointer;
  }

  .form-tick input {
    flex: none;
    inline-size: 18px;
    block-size: 18px;
    margin: 0;
    accent-color: var(--_accent);
  }

  @media (pointer: coarse) {
    .form-tick,
    .form-field :is(input:not([type='checkbox'], [type='radio']), select) {
      min-block-size: 44px;
    }
  }

  .form-hint {
    color: var(--_muted);
    font-size: 0.9em;
  }

  .form-problem,
  .form-problems {
    color: var(--_danger);
    font-size: 0.9333em;
  }

  .form-problems {
    padding: 8px 12px;
    border: 1px solid;
    border-radius: calc(var(--_radius) * 0.7);
  }

  .form-problems ul {
    margin: 4px 0 0;
    padding-inline-start: 1.2em;
  }

  .form-problems .data-link {
    min-block-size: 24px;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: start;
    text-decoration: underline;
    cursor: pointer;
  }

  .form-submit {
    justify-self: start;
    min-block-size: 40px;
    padding: 7px 20px;
    border: 1px solid transparent;
    border-radius: 20px;
    background: var(--_accent);
    color: var(--_on-accent);
    font: inherit;
    font-weight: 600;
    cursor: pointer;
  }

  @media (hover: hover) {
    .form-submit:hover {
      background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
    }
  }

  .form-submit[aria-disabled='true'] {
    opacity: 0.7;
    cursor: default;
  }

  .form-sent {
    display: flex;
    align-items: center;
    gap: 8px;
    margin: 0;
    font-weight: 600;
  }

  .form-sent .icon {
    color: var(--_success);
  }

  @media (pointer: coarse) {
    .form-submit {
      min-block-size: 44px;
      border-radius: 22px;
    }
  }

  /* Else a plate of the window's colour is laid behind words of that colour. */
  @media (forced-colors: active) {
    .form-submit {
      forced-color-adjust: none;
    }
  }
`;
