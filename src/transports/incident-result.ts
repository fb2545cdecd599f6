import type { RealtimeError } from '../protocol/errors.ts';
import { graphqlError, incidentError, objectOf } from './incident-errors.ts';
import type { GraphqlResult } from './incident-source.ts';

/** Sends a document of ours. */
export type Ask = (query: string, signal: AbortSignal | undefined) => Promise<GraphqlResult>;

/** The data of an answer; empty where there is none, which is how a server says that something in it failed. */
export function dataOf({ data }: GraphqlResult): Readonly<Record<string, unknown>> {
  return objectOf(data) ?? {};
}

/** Why an answer does not hold what it should: what its errors say, else that it makes no sense. */
export function failureOf({ errors }: GraphqlResult): RealtimeError {
  return Array.isArray(errors) && errors.length > 0 ? graphqlError(errors) : incidentError('protocol');
}
