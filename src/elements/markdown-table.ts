import { html, nothing, render, type TemplateResult } from 'lit';
import type { Tokens } from 'marked';
import { icon } from './icons.ts';
import { FIRST_ROWS } from './markdown-lexer.ts';
import { copyFrom, endCopied, type MarkdownPorts } from './markdown-ports.ts';
import { markdownWords } from './markdown-words.ts';
import type * as tableCopies from './table-copies.ts';

/** Longer tables scroll below their head. */
const TALL = 16;
/** Rows drawn in one frame, when all of a long table are asked for. */
const ROWS_PER_FRAME = 250;

/** Draws what is in a cell. */
type RenderCell = (cell: Tokens.TableCell) => unknown;

/**
 * A table in a box that scrolls, with buttons that copy it. Of a long one the first rows; the others follow when they are
 * asked for.
 */
export function renderTable(token: Tokens.Table, cell: RenderCell, ports: MarkdownPorts): TemplateResult {
  const { header, rows } = token;
  const words = ports.language.words(markdownWords);
  const kept = rows.slice(0, FIRST_ROWS);
  return html`<figure class="table">
    <div
      class="scroll ${kept.length > TALL ? 'tall' : ''}"
      tabindex="0"
      role="region"
      aria-label=${words.table}
    >
      <table>
        <thead>
          <tr>
            ${header.map((one) => html`<th scope="col" class=${namesOf(one)}>${cell(one)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${kept.map((row) => renderRow(row, cell))}
        </tbody>
      </table>
    </div>
    <figcaption>
      ${
        rows.length > kept.length
          ? html`<button
              type="button"
              class="link"
              @click=${({ currentTarget }: Event) =>
                void drawRest(currentTarget as HTMLElement, rows.slice(FIRST_ROWS), cell)}
            >
              ${words.showAllRows({ count: rows.length })}
            </button>`
          : html`<span>${words.rows({ count: rows.length })}</span>`
      }
      ${renderTools(token, ports)}
    </figcaption>
  </figure>`;
}

function renderTools(token: Tokens.Table, ports: MarkdownPorts): unknown {
  const { copy } = ports;
  if (!copy || typeof ClipboardItem === 'undefined') return nothing;
  const words = ports.language.words(markdownWords);
  const button = (name: string, face: unknown, copies: TableCopies) =>
    html`<button
      type="button"
      class="tool"
      aria-label=${name}
      title=${name}
      @click=${({ currentTarget }: Event) =>
        copyFrom(currentTarget as Element, copy, new ClipboardItem(copies(token)))}
      @animationend=${endCopied}
    >
      ${face}
    </button>`;
  return html`<span class="tools">
    ${button(words.copyCsv, 'CSV', csvOf)} ${button(words.copyTable, icon('copy'), tableOf)}
  </span>`;
}

/** What is put on the clipboard, by media type; promises, since browsers let a page write there only at once. */
type TableCopies = (token: Tokens.Table) => Record<string, Promise<Blob>>;

function csvOf(token: Tokens.Table): Record<string, Promise<Blob>> {
  return { 'text/plain': copies().then(({ tableCsv }) => blob(tableCsv(token), 'text/plain')) };
}

function tableOf(token: Tokens.Table): Record<string, Promise<Blob>> {
  return {
    'text/plain': Promise.resolve(blob(token.raw, 'text/plain')),
    'text/html': copies().then(({ tableMarkup }) => blob(tableMarkup(token), 'text/html')),
  };
}

function copies(): Promise<typeof tableCopies> {
  return import('./table-copies.ts');
}

function blob(text: string, type: string): Blob {
  return new Blob([text], { type });
}

function renderRow(row: readonly Tokens.TableCell[], cell: RenderCell): TemplateResult {
  return html`<tr>
    ${row.map((one) => html`<td class=${namesOf(one)}>${cell(one)}</td>`)}
  </tr>`;
}

async function drawRest(
  button: HTMLElement,
  rows: readonly (readonly Tokens.TableCell[])[],
  cell: RenderCell,
): Promise<void> {
  const box = button.closest('figure')?.querySelector<HTMLElement>('.scroll');
  const table = box?.querySelector('table');
  box?.focus({ preventScroll: true });
  button.hidden = true;
  for (let from = 0; from < rows.length && table?.isConnected; from += ROWS_PER_FRAME) {
    const part = rows.slice(from, from + ROWS_PER_FRAME);
    render(
      part.map((row) => renderRow(row, cell)),
      table.createTBody(),
    );
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
}

function namesOf({ align, text }: Tokens.TableCell): string | typeof nothing {
  const width = text.length > 70 ? 'longer' : text.length > 14 ? 'long' : undefined;
  return [align, width].filter(Boolean).join(' ') || nothing;
}
