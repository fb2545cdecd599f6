import { html, nothing, type TemplateResult } from 'lit';
import type { Tokens } from 'marked';
import { lazyFill } from './lazy-fill.ts';
import { FIRST_ROWS } from './markdown-lexer.ts';
import { extras, type MarkdownPorts } from './markdown-ports.ts';
import { markdownWords } from './markdown-words.ts';

/** Longer tables scroll below their head. */
const TALL = 16;

/** Draws what is in a cell. */
export type RenderCell = (cell: Tokens.TableCell) => unknown;

/**
 * A table in a box that scrolls, with buttons that copy it. Of a long one the first rows; the others follow when they are
 * asked for.
 */
export function renderTable(token: Tokens.Table, cell: RenderCell, ports: MarkdownPorts): TemplateResult {
  const { header, rows } = token;
  const { table } = ports.language.words(markdownWords);
  const tools = async () => (await extras()).tableTools(token, cell, ports);
  return html`<figure class="table">
    <div class=${rows.length > TALL ? 'scroll tall' : 'scroll'} tabindex="0" role="group" aria-label=${table}>
      <table>
        <thead>
          <tr>
            ${header.map((one) => html`<th scope="col" class=${namesOf(one)}>${cell(one)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, FIRST_ROWS).map((row) => renderRow(row, cell))}
        </tbody>
      </table>
    </div>
    <figcaption ${lazyFill('', tools)}></figcaption>
  </figure>`;
}

export function renderRow(row: readonly Tokens.TableCell[], cell: RenderCell): TemplateResult {
  return html`<tr>
    ${row.map((one) => html`<td class=${namesOf(one)}>${cell(one)}</td>`)}
  </tr>`;
}

function namesOf({ align, text }: Tokens.TableCell): string | typeof nothing {
  const width = text.length > 70 ? 'longer' : text.length > 14 && 'long';
  return [align, width].filter(Boolean).join(' ') || nothing;
}
