import { Outbox } from '../../../src/queue/outbox.ts';
import { SampleQueue } from './sample-queue.mjs';

const TEXT =
  'Hello, my order 4711 has not arrived yet, and the tracking page shows nothing since Tuesday. Can you help?';
/** As the guide's queue gets it. */
const REQUEST = {
  threadId: 'demo',
  participantId: 'ana@example.com',
  workflow: 'Support Agent:Chat Flow',
  text: TEXT,
};
/** As ours gets it. */
const ENTRY = {
  conversation: '["acme:Support Agent:Chat Flow",null]',
  workflow: 'acme:Support Agent:Chat Flow',
  message: { type: 'Chat', text: TEXT },
};
const { performance } = window;
const outboxes = new Map();
const sample = new SampleQueue();

/** Operations a second of `work`, which does `count` of them. */
async function rate(count, work) {
  const startedAt = performance.now();
  await work();
  return count / ((performance.now() - startedAt) / 1_000);
}

window.bench = {
  /** An outbox with `depth` messages, each depth an account of its own in the same database. */
  async fillOutbox(depth) {
    const outbox = new Outbox({ limits: { messages: 1e7, bytes: 1e10 } });
    await outbox.open(`bench-${depth}`);
    for (let left = depth; left > 0; left -= 500) {
      await Promise.all(Array.from({ length: Math.min(500, left) }, () => outbox.enqueue(ENTRY)));
    }
    await outbox.lead();
    outboxes.set(depth, outbox);
    const { waiting, persisted } = outbox.status();
    return waiting === depth && persisted;
  },

  /** Adds `count` one by one, adds `count` at once, then claims and acknowledges the oldest ones: the depth stays. */
  async measureOutbox(depth, count) {
    const outbox = outboxes.get(depth);
    const sequential = await rate(count, async () => {
      for (let index = 0; index < count; index++) await outbox.enqueue(ENTRY);
    });
    const burst = await rate(count, () =>
      Promise.all(Array.from({ length: count }, () => outbox.enqueue(ENTRY))),
    );
    const oldest = outbox.list().slice(0, 2 * count);
    const send = async ({ id }) => {
      if (!(await outbox.claim(id))) throw new Error('A message could not be claimed.');
      await outbox.acknowledge(id);
    };
    const dequeue = await rate(count, async () => {
      for (const record of oldest.slice(0, count)) await send(record);
    });
    for (const record of oldest.slice(count)) await send(record);
    if (!outbox.persisted || outbox.size !== depth) throw new Error(`The depth is ${outbox.size}.`);
    return { sequential, burst, dequeue };
  },

  /** The same for the sample; `undefined` where `localStorage` cannot hold that many. */
  async measureSample(depth, count) {
    if (!sample.fill(depth, REQUEST)) {
      sample.clear();
      return undefined;
    }
    const sequential = await rate(count, () => {
      for (let index = 0; index < count; index++) sample.enqueue(REQUEST);
    });
    const dequeue = await rate(count, () => {
      for (let index = 0; index < count; index++) sample.dequeue();
    });
    const { failedWrites } = sample;
    sample.clear();
    if (failedWrites > 0) throw new Error('localStorage became full while it was measured.');
    return { sequential, burst: sequential, dequeue };
  },

  /** How many messages `localStorage` holds. */
  sampleLimit() {
    let [fits, over] = [0, 131_072];
    while (over - fits > 1) {
      const depth = (fits + over) >> 1;
      if (sample.fill(depth, REQUEST)) fits = depth;
      else over = depth;
    }
    sample.clear();
    return fits;
  },
};
