// The least that somebody could write: a socket, an array, and as many nodes as fit on the screen.
import { KEPT, NEW, ONE, PAGE, ROW_HEIGHT, STYLE, UPDATES } from './row.mjs';

const url = window.BENCH_URL;
const known = new Map();
/** Ids, oldest first, so that what is new goes to the end. */
let rows = [];
let isAsked = false;

document.adoptedStyleSheets = [sheet(STYLE)];
const list = document.body.appendChild(document.createElement('div'));
list.id = 'list';
const space = list.appendChild(document.createElement('div'));
const drawn = [];
for (let index = 0; index <= Math.ceil(window.innerHeight / ROW_HEIGHT); index++) {
  const row = list.appendChild(document.createElement('div'));
  row.className = 'row';
  row.style.cssText = 'position: absolute; inset-inline: 0; top: 0';
  const cells = ['span', 'span', 'span', 'span', 'time'].map((tag) =>
    row.appendChild(document.createElement(tag)),
  );
  for (const cell of cells) cell.appendChild(document.createTextNode(''));
  drawn.push({ row, cells });
}
list.onscroll = drawSoon;

function add(incident) {
  if (!known.has(incident.id)) rows.push(incident.id);
  known.set(incident.id, incident);
  if (rows.length > KEPT * 1.1) {
    for (const id of rows.slice(0, -KEPT)) known.delete(id);
    rows = rows.slice(-KEPT);
  }
  drawSoon();
}

function drawSoon() {
  if (isAsked) return;
  isAsked = true;
  window.requestAnimationFrame(draw);
}

function draw() {
  isAsked = false;
  const count = Math.min(rows.length, KEPT);
  space.style.height = `${count * ROW_HEIGHT}px`;
  const first = Math.floor(list.scrollTop / ROW_HEIGHT);
  for (const [index, { row, cells }] of drawn.entries()) {
    const incident = known.get(rows[rows.length - 1 - first - index]);
    row.hidden = !incident || first + index >= count;
    if (!incident) continue;
    row.style.transform = `translateY(${(first + index) * ROW_HEIGHT}px)`;
    const when = new Date(incident.createdAt);
    const { severity, title, state, source } = incident;
    const texts = [severity, title, state, source, when.toLocaleTimeString()];
    for (const [column, text] of texts.entries()) cells[column].firstChild.data = text;
    cells[4].dateTime = when.toISOString();
  }
}

function sheet(text) {
  const styles = new window.CSSStyleSheet();
  styles.replaceSync(text);
  return styles;
}

const socket = new window.WebSocket(`${url.replace(/^http/, 'ws')}/graphql/ws`, 'graphql-transport-ws');
socket.onopen = () => socket.send('{"type":"connection_init"}');
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === 'connection_ack') {
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: NEW } }));
    socket.send(JSON.stringify({ type: 'subscribe', id: '2', payload: { query: UPDATES } }));
  } else if (message.type === 'next') {
    const { newIncidents, incidentUpdates } = message.payload.data;
    if (newIncidents) add(newIncidents);
    else if (incidentUpdates.incidentId && incidentUpdates.updateType !== 'CREATED') {
      ask(ONE, { id: incidentUpdates.incidentId }).then(({ incident }) => add(incident));
    }
  }
};

const found = [];
for (let page = 0, hasNext = true; hasNext; page++) {
  const { incidents } = await ask(PAGE, { page });
  found.push(...incidents.incidents);
  hasNext = incidents.pageInfo.hasNextPage;
}
for (const incident of found.reverse()) add(incident);

async function ask(query, variables) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query, variables });
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
  return (await answer.json()).data;
}

window.bench = {
  times: () => drawn.filter(({ row }) => !row.hidden).map(({ cells }) => cells[4].dateTime),
};
