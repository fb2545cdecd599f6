import { css, html, type TemplateResult } from 'lit';
import { helpWords } from './feed-help-words.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';

const KEYS = [
  ['j ↓', 'next'],
  ['k ↑', 'previous'],
  ['Home End', 'ends'],
  ['PgUp PgDn', 'pages'],
  ['Enter', 'toggle'],
  ['Esc', 'hide'],
  ['a', 'acknowledge'],
  ['r', 'resolve'],
  ['e', 'escalate'],
  ['c', 'comment'],
  ['/', 'search'],
  ['p', 'pause'],
  ['?', 'help'],
] as const;

/** The keys of a feed. */
export function renderHelp(language: Language): TemplateResult {
  const words = language.words(helpWords);
  return html`<h3>${language.words(feedSays).keys}</h3>
    <p>${words.where}</p>
    <dl class="keys">
      ${KEYS.map(
        ([keys, what]) =>
          html`<div>
            <dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${words[what]}</dd>
          </div>`,
      )}
    </dl>`;
}

export const styles = css`
  .keys {
    display: grid;
    gap: 4px;
    margin: 8px 0 0;
  }

  .keys div {
    display: flex;
    align-items: baseline;
    gap: 12px;
  }

  .keys dt {
    display: flex;
    flex: none;
    gap: 4px;
    inline-size: 7.5em;
  }

  .keys dd {
    margin: 0;
  }

  kbd {
    min-inline-size: 1.8em;
    padding: 0 0.4em;
    border: 1px solid var(--_border);
    border-block-end-width: 2px;
    border-radius: 5px;
    background: var(--_surface);
    font:
      0.9em ui-monospace,
      monospace;
    text-align: center;
  }
`;
