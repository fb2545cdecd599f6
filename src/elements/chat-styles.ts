import { css } from 'lit';
import { chatComposerStyles } from './chat-composer-styles.ts';
import { chatMessageStyles } from './chat-message-styles.ts';
import { markdownStyles } from './markdown-styles.ts';

/** The window: where it stands, its header, banners and transcript. */
const windowStyles = css`
  .window {
    display: flex;
    flex-direction: column;
    min-height: 0;
    overflow: hidden;
    background: var(--_background);
    color: var(--_text);
    overflow-wrap: anywhere;
    text-align: start;
  }

  .window[inert] {
    visibility: hidden;
  }

  /* The page's own height for the element wins over this one. */
  :host([display='inline']) {
    block-size: min(36rem, 85vh);
  }

  .as-inline {
    block-size: 100%;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
  }

  .as-page {
    position: fixed;
    inset: 0;
    block-size: 100dvh;
  }

  .as-bubble,
  .as-panel {
    position: fixed;
    /* Above the launcher, which the window covers on small screens. */
    z-index: calc(var(--_z) + 1);
    border: 1px solid var(--_border);
    box-shadow: var(--_shadow);
    transition:
      opacity var(--_fast),
      translate var(--_fast),
      visibility var(--_fast);
  }

  .window.as-bubble[inert] {
    opacity: 0;
    translate: 0 12px;
  }

  .window.as-bubble {
    inset-block-end: calc(var(--_offset) + var(--_launcher) + 12px + env(safe-area-inset-bottom, 0px));
    inset-inline-end: var(--_offset);
    inline-size: min(380px, 100vw - 2 * var(--_offset));
    block-size: min(640px, calc(100dvh - var(--_offset) * 2 - var(--_launcher) - 12px));
    border-radius: calc(var(--_radius) + 4px);
  }

  .as-bubble.bottom-start {
    inset-inline: var(--_offset) auto;
  }

  .as-panel {
    inset-block: 0;
    inset-inline-end: 0;
    inline-size: min(420px, 100vw);
    block-size: 100dvh;
    border-width: 0;
    border-inline-start-width: 1px;
  }

  .as-panel[inert] {
    opacity: 0;
  }

  .as-panel.bottom-start {
    inset-inline: 0 auto;
    border-inline-width: 0 1px;
  }

  @media (max-width: 480px), (max-height: 460px) {
    .window.as-bubble,
    .window.as-panel {
      inset: 0;
      inline-size: 100%;
      block-size: 100dvh;
      border: 0;
      border-radius: 0;
    }
  }

  /* What touches the screen's edges keeps out of its notches. */
  .as-page,
  .as-panel,
  .window.as-bubble {
    padding-inline: env(safe-area-inset-left, 0px) env(safe-area-inset-right, 0px);
  }

  .icon {
    flex: none;
    inline-size: 1.25em;
    block-size: 1.25em;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
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

  .tool:hover {
    background: color-mix(in srgb, currentColor 12%, transparent);
    color: var(--_text);
  }

  .link {
    padding: 2px 4px;
    border: 0;
    border-radius: 4px;
    background: none;
    color: var(--_accent);
    font-weight: 600;
    min-block-size: 24px;
  }

  .link:hover {
    text-decoration: underline;
  }

  .header {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 12px 14px 12px 16px;
    padding-block-start: calc(12px + env(safe-area-inset-top, 0px));
    border-block-end: 1px solid var(--_border);
  }

  .as-inline .header {
    padding-block-start: 12px;
  }

  .titles {
    flex: 1;
    min-inline-size: 0;
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

  /* Colour and shape: full, hollow, square. */
  .status::before {
    content: '';
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    border: 2px solid currentColor;
    border-radius: 50%;
  }

  .status.good::before {
    border-color: var(--_success);
    background: var(--_success);
    forced-color-adjust: none;
  }

  .status.warn::before {
    border-color: var(--_warning);
  }

  .status.bad::before {
    border-color: var(--_danger);
    border-radius: 1px;
  }

  .close {
    inline-size: 36px;
    block-size: 36px;
  }

  .close .icon {
    inline-size: 20px;
    block-size: 20px;
  }

  .banner {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 8px 14px;
    border-block-end: 1px solid var(--_border);
    background: color-mix(in srgb, var(--_warning) 10%, var(--_background));
    font-size: 0.9em;
    line-height: 1.4;
  }

  .banner > .icon {
    color: var(--_warning);
  }

  .banner.danger {
    background: color-mix(in srgb, var(--_danger) 9%, var(--_background));
  }

  .banner.danger > .icon {
    color: var(--_danger);
  }

  .banner > span {
    flex: 1;
  }

  .banner .link {
    flex: none;
    color: var(--_text);
    text-decoration: underline;
  }

  .detail {
    color: var(--_muted);
    white-space: nowrap;
  }

  .banner .detail {
    display: block;
    color: inherit;
  }

  .banner .detail::first-letter {
    text-transform: uppercase;
  }

  .body {
    position: relative;
    display: flex;
    flex: 1;
    flex-direction: column;
    min-block-size: 0;
  }

  .transcript {
    flex: 1;
    min-block-size: 0;
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

  .as-page .column,
  .as-page .composer {
    inline-size: 100%;
    max-inline-size: 52rem;
    margin-inline: auto;
  }

  .pill {
    align-self: center;
    min-block-size: 32px;
    padding: 4px 14px;
    border: 1px solid var(--_border);
    border-radius: 999px;
    background: var(--_background);
    font-size: 0.8667em;
    font-weight: 600;
  }

  .pill:hover {
    background: var(--_surface);
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

  .unseen:hover {
    background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
  }

  .empty {
    display: flex;
    flex: 1;
    flex-direction: column;
    align-items: center;
    justify-content: center;
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

  .suggestion {
    min-block-size: 40px;
    padding: 8px 16px;
    border: 1px solid var(--_border);
    border-radius: 20px;
    background: none;
    color: var(--_text);
    line-height: 1.35;
  }

  .suggestion:hover:enabled {
    border-color: var(--_accent);
    color: var(--_accent);
  }

  @media (forced-colors: active) {
    .unseen {
      border: 1px solid;
    }
  }
`;

export const chatStyles = [windowStyles, chatComposerStyles, chatMessageStyles, markdownStyles];
