import { ApolloProvider } from '@apollo/client/react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { IncidentList } from '../shared/incident-list.mjs';
import { createIncidentsClient } from './client.mjs';
import { createConnectionState } from './connection-state.mjs';
import { useIncidents } from './use-incidents.mjs';

const settings = new URLSearchParams(location.search);
const print = (line) => console.log(JSON.stringify(line));
const onSign = (type) => print({ type });

const connection = createConnectionState();
const client = createIncidentsClient({
  baseUrl: (settings.get('incidents-url') ?? 'http://localhost:8080').replace(/\/$/, ''),
  getToken: async () => undefined, // of your page: for example from its session, as it is at that moment
  pingMs: Number(settings.get('ping-ms') ?? 10_000),
  pongMs: Number(settings.get('pong-ms') ?? 5_000),
  onChange: (line) => {
    print(line);
    connection.change(line.type === 'connected');
  },
});

function Incidents() {
  // From the connection, not from data: a quiet hour is no outage.
  const { isConnected, connections } = useSyncExternalStore(connection.subscribe, connection.read);
  const { incidents, error } = useIncidents(connections, onSign);
  const [printed] = useState(() => new IncidentList());
  useEffect(() => {
    for (const incident of incidents) {
      if (printed.merge(incident)) print({ type: 'incident', incident });
    }
  }, [incidents, printed]);

  return (
    <main>
      <h1>Incidents</h1>
      <p role="status">{isConnected ? 'Live' : 'Connecting: what you see may be old'}</p>
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {incidents.map(({ id, severity, state, title }) => (
          <li key={id} data-id={id}>
            <b>{severity}</b> {title} <i>{state}</i>
          </li>
        ))}
      </ul>
    </main>
  );
}

createRoot(document.querySelector('#root')).render(
  <ApolloProvider client={client}>
    <Incidents />
  </ApolloProvider>,
);
