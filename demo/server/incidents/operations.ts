import {
  execute,
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  type OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql';
import { isRecord } from '../values.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { tooLarge } from './limits.ts';
import { schemaOf } from './schema.ts';
import type { ForcedError, Switches } from './switches.ts';

/** As it came: nothing is sure of it. */
export interface OperationRequest {
  query?: unknown;
  variables?: unknown;
  operationName?: unknown;
}

/** An operation that is valid. */
export interface Prepared {
  readonly kind: OperationTypeNode;
  readonly args: ExecutionArgs & { readonly contextValue: GraphqlContext };
  /** Equal for operations that mean the same. */
  readonly key: string;
  /** An error that it is to end with instead. */
  readonly forced: ForcedError | undefined;
}

export type Refused = readonly GraphQLError[];

const CLOSED_RULES = [...specifiedRules, NoSchemaIntrospectionCustomRule];
/** Documents kept parsed. */
const KEPT = 500;

/** Parses, validates and runs operations. */
export class Operations {
  readonly #switches: Switches;
  readonly #context: Omit<GraphqlContext, 'dialect'>;
  readonly #checked = new Map<string, { schema: GraphQLSchema; document: DocumentNode | Refused }>();
  /** How many of each root field have been asked for. */
  counts: Record<string, number> = {};

  constructor(switches: Switches, context: Omit<GraphqlContext, 'dialect'>) {
    this.#switches = switches;
    this.#context = context;
  }

  /** What is to be run, or why it cannot be. Variables that are no object are dropped. */
  prepare({ query, variables, operationName }: OperationRequest): Prepared | Refused {
    const { dialect } = this.#switches;
    const schema = schemaOf(dialect);
    const text = typeof query === 'string' ? query : '';
    const name = typeof operationName === 'string' && operationName !== '' ? operationName : undefined;
    const document = this.#document(schema, text);
    if (isRefused(document)) return document;
    const operation = getOperationAST(document, name);
    if (!operation) {
      const what =
        name === undefined ? 'Operation name required in request.' : `Unknown operation named "${name}"`;
      return [new GraphQLError(what)];
    }
    // Validation has no rule for this.
    if (operation.operation === 'subscription' && !schema.getSubscriptionType()) {
      return [new GraphQLError('Schema is not configured for subscriptions.')];
    }
    for (const field of operation.selectionSet.selections) {
      if (field.kind === 'Field') this.count(field.name.value);
    }
    const variableValues = isRecord(variables) ? variables : {};
    const { operation: kind } = operation;
    return {
      kind,
      args: {
        schema,
        document,
        variableValues,
        operationName: name,
        contextValue: { ...this.#context, dialect },
      },
      key: JSON.stringify([dialect, text, name, variableValues]),
      forced: this.#switches.take('incidents-errors', ({ what }) => what === 'any' || what === kind),
    };
  }

  /** Runs a query or a mutation. `data` is always there. */
  async run({ args, forced }: Prepared): Promise<ExecutionResult> {
    if (forced) return failed([forcedError(forced)]);
    const { data = null, errors } = await execute(args);
    return errors ? { data, errors } : { data };
  }

  count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  #document(schema: GraphQLSchema, text: string): DocumentNode | Refused {
    const known = this.#checked.get(text);
    if (known?.schema === schema) return known.document;
    const { introspection } = this.#switches.dialect;
    const document = checked(schema, text, introspection === 'allowed' ? specifiedRules : CLOSED_RULES);
    if (this.#checked.size >= KEPT) this.#checked.clear();
    this.#checked.set(text, { schema, document });
    return document;
  }
}

export function isRefused(prepared: object): prepared is Refused {
  return Array.isArray(prepared);
}

/** A result with errors and nothing else. */
export function failed(errors: Refused): ExecutionResult {
  return { data: null, errors };
}

export function forcedError({ message, code, retryAfter }: ForcedError): GraphQLError {
  const extensions = { ...(code !== '' && { code }), ...(retryAfter !== undefined && { retryAfter }) };
  return new GraphQLError(message, { extensions });
}

function checked(
  schema: GraphQLSchema,
  text: string,
  rules: readonly ValidationRule[],
): DocumentNode | Refused {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
  const invalid = validate(schema, document, rules);
  if (invalid.length > 0) return invalid;
  const large = tooLarge(document);
  return large.length > 0 ? large : document;
}
