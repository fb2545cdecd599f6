import { css } from 'lit';

/** Styles of what the chat shows before its view is loaded: the launcher, and the place where the window will be. */
export const shellStyles = css`
  :host {
    display: block;
  }

  :host([display='bubble']),
  :host([display='panel']) {
    display: contents;
  }

  button {
    font: inherit;
    cursor: pointer;
  }

  .launcher {
    position: fixed;
    inset-block-end: calc(var(--_offset) + env(safe-area-inset-bottom, 0px));
    inset-inline-end: var(--_offset);
    z-index: var(--_z);
    display: grid;
    place-items: center;
    width: var(--_launcher);
    height: var(--_launcher);
    padding: 0;
    border: 1px solid transparent;
    border-radius: 50%;
    background: var(--_accent);
    color: var(--_on-accent);
    box-shadow: var(--_shadow);
    transition: transform var(--_fast) ease;
  }

  :host([position='bottom-start']) .launcher {
    inset-inline: var(--_offset) auto;
  }

  .launcher:hover {
    transform: scale(1.05);
  }

  .launcher:focus-visible {
    outline-offset: 3px;
  }

  .launcher svg {
    width: 26px;
    height: 26px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .waiting {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 12px;
    min-height: 120px;
    padding: 24px;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    color: var(--_muted);
    text-align: center;
    overflow: auto;
  }

  .waiting p {
    margin: 0;
  }

  .waiting button {
    min-height: 44px;
    padding: 8px 16px;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) - 4px);
    background: var(--_surface);
    color: var(--_text);
  }

  .waiting.bubble {
    position: fixed;
    inset-block-end: calc(var(--_offset) + var(--_launcher) + 12px + env(safe-area-inset-bottom, 0px));
    inset-inline-end: var(--_offset);
    z-index: var(--_z);
    width: min(380px, 100vw - 2 * var(--_offset));
    box-shadow: var(--_shadow);
  }

  :host([position='bottom-start']) .waiting.bubble {
    inset-inline: var(--_offset) auto;
  }

  .waiting.panel {
    position: fixed;
    inset-block: 0;
    inset-inline-end: 0;
    z-index: var(--_z);
    width: min(420px, 100vw);
    border-radius: 0;
    box-shadow: var(--_shadow);
  }

  :host([position='bottom-start']) .waiting.panel {
    inset-inline: 0 auto;
  }

  .waiting.page {
    min-height: 100%;
    border: 0;
    border-radius: 0;
  }

  /* Here the window of the view covers everything, and has a button of its own. */
  @media (max-width: 480px), (max-height: 460px) {
    .covered {
      visibility: hidden;
    }
  }

  @media (forced-colors: active) {
    .launcher {
      border-color: ButtonText;
    }
  }
`;
