import { css } from 'lit';

/** Ratings of replies. */
export const chatFeedbackStyles = css`
  /* In the line that says when. */
  .feedback {
    display: contents;
  }

  .rates {
    display: inline-flex;
  }

  .rate.down .icon {
    rotate: 180deg;
  }

  .rate:is([aria-pressed='true'], .lit) {
    color: var(--_accent-text);
  }

  .rate:is([aria-pressed='true'], .lit) .icon {
    fill: currentcolor;
  }

  .why {
    display: grid;
    flex: 1 0 100%;
    gap: calc(var(--_space) * 2);
    min-inline-size: 0;
    margin-block-start: var(--_space);
    padding: calc(var(--_space) * 3);
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    color: var(--_text);
    font-size: 1.08em;
  }

  .why .question {
    font-weight: 600;
  }

  .reasons {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }

  .reasons .pill {
    min-block-size: 30px;
    padding: 2px 12px;
    font-size: 1em;
  }

  .reasons .pill[aria-pressed='true'] {
    border-color: var(--_accent-text);
    background: var(--_accent);
    color: var(--_on-accent);
  }

  @media (pointer: coarse) {
    .reasons .pill,
    .do .tell {
      min-block-size: 44px;
    }

    .rate {
      inline-size: 44px;
      block-size: 44px;
    }
  }

  .comment {
    inline-size: 100%;
    min-block-size: 3.5em;
    padding: 6px 10px;
    border: 1px solid color-mix(in srgb, var(--_muted) 75%, var(--_border));
    border-radius: calc(var(--_radius) * 0.7);
    background: var(--_background);
    color: inherit;
    /* Smaller, and phones zoom in on it. */
    font: max(16px, 1em) / 1.4 var(--_font);
    resize: vertical;
  }

  .do {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
  }

  .do .tell {
    min-block-size: 34px;
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
  }

  .do .link {
    color: var(--_muted);
  }

  .thanks {
    color: var(--_muted);
  }

  @media (forced-colors: active) {
    .rate:is([aria-pressed='true'], .lit) {
      color: Highlight;
    }

    .do .tell {
      border-color: ButtonText;
      background: ButtonFace;
      color: ButtonText;
    }

    .reasons .pill[aria-pressed='true'] {
      background: SelectedItem;
      color: SelectedItemText;
      forced-color-adjust: none;
    }
  }
`;
