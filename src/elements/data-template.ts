import { allowedImage } from './image-origins.ts';
import { safeUrl } from './markdown-links.ts';
import { isFields, plainText, type Fields } from './data-values.ts';

/** Most items of one `data-each`, and of all of them in one message. */
const ITEMS = 100;
const ALL_ITEMS = 2_000;

/** Attributes that data may set. None of them runs anything, and addresses are checked. */
const ATTRIBUTES =
  /^(alt|aria-[a-z]+|class|colspan|data-[\w-]+|datetime|dir|height|href|lang|max|min|part|rowspan|src|title|value|width)$/;

/** What all elements of one copy share. */
interface Copy {
  readonly imageOrigins: readonly string[];
  itemsLeft: number;
}

/**
 * A copy of `template` with `data` in it. A path (`customer.name`, `items.0`, `.` for the value itself) stands in
 * `data-text` (the text of the element), `data-attr-title` (its attribute `title`), `data-if` (the element stays only
 * where there is a value) or `data-each` (once for each item, whose members are then what paths begin with). What data
 * say is text: never HTML, never an expression; links and images go by the rules for those of messages.
 */
export function fillTemplate(
  template: HTMLTemplateElement,
  data: Fields,
  imageOrigins: readonly string[],
): DocumentFragment {
  const content = document.importNode(template.content, true);
  const copy = { imageOrigins, itemsLeft: ALL_ITEMS };
  for (const child of [...content.children]) fill(child, data, copy);
  return content;
}

function fill(element: Element, scope: unknown, copy: Copy): void {
  const condition = take(element, 'data-if');
  if (condition !== null && isMissing(valueAt(scope, condition))) return element.remove();
  const each = take(element, 'data-each');
  if (each !== null) return repeat(element, valueAt(scope, each), copy);
  for (const { name, value } of [...element.attributes]) {
    if (!name.startsWith('data-attr-')) continue;
    element.removeAttribute(name);
    setAttribute(element, name.slice('data-attr-'.length), textOf(valueAt(scope, value)), copy);
  }
  const text = take(element, 'data-text');
  if (text !== null) element.textContent = textOf(valueAt(scope, text)) ?? '';
  else for (const child of [...element.children]) fill(child, scope, copy);
}

function repeat(element: Element, list: unknown, copy: Copy): void {
  for (const item of Array.isArray(list) ? (list as unknown[]).slice(0, ITEMS) : []) {
    if (--copy.itemsLeft < 0) break;
    const one = element.cloneNode(true) as Element;
    element.before(one);
    fill(one, item, copy);
  }
  element.remove();
}

function setAttribute(element: Element, name: string, value: string | undefined, copy: Copy): void {
  if (value === undefined || !ATTRIBUTES.test(name)) return;
  if (name === 'href') {
    const url = element instanceof HTMLAnchorElement ? safeUrl(value) : undefined;
    if (!url) return;
    element.setAttribute('href', url.href);
    element.setAttribute('target', '_blank');
    element.setAttribute('rel', 'noopener noreferrer nofollow');
  } else if (name === 'src') {
    const url = element instanceof HTMLImageElement ? allowedImage(value, copy.imageOrigins) : undefined;
    if (!url) return element.remove();
    element.setAttribute('referrerpolicy', 'no-referrer');
    element.setAttribute('loading', 'lazy');
    element.setAttribute('src', url.href);
  } else {
    element.setAttribute(name, value);
  }
}

/** What a path leads to; only through members of the data themselves, never through what all objects have. */
function valueAt(scope: unknown, path: string): unknown {
  if (path.trim() === '.') return scope;
  return path.split('.').reduce<unknown>((value, step) => {
    const name = step.trim();
    const isInside = (isFields(value) || Array.isArray(value)) && Object.hasOwn(value, name);
    return isInside ? (value as Fields)[name] : undefined;
  }, scope);
}

function take(element: Element, attribute: string): string | null {
  const value = element.getAttribute(attribute);
  element.removeAttribute(attribute);
  return value;
}

function textOf(value: unknown): string | undefined {
  return plainText(value) || undefined;
}

function isMissing(value: unknown): boolean {
  if (value == null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
