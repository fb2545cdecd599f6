// @ts-check
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { from, retry, throwError } from 'rxjs';
import { createLiveClient, Refused } from '../graphql-ws/live-client.mjs';

/**
 * Queries over HTTP, subscriptions over one WebSocket. Make one for the page, not one for each component.
 *
 * @param {object} options
 * @param {string} options.baseUrl `http://…`
 * @param {() => Promise<string | undefined>} options.getToken Called before each request and each connection.
 * @param {Parameters<typeof createLiveClient>[0]['onChange']} options.onChange
 * @param {number} [options.pingMs]
 * @param {number} [options.pongMs]
 */
export function createIncidentsClient({ baseUrl, getToken, onChange, pingMs = 10_000, pongMs = 5_000 }) {
  const live = createLiveClient({
    url: `${baseUrl.replace(/^http/, 'ws')}/graphql/ws`,
    getToken,
    pingMs,
    pongMs,
    onChange,
  });
  const authorized = new SetContextLink(async ({ headers }) => {
    const token = await getToken();
    return token === undefined ? {} : { headers: { ...headers, authorization: `Bearer ${token}` } };
  });
  // graphql-ws comes back by itself after most ends. After those that it takes for final, this link subscribes again: all
  // subscriptions at the same moment, so that none is missing when the list is read anew.
  const isFinal = (/** @type {unknown} */ problem) =>
    CombinedGraphQLErrors.is(problem) || problem instanceof Refused;
  const again = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      retry({ delay: (problem) => (isFinal(problem) ? throwError(() => problem) : from(live.wait())) }),
    ),
  );
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      again.concat(new GraphQLWsLink(live.client)),
      authorized.concat(new HttpLink({ uri: `${baseUrl}/graphql` })),
    ),
  });
}
