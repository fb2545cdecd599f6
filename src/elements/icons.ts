import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

/** Line icons on a 24 × 24 grid. They take the colour of the text around them and are hidden from assistive technology. */
const paths = {
  send: svg`<path d="M12 19V5M5 12l7-7 7 7" />`,
  close: svg`<path d="M6 6l12 12M18 6L6 18" />`,
  copy: svg`<rect x="9" y="9" width="11" height="11" rx="2" /><path d="M5 15V6a2 2 0 0 1 2-2h9" />`,
  check: svg`<path d="M5 13l4 4L19 7" />`,
  checks: svg`<path d="M2 13l4 4L16 7M11 16l1 1L22 7" />`,
  clock: svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 7.5V12l3 2" />`,
  alert: svg`<path d="M12 8v5M12 16.5v.01" /><circle cx="12" cy="12" r="9" />`,
  down: svg`<path d="M12 5v14M5 12l7 7 7-7" />`,
  chevron: svg`<path d="M9 6l6 6-6 6" />`,
  file: svg`<path d="M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5" />`,
  download: svg`<path d="M12 4v11M7 11l5 5 5-5M5 20h14" />`,
  search: svg`<circle cx="11" cy="11" r="6.5" /><path d="M16 16l4.5 4.5" />`,
  pencil: svg`<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19z" />`,
  more: svg`<circle cx="12" cy="5" r="1" /><circle cx="12" cy="12" r="1" /><circle cx="12" cy="19" r="1" />`,
  swap: svg`<path d="M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4" />`,
  chat: svg`<path d="M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4a2 2 0 0 1-2-2z" />`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof paths;

export function icon(name: IconName): TemplateResult {
  return drawing(paths[name]);
}

/** Draws a shape like the icons here, for parts of the code that bring their own. */
export function drawing(shape: SVGTemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shape}</svg>`;
}
