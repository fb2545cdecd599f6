import { html, nothing, type TemplateResult } from 'lit';
import { icon } from './icons.ts';
import { adopt, lazyFill } from './lazy-fill.ts';
import type { MathsToken } from './markdown-maths.ts';
import { copyFrom, endCopied, type MarkdownPorts } from './markdown-ports.ts';
import { markdownWords } from './markdown-words.ts';

/** A formula: its source, until what draws it is there, and for good if it cannot be read. */
export function renderFormula({ text, raw, display }: MathsToken, ports: MarkdownPorts): TemplateResult {
  const fill = (element: HTMLElement, source: string) => void draw(element, source, text, display);
  if (!display) return html`<span class="formula" dir="ltr" ${lazyFill(raw, fill)}></span>`;
  const { copy } = ports;
  const { copyFormula } = ports.language.words(markdownWords);
  return html`<span class="formula display" dir="ltr"
    ><span class="scroll" ${lazyFill(raw.trim(), fill)}></span>${
      copy
        ? html`<button
            type="button"
            class="tool"
            aria-label=${copyFormula}
            title=${copyFormula}
            @click=${({ currentTarget }: Event) => copyFrom(currentTarget as Element, copy, text)}
            @animationend=${endCopied}
          >
            ${icon('copy')}
          </button>`
        : nothing
    }</span
  >`;
}

async function draw(element: HTMLElement, source: string, tex: string, display: boolean): Promise<void> {
  try {
    const { formula, styles } = await import('./maths.ts');
    const drawn = formula(tex, display);
    // Another formula may have taken the place meanwhile.
    if (!drawn || element.textContent !== source) return;
    adopt(element, styles.styleSheet);
    element.replaceChildren(drawn);
  } catch {
    // Not to be had for now: the source says the same.
  }
}
