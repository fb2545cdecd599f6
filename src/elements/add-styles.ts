import type { CSSResult, LitElement } from 'lit';

/** Adds `styles` that were loaded later to the element's own. Call it once for each element and sheet. */
export function addStyles(element: LitElement, ...styles: readonly CSSResult[]): void {
  const root = element.renderRoot as ShadowRoot;
  const sheets = styles.flatMap(({ styleSheet }) => styleSheet ?? []);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
}
