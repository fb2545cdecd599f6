// @ts-check
import { afterClose } from '../shared/retry.mjs';
import { isClose } from './live-client.mjs';

/**
 * Stays subscribed until the server refuses this very subscription, or the client for good. Resolves with why.
 *
 * @param {ReturnType<typeof import('./live-client.mjs').createLiveClient>} live
 * @param {string} query
 * @param {{ next(data: any): void, error(message: string): void }} sink
 * @returns {Promise<string>}
 */
export async function follow({ client, wait }, query, { next, error }) {
  for (;;) {
    const end = await new Promise((resolve) => {
      client.subscribe(
        { query },
        {
          next: ({ data, errors }) => {
            if (errors?.length) error(words(errors));
            // An exception in here would close the connection, and with it every other subscription.
            try {
              if (data) next(data);
            } catch (problem) {
              error(String(problem));
            }
          },
          error: resolve,
          complete: () => resolve(new Error('The server ended the subscription.')),
        },
      );
    });
    // The library retries most ends by itself; 4401, 4500, 1002 and 1011 it takes for final, whatever one tells it.
    if (!isClose(end) || afterClose(end.code) === 'end') return words(end);
    await wait();
  }
}

/**
 * Asks once, over the same socket; again by itself when the connection is lost before the answer.
 *
 * @param {import('graphql-ws').Client} client
 * @param {string} query
 * @param {Record<string, unknown>} variables
 * @returns {Promise<any>} the answer's `data`
 */
export function ask(client, query, variables) {
  return new Promise((resolve, reject) => {
    client.subscribe(
      { query, variables },
      {
        next: ({ data, errors }) => (errors?.length ? reject(new Error(words(errors))) : resolve(data)),
        error: (problem) => reject(new Error(words(problem))),
        complete: () => undefined, // answered, or rejected, before
      },
    );
  });
}

/**
 * What any of the ends that the library reports says: a list of GraphQL errors, a close event, an exception.
 * @param {unknown} problem
 */
export function words(problem) {
  if (Array.isArray(problem)) return problem.map(({ message }) => message).join('; ');
  if (isClose(problem)) return `Closed with ${problem.code} ${problem.reason}`;
  return problem instanceof Error ? problem.message : 'The connection failed.';
}
