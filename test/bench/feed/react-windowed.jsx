// As somebody would who knows what is coming: nothing in Apollo's cache, one state for each frame, and a window of the rows.
import { ApolloProvider, useApolloClient, useSubscription } from '@apollo/client/react';
import { memo, useCallback, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { CHANGES, createApollo, INCIDENT, NEW_INCIDENTS, readAll } from './apollo.mjs';
import { KEPT, ROW_HEIGHT, STYLE } from './row.mjs';

/** The newest incidents, newest first; a new array at most once a frame. */
function useIncidents() {
  const client = useApolloClient();
  const [ids, setIds] = useState([]);
  const known = useRef(new Map());
  const waiting = useRef([]);
  const isAsked = useRef(false);

  const add = useCallback((incidents) => {
    for (const incident of incidents) {
      if (!known.current.has(incident.id)) waiting.current.push(incident.id);
      known.current.set(incident.id, incident);
    }
    if (isAsked.current) return;
    isAsked.current = true;
    window.requestAnimationFrame(() => {
      isAsked.current = false;
      const news = waiting.current.reverse();
      waiting.current = [];
      setIds((previous) => {
        const all = [...news, ...previous];
        for (const id of all.slice(KEPT)) known.current.delete(id);
        return all.slice(0, KEPT);
      });
    });
  }, []);

  useSubscription(NEW_INCIDENTS, {
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data }) => add([data.data.newIncidents]),
  });
  useSubscription(CHANGES, {
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data }) => {
      const { incidentId: id, updateType } = data.data.incidentUpdates;
      if (!id || updateType === 'CREATED') return;
      const options = { query: INCIDENT, variables: { id }, fetchPolicy: 'no-cache' };
      client.query(options).then((answer) => add([answer.data.incident]));
    },
  });
  useEffect(() => {
    readAll(client).then((found) => add(found.reverse()));
  }, [client, add]);
  return { ids, known: known.current };
}

const Row = memo(({ incident, top }) => {
  const when = new Date(incident.createdAt);
  return (
    <div className="row" style={{ position: 'absolute', insetInline: 0, top }}>
      <span>{incident.severity}</span>
      <span>{incident.title}</span>
      <span>{incident.state}</span>
      <span>{incident.source}</span>
      <time dateTime={when.toISOString()}>{when.toLocaleTimeString()}</time>
    </div>
  );
});

function Feed() {
  const { ids, known } = useIncidents();
  const [first, setFirst] = useState(0);
  const onScroll = (event) => setFirst(Math.floor(event.currentTarget.scrollTop / ROW_HEIGHT));
  const last = first + Math.ceil(window.innerHeight / ROW_HEIGHT) + 1;
  return (
    <div id="list" onScroll={onScroll}>
      <div style={{ height: ids.length * ROW_HEIGHT }} />
      {ids.slice(first, last).map((id, index) => (
        <Row key={id} incident={known.get(id)} top={(first + index) * ROW_HEIGHT} />
      ))}
    </div>
  );
}

document.head.appendChild(document.createElement('style')).textContent = STYLE;
const root = document.body.appendChild(document.createElement('div'));
createRoot(root).render(
  <ApolloProvider client={createApollo(window.BENCH_URL)}>
    <Feed />
  </ApolloProvider>,
);

window.bench = {
  times: () => [...root.getElementsByTagName('time')].map((time) => time.dateTime),
};
