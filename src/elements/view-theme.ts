import { css } from 'lit';

/** What views add to the tokens of `theme.ts`, when they are loaded. The same contrasts hold. */
export const viewTheme = css`
  :host {
    /* What is raised from the window: the agent's messages. */
    --_surface: var(--xians-surface-color, light-dark(#f3f4f8, #20232c));
    --_success: var(--xians-success-color, light-dark(#14784a, #5bd69b));
    --_warning: var(--xians-warning-color, light-dark(#96590a, #f2bd63));
    --_danger: var(--xians-danger-color, light-dark(#b3261e, #ff9a92));
    /* The accent as a text on the background: a brand's yellow is made dark enough, its navy light enough, to be read. */
    --_accent-text: light-dark(
      oklch(from var(--_accent) min(l, 0.5) c h),
      oklch(from var(--_accent) max(l, 0.78) c h)
    );
    --_focus: var(--xians-focus-color, var(--_accent-text));

    --_code-font: var(--xians-code-font-family, ui-monospace, SFMono-Regular, Menlo, Consolas, monospace);
    /* The unit of the distances between and inside of things. */
    --_space: var(--xians-space, 4px);
  }

  :host([density='compact']) {
    --_space: var(--xians-space, 3px);
    --_font-size: var(--xians-font-size, max(13px, 0.8125rem));
  }

  @media (forced-colors: active) {
    :host {
      --_surface: Canvas;
      --_success: CanvasText;
      --_warning: CanvasText;
      --_danger: CanvasText;
      --_accent-text: LinkText;
      --_focus: Highlight;
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
