import {
  buildSchema,
  GraphQLError,
  isObjectType,
  isScalarType,
  Kind,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { isRecord } from '../values.ts';
import type { Dialect } from './dialect.ts';
import { fieldResolvers } from './resolve-fields.ts';
import { mutationResolvers } from './resolve-mutations.ts';
import { queryResolvers } from './resolve-queries.ts';
import { subscriptionResolvers } from './resolve-subscriptions.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { schemaText } from './schema-text.ts';

/** Resolvers by type and field; what is not listed is read from the object itself. */
export type Resolvers = Readonly<Record<string, GraphQLFieldResolver<never, GraphqlContext, never>>>;

const made = new Map<string, GraphQLSchema>();

/** The schema of a dialect, made once in this process. */
export function schemaOf(dialect: Dialect): GraphQLSchema {
  const key = JSON.stringify(dialect);
  let schema = made.get(key);
  if (!schema) made.set(key, (schema = makeSchema(dialect)));
  return schema;
}

const UUID_TEXT = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** `value` as the service prints it, or `undefined` if it is no UUID. */
export function readUuid(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const bare = value.replace(/^urn:uuid:|^\{|\}$/gi, '');
  if (!UUID_TEXT.test(bare)) return undefined;
  return bare
    .replaceAll('-', '')
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function makeSchema(dialect: Dialect): GraphQLSchema {
  const schema = buildSchema(schemaText(dialect));
  readScalars(schema);
  attach(schema, 'QueryRoot', queryResolvers);
  attach(schema, 'MutationRoot', mutationResolvers);
  for (const [type, resolvers] of Object.entries(fieldResolvers)) attach(schema, type, resolvers);
  const subscriptions = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, subscribe] of Object.entries(subscriptionResolvers)) {
    const field = subscriptions[name];
    if (field) field.subscribe = subscribe as GraphQLFieldResolver<unknown, GraphqlContext>;
  }
  return schema;
}

function attach(schema: GraphQLSchema, typeName: string, resolvers: Resolvers): void {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) return; // Not in this dialect.
  const fields = type.getFields();
  for (const [name, resolve] of Object.entries(resolvers)) {
    const field = fields[name];
    if (field) field.resolve = resolve as NonNullable<typeof field.resolve>;
  }
}

function readScalars(schema: GraphQLSchema): void {
  const uuid = schema.getType('UUID');
  const object = schema.getType('JSONObject');
  if (!isScalarType(uuid) || !isScalarType(object)) throw new Error('The schema lacks its scalars.');
  uuid.parseValue = (value) => {
    const text = readUuid(value);
    if (text === undefined) throw new GraphQLError(`Failed to parse "UUID": invalid value`);
    return text;
  };
  uuid.parseLiteral = (node) => uuid.parseValue(node.kind === Kind.STRING ? node.value : undefined);
  // Only for the defaults of inputs, which introspection tells; graphql knows how to write texts, but no objects.
  object.serialize = (value) => JSON.stringify(value);
  object.parseValue = (value) => {
    if (!isRecord(value)) throw new GraphQLError('Failed to parse "JSONObject": not an object');
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
  };
}
