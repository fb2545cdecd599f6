import type { Token, Tokens } from 'marked';
import { toCsv } from './csv.ts';
import { decodeEntities } from './markdown-entities.ts';
import { lexInline } from './markdown-lexer.ts';

/** A table for spreadsheets, without the signs of Markdown. */
export function tableCsv(table: Tokens.Table): string {
  return toCsv(textsOf(table));
}

/** A table as HTML, for documents and mails that it is pasted into: never for this page. */
export function tableMarkup(table: Tokens.Table): string {
  const [head = [], ...rows] = textsOf(table);
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((row) => line(row, 'td')).join('');
  return `<table><thead>${line(head, 'th')}</thead><tbody>${body}</tbody></table>`;
}

function textsOf({ header, rows }: Tokens.Table): string[][] {
  return [header, ...rows].map((row) =>
    row.map((cell) => textOf(cell.tokens.length ? cell.tokens : lexCell(cell))),
  );
}

function lexCell({ text }: Tokens.TableCell): readonly Token[] {
  return text ? lexInline(text) : [];
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      const { type, raw, text, tokens: inner } = token as Tokens.Generic & { text?: string };
      if (type === 'html') return /^<br\s*\/?>$/i.test(raw) ? '\n' : raw;
      if (type === 'codespan' || type === 'escape') return text ?? raw;
      if (inner && type !== 'image') return textOf(inner);
      return decodeEntities(type === 'image' ? (text ?? raw) : raw);
    })
    .join('');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>');
}
