import { html, nothing, type TemplateResult } from 'lit';
import { icon } from './icons.ts';
import { lazyFill, type Filling } from './lazy-fill.ts';
import { filling } from './markdown-extras-styles.ts';
import { markdownExtrasWords } from './markdown-extras-words.ts';
import { mathsExtensions, type MathsToken } from './markdown-maths.ts';
import { copyFrom, endCopied, type MarkdownPorts, type Maths } from './markdown-ports.ts';

/** Formulas, drawn by a parser that is fetched when there is one. */
export const maths: Maths = { extensions: mathsExtensions, render };

/** Its source, until it is drawn, and for good if it cannot be read. */
function render(token: MathsToken, ports: MarkdownPorts): TemplateResult {
  return html`<span
    class=${token.display ? 'formula display' : 'formula'}
    dir="ltr"
    ${lazyFill(token.raw.trim(), () => draw(token, ports))}
  ></span>`;
}

/** A formula as MathML, with a button that copies its source if it stands for itself; `undefined` if it cannot be read. */
async function draw(
  { text, display }: MathsToken,
  { language, copy }: MarkdownPorts,
): Promise<Filling | undefined> {
  const { formula } = await import('./maths.ts');
  const drawn = await formula(text, display);
  if (!drawn) return undefined;
  if (!display) return filling(drawn);
  const { copyFormula } = language.words(markdownExtrasWords);
  return filling(
    html`<span class="scroll" tabindex="0">${drawn}</span>${
        copy
          ? html`<button
              type="button"
              class="tool"
              aria-label=${copyFormula}
              title=${copyFormula}
              @click=${(event: Event) => copyFrom(event, copy, text)}
              @animationend=${endCopied}
            >
              ${icon('copy')}
            </button>`
          : nothing
      }`,
  );
}
