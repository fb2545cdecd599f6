import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws/client';
import { NEW, ONE, PAGE, UPDATES } from './row.mjs';

export const NEW_INCIDENTS = gql(NEW);
export const CHANGES = gql(UPDATES);
export const INCIDENT = gql(ONE);
const LIST = gql(PAGE);

export function createApollo(url) {
  const socket = createClient({ url: `${url.replace(/^http/, 'ws')}/graphql/ws` });
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      new GraphQLWsLink(socket),
      new HttpLink({ uri: `${url}/graphql` }),
    ),
  });
}

/** Everything that the server has, newest first. */
export async function readAll(client) {
  const found = [];
  for (let page = 0, hasNext = true; hasNext; page++) {
    const options = { query: LIST, variables: { page }, fetchPolicy: 'no-cache' };
    const { incidents } = (await client.query(options)).data;
    found.push(...incidents.incidents);
    hasNext = incidents.pageInfo.hasNextPage;
  }
  return found;
}
