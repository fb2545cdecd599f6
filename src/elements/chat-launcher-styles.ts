import { css } from 'lit';

/** The count on the floating button, and the message beside it. */
export const launcherStyles = css`
  .badge {
    position: absolute;
    inset-block-start: -4px;
    inset-inline-end: -4px;
    display: grid;
    place-items: center;
    min-inline-size: 22px;
    block-size: 22px;
    padding-inline: 6px;
    /* A ring that parts it from the button, whatever the page's colours. */
    border: 2px solid var(--_background);
    border-radius: 12px;
    background: light-dark(#b91c1c, #fca5a5);
    color: light-dark(#fff, #450a0a);
    font-size: 12px;
    font-weight: 700;
    line-height: 1;
    pointer-events: none;
  }

  .heard {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .preview {
    position: fixed;
    inset-block-end: calc(var(--_bottom) + var(--_launcher) + 12px);
    inset-inline: auto var(--_offset);
    z-index: var(--_z);
    display: flex;
    align-items: start;
    gap: 4px;
    inline-size: fit-content;
    max-inline-size: min(300px, 100vw - 2 * var(--_offset));
    padding: 4px;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    box-shadow: var(--_shadow);
    animation: arrive 240ms ease-out;
  }

  .preview.bottom-start {
    inset-inline: var(--_offset) auto;
  }

  @keyframes arrive {
    from {
      opacity: 0;
      translate: 0 8px;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .preview {
      animation: none;
    }
  }

  .preview button {
    border: 0;
    border-radius: calc(var(--_radius) - 5px);
    background: none;
    text-align: start;
  }

  @media (hover: hover) {
    .preview button:hover {
      background: color-mix(in srgb, currentcolor 8%, transparent);
    }
  }

  .preview .read {
    min-inline-size: 0;
    padding: 8px 10px;
    overflow-wrap: anywhere;
  }

  .preview .who {
    display: block;
    color: var(--_muted);
    font-size: 0.8667em;
    font-weight: 600;
  }

  /* Three lines are a glimpse. */
  .preview .text {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    line-clamp: 3;
    line-height: 1.4;
  }

  .preview .dismiss {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 32px;
    block-size: 32px;
    padding: 0;
    color: var(--_muted);
  }

  .preview .dismiss svg {
    inline-size: 16px;
  }

  @media (pointer: coarse) {
    .preview .dismiss {
      inline-size: 44px;
      block-size: 44px;
    }
  }
`;
