import { objectOf } from './incident-errors.ts';

/** An argument of a field, or a field of an input object. */
export interface Argument {
  readonly name: string;
  /** The server refuses a request without it. */
  readonly isRequired: boolean;
  /** As the server writes it: `0`, `"text"`. */
  readonly defaultValue: string | undefined;
  /** Those of an input object. */
  readonly fields: readonly Argument[] | undefined;
}

/** What a field gives. */
export interface FieldType {
  /** Names of an object's fields; `undefined` for a scalar or enum. */
  readonly fields: ReadonlySet<string> | undefined;
  readonly enumValues: readonly string[];
}

export interface RootField {
  readonly returns: FieldType;
  readonly args: readonly Argument[];
}

/** As much of a server's schema as a feed can make use of. */
export interface SchemaFacts {
  /** Fields of `Incident`; `undefined` where there is no such type. */
  readonly incident: ReadonlyMap<string, FieldType> | undefined;
  readonly pageInfo: ReadonlySet<string>;
  readonly resolutionMethods: readonly string[];
  readonly queries: ReadonlyMap<string, RootField>;
  readonly mutations: ReadonlyMap<string, RootField>;
  readonly subscriptions: ReadonlySet<string>;
}

/**
 * Asks for {@link SchemaFacts}. Servers allow 10 levels and 100 fields, introspection included, so the usual query for a
 * whole schema is refused; this one has 9 and 83.
 */
export const SCHEMA_QUERY = `query IncidentSchema {
  incident: __type(name: "Incident") {
    fields { name type { ...Kind ofType { ...Kind ofType { ...Kind ofType { ...Kind } } } } }
  }
  pageInfo: __type(name: "PageInfo") { fields { name } }
  methods: __type(name: "ResolutionMethod") { enumValues { name } }
  __schema {
    queryType { fields { name type { fields { name } ofType { fields { name } } } args {
      name defaultValue type { kind
        inputFields { name defaultValue }
        ofType { inputFields { name defaultValue } } } } } }
    mutationType { fields { name type { fields { name } ofType { fields { name } } } args {
      name defaultValue type { kind
        inputFields { name defaultValue type { kind } }
        ofType { inputFields { name defaultValue type { kind } } } } } } }
    subscriptionType { fields { name } }
  }
}
fragment Kind on __Type { fields { name } enumValues { name } kind }`;

type Wire = Readonly<Record<string, unknown>>;

/** What an answer to {@link SCHEMA_QUERY} says; `undefined` where the server does not tell its schema. Never throws. */
export function readSchema(data: unknown): SchemaFacts | undefined {
  const root = objectOf(data);
  const schema = objectOf(root?.['__schema']);
  if (!schema) return undefined;
  const incident = objectOf(root?.['incident']);
  const rootFields = (name: string) => byName(objectOf(schema[name])?.['fields'], rootField);
  return {
    incident: incident && byName(incident['fields'], ({ type }) => fieldType(type)),
    pageInfo: names(objectOf(root?.['pageInfo'])?.['fields']),
    resolutionMethods: [...names(objectOf(root?.['methods'])?.['enumValues'])],
    queries: rootFields('queryType'),
    mutations: rootFields('mutationType'),
    subscriptions: names(objectOf(schema['subscriptionType'])?.['fields']),
  };
}

function rootField({ type, args }: Wire): RootField {
  return { returns: fieldType(type), args: [...byName(args, argument).values()] };
}

function argument(wire: Wire): Argument {
  const { name, defaultValue } = wire;
  const inputs = inner(wire['type'], 'inputFields');
  return {
    name: String(name),
    // A default stands in for what is not given.
    isRequired: objectOf(wire['type'])?.['kind'] === 'NON_NULL' && typeof defaultValue !== 'string',
    defaultValue: typeof defaultValue === 'string' ? defaultValue : undefined,
    fields: inputs && [...byName(inputs, argument).values()],
  };
}

function fieldType(type: unknown): FieldType {
  const fields = inner(type, 'fields');
  return { fields: fields && names(fields), enumValues: [...names(inner(type, 'enumValues'))] };
}

/** The list `name` of the type that all of "non-null" and "list of" is about. */
function inner(type: unknown, name: string): unknown[] | undefined {
  for (let wire = objectOf(type); wire; wire = objectOf(wire['ofType'])) {
    const list = wire[name];
    if (Array.isArray(list)) return list as unknown[];
  }
  return undefined;
}

function names(list: unknown): ReadonlySet<string> {
  return new Set(byName(list, () => undefined).keys());
}

/** Only what is a name by GraphQL's rules: it comes back in our documents. */
function byName<Value>(list: unknown, read: (wire: Wire) => Value): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
    const wire = objectOf(item);
    const name = wire?.['name'];
    if (wire && typeof name === 'string' && /^[_a-z]\w{0,99}$/i.test(name)) found.set(name, read(wire));
  }
  return found;
}
