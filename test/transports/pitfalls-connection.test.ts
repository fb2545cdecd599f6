import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';
import type { LiveTransport } from '../../src/transports/transport.ts';
import { done, event, scriptedHub, type Invocation } from './scripted-hub.ts';
import {
  API_KEY,
  bench,
  fastEnvironment,
  JANE,
  ManualTime,
  mintToken,
  nodeEnvironment,
  PATIENT,
  record,
  rejection,
  waitFor,
  WORKFLOW,
} from './support.ts';

const OTHER = 'Billing Agent:Billing Flow';
const KINDS = ['hub', 'sse'] as const;

/** Real sockets, and a clock that stands still. */
function stoppedClock() {
  const time = new ManualTime();
  const environment = nodeEnvironment({ setTimer: time.setTimer, monotonicNow: time.monotonicNow });
  return { time, environment };
}

/** A server that takes WebSockets and does with them what `serve` does. */
async function rawHub(t: TestContext, serve: (socket: WebSocket) => void): Promise<string> {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  sockets.on('connection', serve);
  await new Promise((resolve) => sockets.once('listening', resolve));
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  return `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
}

async function rawHttp(t: TestContext, serve: RequestListener): Promise<string> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Lets sockets work without any timer, which a test has taken away. */
async function turnsUntil(condition: () => boolean, what: string): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    assert.ok(turns < 1_000_000, `in vain: ${what}`);
    await new Promise(setImmediate);
  }
}

describe('pitfalls of the sample connection', () => {
  for (const kind of KINDS) {
    it(`W2: subscribes everything again on every new connection (${kind})`, async (t) => {
      const { server, ...make } = await bench(t);
      const live = make[kind]({ ...PATIENT, environment: fastEnvironment(100) });
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      await live.connect();
      await live.subscribe(OTHER);
      for (let round = 1; round <= 3; round++) {
        await server.control({ fault: 'drop-sockets' });
        await waitFor(() => heard.states.filter((state) => state === 'open').length > round, 'reconnected');
        for (const workflow of [WORKFLOW, OTHER]) {
          const text = `${workflow} ${round}`;
          await server.control({ fault: 'publish', workflow, participantId: JANE, text });
          await waitFor(() => heard.texts.includes(text), text);
        }
      }
    });

    it(`W3: a connection that does not last starts no new series of short waits (${kind})`, async (t) => {
      const { server, ...make } = await bench(t, { secondMs: 2 });
      const { time, environment } = stoppedClock();
      const live = make[kind]({ environment });
      const heard = record(live);
      const losses = () => heard.states.filter((state) => state === 'waiting').length;
      const nextWait = async (loss: number) => {
        await waitFor(() => losses() === loss, `loss ${loss}`);
        return Math.round(time.pending.at(-1) ?? 0);
      };
      await server.control({ fault: 'short-lives', ms: 150 });
      await live.subscribe(WORKFLOW);
      await live.connect();
      const waits: number[] = [];
      for (let loss = 1; loss <= 5; loss++) {
        const wait = await nextWait(loss);
        waits.push(wait);
        time.advance(wait);
        await waitFor(() => heard.states.filter((state) => state === 'open').length > loss, 'opened again');
      }
      // The chance of the test's environment is ½ each time.
      assert.deepEqual(waits, [1_000, 4_000, 8_000, 16_000, 30_000]);

      const last = await nextWait(6);
      await server.control({ fault: 'short-lives', ms: false });
      time.advance(last);
      await waitFor(() => live.state === 'open', 'open');
      for (let lastedMs = 0; lastedMs < 35_000; lastedMs += 5_000) {
        const before = heard.heartbeats;
        time.advance(5_000);
        if (kind === 'sse') await waitFor(() => heard.heartbeats > before, 'a heartbeat');
      }
      await server.control({ fault: 'drop-sockets' });
      assert.equal(await nextWait(7), 1_000, 'it lasted: the waits begin anew');
    });

    it(`W9: connects once, however often it is asked (${kind})`, async (t) => {
      const { server, ...make } = await bench(t);
      const live = make[kind]();
      await live.subscribe(WORKFLOW);
      const calls = Array.from({ length: 20 }, () => live.connect());
      await Promise.all(calls);
      await live.connect();
      const { connections, received } = await server.report();
      assert.equal(connections[kind], 1);
      assert.equal(received.filter(({ method }) => method === 'CONNECT' || method === 'GET').length, 1);
    });

    it(`W10: asks for a token on every connect, and uses that one (${kind})`, async (t) => {
      const { server, ...make } = await bench(t);
      let asked = 0;
      const live = make[kind]({
        ...PATIENT,
        environment: fastEnvironment(100),
        getToken: () => {
          asked++;
          return mintToken(JANE);
        },
      });
      await live.subscribe(WORKFLOW);
      await live.connect();
      assert.equal(asked, 1);
      await server.control({ fault: 'expire-tokens' }); // a frozen one would be refused from here on
      await server.control({ fault: 'drop-sockets' });
      await waitFor(() => asked === 2 && live.state === 'open', 'open with the second token');
    });

    it(`W11: spreads its attempts and never gives up (${kind})`, async (t) => {
      const { server, ...make } = await bench(t);
      await server.control({ fault: 'down' });
      const waitsAt = async (random: number) => {
        const { time, environment } = stoppedClock();
        const live = make[kind]({ environment: { ...environment, random: () => random } });
        const heard = record(live);
        await live.subscribe(WORKFLOW);
        await rejection(live.connect());
        const waits: number[] = [];
        for (let attempt = 1; attempt <= 20; attempt++) {
          await waitFor(
            () => heard.states.filter((state) => state === 'waiting').length === attempt,
            `failure ${attempt}`,
          );
          const wait = time.pending.at(-1) ?? 0;
          waits.push(wait);
          time.advance(wait);
        }
        await live.dispose();
        return waits;
      };
      const [low, high] = [await waitsAt(0), await waitsAt(0.999)];
      for (const [index, wait] of high.entries()) {
        assert.ok(wait - low[index]! >= 1_900, `attempt ${index} is the same everywhere: ${wait}`);
        assert.ok(wait <= 45_000, `attempt ${index} waits ${wait} ms`);
      }
    });

    it(`W12: gives up a server that takes the connection and says nothing (${kind})`, async (t) => {
      const serverUrl =
        kind === 'hub'
          ? await rawHub(t, () => undefined)
          : await rawHttp(t, (_, response) => {
              response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
            });
      const { time, environment } = stoppedClock();
      const make = await bench(t);
      const live = make[kind]({ serverUrl, environment, reconnect: false });
      await live.subscribe(WORKFLOW);
      const failed = rejection(live.connect());
      await waitFor(() => time.pending.length > 0, 'the deadline');
      for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
      time.advance(14_999);
      assert.equal(live.state, 'connecting');
      time.advance(1);
      assert.equal((await failed).code, 'timeout');
      assert.deepEqual(time.pending, []);
    });
  }

  it('W1: disconnect() leaves nothing that could connect again, whatever is under way', async (t) => {
    const { server, ...make } = await bench(t);
    for (const kind of KINDS) {
      const { time, environment } = stoppedClock();
      const live: LiveTransport = make[kind]({ environment });
      await live.subscribe(WORKFLOW);
      await live.connect();
      await live.disconnect();
      const connecting = live.connect().catch(() => 'given up');
      await live.disconnect();
      await connecting;
      await server.control({ fault: 'down' });
      await rejection(live.connect());
      assert.equal(live.state, 'waiting');
      await live.disconnect();
      assert.deepEqual([live.state, time.pending], ['closed', []]);
      await server.control({ fault: 'up' });
      await waitFor(async () => (await server.report()).connections[kind] === 0, 'nothing open');
    }
  });

  it('W4: connect() settles when the connection ends before it has begun', async (t) => {
    const make = await bench(t);
    const { time, environment } = stoppedClock();
    const handshake = `{}\x1e`;
    const hubs = {
      'before the handshake': (socket: WebSocket) => socket.close(),
      'cut before the handshake': (socket: WebSocket) => socket.terminate(),
      'after half of the handshake': (socket: WebSocket) =>
        socket.once('message', () => {
          socket.send(handshake.slice(0, 1));
          socket.close();
        }),
      'with a refusal': (socket: WebSocket) =>
        socket.once('message', () => socket.send('{"error":"not today"}\x1e')),
      'after the handshake, before the subscription': (socket: WebSocket) =>
        socket.once('message', () => {
          socket.send(handshake);
          socket.close();
        }),
    };
    for (const [when, serve] of Object.entries(hubs)) {
      const live = make.hub({ serverUrl: await rawHub(t, serve), environment, reconnect: false });
      await live.subscribe(WORKFLOW);
      const { code } = await rejection(live.connect());
      assert.ok(code === 'network' || code === 'server' || code === 'protocol', `${when}: ${code}`);
      assert.equal(live.state, 'closed', when);
    }
    const streams = {
      'nothing at all': '',
      'half a greeting': 'event: connected\ndata: {',
      'another event': 'event: heartbeat\ndata: {}\n\n',
    };
    for (const [what, text] of Object.entries(streams)) {
      const serverUrl = await rawHttp(t, (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(text);
      });
      const live = make.sse({ serverUrl, environment, reconnect: false });
      await live.subscribe(WORKFLOW);
      assert.equal((await rejection(live.connect())).code, 'network', what);
    }
    assert.deepEqual(time.pending, []);
  });

  it('W5: keeps what is subscribed before there is a connection, or while one is being made', async (t) => {
    const { server, ...make } = await bench(t);
    for (const kind of KINDS) {
      const live = make[kind]();
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      const connecting = live.connect();
      await live.subscribe(OTHER);
      await connecting;
      for (const workflow of [WORKFLOW, OTHER]) {
        const text = `${kind} ${workflow}`;
        await server.control({ fault: 'publish', workflow, participantId: JANE, text });
        await waitFor(() => heard.texts.includes(text), text);
      }
      await live.dispose();
    }
  });

  it('W6: pings when it has nothing to say, and takes a ping for a sign of life', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] }); // those of the protocol library, which has no other clock
    const pings: string[] = [];
    let server: WebSocket | undefined;
    const serverUrl = await rawHub(t, (socket) => {
      server = socket;
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        if (text.includes('"protocol"')) socket.send('{}\x1e');
        if (text.includes('"type":6')) pings.push(text);
      });
    });
    const make = await bench(t);
    const live = make.hub({ serverUrl, environment: stoppedClock().environment });
    const heard = record(live);
    await live.connect();
    for (let minute = 1; minute <= 4; minute++) {
      const before = heard.heartbeats;
      t.mock.timers.tick(15_000);
      await turnsUntil(() => pings.length >= minute, 'a ping');
      server?.send('{"type":6}\x1e');
      await turnsUntil(() => heard.heartbeats > before, 'the answer');
    }
    // A minute without any message, and 30 s of silence would have ended it.
    assert.equal(live.state, 'open');
    t.mock.timers.tick(30_000);
    await turnsUntil(() => live.state !== 'open', 'noticed');
    t.mock.timers.reset();
  });

  it('W7: an error of the server reaches its caller, or the error event, and ends what it refuses', async (t) => {
    const make = await bench(t);
    const subscribed: string[] = [];
    const hub = await scriptedHub(
      t,
      (call) => {
        subscribed.push(call.target);
        const isRefused = subscribed.length === 1;
        return isRefused ? [event('Error', 'Access denied - invalid tenant'), done(call)] : [done(call)];
      },
      [],
    );
    const live = make.hub({ serverUrl: hub, reconnect: false });
    const heard = record(live);
    await live.connect();
    const { code, retryable } = await rejection(live.subscribe(WORKFLOW));
    assert.deepEqual([code, retryable], ['forbidden', false]);
    await live.disconnect();
    await live.connect();
    assert.equal(subscribed.length, 1, 'what was refused for good is not asked for again');
    assert.deepEqual(heard.errors, [], 'its caller has heard of it');

    const talkative = make.hub({
      serverUrl: await scriptedHub(t, (call) => [done(call)], [event('Error', 'Out of turn')]),
    });
    const told = record(talkative);
    await talkative.connect();
    await waitFor(() => told.errors.length === 1, 'the error event');
    assert.ok(!told.errors[0]?.message.includes('Out of turn'), 'raw text of the server');
  });

  it('W8: a frame that nobody can read ends the connection, is told once, and the next one works', async (t) => {
    const { server, ...make } = await bench(t);
    const thrown: unknown[] = [];
    const onThrown = (error: unknown) => thrown.push(error);
    process.on('uncaughtException', onThrown);
    t.after(() => process.off('uncaughtException', onThrown));
    const cases = [
      ['hub', 'hub-garbage'],
      ['hub', 'hub-incomplete'],
      ['hub', 'hub-wrong-shape'],
      ['sse', 'sse-garbage'],
    ] as const;
    for (const [kind, malformed] of cases) {
      const live = make[kind]({ ...PATIENT, environment: fastEnvironment(100) });
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      await live.connect();
      await server.control({ fault: 'malformed', kind: malformed });
      await waitFor(() => heard.errors.length > 0, `${malformed} is told`);
      await waitFor(() => live.state === 'open', `open after ${malformed}`);
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: malformed });
      await waitFor(() => heard.texts.includes(malformed), `a message after ${malformed}`);
      await live.dispose();
    }
    assert.deepEqual(thrown, []);
  });

  it('W12: notices a connection that has gone silent', async (t) => {
    const { server, ...make } = await bench(t, { hubPingMs: 5, secondMs: 1 });
    const hub = make.hub({ silenceTimeoutMs: 60, reconnect: false });
    await hub.connect();
    const heard = record(hub);
    await waitFor(() => heard.heartbeats > 20, 'pings keep it open');
    assert.equal(hub.state, 'open');
    await server.control({ fault: 'stall-hub', on: true });
    await waitFor(() => hub.state === 'closed', 'noticed');

    const { time, environment } = stoppedClock();
    const sse = make.sse({ environment, reconnect: false });
    const events = record(sse);
    await sse.subscribe(WORKFLOW);
    await sse.connect();
    await server.control({ fault: 'stall-sse', on: true });
    time.advance(14_000);
    assert.equal(sse.state, 'open');
    time.advance(2_000);
    assert.equal(sse.state, 'closed');
    assert.equal(events.errors[0]?.code, 'timeout');
  });

  it('W13: gives every call and every message an id of its own, on every connection', async (t) => {
    const connections: string[][] = [];
    const make = await bench(t);
    const serverUrl = await rawHub(t, (socket) => {
      const ids: string[] = [];
      connections.push(ids);
      socket.on('message', (data: Buffer) => {
        for (const text of data.toString().split('\x1e').filter(Boolean)) {
          const call = JSON.parse(text) as Invocation & { type?: number; protocol?: string };
          if (call.protocol) socket.send('{}\x1e');
          if (call.type !== 1) continue;
          ids.push(call.invocationId);
          const answer = call.target === 'SendInboundMessage' ? [event('InboundProcessed', 'thread')] : [];
          for (const one of [...answer, done(call)]) socket.send(`${JSON.stringify(one)}\x1e`);
        }
      });
    });
    const live = make.hub({ serverUrl, reconnect: false, apiKey: API_KEY });
    const requests = new Set<string>();
    for (let connection = 0; connection < 3; connection++) {
      await live.subscribe(WORKFLOW);
      await live.connect();
      const sent = await Promise.all(
        Array.from({ length: 20 }, () => live.send({ workflow: WORKFLOW, text: 'The same words' })),
      );
      for (const { requestId } of sent) requests.add(requestId);
      await live.disconnect();
    }
    assert.equal(requests.size, 60);
    for (const ids of connections) assert.equal(new Set(ids).size, ids.length);
    assert.ok(connections.every((ids) => ids.length >= 21));
  });
});
