import { css } from 'lit';

/** What views add to the tokens of `theme.ts`, when they are loaded. The same contrasts hold. */
export const viewTheme = css`
  :host {
    /* What is raised from the window: the agent's messages. */
    --_surface: var(--xians-surface-color, light-dark(#f3f4f8, #20232c));
    --_success: var(--xians-success-color, light-dark(#14784a, #5bd69b));
    --_warning: var(--xians-warning-color, light-dark(#96590a, #f2bd63));
    --_danger: var(--xians-danger-color, light-dark(#b3261e, #ff9a92));
  }

  @media (forced-colors: active) {
    :host {
      --_surface: Canvas;
      --_success: CanvasText;
      --_warning: CanvasText;
      --_danger: CanvasText;
    }
  }

  /* For the ears only. */
  .hush {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
