import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Tokens } from 'marked';
import { icon } from './icons.ts';
import { adopt, lazyFill } from './lazy-fill.ts';
import { copyFrom, endCopied, type MarkdownPorts } from './markdown-ports.ts';
import { honestCode } from './markdown-text.ts';
import { markdownWords } from './markdown-words.ts';

/** Longer code is not coloured, in UTF-16 units. */
const MAX_COLOURED = 50_000;
/** Lines up to this length fit on most phones. */
const SHORT_LINE = 40;

/** A block of code: its language, a button that copies it, another that wraps its lines if they are long. */
export function renderCode({ lang, text }: Tokens.Code, { language, copy }: MarkdownPorts): TemplateResult {
  const words = language.words(markdownWords);
  const name = lang?.match(/\S+/)?.[0].slice(0, 24) ?? '';
  const label = name || words.code;
  const long = text.split('\n').some(({ length }) => length > SHORT_LINE);
  return html`<figure class="code">
    <figcaption>
      <bdi>${label}</bdi>
      <span class="tools">
        ${
          long
            ? html`<button
                type="button"
                class="tool"
                aria-label=${words.wrapLines}
                title=${words.wrapLines}
                aria-pressed="false"
                @click=${toggleWrapping}
              >
                ${wrapIcon}
              </button>`
            : nothing
        }
        ${
          copy
            ? html`<button
                type="button"
                class="tool"
                aria-label=${words.copyCode}
                title=${words.copyCode}
                @click=${(event: Event) => copyFrom(event.currentTarget as Element, copy, text)}
                @animationend=${endCopied}
              >
                ${icon('copy')}
              </button>`
            : nothing
        }
      </span>
    </figcaption>
    <pre
      dir="ltr"
      tabindex="0"
      role="region"
      aria-label=${label}
    ><code ${lazyFill(honestCode(text), (element, code) => void colour(element, code, name))}></code></pre>
  </figure>`;
}

/** Colours `code` in `element` as soon as its grammar is there. Without one it stays as it is. */
async function colour(element: HTMLElement, code: string, name: string): Promise<void> {
  if (!name || code.length > MAX_COLOURED) return;
  try {
    const { highlight, styles } = await import('./code-highlight.ts');
    const coloured = await highlight(code, name);
    // Another code may have taken the place meanwhile.
    if (!coloured || element.textContent !== code) return;
    adopt(element, styles.styleSheet);
    element.replaceChildren(coloured);
  } catch {
    // Not to be had for now: colours are not what the code says.
  }
}

/** Kept in the element alone: the template says nothing of it, and so leaves it. */
function toggleWrapping({ currentTarget }: Event): void {
  const button = currentTarget as Element;
  const wraps = button.closest('figure')?.classList.toggle('wraps');
  button.setAttribute('aria-pressed', String(wraps));
}

const wrapIcon = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
  ${svg`<path d="M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15.5L12.5 18l2.5 2.5M4 18h5" />`}
</svg>`;
