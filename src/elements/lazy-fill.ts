import { noChange } from 'lit';
import { Directive, PartType, directive, type ElementPart, type PartInfo } from 'lit/directive.js';

/** Puts into `element` what `source` looks like, now or later; may do nothing. */
type Fill = (element: HTMLElement, source: string) => void;

/**
 * Fills an element, which has no content in its template, first with `source` as text and then with what `fill` makes
 * of it. Only again when `source` is another: what was filled stays, however often the template is drawn.
 */
class LazyFill extends Directive {
  #source: string | undefined;

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new TypeError('lazyFill() belongs to an element');
  }

  override render(_source: string, _fill: Fill): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [source, fill]: [source: string, fill: Fill]): unknown {
    if (source === this.#source) return noChange;
    this.#source = source;
    element.textContent = source;
    fill(element as HTMLElement, source);
    return noChange;
  }
}

/** Of a tag: `<code ${lazyFill(text, fill)}></code>`. */
export const lazyFill = directive(LazyFill);

/** Gives the tree that `element` stands in, once it does, a style sheet that it may have already. */
export function adopt(element: Element, sheet: CSSStyleSheet | undefined): void {
  const root = element.getRootNode();
  if (!sheet || !(root instanceof Document || root instanceof ShadowRoot)) return;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}
