import { html, svg } from 'lit';
import type { Language } from './language.ts';
import type { Filling } from './lazy-fill.ts';
import { filling } from './markdown-extras-styles.ts';
import { markdownExtrasWords } from './markdown-extras-words.ts';

/** The button that wraps the lines of the code it stands above. */
export function wrapping(language: Language): Filling {
  const { wrapLines } = language.words(markdownExtrasWords);
  return filling(
    html`<button
      type="button"
      class="tool"
      aria-label=${wrapLines}
      title=${wrapLines}
      aria-pressed="false"
      @click=${toggle}
    >
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        ${svg`<path d="M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15.5L12.5 18l2.5 2.5M4 18h5" />`}
      </svg>
    </button>`,
  );
}

/** Kept in the element alone: no template says anything of it, so that all leave it. */
function toggle({ currentTarget }: Event): void {
  const button = currentTarget as Element;
  const wraps = button.closest('figure')?.classList.toggle('wraps');
  button.setAttribute('aria-pressed', String(wraps));
}
