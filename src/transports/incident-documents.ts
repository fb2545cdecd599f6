import type { Argument } from './incident-schema.ts';

/** A value as it is written into a GraphQL document. */
export type Literal = string | number | boolean | Enum | readonly Literal[] | Fields;
/** Of an input object. */
export interface Fields {
  readonly [name: string]: Literal;
}

/** A word that is written without quotation marks. Only for names that a schema has told. */
export class Enum {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What could be put into arguments, by their names. */
export type Values = Readonly<Record<string, Literal | undefined>>;

/**
 * `(name: value, …)` for those of `args` that `values` knows, input objects included; `fallbacks` serve those that a server
 * insists on. `undefined` where it insists on what nobody knows, or takes none of each group in `needed`.
 */
export function fill(
  args: readonly Argument[],
  values: Values,
  fallbacks: Values = {},
  needed: readonly (readonly string[])[] = [],
): string | undefined {
  const filled = fillFields(args, values, fallbacks);
  const used = filled && namesIn(filled);
  if (!used || needed.some((group) => !group.some((name) => used.includes(name)))) return undefined;
  const written = Object.entries(filled).map(([name, value]) => `${name}: ${write(value)}`);
  return written.length > 0 ? `(${written.join(', ')})` : '';
}

function fillFields(args: readonly Argument[], values: Values, fallbacks: Values): Fields | undefined {
  const filled: Record<string, Literal> = {};
  for (const { name, isRequired, fields } of args) {
    const value = fields
      ? unlessEmpty(fillFields(fields, values, fallbacks), isRequired)
      : (own(values, name) ?? (isRequired ? own(fallbacks, name) : undefined));
    if (value !== undefined) filled[name] = value;
    else if (isRequired) return undefined;
  }
  return filled;
}

/** An object is left out where nothing is in it, unless the server insists on it. */
function unlessEmpty(fields: Fields | undefined, isRequired: boolean): Fields | undefined {
  return fields && (isRequired || Object.keys(fields).length > 0) ? fields : undefined;
}

function namesIn(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, value]) => [
    name,
    ...(isFields(value) ? namesIn(value) : []),
  ]);
}

function isFields(value: Literal): value is Fields {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Enum);
}

function own(values: Values, name: string): Literal | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** `value` in GraphQL's own notation. Its strings take every escape of JSON's, but no half characters. */
export function write(value: Literal): string {
  if (value instanceof Enum) return value.name;
  if (typeof value === 'string') return JSON.stringify(value.replace(/\p{Surrogate}/gu, '\ufffd'));
  if (typeof value !== 'object') return String(value);
  if (!isFields(value)) return `[${value.map(write).join(', ')}]`;
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${write(each)}`);
  return `{${fields.join(', ')}}`;
}

/** How many fields `selection` has: what servers call its complexity. */
export function costOf(selection: string): number {
  return selection.match(/\w+/g)?.length ?? 0;
}
