/** Named values of a Data message. Whoever wrote them, they are text and numbers here and nothing else. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longest text of one value, in UTF-16 units; laying out more takes seconds. */
const CHARACTERS = 10_000;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first of `names` that has a value of its own: what other systems call the same thing. */
export function pick(fields: Fields, ...names: readonly string[]): unknown {
  for (const name of names) {
    if (Object.hasOwn(fields, name) && fields[name] != null) return fields[name];
  }
  return undefined;
}

/** The first of `names` that is a text or a number, as text that is not blank. */
export function pickText(fields: Fields, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = pick(fields, name);
    if ((typeof value === 'string' && value.trim() !== '') || typeof value === 'number') {
      return cut(String(value));
    }
  }
  return undefined;
}

/** The first of `names` that is a list; else an empty one. */
export function pickList(fields: Fields, ...names: readonly string[]): readonly unknown[] {
  for (const name of names) {
    const value = pick(fields, name);
    if (Array.isArray(value)) return value as readonly unknown[];
  }
  return [];
}

/** A number that can be drawn, also from a text that is one; `undefined` for `NaN`, infinities and all else. */
export function finite(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Marks piled on one letter, beyond what any writing needs: they would cover the lines around. */
const PILED_MARKS = /(\p{M}{6})\p{M}+/gu;

/** `text`, no longer than what is laid out in a moment, with no half of a character at its end and no piles of marks. */
export function cut(text: string, length = CHARACTERS): string {
  const kept = text.length > length ? `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
  return kept.replace(PILED_MARKS, '$1');
}

/** Data without what a visitor said of themselves before the first message, which agents repeat in their replies. */
export function forPeople(data: unknown): unknown {
  if (!isFields(data) || !isFields(data['visitor'])) return data;
  const { visitor: _, ...rest } = data;
  return rest;
}

/** Whether there is nothing to show. */
export function isEmpty(value: unknown): boolean {
  return value == null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** A value that is not made of others as text; `''` for what is. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return cut(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
