/** Types that no chat shows. */
const HIDDEN = new Set(['Heartbeat', 'Webhook', 'Handoff']);

/**
 * Compares what the server stored for one participant of one workflow with what the chat shows.
 *
 * A message of the visitor is known by its request id, an agent's by its own id. Stored messages older than the oldest
 * one that the chat has loaded are left out: they are behind “earlier messages”.
 *
 * @param {readonly object[]} stored `stored` of `GET /__control`, oldest first.
 * @param {readonly object[]} shown `messages` of the chat's conversation.
 * @param {{ participantId: string, workflow: string, hasEarlier: boolean }} watched
 */
export function compare(stored, shown, { participantId, workflow, hasEarlier }) {
  const ofWorkflow = stored.filter((item) => item.workflowType === workflow && !HIDDEN.has(item.messageType));
  const loadedSince = hasEarlier ? Math.min(...shown.map(({ createdAt }) => createdAt)) : 0;
  const own = ofWorkflow.filter(
    (item) => item.participantId === participantId && Date.parse(item.createdAt) >= loadedSince,
  );
  const rows = new Map();
  for (const item of own) {
    const row = rowFor(rows, item.direction === 'Incoming' ? item.requestId : item.id);
    row.stored += 1;
    row.text = item.text ?? '';
    row.isOwn = item.direction === 'Incoming';
  }
  for (const message of shown) {
    if (HIDDEN.has(message.type)) continue;
    const isOwn = message.author === 'participant';
    const row = rowFor(rows, isOwn ? message.requestId : message.id);
    row.shown += 1;
    row.text ||= message.text ?? '';
    row.isOwn = isOwn;
    row.delivery = message.delivery?.state;
  }
  const all = [...rows.values()];
  return {
    rows: all,
    stored: own.length,
    shown: all.reduce((sum, row) => sum + row.shown, 0),
    waiting: all.filter((row) => row.stored === 0).length,
    missing: all.filter((row) => row.shown === 0).length,
    twice: all.filter((row) => row.shown > 1 || row.stored > 1).length,
    foreign: ofWorkflow.filter((item) => item.participantId !== participantId).length,
  };
}

/** The comparison in a few words, and how it feels. */
export function verdict({ rows, missing, twice, waiting }) {
  if (rows.length === 0) return { tone: '', words: 'Nothing to compare yet' };
  if (twice > 0) return { tone: 'bad', words: `${twice} more than once` };
  if (missing > 0) return { tone: 'busy', words: `${missing} on the way to the chat` };
  if (waiting > 0) return { tone: 'busy', words: `${waiting} waiting to be sent` };
  return { tone: 'good', words: 'Nothing missing, nothing twice' };
}

function rowFor(rows, key) {
  let row = rows.get(key);
  if (!row) rows.set(key, (row = { stored: 0, shown: 0, text: '', isOwn: false, delivery: undefined }));
  return row;
}
