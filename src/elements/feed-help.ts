import { css, html, type TemplateResult } from 'lit';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j ↓', 'Next incident'],
  ['k ↑', 'Previous incident'],
  ['Home End', 'First and last'],
  ['PgUp PgDn', 'A page up and down'],
  ['Enter', 'Show or hide details'],
  ['Esc', 'Hide details'],
  ['a', 'Acknowledge'],
  ['r', 'Resolve'],
  ['e', 'Change severity'],
  ['c', 'Comment'],
  ['/', 'Search'],
  ['p', 'Pause or resume'],
  ['?', 'This list'],
];

/** The keys of a feed. */
export function renderHelp(): TemplateResult {
  return html`<h3>Keyboard shortcuts</h3>
    <p>They work while an incident in the list has focus.</p>
    <dl class="keys">
      ${KEYS.map(
        ([keys, what]) =>
          html`<div>
            <dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${what}</dd>
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
