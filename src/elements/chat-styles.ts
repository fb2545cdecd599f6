import { css } from 'lit';
import { chatComposerStyles } from './chat-composer-styles.ts';
import { chatFrameStyles } from './chat-frame-styles.ts';
import { chatMessageStyles } from './chat-message-styles.ts';
import { viewTheme } from './view-theme.ts';

/** What is in the window besides composer and messages: header, banners and transcript. */
const windowStyles = css`
  .as-bubble,
  .as-panel {
    transition: var(--_fast);
    transition-property: opacity, translate;
  }

  /* Visible until it has faded out; but visible at once when it opens, or it could not take focus. */
  .window[inert] {
    visibility: hidden;
    opacity: 0;
    transition-property: opacity, translate, visibility;
  }

  .as-bubble[inert] {
    translate: 0 12px;
  }

  .icon {
    flex: none;
    inline-size: 1.25em;
    block-size: 1.25em;
  }

  button:disabled {
    cursor: default;
  }

  .tool {
    display: inline-grid;
    flex: none;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    padding: 0;
    border: 0;
    border-radius: 8px;
    background: none;
    color: var(--_muted);
  }

  .tool .icon {
    inline-size: 16px;
    block-size: 16px;
  }

  .link {
    min-block-size: 24px;
    padding: 2px 4px;
    border: 0;
    border-radius: 4px;
    background: none;
    color: var(--_accent-text);
    font-weight: 600;
  }

  /* Where a finger taps, what hovers would stay. */
  @media (hover: hover) {
    .tool:hover {
      background: color-mix(in srgb, currentcolor 12%, transparent);
      color: var(--_text);
    }

    .link:hover {
      text-decoration: underline;
    }

    .pill:hover:enabled {
      border-color: var(--_accent-text);
    }

    .unseen:hover,
    .send:hover:enabled {
      background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
    }
  }

  /* Room for a finger. What stands beside a text keeps its place and takes the touches around it. */
  @media (pointer: coarse) {
    .link {
      min-inline-size: 44px;
      min-block-size: 44px;
    }

    .tool {
      position: relative;
    }

    .tool::after {
      content: '';
      position: absolute;
      inset: -8px;
    }

    .header .tool.large,
    .drawer .tool.large {
      inline-size: 44px;
      block-size: 44px;
    }

    .pill {
      min-block-size: 44px;
    }
  }

  .header {
    display: flex;
    align-items: center;
    gap: 4px;
    padding-block: 12px;
    padding-inline: 16px 12px;
    border-block-end: 1px solid var(--_border);
  }

  .window:not(.as-inline) .header {
    padding-block-start: calc(12px + env(safe-area-inset-top));
  }

  .titles {
    flex: 1;
    min-inline-size: 0;
    margin-inline-start: 8px;
  }

  h2 {
    margin: 0;
    font-size: 1.0667em;
    font-weight: 650;
    line-height: 1.3;
  }

  .status {
    display: flex;
    align-items: center;
    gap: 6px;
    margin: 0;
    color: var(--_muted);
    font-size: 0.8667em;
    line-height: 1.35;
  }

  /* The header is as high with long words as with short ones. */
  .status,
  .status span {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  /* Colour and shape: full, hollow, square. */
  .status::before {
    content: '';
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    border: 2px solid var(--_muted);
    border-radius: 50%;
  }

  .good::before {
    border-color: var(--_success);
    background: var(--_success);
    forced-color-adjust: none;
  }

  .warn::before {
    border-color: var(--_warning);
  }

  .bad::before {
    border-color: var(--_danger);
    border-radius: 1px;
  }

  .tool.large {
    inline-size: 36px;
    block-size: 36px;
  }

  .tool.large .icon {
    inline-size: 20px;
    block-size: 20px;
  }

  .news {
    position: relative;
  }

  .news::before {
    content: '';
    position: absolute;
    inset-block-start: 5px;
    inset-inline-end: 5px;
    inline-size: 9px;
    block-size: 9px;
    border-radius: 50%;
    background: var(--_accent-text);
    forced-color-adjust: none;
  }

  .lines {
    display: flex;
    flex-wrap: wrap;
    column-gap: 10px;
  }

  .aside {
    max-inline-size: 100%;
    margin: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--_muted);
    font-size: 0.8667em;
    line-height: 1.35;
  }

  .banner {
    --_tone: var(--_warning);
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 8px 14px;
    border-block-end: 1px solid var(--_border);
    background: color-mix(in srgb, var(--_tone) 10%, var(--_background));
    font-size: 0.9em;
    line-height: 1.4;
  }

  /* The messages need what room there is: one line, until it is looked at. */
  @media (max-height: 360px) {
    .banner {
      padding-block: 2px;
    }

    .banner > span {
      min-inline-size: 0;
    }

    .banner:not(:hover, :focus-within) bdi {
      display: block;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .banner:not(:hover, :focus-within) .countdown {
      display: none;
    }
  }

  .danger {
    --_tone: var(--_danger);
  }

  .banner > .icon {
    color: var(--_tone);
  }

  .banner > span {
    flex: 1;
  }

  .banner .link {
    color: inherit;
    text-decoration: underline;
  }

  .countdown {
    display: block;
    white-space: nowrap;
  }

  .countdown::first-letter {
    text-transform: uppercase;
  }

  .body {
    position: relative;
    display: flex;
    flex: 1;
    /* In a very small box the window scrolls, rather than show nothing of the conversation. */
    min-block-size: 72px;
  }

  .transcript {
    /* Contains what is for the ears only, which would overflow the window. */
    position: relative;
    flex: 1;
    min-inline-size: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_border) transparent;
  }

  .transcript:focus-visible {
    outline-offset: -3px;
  }

  .column {
    display: flex;
    flex-direction: column;
    min-block-size: 100%;
    padding: 12px 16px;
  }

  .as-page :is(.column, .composer) {
    inline-size: 100%;
    max-inline-size: 52rem;
    margin-inline: auto;
  }

  .unseen {
    position: absolute;
    inset-block-end: 10px;
    inset-inline: 0;
    display: flex;
    align-items: center;
    gap: 6px;
    inline-size: fit-content;
    margin-inline: auto;
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
    box-shadow: var(--_shadow);
  }

  .empty {
    display: grid;
    flex: 1;
    place-content: center;
    gap: 6px;
    padding: 24px 8px;
    color: var(--_muted);
    text-align: center;
    text-wrap: balance;
  }

  .empty p {
    margin: 0;
  }

  .empty .greeting {
    color: var(--_text);
    font-size: 1.4em;
    font-weight: 650;
    line-height: 1.3;
  }

  .suggestions {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 8px;
    margin-block-start: 16px;
  }
`;

export const chatStyles = [viewTheme, chatFrameStyles, windowStyles, chatComposerStyles, chatMessageStyles];
