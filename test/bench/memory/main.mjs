/**
 * `npm run test:memory -- [--reconnects=10000] [--messages=1000000] [--conversations=4]`
 *
 * One client in Node, over real sockets to a server in another process, whose connection is cut again and again while
 * messages come in bursts; the client's clock is driven, so that days of waiting take minutes. Prints the heap after every
 * thousandth of the way and what is left after `dispose()`. The exit code is 0 when nothing leaked and nothing was missed.
 */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createHybridClient } from '../../../src/client/hybrid-client.ts';
import { mintToken } from '../../../demo/server/server.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { turn, until } from './virtual-time.mjs';
import { World } from './world.mjs';

/** What the heap may grow by in 1,000 reconnects, in bytes. */
const SLOPE_LIMIT = 100_000;
const STABLE_MS = 31_000;
const { values } = parseArgs({
  options: {
    reconnects: { type: 'string', default: '10000' },
    messages: { type: 'string', default: '1000000' },
    conversations: { type: 'string', default: '4' },
  },
});
const [reconnects, messages, count] = [values.reconnects, values.messages, values.conversations].map(Number);
const sampleEvery = Math.max(1, Math.floor(reconnects / 10));
const JANE = 'jane@example.com';
const collect = globalThis.gc;
if (!collect) throw new Error('Run it with --expose-gc: npm run test:memory');

const server = await ServerProcess.start({
  rateLimit: false,
  storeLimit: 2_000,
  agentDelayMs: 1,
  secondMs: 2, // a stream's heartbeat every 10 ms
});
const world = new World();
const { time } = world;
/** @type {string[]} */
const warnings = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
const client = createHybridClient({
  serverUrl: server.url,
  tenantId: 'acme',
  participantId: JANE,
  getToken: () => mintToken(JANE, { ttlSeconds: 3_600 }),
  environment: world.environment,
});
const workflows = Array.from({ length: count }, (_, index) => `Echo Agent:Echo Flow ${index + 1}`);
const conversations = workflows.map((workflow) => client.conversation(workflow));
for (const conversation of conversations) conversation.open();
let received = 0;
let twice = 0;
let newest = '';
client.on('message', ({ author, text = '' }) => {
  if (author !== 'agent') return;
  received++;
  if (text === newest) twice++;
  newest = text;
});
/** @type {Map<string, number>} */
const errors = new Map();
client.on('error', ({ code }) => errors.set(code, (errors.get(code) ?? 0) + 1));

const isUp = (/** @type {string} */ state) => client.state === state;
const said = () =>
  `${client.state} (${client.status.reason}), ${received} messages, attempt ${client.status.attempt}`;

/** Waits for `state`. The client's clock runs where the client only waits, and a little ahead of ours where it works. */
async function reaches(/** @type {'live' | 'degraded'} */ state) {
  for (let steps = 0; !isUp(state); steps++) {
    if (steps > 5_000) throw new Error(`Waited in vain for ${state}: ${said()}`);
    if (client.state === 'waiting' || client.state === 'offline') time.step();
    await flow();
  }
}

/** A moment for the sockets: 2 ms for them, 10 ms for the client. */
async function flow() {
  await pause(2);
  await time.advance(10);
}

let published = 0;
/** The messages that are due by now, in one conversation after the other. */
async function burst(/** @type {number} */ round) {
  const due = Math.floor((round * messages) / reconnects) - published;
  if (due <= 0) return;
  published += due;
  const workflow = workflows[round % count];
  await server.control({
    fault: 'burst',
    workflow,
    participantId: JANE,
    count: due,
    text: `Round ${round},`,
  });
}
const caughtUp = () =>
  until(
    () => received >= published,
    () => `${published} messages, it is ${said()}`,
  );

