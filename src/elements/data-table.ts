import { html, nothing, type TemplateResult } from 'lit';
import { toCsv } from './csv.ts';
import type { DataContext } from './data-context.ts';
import { dataKindsWords } from './data-kinds-words.ts';
import { cut, finite, isFields, pick, pickList, pickText, plainText } from './data-values.ts';
import { icon } from './icons.ts';
import type { Words } from './words.ts';

/** This many rows show at first, and up to the second number when all are asked for. */
const SHOWN = 100;
const MOST = 10_000;
const COLUMNS = 30;
/** Longest text of a cell, and of one that is not broken: numbers, dates. In UTF-16 units. */
const CELL = 500;
const SHORT = 16;

interface Column {
  readonly label: string;
  /** Every value in it is a number: it is aligned and sorted as such. */
  readonly numeric: boolean;
}

/** A table as it is drawn: rows as lists of cells in the order of the columns. */
interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

interface State {
  table: Table;
  /** Data that the table was made of. */
  readonly of: unknown;
  sorted: { readonly column: number; readonly down: boolean } | undefined;
  all: boolean;
  note: string;
}

/** `{ title?, columns?: [text | { key, label }], rows: [[…] | { … }] }`: sorted by its headings, copied as CSV. */
export function drawTable(context: DataContext): unknown {
  const { data, language } = context;
  const state = context.keep((): State => ({
    of: undefined,
    table: EMPTY,
    sorted: undefined,
    all: false,
    note: '',
  }));
  if (state.of !== data) Object.assign(state, { of: data, table: tableOf(data), sorted: undefined });
  const { table, sorted } = state;
  if (table.columns.length === 0 || table.rows.length === 0) return undefined;
  const words = language.words(dataKindsWords);
  const title = pickText(data, 'title', 'caption');
  const rows = (sorted ? inOrder(table, sorted, language.tag) : table.rows).slice(
    0,
    state.all ? MOST : SHOWN,
  );
  const set = (part: Partial<State>) => {
    Object.assign(state, part);
    context.update();
  };
  const hidden = Math.min(table.rows.length, MOST) - rows.length;
  return html`<div class="grid sortable" tabindex="0" role="group" aria-label=${title ?? words.table}>
      <table part="table">
        ${
          title
            ? html`<caption dir="auto">
                ${title}
              </caption>`
            : nothing
        }
        <thead>
          <tr>
            ${table.columns.map((column, index) => drawHeading(column, index, sorted, words, set))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${table.columns.map(({ numeric }, index) => drawCell(cellText(row[index], words), numeric))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      state.all && table.rows.length > MOST
        ? html`<p class="quiet">${words.rowsNotShown({ count: table.rows.length - MOST })}</p>`
        : nothing
    }
    <div class="table-tools">
      ${
        hidden > 0
          ? html`<button type="button" class="link" @click=${() => set({ all: true })}>
              ${words.showAllRows({ count: Math.min(table.rows.length, MOST) })}
            </button>`
          : nothing
      }
      ${
        navigator.clipboard && table.rows.length > 1
          ? html`<button type="button" class="link" @click=${() => void copy(table, words, set)}>
              ${words.copyCsv}
            </button>`
          : nothing
      }
      <span role=${state.note ? 'status' : nothing}>${state.note}</span>
    </div>`;
}

function drawCell(text: string, numeric: boolean): TemplateResult {
  const look = `${numeric ? 'number' : ''} ${text.length <= SHORT ? 'short' : ''}`;
  return html`<td class=${look} dir=${numeric ? 'ltr' : 'auto'}>${text}</td>`;
}

function drawHeading(
  { label, numeric }: Column,
  index: number,
  sorted: State['sorted'],
  words: Words<(typeof dataKindsWords)['source']>,
  set: (part: Partial<State>) => void,
): TemplateResult {
  const own = sorted?.column === index ? sorted : undefined;
  return html`<th
    scope="col"
    class=${numeric ? 'number' : nothing}
    aria-sort=${own ? (own.down ? 'descending' : 'ascending') : nothing}
  >
    <button
      type="button"
      title=${words.sortBy({ column: label })}
      @click=${() => set({ sorted: own?.down ? undefined : { column: index, down: own !== undefined } })}
    >
      <span dir="auto">${label}</span>
      <span class="sort ${own ? (own.down ? 'descending' : 'ascending') : ''}">${icon('down')}</span>
    </button>
  </th>`;
}

