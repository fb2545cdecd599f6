import { noChange, type CSSResult } from 'lit';
import { Directive, directive, type ElementPart } from 'lit/directive.js';

/** What an element shows in place of its source, and the style sheet that this needs. */
export interface Filling {
  readonly content: Node;
  readonly styles: CSSResult;
}

/**
 * Fills an element, which has no content in its template, first with `source` as text and then with what `make` comes up
 * with, if anything. Only again when `source` is another: what was filled stays, however often the template is drawn.
 */
class LazyFill extends Directive {
  #source: string | undefined;

  override render(_source: string, _make: () => Promise<Filling | undefined>): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [source, make]: Parameters<LazyFill['render']>): unknown {
    if (source !== this.#source) {
      this.#source = source;
      element.textContent = source;
      void this.#fill(element, source, make);
    }
    return noChange;
  }

  async #fill(element: Element, source: string, make: () => Promise<Filling | undefined>): Promise<void> {
    try {
      const filling = await make();
      // Another source may have taken the place meanwhile.
      if (!filling || source !== this.#source) return;
      const { styleSheet } = filling.styles;
      const root = element.getRootNode();
      if (styleSheet && (root instanceof ShadowRoot || root instanceof Document)) {
        if (!root.adoptedStyleSheets.includes(styleSheet)) root.adoptedStyleSheets.push(styleSheet);
      }
      element.replaceChildren(filling.content);
    } catch {
      // Code that cannot be had for now, or cannot cope with the source, which says the same.
    }
  }
}

/** Of a tag: `<code ${lazyFill(text, make)}></code>`. */
export const lazyFill = directive(LazyFill);