async function heap() {
  for (let pass = 0; pass < 3; pass++) {
    await turn();
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** Least squares: what `samples` grow by from one to the next. */
function slope(/** @type {number[]} */ samples) {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const spread = samples.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  return samples.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0) / spread;
}

const startedAt = performance.now();
await reaches('live');
/** @type {{ reconnects: number, received: number, heap: number, seconds: number }[]} */
const samples = [];
let done = 0;
for (let round = 1; done < reconnects; round++) {
  const isStream = round % 20 === 0;
  const [kind, state] = isStream ? ['sse', 'degraded'] : ['hub', 'live'];
  if (isStream) await server.control({ fault: 'block-websockets', on: true });
  await server.control({ fault: 'drop-sockets' });
  await until(
    () => !isUp('live') && !isUp('degraded'),
    () => `the loss is noticed, it is ${said()}`,
  );
  // Every other time the messages come while nobody listens, and have to be read from history.
  if (round % 2 === 0) await burst(++done);
  else done++;
  await reaches(state);
  if (client.status.channel !== kind) throw new Error(`Expected ${kind}: ${said()}`);
  if (round % 2 === 1) await burst(done);
  await caughtUp();
  if (!isStream) await time.advance(STABLE_MS);
  else {
    await server.control({ fault: 'block-websockets', on: false });
    // Looks for the better channel now and then. In between the clock nearly stands still, for the sockets to do their work.
    for (let look = 0; look < 100 && !isUp('live'); look++) {
      client.retryNow();
      await time.advance(4_000);
      for (let wait = 0; wait < 50 && !isUp('live'); wait++) await flow();
    }
    if (!isUp('live')) throw new Error(`It stays on the slower channel: ${said()}`);
    await time.advance(STABLE_MS);
  }
  if (done % sampleEvery === 0) {
    const sample = {
      reconnects: done,
      received,
      heap: await heap(),
      seconds: (performance.now() - startedAt) / 1_000,
    };
    samples.push(sample);
    const mb = (sample.heap / 1e6).toFixed(2);
    console.log(`${done} reconnects, ${received} messages, heap ${mb} MB, ${sample.seconds.toFixed(0)} s`);
  }
}
const kept = conversations.map((conversation) => conversation.messages.length);
await client.dispose();
await until(
  () => world.sockets.size === 0 && world.requests === 0,
  () => JSON.stringify(world.held),
);
const deadline = performance.now() + 5_000;
let { connections } = await server.report();
while (connections.hub + connections.sse > 0 && performance.now() < deadline)
  ({ connections } = await server.report());
await server.stop();
const held = world.held;
const perThousand = slope(samples.map(({ heap: bytes }) => bytes)) * (1_000 / sampleEvery);
const rows = [
  ['reconnects', done],
  ['hub sockets opened', world.socketsEver],
  ['messages published / received / twice', `${published} / ${received} / ${twice}`],
  ['messages kept by each conversation', kept.join(', ')],
  [
    'heap at the first and the last sample',
    samples.length > 0 ? `${mega(samples[0].heap)} / ${mega(samples.at(-1).heap)}` : '',
  ],
  ['heap slope per 1,000 reconnects', mega(perThousand)],
  ['left after dispose(): timers, listeners, sockets, requests', Object.values(held).join(', ')],
  ['left on the server: hub, sse', `${connections.hub}, ${connections.sse}`],
  ['driven time', `${(time.monotonicNow() / 3_600_000).toFixed(1)} h`],
  ['seconds', ((performance.now() - startedAt) / 1_000).toFixed(0)],
  ['errors told', [...errors].map(([code, times]) => `${code} ${times}`).join(', ') || 'none'],
  ['warnings of Node', warnings.length === 0 ? 'none' : warnings.join('; ')],
];
for (const [label, value] of rows) console.log(`${String(label).padEnd(60)}${value}`);
if (reconnects >= 10_000) {
  const table = rows.map(([label, value]) => `| ${label} | ${value} |`).join('\n');
  const curve = samples.map((s) => `| ${s.reconnects} | ${s.received} | ${mega(s.heap)} |`).join('\n');
  writeFileSync(
    new URL('results.md', import.meta.url),
    `# Compressed soak\n\nBy \`npm run test:memory\`. Node ${process.version}.\n\n| What | |\n| --- | --- |\n${table}\n\n` +
      `| Reconnects | Messages | Heap after collection |\n| --- | --- | --- |\n${curve}\n`,
  );
}
const isClean = Object.values(held).every((left) => left === 0) && connections.hub + connections.sse === 0;
const isComplete = received === published && twice === 0 && warnings.length === 0;
process.exitCode = isClean && isComplete && perThousand < SLOPE_LIMIT ? 0 : 1;

function mega(/** @type {number} */ bytes) {
  return `${(bytes / 1e6).toFixed(3)} MB`;
}
