// As samples do it: each event into the state, the last hundred of them drawn whole.
import { ApolloProvider, useSubscription } from '@apollo/client/react';
import { useCallback, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createApollo, NEW_INCIDENTS } from './apollo.mjs';

const KEPT = 100;

function Dashboard() {
  const [incidents, setIncidents] = useState([]);
  const onData = useCallback(({ data }) => {
    setIncidents((previous) => [data.data.newIncidents, ...previous].slice(0, KEPT));
  }, []);
  const { error } = useSubscription(NEW_INCIDENTS, { onData });
  if (error) return <div>Error: {error.message}</div>;
  return (
    <div className="incidents">
      {incidents.map((incident) => (
        <div key={incident.id} className="incident-card">
          <h3>{incident.title}</h3>
          <span className={`severity ${incident.severity}`}>{incident.severity}</span>
          <span className="state">{incident.state}</span>
          <time dateTime={new Date(incident.createdAt).toISOString()}>
            {new Date(incident.createdAt).toLocaleTimeString()}
          </time>
        </div>
      ))}
    </div>
  );
}

const root = document.body.appendChild(document.createElement('div'));
createRoot(root).render(
  <ApolloProvider client={createApollo(window.BENCH_URL)}>
    <Dashboard />
  </ApolloProvider>,
);

window.bench = {
  times: () => [...root.getElementsByTagName('time')].map((time) => time.dateTime),
};
