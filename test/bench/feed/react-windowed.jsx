// As somebody would who knows what is coming: nothing in Apollo's cache, one state for each frame, and a window of the rows.
import { ApolloProvider, useApolloClient, useSubscription } from '@apollo/client/react';
import { memo, useCallback, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createApollo, NEW_INCIDENTS, readAll } from './apollo.mjs';
import { KEPT, ROW_HEIGHT, STYLE } from './row.mjs';

/** The newest incidents, newest first; a new array at most once a frame. */
function useIncidents() {
  const client = useApolloClient();
  const [rows, setRows] = useState([]);
  const known = useRef(new Set());
  const waiting = useRef([]);

  const add = useCallback((incidents) => {
    const isFirst = waiting.current.length === 0;
    for (const incident of incidents) {
      if (known.current.has(incident.id)) continue;
      known.current.add(incident.id);
      waiting.current.push(incident);
    }
    if (!isFirst || waiting.current.length === 0) return;
    window.requestAnimationFrame(() => {
      const news = waiting.current.reverse();
      waiting.current = [];
      setRows((previous) => [...news, ...previous].slice(0, KEPT));
    });
  }, []);

  useSubscription(NEW_INCIDENTS, {
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data }) => add([data.data.newIncidents]),
  });
  useEffect(() => {
    readAll(client).then((found) => add(found.reverse()));
  }, [client, add]);

  return rows;
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
  const rows = useIncidents();
  const [first, setFirst] = useState(0);
  const onScroll = (event) => setFirst(Math.floor(event.currentTarget.scrollTop / ROW_HEIGHT));
  const last = first + Math.ceil(window.innerHeight / ROW_HEIGHT) + 1;
  return (
    <div id="list" onScroll={onScroll}>
      <div style={{ height: rows.length * ROW_HEIGHT }} />
      {rows.slice(first, last).map((incident, index) => (
        <Row key={incident.id} incident={incident} top={(first + index) * ROW_HEIGHT} />
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
