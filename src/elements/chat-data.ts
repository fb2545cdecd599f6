import { html, type TemplateResult } from 'lit';
import { extrasWords as words } from './chat-extras-words.ts';
import { icon } from './icons.ts';

/** Longest JSON shown; more is cut, since nobody reads it and laying it out takes seconds. */
const JSON_CHARACTERS = 10_000;
/** More plain fields than this start folded. */
const OPEN_FIELDS = 6;
const FIELDS = 50;

/** The payload of a Data message: plain fields as a list, anything nested as JSON. Everything is text. */
export function renderData(data: unknown): TemplateResult | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return isPlain(data) ? html`<p class="plain">${data}</p>` : fold(1, false, json(data));
  }
  const entries = Object.entries(data);
  if (entries.length === 0) return undefined;
  const list = html`<dl class="fields">
    ${entries.slice(0, FIELDS).map(
      ([name, value]) =>
        html`<dt>${label(name)}</dt>
          <dd dir="auto">${isPlain(value) ? String(value ?? '–') : json(value)}</dd>`,
    )}
  </dl>`;
  const open = entries.length <= OPEN_FIELDS && entries.every(([, value]) => isPlain(value));
  return fold(entries.length, open, list);
}

function fold(count: number, open: boolean, content: unknown): TemplateResult {
  return html`<details class="data" ?open=${open}>
    <summary>${icon('chevron')}${words.details(count)}</summary>
    ${content}
  </details>`;
}

function isPlain(value: unknown): boolean {
  return value === null || value === undefined || typeof value !== 'object';
}

function json(value: unknown): TemplateResult {
  const text = JSON.stringify(value, undefined, 2) ?? '';
  const cut = text.length > JSON_CHARACTERS ? `${text.slice(0, JSON_CHARACTERS)}…` : text;
  return html`<pre class="json" dir="ltr" tabindex="0" role="region" aria-label=${words.code}>${cut}</pre>`;
}

/** `orderNumber` and `order_number` as `order number`. */
function label(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .slice(0, 80);
}
