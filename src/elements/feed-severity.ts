import { html, svg, type TemplateResult } from 'lit';
import { severityRank } from '../protocol/incident-words.ts';
import { stateName } from './feed-names.ts';
import { severityWords } from './feed-state-words.ts';
import type { Language } from './language.ts';

/** A shape for each rank, so that colour is never the only sign: octagon, triangle, diamond, disc, ring; unknown: a box. */
const SHAPES = [
  svg`<path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" /><path d="M8 4.2v4.6M8 11.6v.1" class="mark" />`,
  svg`<path d="M8 1 15.6 14.6H.4z" /><path d="M8 6v4M8 12.4v.1" class="mark" />`,
  svg`<path d="M8 .6 15.4 8 8 15.4.6 8z" />`,
  svg`<circle cx="8" cy="8" r="6" />`,
  svg`<circle cx="8" cy="8" r="5.2" class="thin" />`,
  svg`<rect x="2.2" y="2.2" width="11.6" height="11.6" rx="1" class="thin" />`,
] as const;

/** The class, and the end of the part, of a severity: `p0` to `p4`, `px` for one that nobody here knows. */
export function severityClass(severity: string): string {
  return severityRank(severity) < 5 ? `p${severityRank(severity)}` : 'px';
}

/** `P0`; `Critical` where the server has words for it. */
export function severityLabel(severity: string, language: Language): string {
  return isCoded(severity) ? severity : stateName(severity, language) || '?';
}

/** `P0 critical`, to be read out. */
export function severityName(severity: string, language: Language): string {
  const label = severityLabel(severity, language);
  const words = language.words(severityWords);
  const name = [words.critical, words.high, words.medium, words.low, words.informational][
    severityRank(severity)
  ];
  return name && isCoded(severity) ? words.named({ label, name }) : label;
}

function isCoded(severity: string): boolean {
  return /^P\d$/.test(severity);
}

export function renderShape(severity: string): TemplateResult {
  return html`<svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
    ${SHAPES[severityRank(severity)]}
  </svg>`;
}
