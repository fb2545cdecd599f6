import { html, nothing, type TemplateResult } from 'lit';
import { dataWords } from './chat-data-words.ts';
import { cut, forPeople, isEmpty, isFields, type Fields } from './data-values.ts';
import { icon } from './icons.ts';
import type { Language } from './language.ts';

/** This many fields or rows show; up to ROWS follow when they are unfolded. */
const SHOWN = 12;
const ROWS = 100;
/** Rows with more fields than this are no table but a list of cards. */
const COLUMNS = 4;
/** Values nested deeper are given as JSON. */
const DEPTH = 4;
/** Lists of plain values up to this length stand in one line. */
const LINE = 80;
/** Cells up to this length, prices and numbers, are not broken. */
const SHORT = 12;

/** Data of any kind as people read them: fields with their names, lists, small tables. Everything is text. */
export function renderFields(data: unknown, language: Language): TemplateResult | undefined {
  const shown = forPeople(unquoted(data));
  return isEmpty(shown) ? undefined : html`${renderValue(shown, 0, language)}`;
}

/** A bare string, which servers give back with the quotes of JSON around it (xians §5.4), without them. */
function unquoted(data: unknown): unknown {
  if (typeof data !== 'string' || !/^".*"$/s.test(data)) return data;
  try {
    return JSON.parse(data);
  } catch (error) {
    // Quotes of its own.
    if (error instanceof SyntaxError) return data;
    throw error;
  }
}

function renderValue(value: unknown, depth: number, language: Language): unknown {
  if (Array.isArray(value)) return renderList(value, depth, language);
  if (isFields(value)) return renderMembers(value, depth, language);
  return html`<div class="plain" dir="auto">${plain(value, language)}</div>`;
}

function renderMembers(fields: Fields, depth: number, language: Language): unknown {
  const entries = Object.entries(fields).filter(([name, value]) => !isMarker(name, value));
  if (entries.length === 0) return '–';
  return inParts(
    entries,
    language,
    (some) =>
      html`<dl class="fields">
        ${some.map(
          ([name, value]) =>
            html`<dt dir="auto">${label(name)}</dt>
              <dd dir=${directionFor(value)}>${renderNested(value, depth + 1, language)}</dd>`,
        )}
      </dl>`,
  );
}

function renderList(list: readonly unknown[], depth: number, language: Language): unknown {
  const line = list.every(isPlain) ? renderLine(list, language) : '';
  if (line && line.length <= LINE) return html`<div class="plain" dir="auto">${line}</div>`;
  const columns = columnsOf(list);
  return inParts(list, language, (some) =>
    columns
      ? renderTable(columns, some as readonly Fields[], language)
      : html`<ul class="items">
          ${some.map((item) => html`<li dir=${directionFor(item)}>${renderNested(item, depth + 1, language, true)}</li>`)}
        </ul>`,
  );
}

function renderTable(
  columns: readonly string[],
  rows: readonly Fields[],
  language: Language,
): TemplateResult {
  const { table } = language.words(dataWords);
  return html`<div class="grid" tabindex="0" role="group" aria-label=${table}>
    <table>
      <thead>
        <tr>
          ${columns.map((name) => html`<th scope="col">${label(name)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map((name) => renderCell(plain(row[name], language)))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function renderCell(text: string): TemplateResult {
  return html`<td class=${text.length <= SHORT ? 'short' : nothing} dir="auto">${text}</td>`;
}

/** A value inside another: what is short stands there, fields and long lists are folded unless they are `open`. */
function renderNested(value: unknown, depth: number, language: Language, open = false): unknown {
  if (isPlain(value)) return plain(value, language);
  if (isEmpty(value)) return '–';
  if (depth > DEPTH) return renderJson(value, language);
  const content = renderValue(value, depth, language);
  const list = Array.isArray(value);
  const inPlace = open || (list && (columnsOf(value) !== undefined || value.every(isPlain)));
  const count = list ? value.length : Object.keys(value as object).length;
  return inPlace ? content : fold(language.words(dataWords).details({ count }), content);
}

/** A text runs as it is written, and minus signs stand before numbers; our words and what is nested run as the window does. */
function directionFor(value: unknown): 'auto' | 'ltr' | typeof nothing {
  if (typeof value === 'number') return 'ltr';
  return typeof value === 'string' && value !== '' ? 'auto' : nothing;
}

/** The first of `all`, and the others folded. */
function inParts<Item>(
  all: readonly Item[],
  language: Language,
  show: (some: readonly Item[]) => TemplateResult,
): unknown {
  const words = language.words(dataWords);
  const rest = all.slice(SHOWN, ROWS);
  const lost = all.length - ROWS;
  return html`${show(all.slice(0, SHOWN))}${
    rest.length > 0
      ? fold(
          words.more({ count: all.length - SHOWN }),
          html`${show(rest)}${lost > 0 ? html`<p class="quiet">${words.notShown({ count: lost })}</p>` : nothing}`,
        )
      : nothing
  }`;
}

function fold(summary: string, content: unknown): TemplateResult {
  return html`<details class="data">
    <summary>${icon('chevron')}${summary}</summary>
    ${content}
  </details>`;
}

/** The columns of a list of alike, flat rows; `undefined` for any other list. */
function columnsOf(list: readonly unknown[]): readonly string[] | undefined {
  const names = new Set<string>();
  for (const row of list) {
    if (!isFields(row)) return undefined;
    for (const [name, value] of Object.entries(row)) {
      if (!isPlain(value)) return undefined;
      if (!isMarker(name, value)) names.add(name);
    }
    if (names.size > COLUMNS) return undefined;
  }
  return names.size > 0 ? [...names] : undefined;
}

/** What tells programs, not people, which data this is: `kind: 'order-card'`. */
function isMarker(name: string, value: unknown): boolean {
  if (/^[$@_]/.test(name)) return true;
  return /^(kind|type|schema)$/i.test(name) && typeof value === 'string' && /^[a-z][\w.:/-]*$/.test(value);
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function plain(value: unknown, language: Language): string {
  if (typeof value !== 'boolean') return isEmpty(value) ? '–' : cut(String(value));
  const { yes, no } = language.words(dataWords);
  return value ? yes : no;
}

/** Short plain values in one line, as the language lists things; empty when they need more. */
function renderLine(list: readonly unknown[], language: Language): string {
  if (list.length > LINE) return '';
  const parts = list.map((value) => plain(value, language));
  const line = new Intl.ListFormat(language.tag, { type: 'unit', style: 'short' }).format(parts);
  return line.length <= LINE ? line : '';
}

function renderJson(value: unknown, language: Language): TemplateResult {
  const { code, tooDeep } = language.words(dataWords);
  const text = json(value);
  if (text === undefined) return html`<p class="quiet">${tooDeep}</p>`;
  return html`<pre class="json" dir="ltr" tabindex="0" role="group" aria-label=${code}>${cut(text)}</pre>`;
}

/** `value` as JSON; `undefined` for what is nested deeper than the browser can follow. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, undefined, 2);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `orderNumber` and `order_number` as `Order number`; `trackingURL` as `Tracking URL`. */
function label(name: string): string {
  const spaced = name
    .slice(0, 80)
    .replace(/[_\s-]+/g, ' ')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .trim()
    .replace(/(?<=\s)\p{Lu}(?=\p{Ll})/gu, (letter) => letter.toLowerCase());
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
