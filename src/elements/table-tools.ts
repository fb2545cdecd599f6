import { html, nothing, render } from 'lit';
import type { Tokens } from 'marked';
import { icon } from './icons.ts';
import type { Filling } from './lazy-fill.ts';
import { filling } from './markdown-extras-styles.ts';
import { markdownExtrasWords } from './markdown-extras-words.ts';
import { FIRST_ROWS } from './markdown-lexer.ts';
import { copyFrom, endCopied, type MarkdownPorts } from './markdown-ports.ts';
import { renderRow, type RenderCell } from './markdown-table.ts';
import { tableCsv, tableMarkup } from './table-copies.ts';

/** Rows drawn in one frame, when all of a long table are asked for. */
const ROWS_PER_FRAME = 250;

/** What stands below a table: how long it is, a button that shows all of it, and others that copy it. */
export function tableTools(token: Tokens.Table, cell: RenderCell, ports: MarkdownPorts): Filling {
  const words = ports.language.words(markdownExtrasWords);
  const count = token.rows.length;
  const rest = token.rows.slice(FIRST_ROWS);
  return filling(
    html`${
      rest.length > 0
        ? html`<button
            type="button"
            class="link"
            @click=${(event: Event) => void drawRest(event, rest, cell)}
          >
            ${words.showAllRows({ count })}
          </button>`
        : html`<span>${words.rows({ count })}</span>`
    }${copyTools(token, ports)}`,
  );
}

function copyTools(token: Tokens.Table, { copy, language }: MarkdownPorts): unknown {
  if (!copy) return nothing;
  const words = language.words(markdownExtrasWords);
  const button = (name: string, face: unknown, content: () => string | ClipboardItem) =>
    html`<button
      type="button"
      class="tool"
      aria-label=${name}
      title=${name}
      @click=${(event: Event) => copyFrom(event, copy, content())}
      @animationend=${endCopied}
    >
      ${face}
    </button>`;
  return html`<span class="tools">
    ${button(words.copyCsv, 'CSV', () => tableCsv(token))}
    ${button(words.copyTable, icon('copy'), () => tableItem(token))}
  </span>`;
}

/** For documents as a table, for plain text as Markdown. */
function tableItem(token: Tokens.Table): string | ClipboardItem {
  if (typeof ClipboardItem === 'undefined') return token.raw;
  return new ClipboardItem({
    'text/html': new Blob([tableMarkup(token)], { type: 'text/html' }),
    'text/plain': new Blob([token.raw], { type: 'text/plain' }),
  });
}

async function drawRest(
  { currentTarget }: Event,
  rows: readonly (readonly Tokens.TableCell[])[],
  cell: RenderCell,
): Promise<void> {
  const button = currentTarget as HTMLElement;
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
