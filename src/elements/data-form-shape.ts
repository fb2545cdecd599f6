import { cut, finite, isFields, pick, pickList, pickText, plainText, type Fields } from './data-values.ts';
import { safePattern } from './safe-pattern.ts';

const FIELDS = 50;
const OPTIONS = 200;
/** Choices up to this many are all in view. */
const RADIOS = 4;
/** Texts that may be longer get several lines. */
const LINE = 200;

/** How a field is asked for. */
export type FieldKind =
  | 'text'
  | 'email'
  | 'url'
  | 'date'
  | 'time'
  | 'datetime'
  | 'area'
  | 'number'
  | 'integer'
  | 'checkbox'
  | 'select'
  | 'radios'
  | 'checks';

/** What was entered: a text, a tick, or the places of the options that are chosen. */
export type Entry = string | boolean | readonly number[];

export interface Option {
  readonly value: unknown;
  readonly label: string;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly options: readonly Option[];
  /** Of a number, of the length of a text, or of how many are chosen. */
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly matches: ((text: string) => boolean) | undefined;
  readonly initial: Entry;
}

/** The fields of a form: those of a JSON Schema (`schema.properties`), or a list (`fields: [{ name, label, type, … }]`). */
export function fieldsOf(data: Fields): readonly Field[] {
  const schema = pick(data, 'schema');
  const properties = pick(isFields(schema) ? schema : data, 'properties');
  if (isFields(properties)) {
    const required = new Set(pickList(isFields(schema) ? schema : data, 'required'));
    return Object.entries(properties)
      .slice(0, FIELDS)
      .flatMap(([name, spec]) => (isFields(spec) ? fieldOf(name, spec, required.has(name)) : []));
  }
  return pickList(data, 'fields', 'inputs')
    .slice(0, FIELDS)
    .flatMap((spec) => {
      const name = isFields(spec) ? pickText(spec, 'name', 'id', 'key') : undefined;
      return isFields(spec) && name !== undefined ? fieldOf(name, spec, spec['required'] === true) : [];
    });
}

/** What is sent of an entry; `undefined` for nothing. */
export function valueOf({ kind, options }: Field, entry: Entry): unknown {
  if (typeof entry === 'boolean') return entry;
  if (typeof entry === 'string') {
    const text = entry.trim();
    if (text === '') return undefined;
    return kind === 'number' || kind === 'integer' ? numberOf(text) : text;
  }
  const chosen = entry.map((place) => options[place]?.value);
  if (kind === 'checks') return chosen.length > 0 ? chosen : undefined;
  return chosen[0];
}

/** A number as people write it, with either sign before its fraction; `undefined` for what is none. */
export function numberOf(text: string): number | undefined {
  return /^[+-]?\d*[.,]?\d+(e[+-]?\d+)?$/i.test(text.trim())
    ? finite(text.trim().replace(',', '.'))
    : undefined;
}

function fieldOf(name: string, spec: Fields, required: boolean): Field {
  const items = pick(spec, 'items');
  const isList = spec['type'] === 'array' || spec['type'] === 'checkboxes';
  const options = optionsOf(isList && isFields(items) ? items : spec);
  const kind = kindOf(spec, isList, options);
  const isNumber = kind === 'number' || kind === 'integer';
  const [least, most] = isNumber
    ? ['minimum', 'maximum']
    : isList
      ? ['minItems', 'maxItems']
      : ['minLength', 'maxLength'];
  return {
    name,
    label: cut(pickText(spec, 'title', 'label') ?? name, 200),
    description: pickText(spec, 'description', 'hint'),
    kind,
    required,
    options,
    least: finite(pick(spec, least, isNumber ? 'min' : '')),
    most: finite(pick(spec, most, isNumber ? 'max' : '')),
    matches: safePattern(pick(spec, 'pattern')),
    initial: initialOf(kind, pick(spec, 'default', 'value'), options),
  };
}

function kindOf(spec: Fields, isList: boolean, options: readonly Option[]): FieldKind {
  if (options.length > 0) return isList ? 'checks' : options.length <= RADIOS ? 'radios' : 'select';
  const type = pickText(spec, 'type') ?? 'string';
  const format = pickText(spec, 'format') ?? type;
  if (/^(bool|checkbox)/.test(type)) return 'checkbox';
  if (type === 'number' || type === 'integer') return type;
  if (format === 'email' || format === 'date' || format === 'time') return format;
  if (format === 'date-time') return 'datetime';
  if (format === 'uri' || format === 'url') return 'url';
  return (finite(spec['maxLength']) ?? 0) > LINE || format === 'textarea' ? 'area' : 'text';
}

/** `enum` with `enumNames`, `oneOf: [{ const, title }]`, or `options: [text | { value, label }]`. */
function optionsOf(spec: Fields): readonly Option[] {
  const names = pickList(spec, 'enumNames');
  return pickList(spec, 'enum', 'oneOf', 'options')
    .slice(0, OPTIONS)
    .map((item, index) => {
      const value = isFields(item)
        ? (pick(item, 'const', 'value') ?? pickText(item, 'title', 'label'))
        : item;
      const label = isFields(item) ? pickText(item, 'title', 'label') : plainText(names[index]);
      return { value, label: cut(label || plainText(value) || String(index + 1), 200) };
    });
}

function initialOf(kind: FieldKind, given: unknown, options: readonly Option[]): Entry {
  if (kind === 'checkbox') return given === true;
  if (options.length === 0) return plainText(given);
  const wanted = new Set(Array.isArray(given) ? (given as unknown[]) : [given]);
  const places = options.flatMap(({ value }, place) => (wanted.has(value) ? [place] : []));
  return kind === 'checks' ? places : places.slice(0, 1);
}
