import { css } from 'lit';

/** The launcher, and what stands where the window will be: all that shows before the view is loaded. */
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
    display: contents !important;
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

  .launcher,
  .float {
    position: fixed;
    inset-block-end: var(--_bottom);
    inset-inline: auto var(--_offset);
    z-index: var(--_z);
    box-shadow: var(--_shadow);
  }

  .launcher.bottom-start,
  .float.bottom-start {
    inset-inline: var(--_offset) auto;
  }

  .launcher {
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
    cursor: pointer;
    transition: scale var(--_fast);
  }

  .launcher:hover {
    scale: 1.05;
  }

  .launcher svg {
    inline-size: 26px;
  }

  .waiting {
    display: grid;
    place-content: safe center;
    justify-items: center;
    gap: 12px;
    block-size: 100%;
    padding: 24px;
    overflow: auto;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    color: var(--_muted);
    text-align: center;
    overflow-wrap: anywhere;
    /* What loads at once leaves no flash. */
    animation: 0.3s step-end late;
  }

  @keyframes late {
    from {
      opacity: 0;
    }
  }

  .float {
    inset-block-end: calc(var(--_bottom) + var(--_launcher) + 12px);
    inline-size: min(300px, 100vw - 2 * var(--_offset));
    block-size: auto;
    max-block-size: 60vh;
  }

  .pill {
    min-block-size: 40px;
    padding: 4px 16px;
    border: 1px solid var(--_border);
    border-radius: 20px;
    background: var(--_background);
    color: var(--_text);
  }
`;
