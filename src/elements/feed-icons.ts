import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

// Apart from those of the chat, of which a page with a feed may show none.
const paths = {
  chevron: svg`<path d="M9 6l6 6-6 6" />`,
  clock: svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 7.5V12l3 2" />`,
  alert: svg`<path d="M12 8v5M12 16.5v.01" /><circle cx="12" cy="12" r="9" />`,
  close: svg`<path d="M6 6l12 12M18 6L6 18" />`,
  up: svg`<path d="M12 19V5M5 12l7-7 7 7" />`,
  pause: svg`<path d="M8.5 5v14M15.5 5v14" />`,
  play: svg`<path d="M7 4.5v15l12-7.5z" />`,
  bell: svg`<path d="M6 16V10a6 6 0 0 1 12 0v6l1.5 2h-15zM10 20.5h4" />`,
  help: svg`<path d="M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2.9-1.2 1.8v.4M12 17.5v.01" /><circle cx="12" cy="12" r="9.5" />`,
  filter: svg`<path d="M4 6h16M7 12h10M10 18h4" />`,
} satisfies Record<string, SVGTemplateResult>;

/** A line icon on a 24 × 24 grid. It takes the colour of the text around it and is hidden from assistive technology. */
export function icon(name: keyof typeof paths): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${paths[name]}</svg>`;
}
