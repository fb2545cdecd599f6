import { css } from 'lit';

/**
 * The design tokens that show before a view is loaded; `view-theme.ts` has the others. Each public `--xians-*` property is
 * read with its default right here, into a private `--_*` one that styles use: a default set on `:host` under the public
 * name would beat a value that the page set on `body`.
 *
 * Colours follow the `color-scheme` of the place the element stands in: a page that declares none gets the light ones.
 * Every pair of text and background below has a contrast of at least 4.5.
 */
export const theme = css`
  :host {
    /* Accent: buttons, links, the visitor's own messages; and what is written on it. */
    --_accent: var(--xians-accent-color, light-dark(#4f46e5, #a5b4fc));
    /* Black or white, whichever reads better on it: both have a contrast of 4.6 where the luminance is 0.18. */
    --_ink: clamp(0, (0.18 - 0.2126 * r - 0.7152 * g - 0.0722 * b) * 1e5, 1);
    --_on-accent: var(
      --xians-on-accent-color,
      color(from var(--_accent) srgb-linear var(--_ink) var(--_ink) var(--_ink))
    );
    /* The window and its lines. */
    --_background: var(--xians-background-color, light-dark(#fff, #14161c));
    --_border: var(--xians-border-color, light-dark(#e1e3ea, #343845));
    --_text: var(--xians-text-color, light-dark(#1b1e28, #eceef4));
    --_muted: var(--xians-muted-color, light-dark(#5b6172, #a4aabb));
    --_focus: var(--xians-focus-color, var(--_accent));

    --_font: var(--xians-font-family, system-ui, sans-serif);
    /* Grows with the reader's own text size; a page that makes its root smaller does not shrink it. */
    --_font-size: var(--xians-font-size, max(15px, 0.9375rem));
    --_radius: var(--xians-radius, 14px);
    --_shadow: var(--xians-shadow, 0 1px 2px #10122b14, 0 12px 40px -8px #10122b38);
    --_z: var(--xians-z-index, 2147483000);
    --_offset: var(--xians-offset, 20px);
    /* Length of a transition; nothing moves for those who asked for less motion. */
    --_fast: var(--xians-duration, 160ms);

    box-sizing: border-box;
  }

  :host([hidden]) {
    display: none !important;
  }

  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }

  /* What stands on a ground of its own takes nothing from the page's texts but their direction and the tokens above. */
  .ground {
    all: initial;
    box-sizing: border-box;
    color: var(--_text);
    color-scheme: inherit;
    font: var(--_font-size) / 1.5 var(--_font);
  }

  :focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
  }

  @media (prefers-reduced-motion: reduce) {
    :host {
      --_fast: 0ms;
    }
  }

  @media (forced-colors: active) {
    :host {
      --_accent: LinkText;
      --_on-accent: Canvas;
      --_background: Canvas;
      --_border: CanvasText;
      --_text: CanvasText;
      --_muted: CanvasText;
      --_focus: Highlight;
      --_shadow: none;
    }
  }
`;
