// @ts-check
import { IncidentList } from '../shared/incident-list.mjs';
import { MOST_PAGES, NEW_INCIDENTS, ONE, PAGE, UPDATES } from '../shared/operations.mjs';
import { getToken, PING_MS, PONG_MS, print, SOCKET_URL } from '../shared/settings.mjs';
import { IncidentClient } from './incident-client.mjs';

/** The stream may keep quiet about a change: nothing but a query can tell. */
const REFRESH_MS = 30_000;

const list = new IncidentList();
const client = new IncidentClient({ url: SOCKET_URL, getToken, pingMs: PING_MS, pongMs: PONG_MS });

client.subscribe({ query: NEW_INCIDENTS }, { next: (data) => show(data?.newIncidents, 'stream'), error });
client.subscribe({ query: UPDATES }, { next: (data) => update(data?.incidentUpdates), error });
client.on('connected', () => {
  print({ type: 'connected' });
  void readAll();
});
client.on('disconnected', (detail) => print({ type: 'disconnected', ...detail }));
client.on('problem', (problem) => error(String(problem)));
client.on('ended', (why) => {
  print({ type: 'ended', why });
  process.exitCode = 1;
});
process.once('SIGINT', () => client.stop());
process.once('SIGTERM', () => client.stop());

const refresh = setInterval(readAll, REFRESH_MS);
await client.start();
clearInterval(refresh);

/** Subscribed first, then queried: what happens in between is told twice, never not at all. */
async function readAll() {
  try {
    for (let page = 0, hasNext = true; hasNext && page < MOST_PAGES; page++) {
      const { incidents } = await client.query({ query: PAGE, variables: { page } });
      for (const incident of incidents.incidents) show(incident, 'query');
      hasNext = incidents.pageInfo.hasNextPage;
    }
    print({ type: 'synced', known: list.size });
  } catch (problem) {
    error(String(problem)); // the next connection, or the next round, reads it again
  }
}

/** @param {{ updateType: string, incidentId: string | null } | null} update */
async function update(update) {
  if (!update?.incidentId) return print({ type: 'heartbeat' });
  if (update.updateType === 'CREATED') return; // the other subscription brings it whole
  try {
    const { incident } = await client.query({ query: ONE, variables: { id: update.incidentId } });
    show(incident, 'query');
  } catch (problem) {
    error(String(problem));
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
  print({ type: 'error', message });
}