async function copy(
  { columns, rows }: Table,
  words: Words<(typeof dataKindsWords)['source']>,
  set: (part: Partial<State>) => void,
): Promise<void> {
  set({ note: '' });
  try {
    await navigator.clipboard.writeText(toCsv([columns.map(({ label }) => label), ...rows]));
    set({ note: words.copied });
  } catch {
    // Whatever the browser's reason, the visitor can do the same thing about it.
    set({ note: words.copyFailed });
  }
}

const EMPTY: Table = { columns: [], rows: [] };

function tableOf(data: DataContext['data']): Table {
  const given = pickList(data, 'rows', 'data', 'items');
  const heads = pickList(data, 'columns', 'headers').slice(0, COLUMNS);
  const keys =
    heads.length > 0
      ? heads.map((head, index) =>
          isFields(head) ? (pickText(head, 'key', 'field', 'name', 'id') ?? index) : index,
        )
      : keysOf(given);
  const labels = keys.map((key, index) => {
    const head = heads[index];
    return isFields(head)
      ? (pickText(head, 'label', 'title', 'header', 'name', 'key') ?? String(index + 1))
      : plainText(head) || String(typeof key === 'number' ? key + 1 : key);
  });
  const rows = given
    .filter((row) => typeof row === 'object' && row !== null)
    .map((row) =>
      keys.map((key, index) =>
        Array.isArray(row)
          ? (row as unknown[])[index]
          : pick(row as DataContext['data'], String(key), labels[index] ?? ''),
      ),
    );
  const columns = labels.map((label, index) => ({
    label: cut(label, CELL),
    numeric: rows.some((row) => typeof row[index] === 'number') && rows.every((row) => isNumber(row[index])),
  }));
  return { columns, rows };
}

/** The names in the first rows; for rows without names, as many numbers as the longest has cells. */
function keysOf(rows: readonly unknown[]): readonly (string | number)[] {
  const some = rows.slice(0, 50);
  const names = new Set(some.filter(isFields).flatMap((row) => Object.keys(row)));
  if (names.size > 0) return [...names].slice(0, COLUMNS);
  const length = Math.max(0, ...some.map((row) => (Array.isArray(row) ? row.length : 0)));
  return Array.from({ length: Math.min(length, COLUMNS) }, (_, index) => index);
}

function isNumber(value: unknown): boolean {
  return value == null || value === '' || finite(value) !== undefined;
}

/** Rows by one column; those without a value there come last either way. */
function inOrder(
  { columns, rows }: Table,
  sorted: NonNullable<State['sorted']>,
  tag: string | undefined,
): Table['rows'] {
  const { column, down } = sorted;
  const collator = new Intl.Collator(tag, { numeric: true });
  const compare = (one: unknown, other: unknown) =>
    columns[column]?.numeric
      ? Number(one) - Number(other)
      : collator.compare(plainText(one).slice(0, CELL), plainText(other).slice(0, CELL));
  return rows.toSorted((one, other) => {
    const [a, b] = [one[column], other[column]];
    const [noA, noB] = [a == null || a === '', b == null || b === ''];
    if (noA || noB) return Number(noA) - Number(noB);
    return down ? compare(b, a) : compare(a, b);
  });
}

function cellText(value: unknown, words: Words<(typeof dataKindsWords)['source']>): string {
  if (value == null || value === '') return '–';
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  return cut(typeof value === 'object' ? flat(value) : plainText(value), CELL);
}

/** A value inside a cell as one line. */
function flat(value: object): string {
  return Object.entries(value)
    .slice(0, 20)
    .map(([name, inner]) => (Array.isArray(value) ? plainText(inner) : `${name}: ${plainText(inner)}`))
    .join(', ');
}
