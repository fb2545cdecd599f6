import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

/** Icons of the tools, in the manner of `icons.ts`, loaded with them. */
const paths = {
  topics: svg`<path d="M4 7h16M4 12h16M4 17h10" />`,
  print: svg`<path d="M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z" />`,
  trash: svg`<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5" />`,
  sound: svg`<path d="M4 10v4h3l5 4V6L7 10zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />`,
  bell: svg`<path d="M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2 2 0 0 0 4 0" />`,
  up: svg`<path d="M6 15l6-6 6 6" />`,
  under: svg`<path d="M6 9l6 6 6-6" />`,
  plus: svg`<path d="M12 5v14M5 12h14" />`,
} satisfies Record<string, SVGTemplateResult>;

export function toolIcon(name: keyof typeof paths): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    ${paths[name]}
  </svg>`;
}
