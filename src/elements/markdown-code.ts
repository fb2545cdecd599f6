import { html, nothing, type TemplateResult } from 'lit';
import type { Tokens } from 'marked';
import { icon } from './icons.ts';
import { lazyFill } from './lazy-fill.ts';
import { copyFrom, endCopied, extras, type MarkdownPorts } from './markdown-ports.ts';
import { honestCode } from './markdown-text.ts';
import { markdownWords } from './markdown-words.ts';

/** Longer code is not coloured, in UTF-16 units. */
const MAX_COLOURED = 50_000;
/** Lines beyond this length do not fit on most phones. */
const LONG_LINE = /.{41}/;

/** A block of code: its language, a button that copies it, another that wraps its lines if they are long. */
export function renderCode({ lang, text }: Tokens.Code, { language, copy }: MarkdownPorts): TemplateResult {
  const words = language.words(markdownWords);
  const name = lang?.match(/\S+/)?.[0].slice(0, 24);
  const label = name ?? words.code;
  const code = honestCode(text);
  const colour = async () =>
    name && code.length <= MAX_COLOURED ? (await extras()).colour(code, name) : undefined;
  const wrapping = async () => (await extras()).wrapping(language);
  return html`<figure class="code">
    <figcaption>
      <bdi>${label}</bdi>
      <span class="tools">
        ${LONG_LINE.test(text) ? html`<span ${lazyFill('', wrapping)}></span>` : nothing}
        ${
          copy
            ? html`<button
                type="button"
                class="tool"
                aria-label=${words.copyCode}
                title=${words.copyCode}
                @click=${(event: Event) => copyFrom(event, copy, text)}
                @animationend=${endCopied}
              >
                ${icon('copy')}
              </button>`
            : nothing
        }
      </span>
    </figcaption>
    <pre dir="ltr" tabindex="0" role="group" aria-label=${label}><code ${lazyFill(code, colour)}></code></pre>
  </figure>`;
}
