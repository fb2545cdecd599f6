// @ts-check
import { WebSocket } from 'ws';
import { IncidentList } from '../shared/incident-list.mjs';
import { MOST_PAGES, NEW_INCIDENTS, ONE, PAGE, UPDATES } from '../shared/operations.mjs';
import { getToken, PING_MS, PONG_MS, print, SOCKET_URL } from '../shared/settings.mjs';
import { createLiveClient } from './live-client.mjs';
import { ask, follow, words } from './operations.mjs';

/** The stream may keep quiet about a change: nothing but a query can tell. */
const REFRESH_MS = 30_000;

const list = new IncidentList();
const live = createLiveClient({
  url: SOCKET_URL,
  getToken,
  pingMs: PING_MS,
  pongMs: PONG_MS,
  webSocketImpl: WebSocket,
  onChange: (line) => {
    print(line);
    // The library sends in the order in which one asked, so that the subscriptions begin before this query.
    if (line.type === 'connected') void readAll();
  },
});
const refresh = setInterval(readAll, REFRESH_MS);
let isLeaving = false;
process.once('SIGINT', leave);
process.once('SIGTERM', leave);

// Each goes on without the other, until the server has refused both.
await Promise.all([
  follow(live, NEW_INCIDENTS, { next: (data) => show(data.newIncidents, 'stream'), error }).then(error),
  follow(live, UPDATES, { next: (data) => void update(data.incidentUpdates), error }).then(error),
]);
if (!isLeaving) {
  print({ type: 'ended', why: 'The server refuses every subscription.' });
  process.exitCode = 1;
  leave();
}

function leave() {
  isLeaving = true;
  clearInterval(refresh);
  void live.client.dispose();
}

async function readAll() {
  try {
    for (let page = 0, hasNext = true; hasNext && page < MOST_PAGES; page++) {
      const { incidents } = await ask(live.client, PAGE, { page });
      for (const incident of incidents.incidents) show(incident, 'query');
      hasNext = incidents.pageInfo.hasNextPage;
    }
    print({ type: 'synced', known: list.size });
  } catch (problem) {
    error(words(problem)); // the next connection, or the next round, reads it again
  }
}

/** @param {{ updateType: string, incidentId: string | null } | null} update */
async function update(update) {
  if (!update?.incidentId) return print({ type: 'heartbeat' });
  if (update.updateType === 'CREATED') return; // the other subscription brings it whole
  try {
    show((await ask(live.client, ONE, { id: update.incidentId })).incident, 'query');
  } catch (problem) {
    error(words(problem));
  }
}

/**
 * @param {import('../shared/incident-list.mjs').Incident | null | undefined} incident
 * @param {'stream' | 'query'} via
 */
function show(incident, via) {
  if (incident && list.merge(incident)) print({ type: 'incident', via, incident });
}

/** @param {string} message */
function error(message) {
  if (!isLeaving) print({ type: 'error', message });
}
