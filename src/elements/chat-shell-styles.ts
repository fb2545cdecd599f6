import { css } from 'lit';

/** The launcher, and where the window stands: what shows before the view is loaded, and stays when it is. */
export const shellStyles = css`
  :host {
    /* The floating button's size and its distance from the bottom; the window stands 12px above it. */
    --_launcher: 56px;
    --_bottom: calc(var(--_offset) + env(safe-area-inset-bottom));
    display: block;
  }

  /* The page's own height for the element wins over this one. */
  :host([display='inline']) {
    block-size: min(36rem, 85vh);
  }

  :host([display='bubble']),
  :host([display='panel']) {
    display: contents;
  }

  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
  }

  svg {
    fill: none;
    stroke: currentcolor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .launcher {
    position: fixed;
    inset-block-end: var(--_bottom);
    inset-inline: auto var(--_offset);
    z-index: var(--_z);
    display: grid;
    place-items: center;
    inline-size: var(--_launcher);
    block-size: var(--_launcher);
    padding: 0;
    /* Forced colours show it. */
    border: 1px solid transparent;
    border-radius: 50%;
    background: var(--_accent);
    color: var(--_on-accent);
    box-shadow: var(--_shadow);
    transition: scale var(--_fast);
  }

  .launcher:hover {
    scale: 1.05;
  }

  .launcher svg {
    inline-size: 26px;
  }

  .window {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    overflow: hidden auto;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    overflow-wrap: anywhere;
  }

  .as-page,
  .as-bubble,
  .as-panel {
    position: fixed;
    inset: 0;
    block-size: 100dvh;
    /* What touches the screen's edges keeps out of its notches. */
    padding-inline: env(safe-area-inset-left) env(safe-area-inset-right);
    border-width: 0;
    border-radius: 0;
  }

  .as-bubble,
  .as-panel {
    /* Above the launcher, which the window covers on small screens. */
    z-index: calc(var(--_z) + 1);
    box-shadow: var(--_shadow);
  }

  @media (min-width: 480.1px) and (min-height: 460.1px) {
    .as-panel {
      inset-inline: auto 0;
      inline-size: 420px;
      border-inline-width: 1px;
    }

    .as-panel.bottom-start {
      inset-inline: 0 auto;
    }

    .as-bubble {
      inset-block: auto calc(var(--_bottom) + var(--_launcher) + 12px);
      inset-inline: auto var(--_offset);
      inline-size: min(380px, 100vw - 2 * var(--_offset));
      block-size: min(640px, 100dvh - var(--_bottom) - var(--_launcher) - 12px - var(--_offset));
      border-width: 1px;
      border-radius: calc(var(--_radius) + 4px);
    }

    .as-bubble.bottom-start {
      inset-inline: var(--_offset) auto;
    }
  }

  .launcher.bottom-start {
    inset-inline: var(--_offset) auto;
  }

  .waiting {
    align-items: center;
    justify-content: safe center;
    gap: 12px;
    padding: 24px;
    overflow: auto;
    color: var(--_muted);
    text-align: center;
  }

  .pill {
    min-block-size: 40px;
    padding: 4px 16px;
    border: 1px solid var(--_border);
    border-radius: 20px;
    background: var(--_background);
    color: var(--_text);
  }

  @media not ((min-width: 480.1px) and (min-height: 460.1px)) {
    .window:not(.waiting, [inert]) + .launcher {
      visibility: hidden;
    }
  }
`;
