import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { WebSocket as NodeWebSocket } from 'ws';
import type { Undo } from '../../src/protocol/emitter.ts';
import { SEED } from '../support/seed.ts';
import { incidentTransport } from './incident-bench.ts';
import { streamServer, type StreamConnection, type StreamScript } from './stream-server.ts';
import { ManualTime, nodeEnvironment, waitFor } from './support.ts';

/** What a server does with those who come; it notes in `over` which subscriptions it ends. */
const moods = (over: Set<string>): Readonly<Record<string, StreamScript>> => ({
  faithful: {},
  refuses: { opens: () => false },
  mute: { onFrame: () => {} },
  flaps: {
    onFrame: (connection, { type }, faithful) => {
      faithful();
      if (type === 'connection_init') connection.close(1001);
    },
  },
  ends: {
    onFrame: (connection, { type, id = '' }, faithful) => {
      faithful();
      if (type !== 'subscribe') return;
      over.add(id);
      connection.send({ id, type: 'complete' });
    },
  },
  fails: {
    onFrame: (connection, { type, id = '' }, faithful) => {
      faithful();
      if (type !== 'subscribe') return;
      over.add(id);
      connection.send({ id, type: 'error', payload: [{ message: 'No.' }] });
    },
  },
});

const step = fc.oneof(
  fc.constant({ do: 'connect' } as const),
  fc.constant({ do: 'disconnect' } as const),
  fc.constant({ do: 'cut' } as const),
  fc.constant({ do: 'ping' } as const),
  fc.constant({ do: 'turn' } as const),
  fc.constant({ do: 'subscribe' } as const),
  fc.record({ do: fc.constant('unsubscribe' as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant('mood' as const), mood: fc.constantFrom(...Object.keys(moods(new Set()))) }),
  fc.record({
    do: fc.constant('close' as const),
    code: fc.constantFrom(1000, 1001, 1011, 1013, 4400, 4409, 4500),
  }),
  fc.record({ do: fc.constant('garbage' as const), text: fc.constantFrom('{', '{"type":"ka"}', 'null') }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(100, 2_000, 5_000, 12_000, 60_000) }),
);

type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

/** Queries of the subscriptions that run on `connection`. */
function running(connection: StreamConnection, over: ReadonlySet<string>): string[] {
  const ended = new Set(connection.of('complete').map(({ id }) => id));
  return connection
    .of('subscribe')
    .filter(({ id = '' }) => !ended.has(id) && !over.has(id))
    .map(({ payload }) => payload?.query?.replace(/newIncidents .*/, 'newIncidents') ?? '')
    .sort();
}

async function play(t: TestContext, steps: readonly Step[]) {
  const time = new ManualTime();
  const sockets: WebSocket[] = [];
  class Counted extends NodeWebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      sockets.push(this as unknown as WebSocket);
    }
  }
  const environment = nodeEnvironment({
    setTimer: time.setTimer,
    monotonicNow: time.monotonicNow,
    WebSocket: Counted as unknown as typeof WebSocket,
  });
  const server = await streamServer(t);
  const { transport, record } = incidentTransport(t, server.url, { reconnect: true, environment });
  const over = new Set<string>();
  const script = moods(over);
  const undos: Undo[] = [];
  const wanted = [
    'subscription Updates { incidentUpdates { updateType incidentId timestamp } }',
    'subscription Created { newIncidents',
  ];
  let named = 0;
  const atMostOne = () => {
    const using = sockets.filter(({ readyState }) => readyState < 2);
    assert.ok(using.length <= 1, `${using.length} sockets at once`);
  };

  for (const each of steps) {
    if (each.do === 'connect') transport.connect().catch(() => undefined);
    if (each.do === 'disconnect') void transport.disconnect();
    if (each.do === 'cut') for (const connection of server.open) connection.cut();
    if (each.do === 'ping') transport.ping().catch(() => undefined);
    if (each.do === 'subscribe') {
      const query = `subscription { alerts { id a${named++}: id } }`;
      wanted.push(query);
      undos.push(transport.subscribe({ query }, { next: () => undefined }));
    }
    if (each.do === 'unsubscribe' && undos.length > 0) {
      const index = each.which % undos.length;
      undos.splice(index, 1)[0]?.();
      wanted.splice(index + 2, 1);
    }
    if (each.do === 'mood') server.script = script[each.mood] ?? {};
    if (each.do === 'close') for (const connection of server.open) connection.close(each.code);
    if (each.do === 'garbage') for (const connection of server.open) connection.raw(each.text);
    if (each.do === 'advance') time.advance(each.ms);
    if (each.do === 'turn') {
      for (let turn = 0; turn < 20 || (turn < 2_000 && transport.state === 'connecting'); turn++) {
        await new Promise(setImmediate);
      }
    }
    atMostOne();
  }

  server.script = {};
  const isRight = async () => {
    time.advance(1_000);
    // An attempt that began with another mood ends only with its time; an open connection must not end any more.
    if (transport.state === 'open') await transport.ping().catch(() => undefined);
    else transport.connect().catch(() => undefined);
    atMostOne();
    const [open, ...others] = server.open;
    return open && others.length === 0 && isDeepStrictEqual(running(open, over), [...wanted].sort());
  };
  await waitFor(isRight, `the right subscriptions after ${JSON.stringify(steps)}`);
  for (const connection of server.connections) {
    assert.equal(connection.frames[0]?.type ?? 'connection_init', 'connection_init');
    assert.ok(connection.of('connection_init').length <= 1);
  }
  const ids = server.connections.flatMap((connection) => connection.of('subscribe').map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(record.errors.every(({ code }) => code !== 'bug'));
  await transport.dispose();
  assert.deepEqual(time.pending, []);
  await waitFor(() => sockets.every(({ readyState }) => readyState === 3), 'no socket');
}

describe(`the live stream of incidents, whatever happens (seed ${SEED})`, () => {
  it('has one socket at most, and in the end every subscription once', async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), (steps) => play(t, steps)),
      { seed: SEED, numRuns: Number(process.env.RUNS ?? 60) },
    );
  });
});
