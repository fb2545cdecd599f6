import { css } from 'lit';

/** Where the window stands: in its element, beside the launcher, at the side, or over all of a small screen. */
export const chatFrameStyles = css`
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

  @media not ((min-width: 480.1px) and (min-height: 460.1px)) {
    .window:not([inert]) + .launcher {
      visibility: hidden;
    }
  }
`;
