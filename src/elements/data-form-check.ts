import { numberOf, type Entry, type Field } from './data-form-shape.ts';
import { formWords } from './data-form-words.ts';
import type { Language } from './language.ts';

/** What is wrong with an entry, in words; `undefined` if nothing is. */
export function problemWith(field: Field, entry: Entry, language: Language): string | undefined {
  const words = language.words(formWords);
  if (typeof entry === 'boolean') return field.required && !entry ? words.unchecked : undefined;
  if (typeof entry !== 'string') return choiceProblem(field, entry.length, language);
  const text = entry.trim();
  if (text === '') return field.required ? words.missing : undefined;
  switch (field.kind) {
    case 'number':
    case 'integer':
      return numberProblem(field, text, language);
    case 'email':
      return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text) ? undefined : words.email;
    case 'url':
      return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text) ? undefined : words.url;
    case 'date':
      return Number.isNaN(Date.parse(text)) ? words.date : undefined;
    default:
      return textProblem(field, text, language);
  }
}

function choiceProblem(
  { kind, least, most, required }: Field,
  count: number,
  language: Language,
): string | undefined {
  const words = language.words(formWords);
  if (count === 0) return required ? words.unchosen : undefined;
  if (kind !== 'checks') return undefined;
  if (least !== undefined && count < least) return words.tooFew({ count: least });
  return most !== undefined && count > most ? words.tooMany({ count: most }) : undefined;
}

function numberProblem({ kind, least, most }: Field, text: string, language: Language): string | undefined {
  const words = language.words(formWords);
  const number = numberOf(text);
  if (number === undefined) return words.number;
  if (kind === 'integer' && !Number.isInteger(number)) return words.integer;
  if (least !== undefined && number < least) return words.least({ value: least });
  return most !== undefined && number > most ? words.most({ value: most }) : undefined;
}

function textProblem({ least, most, matches }: Field, text: string, language: Language): string | undefined {
  const words = language.words(formWords);
  // Characters as people count them, as JSON Schema does, not units of UTF-16.
  const length = Array.from(text).length;
  if (least !== undefined && length < least) return words.tooShort({ count: least });
  if (most !== undefined && length > most) return words.tooLong({ count: most });
  return matches && !matches(text) ? words.pattern : undefined;
}
