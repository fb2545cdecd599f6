import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import { HUB_RECORD_BYTES } from '../../src/protocol/limits.ts';
import { hubCanCarry } from '../../src/transports/hub-request.ts';
import {
  bench,
  fastEnvironment,
  hasty,
  JANE,
  ManualTime,
  mintToken,
  nodeEnvironment,
  PATIENT,
  record,
  rejection,
  storedCount,
  waitFor,
  WORKFLOW,
} from './support.ts';

const BILLING = 'Billing Agent:Billing Flow';

/** A server that speaks as little of the protocol as `serve` makes it. */
async function strangeServer(t: TestContext, serve: (sockets: WebSocketServer, server: Server) => void) {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ server });
  serve(sockets, server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('HubTransport', () => {
  describe('when the connection ends', () => {
    const CLOSES = [
      { name: 'on purpose', fault: { fault: 'close-hub' }, code: 'server' },
      { name: 'and may come back', fault: { fault: 'close-hub', allowReconnect: true }, code: 'server' },
      {
        name: 'with an error',
        fault: { fault: 'close-hub', error: 'Connection closed with an error.' },
        code: 'server',
      },
      {
        name: 'with an error and may come back',
        fault: { fault: 'close-hub', error: 'Connection closed with an error.', allowReconnect: true },
        code: 'server',
      },
      { name: 'without a word', fault: { fault: 'drop-sockets' }, code: 'network' },
      { name: 'after garbage', fault: { fault: 'malformed', kind: 'hub-garbage' }, code: 'protocol' },
      {
        name: 'after half a record',
        fault: { fault: 'malformed', kind: 'hub-incomplete' },
        code: 'protocol',
      },
    ];
    for (const { name, fault, code } of CLOSES) {
      it(`reports ${code} and connects again: ${name}`, async (t) => {
        const { server, hub } = await bench(t);
        const live = hub(hasty());
        const heard = record(live);
        await live.subscribe(WORKFLOW);
        await live.connect();
        await server.control(fault);
        await waitFor(() => heard.states.filter((state) => state === 'open').length >= 2, 'open again');
        assert.deepEqual(
          heard.errors.map((error) => error.code),
          [code],
        );
        assert.deepEqual(heard.states, ['connecting', 'open', 'waiting', 'connecting', 'open']);
        assert.ok((await live.send({ workflow: WORKFLOW, text: 'Hello' })).threadId);
      });
    }

    it('takes a message it cannot read for an error, not for the end', async (t) => {
      const { server, hub } = await bench(t);
      const live = hub();
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      await live.connect();
      await server.control({ fault: 'malformed', kind: 'hub-wrong-shape' });
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'fine' });
      await waitFor(() => heard.texts.includes('fine'), 'the next message');
      assert.equal(live.state, 'open');
      assert.ok(heard.errors.length > 0 && heard.errors.every(({ code }) => code === 'protocol'));
    });

    it('notices a socket that has gone silent', async (t) => {
      const { server, hub } = await bench(t, { hubPingMs: 30 });
      const live = hub({ silenceTimeoutMs: 400, reconnect: false });
      const heard = record(live);
      await live.connect();
      await waitFor(() => heard.heartbeats > 15, 'pings keep it open');
      assert.equal(live.state, 'open');
      await server.control({ fault: 'stall-hub', on: true });
      await waitFor(() => live.state === 'closed', 'closed');
      assert.equal(heard.errors[0]?.code, 'timeout');
    });

    it('asks to wait 5 to 30 s when the server restarts (1012) or is busy (1013)', async (t) => {
      for (const code of [1012, 1013]) {
        const serverUrl = await strangeServer(t, (sockets) =>
          sockets.on('connection', (socket) => {
            socket.once('message', () => {
              socket.send('{}\x1e');
              socket.once('message', () => socket.close(code)); // the first ping: the client is connected
            });
          }),
        );
        const { hub } = await bench(t);
        const live = hub({ serverUrl, reconnect: false });
        const heard = record(live);
        await live.connect();
        await waitFor(() => live.state === 'closed', 'closed');
        const [error] = heard.errors;
        assert.deepEqual([error?.code, error?.retryAfterMs], ['server', 17_500]);
      }
    });
  });

  describe('when it cannot open', () => {
    it('survives a server that closes in the same breath as it accepts', async (t) => {
      const accepted = (key: string) =>
        createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const serverUrl = await strangeServer(t, (sockets, server) => {
        sockets.close();
        server.removeAllListeners('upgrade').on('upgrade', (request, socket) => {
          const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted(request.headers['sec-websocket-key'] ?? '')}\r\n\r\n`;
          const close = Buffer.from([0x88, 0x02, 0x03, 0xe8]); // code 1000
          socket.end(Buffer.concat([Buffer.from(head), close]));
        });
      });
      const { hub } = await bench(t);
      const live = hub({ serverUrl, reconnect: false });
      const error = await rejection(live.connect());
      assert.ok(['network', 'server'].includes(error.code), error.code);
      assert.equal(live.state, 'closed');
    });

    it('gives up on an upgrade that nobody answers', async (t) => {
      const { server, hub } = await bench(t);
      await server.control({ fault: 'block-websockets', on: true, how: 'hang' });
      const live = hub({ connectTimeoutMs: 60, reconnect: false });
      assert.equal((await rejection(live.connect())).code, 'timeout');
      await server.control({ fault: 'block-websockets', on: true, how: 'refuse' });
      assert.equal((await rejection(live.connect())).code, 'network');
      await server.control({ fault: 'captive-portal', on: true });
      assert.equal((await rejection(live.connect())).code, 'network');
    });

    it('gives up on a handshake or a negotiation that nobody answers', async (t) => {
      const mute = await strangeServer(t, (sockets, server) => {
        sockets.on('connection', () => {});
        server.removeAllListeners('request');
      });
      const { hub } = await bench(t);
      for (const skipNegotiation of [true, false]) {
        const live = hub({ serverUrl: mute, connectTimeoutMs: 60, reconnect: false, skipNegotiation });
        assert.equal((await rejection(live.connect())).code, 'timeout');
      }
    });

    it('takes a refused handshake for a breach of the protocol', async (t) => {
      const serverUrl = await strangeServer(t, (sockets) =>
        sockets.on('connection', (socket) =>
          socket.once('message', () => socket.send('{"error":"The protocol is not supported."}\x1e')),
        ),
      );
      const { hub } = await bench(t);
      const error = await rejection(hub({ serverUrl, reconnect: false }).connect());
      assert.equal(error.code, 'protocol');
      assert.doesNotMatch(error.message, /not supported/);
    });

    it('reports a refused credential as network, and as unauthorized where it negotiates', async (t) => {
      const { hub } = await bench(t);
      const apiKey = 'sk-Xnai-wrong';
      assert.equal((await rejection(hub({ apiKey, reconnect: false }).connect())).code, 'network');
      const live = hub({ apiKey, skipNegotiation: false });
      assert.equal((await rejection(live.connect())).code, 'unauthorized');
      assert.equal(live.state, 'closed', 'no retry mends it');
      await live.updateApiKey('sk-Xnai-dev');
      assert.equal(live.state, 'open');
    });

    it('reports a token that belongs to another participant as forbidden', async (t) => {
      const { hub } = await bench(t);
      const live = hub({ token: mintToken('somebody@else') });
      await live.subscribe(WORKFLOW);
      const error = await rejection(live.connect());
      assert.deepEqual([error.code, live.state], ['forbidden', 'closed']);
      const open = hub({ token: mintToken('somebody@else') });
      await open.connect();
      assert.equal((await rejection(open.subscribe(WORKFLOW))).code, 'forbidden');
      assert.equal(open.state, 'open');
    });

    it('reports a token provider that fails, and tries again', async (t) => {
      const { hub } = await bench(t);
      let asked = 0;
      const getToken = () => {
        asked++;
        if (asked === 1) throw new Error('the token endpoint said eyJhbGciOi.x.y');
        return asked === 2 ? '' : mintToken(JANE);
      };
      const live = hub({ ...PATIENT, getToken, environment: fastEnvironment(100) });
      const heard = record(live);
      const error = await rejection(live.connect());
      assert.equal(error.code, 'unauthorized');
      assert.doesNotMatch(error.message, /eyJ/);
      await waitFor(() => live.state === 'open', 'open');
      assert.deepEqual(
        heard.errors.map(({ code }) => code),
        ['unauthorized'],
      );
    });
  });

  it('a caller can give up connecting', async (t) => {
    const { server, hub } = await bench(t);
    await server.control({ fault: 'block-websockets', on: true, how: 'hang' });
    const live = hub();
    const giveUp = new AbortController();
    const failed = rejection(live.connect(giveUp.signal));
    await waitFor(() => live.state === 'connecting', 'connecting');
    giveUp.abort();
    assert.equal((await failed).code, 'closed');
    await waitFor(() => live.state === 'closed', 'closed');
  });

  it('measures a round trip, with and without subscriptions, and tells when there is none', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub();
    assert.equal((await rejection(live.probe())).code, 'network');
    await live.connect();
    assert.ok((await live.probe()) >= 0);
    await live.subscribe(WORKFLOW);
    assert.ok((await live.probe()) >= 0);
    await server.control({ fault: 'stall-hub', on: true });
    assert.equal((await rejection(live.probe(50))).code, 'timeout');
    const { stored } = await server.report();
    assert.equal(stored.length, 0, 'a probe changes nothing');
  });

  it('stops hearing a workflow that was unsubscribed, also after a reconnect', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ ...PATIENT, environment: fastEnvironment(100) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.subscribe(BILLING);
    await live.connect();
    await live.unsubscribe(WORKFLOW);
    const publishBoth = async (text: string) => {
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'unheard' });
      await server.control({ fault: 'publish', workflow: BILLING, participantId: JANE, text });
      await waitFor(() => heard.texts.includes(text), text);
    };
    await publishBoth('before');
    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => heard.states.filter((state) => state === 'open').length >= 2, 'open again');
    await publishBoth('after');
    assert.deepEqual(heard.texts, ['before', 'after']);
  });

  it('stops hearing a workflow that was unsubscribed while connecting', async (t) => {
    const { server, hub } = await bench(t);
    await server.control({ fault: 'latency', ms: 400 });
    const live = hub();
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.subscribe(BILLING);
    const connected = live.connect();
    const subscribed = async () =>
      (await server.report()).received.some(({ target }) => target === 'SubscribeToAgent');
    await waitFor(subscribed, 'the first subscription');
    await live.unsubscribe(WORKFLOW);
    assert.equal(live.state, 'connecting');
    await connected;
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'unheard' });
    await server.control({ fault: 'publish', workflow: BILLING, participantId: JANE, text: 'heard' });
    await waitFor(() => heard.texts.includes('heard'), 'a message');
    assert.deepEqual(heard.texts, ['heard']);
  });

  it('forgets no change between the last subscription and the state `open`', async (t) => {
    const { server, hub } = await bench(t);
    const changes: Promise<void>[] = [];
    const live = hub({
      logger: (_, line) => {
        if (line !== 'hub: open') return;
        assert.equal(live.state, 'connecting');
        changes.push(live.unsubscribe(WORKFLOW), live.subscribe(BILLING));
      },
    });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await Promise.all(changes);
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'unheard' });
    await server.control({ fault: 'publish', workflow: BILLING, participantId: JANE, text: 'heard' });
    await waitFor(() => heard.texts.length > 0, 'a message');
    assert.deepEqual(heard.texts, ['heard']);
  });

  it('carries exactly what the server takes, and refuses more before sending it', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub();
    await live.connect();
    const where = { tenantId: 'acme', participantId: JANE };
    const fits = (length: number) => hubCanCarry(where, { workflow: WORKFLOW, text: 'x'.repeat(length) });
    let [low, high] = [0, HUB_RECORD_BYTES];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (fits(middle)) low = middle;
      else high = middle;
    }
    assert.ok(low > HUB_RECORD_BYTES - 400, String(low));
    const { requestId } = await live.send({ workflow: WORKFLOW, text: 'x'.repeat(low) });
    assert.equal(await storedCount(server, requestId), 1);
    const error = await rejection(live.send({ workflow: WORKFLOW, text: 'x'.repeat(high) }));
    assert.deepEqual([error.code, error.stored], ['too-large', 'no']);
    assert.equal(
      fits(30_000 / 3) && !hubCanCarry(where, { workflow: WORKFLOW, text: '文'.repeat(11_000) }),
      true,
    );
    assert.equal(live.state, 'open');
  });

  it('keeps calls apart: histories of two topics asked for at once are not mixed up', async (t) => {
    const { hub } = await bench(t);
    const live = hub();
    await live.connect();
    for (const topic of ['a', 'b', 'c']) await live.send({ workflow: WORKFLOW, text: topic, topic });
    const pages = await Promise.all(
      ['a', 'b', 'c', 'none'].map((topic) => live.history({ workflow: WORKFLOW, topic })),
    );
    const topics = pages.map(({ messages }) => [...new Set(messages.map(({ topic }) => topic))]);
    assert.deepEqual(topics, [['a'], ['b'], ['c'], []]);
  });

  it('hears a reply that is faster than the confirmation', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub();
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await server.control({ fault: 'reply-before-processed', on: true });
    await server.control({ fault: 'delay-processed', ms: 50 });
    const sending = live.send({ workflow: WORKFLOW, text: 'Hello' });
    await waitFor(() => heard.messages.length === 1, 'the reply');
    assert.equal((await sending).requestId, heard.messages[0]?.requestId);
  });

  it('disposed of, it leaves no socket, timer or listener', async (t) => {
    const { server, hub } = await bench(t);
    const time = new ManualTime();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const live = hub({
      environment: nodeEnvironment({ setTimer: time.setTimer, monotonicNow: time.monotonicNow }),
    });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await live.send({ workflow: WORKFLOW, text: 'Hello' });
    await live.dispose();
    await live.dispose();
    assert.deepEqual(time.pending, []);
    await waitFor(async () => (await server.report()).connections.hub === 0, 'no connection left');
    // The server in this process has timers of its own, which end with its side of the connection.
    await waitFor(() => timers() <= before, 'no timer left');
    const told = heard.states.length;
    assert.equal((await rejection(live.connect())).code, 'closed');
    assert.equal(heard.states.length, told);
  });
});
