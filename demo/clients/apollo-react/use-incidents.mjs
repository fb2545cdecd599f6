import { gql } from '@apollo/client';
import { useApolloClient, useQuery, useSubscription } from '@apollo/client/react';
import { useEffect } from 'react';
import { NEW_INCIDENTS, ONE, PAGE, UPDATES } from '../shared/operations.mjs';

// Parsed once: a document or an object made anew in each render would start a subscription in each render.
const LIST = gql(PAGE);
const NEW = gql(NEW_INCIDENTS);
const CHANGES = gql(UPDATES);
const INCIDENT = gql(ONE);
const FIRST_PAGE = { page: 0 };
/** The stream may keep quiet about a change: nothing but a query can tell. */
const REFRESH_MS = 30_000;

/**
 * The newest incidents, kept up to date: subscribed, queried after each connection, and merged by id.
 *
 * @param {number} connections How often the socket has connected.
 * @param {(type: 'heartbeat' | 'synced') => void} onSign
 */
export function useIncidents(connections, onSign) {
  const client = useApolloClient();
  const { data, error, refetch, subscribeToMore } = useQuery(LIST, {
    variables: FIRST_PAGE,
    pollInterval: REFRESH_MS,
  });

  useEffect(
    () =>
      subscribeToMore({
        document: NEW,
        updateQuery: (list, { subscriptionData }) => add(list, subscriptionData.data),
      }),
    [subscribeToMore],
  );

  useSubscription(CHANGES, {
    ignoreResults: true, // each event would draw the whole list
    onData: ({ data: { data: event } }) => {
      const { incidentId, updateType } = event?.incidentUpdates ?? {};
      if (!incidentId) return onSign('heartbeat');
      if (updateType === 'CREATED') return; // the other subscription brings it whole
      // The cache keeps it by its id, and draws whatever shows it.
      const options = { query: INCIDENT, variables: { id: incidentId }, fetchPolicy: 'network-only' };
      client.query(options).catch((problem) => console.error(problem.message)); // the next poll reads it
    },
  });

  // What happened while there was no connection is not repeated.
  useEffect(() => {
    const refused = () => undefined; // `error` shows it
    if (connections > 0) refetch().then(() => onSign('synced'), refused);
  }, [connections, refetch, onSign]);

  return { incidents: data?.incidents.incidents ?? [], error };
}

/**
 * A new incident in front, unless it is there: the server may tell twice, and the query may have been faster.
 *
 * @param {any} list
 * @param {any} event
 */
function add(list, event) {
  const incident = event?.newIncidents;
  const rows = list.incidents?.incidents;
  if (!incident || !rows || rows.some(({ id }) => id === incident.id)) return list;
  return { ...list, incidents: { ...list.incidents, incidents: [incident, ...rows] } };
}
