import type { ComplexAttributeConverter } from 'lit';

/**
 * `consent`: absent is `undefined` (not asked for), `"true"` is `true`, all else is `false`. So is the empty text: an attribute
 * without a value says that consent is asked for, not that anybody has given it.
 */
export const consentConverter: ComplexAttributeConverter<boolean | undefined> = {
  fromAttribute: (value) => (value === null ? undefined : value === 'true'),
};

/** A list written as `a, b, c`. */
export const commaListConverter: ComplexAttributeConverter<readonly string[]> = {
  fromAttribute: (value) => split(value ?? '', ','),
};

/** A list written as JSON (`["a","b"]`) or as `a | b`. Anything in the JSON that is not text is left out. */
export const suggestionsConverter: ComplexAttributeConverter<readonly string[]> = {
  fromAttribute(value) {
    const text = value?.trim() ?? '';
    if (!text.startsWith('[')) return split(text, '|');
    try {
      const list: unknown = JSON.parse(text);
      return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
    } catch {
      return split(text, '|'); // a suggestion may begin with a bracket
    }
  },
};

function split(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((item) => item.trim())
    .filter(Boolean);
}
