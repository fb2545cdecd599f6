import { css } from 'lit';

/** The form before the first message. */
export const preChatStyles = css`
  .pre-chat {
    display: flex;
    flex: none;
    flex-direction: column;
    align-items: center;
    gap: calc(var(--_space) * 3);
    max-block-size: 80%;
    padding: calc(var(--_space) * 4);
    border-block-start: 1px solid var(--_border);
    overflow-y: auto;
  }

  .window:not(.as-inline) .pre-chat {
    padding-block-end: calc(var(--_space) * 4 + env(safe-area-inset-bottom));
  }

  /* Where the window scrolls as a whole, the form does not by itself. */
  @media (max-height: 460px) {
    .pre-chat {
      max-block-size: none;
    }
  }

  .pre-chat > * {
    inline-size: min(100%, 28rem);
  }

  .pre-chat p {
    margin: 0;
  }

  /* Takes no room while there is nothing in it. */
  .pre-chat > [role='alert']:not(:has(*)) {
    margin-block-end: calc(var(--_space) * -3);
  }

  .pre-chat .title {
    font-size: 1.0667em;
    font-weight: 650;
  }

  .pre-chat .detail {
    margin-block-start: calc(var(--_space) * -2);
    color: var(--_muted);
  }

  .pre-chat .banner {
    border: 0;
    border-radius: var(--_radius);
  }

  .pre-chat .question {
    display: grid;
    gap: var(--_space);
  }

  .pre-chat .question label {
    font-size: 0.9em;
    font-weight: 600;
  }

  .pre-chat .question input:not([type='checkbox']) {
    box-sizing: border-box;
    inline-size: 100%;
    min-block-size: 44px;
    padding: 8px 12px;
    border: 1px solid color-mix(in srgb, var(--_muted) 70%, var(--_background));
    border-radius: var(--_radius);
    background: var(--_background);
    color: inherit;
    font: inherit;
    /* Below 16 pixels, iOS zooms the page when the field gets focus. */
    font-size: max(16px, 1em);
  }

  .pre-chat .question input[aria-invalid] {
    border-color: var(--_danger);
  }

  .pre-chat .question .consent {
    display: flex;
    align-items: start;
    gap: calc(var(--_space) * 2);
    font-weight: inherit;
  }

  .consent input {
    flex: none;
    inline-size: 24px;
    block-size: 24px;
    margin: 0;
    accent-color: var(--_accent);
  }

  .pre-chat .question .problem {
    color: var(--_danger);
    font-size: 0.9em;
  }

  .start {
    min-block-size: 44px;
    padding: 8px 16px;
    border: 1px solid transparent;
    border-radius: 22px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
    /* Or its words stand on a ground of the page's. */
    forced-color-adjust: none;
  }
`;
