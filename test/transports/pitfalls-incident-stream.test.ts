import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { GraphqlResult } from '../../src/transports/incident-source.ts';
import type { IncidentTransportOptions } from '../../src/transports/incident-transport.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { incidentTransport, update } from './incident-bench.ts';
import {
  streamServer,
  type StreamConnection,
  type StreamScript,
  type StreamServer,
} from './stream-server.ts';
import { ManualTime, nodeEnvironment, rejection, waitFor } from './support.ts';

const ID = '7b3d1c52-6f0e-4a55-9d0a-2f4d5a1f9c01';
const ALERTS = { query: 'subscription { alerts { id } }' };
const MINUTE = 60_000;

/** Real sockets, and a clock that stands still. `random`: the same for every wait. */
function stoppedClock(random = () => 0.5) {
  const time = new ManualTime();
  const { setTimer, monotonicNow } = time;
  return { time, environment: nodeEnvironment({ setTimer, monotonicNow, random }) };
}

/** A transport that retries by itself, on a clock that stands still. */
async function retrying(
  t: TestContext,
  script: StreamScript = {},
  options: Partial<IncidentTransportOptions> = {},
) {
  const server = await streamServer(t, script);
  const { time, environment } = stoppedClock();
  const bench = incidentTransport(t, server.url, { reconnect: true, environment, ...options });
  const reconnected = async (count: number) => {
    await waitFor(() => bench.transport.state === 'waiting', 'the wait for the next attempt');
    time.advance(MINUTE);
    await waitFor(
      () => server.connections.length === count && bench.transport.state === 'open',
      `connection ${count}`,
    );
  };
  return { server, time, ...bench, reconnected };
}

const last = (server: StreamServer): StreamConnection => server.connections.at(-1)!;
const idOf = (connection: StreamConnection, text: string) =>
  connection.of('subscribe').find(({ payload }) => payload?.query?.includes(text))?.id ?? '';
const results = () => {
  const list: GraphqlResult[] = [];
  return { list, next: (result: GraphqlResult) => void list.push(result) };
};

describe('a native WebSocket client of the guide would fail here', () => {
  it('W1: disconnect() stays disconnected, whatever its own close brings', async (t) => {
    const { server, time, transport } = await retrying(t);
    await transport.connect();
    await transport.disconnect();
    assert.equal(transport.state, 'closed');
    await waitFor(() => last(server).closed, 'the close');
    assert.equal(last(server).closed?.code, 1000);
    assert.deepEqual(time.pending, []);
    time.advance(10 * MINUTE);
    assert.equal(server.asked.length, 1);
  });

  it('W1: disconnect() while the socket is being opened, or greeted, leaves nothing', async (t) => {
    for (const script of [{ opens: () => true, onFrame: () => {} }, {}] satisfies StreamScript[]) {
      const { server, time, transport } = await retrying(t, script);
      const attempt = rejection(transport.connect());
      if (script.onFrame) await waitFor(() => server.connections[0]?.frames.length, 'the greeting');
      await transport.disconnect();
      assert.equal((await attempt).code, 'closed');
      await waitFor(() => server.open.length === 0, 'no socket');
      assert.deepEqual(time.pending, []);
      time.advance(10 * MINUTE);
      assert.ok(['idle', 'closed'].includes(transport.state));
    }
  });

  it('W2: every subscription is repeated on every new connection', async (t) => {
    const { server, transport, record, reconnected } = await retrying(t);
    const own = results();
    transport.subscribe(ALERTS, own);
    await transport.connect();
    for (const count of [2, 3]) {
      last(server).cut();
      await reconnected(count);
    }
    const [first, ...others] = server.connections.map((each) =>
      each.of('subscribe').map(({ payload }) => payload?.query),
    );
    assert.equal(first?.length, 3);
    for (const each of others) assert.deepEqual(each, first);
    last(server).send({
      id: idOf(last(server), 'alerts'),
      type: 'next',
      payload: { data: { alerts: { id: ID } } },
    });
    last(server).send({ id: idOf(last(server), 'incidentUpdates'), type: 'next', payload: update(ID) });
    await waitFor(() => own.list.length === 1 && record.events.length === 1, 'both results');
  });

  for (const [how, when] of [
    ['greets and hangs up', 'ping'],
    ['opens and hangs up', 'connection_init'],
  ] as const) {
    it(`W3: a server that ${how} is not hammered`, async (t) => {
      const hangUp: StreamScript['onFrame'] = (connection, { type }, faithful) => {
        faithful();
        if (type === when) connection.close(1000);
      };
      const { server, time, transport } = await retrying(t, { onFrame: hangUp });
      void transport.connect().catch(() => undefined);
      const waits: number[] = [];
      for (let attempt = 1; attempt <= 8; attempt++) {
        await waitFor(() => transport.state === 'waiting', 'the wait');
        assert.equal(server.asked.length, attempt);
        // What is pending beside it is the second that the old socket has to close.
        const waitMs = Math.max(...time.pending);
        waits.push(waitMs);
        time.advance(waitMs - 1);
        assert.equal(server.asked.length, attempt);
        time.advance(1);
        await waitFor(() => server.asked.length === attempt + 1, 'the next attempt');
      }
      assert.deepEqual(waits, [1_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
    });
  }

  it('W3: waits begin anew only after a connection that lasted', async (t) => {
    const { server, time, transport } = await retrying(t);
    const lossAfter = async (lastedMs: number) => {
      await waitFor(() => transport.state === 'open', 'open');
      for (let ms = 0; ms < lastedMs; ms += 5_000) {
        time.advance(5_000);
        await transport.ping();
      }
      last(server).cut();
      await waitFor(() => transport.state === 'waiting', 'the wait');
      const waitMs = Math.max(...time.pending);
      time.advance(waitMs);
      return waitMs;
    };
    await transport.connect();
    assert.deepEqual([await lossAfter(0), await lossAfter(0), await lossAfter(5_000)], [1_000, 4_000, 8_000]);
    assert.equal(await lossAfter(40_000), 1_000);
  });

  it('W4: connect() settles when the socket is closed before the greeting is answered', async (t) => {
    const server = await streamServer(t, { onFrame: (connection) => connection.close(1001) });
    const { transport } = incidentTransport(t, server.url);
    assert.equal((await rejection(transport.connect())).code, 'network');
    assert.equal(transport.state, 'closed');
  });

  it('W4: connect() settles when the socket never opens', async (t) => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      mute.close();
    });
    const { time, environment } = stoppedClock();
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const { transport } = incidentTransport(t, url, { environment });
    const attempt = rejection(transport.connect());
    await waitFor(() => sockets.length === 1, 'the connection');
    time.advance(15_000);
    assert.equal((await attempt).code, 'timeout');
    assert.equal(
      sockets.length,
      1,
      'the other address is not tried: the network is slow, not the address wrong',
    );
    assert.deepEqual(time.pending, []);
  });

  it('W5: what is subscribed to early is sent after the greeting was answered', async (t) => {
    let answer = () => {};
    const server = await streamServer(t, {
      onFrame: (_connection, { type }, faithful) => {
        if (type === 'connection_init') answer = faithful;
        else faithful();
      },
    });
    const { transport } = incidentTransport(t, server.url);
    transport.subscribe(ALERTS, results());
    const opened = transport.connect();
    transport.subscribe({ query: 'subscription { criticalIncidents { id } }' }, results());
    await waitFor(() => server.connections[0]?.frames.length === 1, 'the greeting');
    assert.equal(last(server).frames[0]?.type, 'connection_init');
    answer();
    await opened;
    assert.ok(idOf(last(server), 'alerts') && idOf(last(server), 'criticalIncidents'));
  });

  it('W6: a ping is answered, with what it carried', async (t) => {
    const server = await streamServer(t);
    const { transport } = incidentTransport(t, server.url);
    await transport.connect();
    last(server).send({ type: 'ping' });
    last(server).send({ type: 'ping', payload: { from: 'server' } });
    await waitFor(() => last(server).of('pong').length === 2, 'both answers');
    assert.deepEqual(last(server).of('pong'), [
      { type: 'pong' },
      { type: 'pong', payload: { from: 'server' } },
    ]);
  });

  it('W7: errors are delivered, and a refused subscription is gone', async (t) => {
    const { server, transport, record, reconnected } = await retrying(t);
    const own = results();
    const told: string[] = [];
    transport.subscribe(ALERTS, { ...own, error: ({ code }) => void told.push(code) });
    await transport.connect();
    const id = idOf(last(server), 'alerts');
    const partly = { data: { alerts: null }, errors: [{ message: 'No.', path: ['alerts'] }] };
    last(server).send({ id, type: 'next', payload: partly });
    const errors = [{ message: 'No.', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }];
    last(server).send({ id, type: 'error', payload: errors });
    await waitFor(() => told.length === 1, 'the refusal');
    assert.deepEqual(own.list, [partly]);
    assert.deepEqual(told, ['input']);
    last(server).cut();
    await reconnected(2);
    assert.equal(idOf(last(server), 'alerts'), '');
    assert.equal(last(server).of('subscribe').length, 2);
    assert.ok(record.errors.every(({ code }) => code !== 'bug'));
  });

  for (const [what, text] of [
    ['that is no JSON', 'hello'],
    ['of an unknown type', '{"type":"ka"}'],
    ['that quotes 200 letters of two bytes', `{"type":"${'ü'.repeat(200)}"}`],
    ['that is null', 'null'],
    ['with an error that is no list', '{"type":"error","id":"1","payload":{"message":"no"}}'],
    ['about a subscription named like a method', '{"type":"next","id":"__defineGetter__","payload":{}}'],
  ] as const) {
    it(`W8: a frame ${what} ends the connection with 4400, is counted, and is survived`, async (t) => {
      const { server, transport, record, reconnected } = await retrying(t);
      await transport.connect();
      last(server).raw(text);
      await waitFor(() => last(server).closed, 'the close');
      assert.deepEqual(last(server).closed, { code: 4400, reason: 'Invalid message' });
      await reconnected(2);
      assert.equal(transport.malformedFrames, 1);
      assert.deepEqual(
        record.errors.map(({ code }) => code),
        ['protocol'],
      );
    });
  }

  it('W9: connect() is one attempt, however often it is called', async (t) => {
    const server = await streamServer(t);
    const { transport } = incidentTransport(t, server.url);
    await Promise.all([transport.connect(), transport.connect(), transport.connect()]);
    await transport.connect();
    assert.equal(server.asked.length, 1);
  });

  it('W10: every connection is greeted with a token of its own', async (t) => {
    let count = 0;
    const getToken = async () => `t${++count}`;
    const { server, transport, reconnected } = await retrying(t, {}, { getToken });
    await transport.connect();
    last(server).cut();
    await reconnected(2);
    assert.deepEqual(
      server.connections.map(({ frames }) => frames[0]?.payload),
      [{ Authorization: 'Bearer t1' }, { Authorization: 'Bearer t2' }],
    );
  });

  it('W11: waits are spread, and never end', async (t) => {
    const waitsWith = async (random: number) => {
      const server = await streamServer(t, { opens: () => false });
      const { time, environment } = stoppedClock(() => random);
      const { transport } = incidentTransport(t, server.url, { reconnect: true, environment });
      void transport.connect().catch(() => undefined);
      const waits: number[] = [];
      for (let attempt = 1; attempt <= 40; attempt++) {
        await waitFor(
          () => server.asked.length === 2 * attempt && transport.state === 'waiting',
          'the attempt',
        );
        waits.push(time.pending[0]!);
        time.advance(time.pending[0]!);
      }
      return waits;
    };
    const short = await waitsWith(0);
    const long = await waitsWith(0.999_999);
    assert.ok(long.every((waitMs, index) => waitMs - short[index]! >= 1_999));
    assert.equal(short.at(-1), 15_000);
    assert.ok(Math.max(...long) <= 45_000);
  });

  it('W12: a greeting without an answer is given up', async (t) => {
    const server = await streamServer(t, { onFrame: () => {} });
    const { time, environment } = stoppedClock();
    const { transport } = incidentTransport(t, server.url, { environment });
    const attempt = rejection(transport.connect());
    await waitFor(() => server.connections[0]?.frames.length, 'the greeting');
    time.advance(5_000);
    assert.equal((await attempt).code, 'timeout');
    await waitFor(() => server.open.length === 0, 'the end of the socket');
    assert.deepEqual(time.pending, []);
  });

  it('W12: a server that falls silent is asked, and given up within 25 s', async (t) => {
    const { server, time, transport, record } = await retrying(t);
    await transport.connect();
    time.advance(9_999);
    assert.equal(last(server).of('ping').length, 1, 'the one of connect()');
    const before = record.alive;
    time.advance(1);
    await waitFor(() => record.alive > before, 'the answer');
    assert.equal(last(server).of('ping').length, 2);
    time.advance(9_999);
    assert.equal(transport.state, 'open');
    server.script = { onFrame: () => {} };
    time.advance(1);
    await waitFor(() => last(server).of('ping').length === 3, 'the next ping');
    time.advance(5_000);
    assert.equal(transport.state, 'waiting');
    assert.equal(record.errors.at(-1)?.code, 'timeout');
  });

  it('W13: no id is ever used twice, and 4409 is survived', async (t) => {
    const { server, transport, reconnected } = await retrying(t);
    const undos = Array.from({ length: 50 }, () => transport.subscribe(ALERTS, results()));
    await transport.connect();
    for (const undo of undos.slice(0, 25)) undo();
    for (let count = 0; count < 25; count++) transport.subscribe(ALERTS, results());
    await waitFor(() => last(server).of('subscribe').length === 77, 'all of them');
    assert.equal(last(server).of('complete').length, 25);
    last(server).close(4409, 'Subscriber already exists');
    await reconnected(2);
    const ids = server.connections.flatMap((each) => each.of('subscribe').map(({ id }) => id));
    assert.equal(ids.length, 77 + 52);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('takes a "connection_error", which the protocol does not have, for a refused credential', async (t) => {
    const refused: string[] = [];
    const server = await streamServer(t, {
      onFrame: (connection) => connection.send({ type: 'connection_error', payload: { message: 'no' } }),
    });
    const options = { token: 't1', onRefused: (token: string) => void refused.push(token) };
    const { transport } = incidentTransport(t, server.url, options);
    assert.equal((await rejection(transport.connect())).code, 'unauthorized');
    assert.deepEqual(refused, ['t1']);
    assert.equal(transport.malformedFrames, 0);
  });
});

describe('a Node client of the guide would fail here', () => {
  it('N1: the subprotocol is offered, and an echo of it is taken', async (t) => {
    const server = await streamServer(t);
    const { transport } = incidentTransport(t, server.url);
    await transport.connect();
    assert.equal(last(server).protocol, 'graphql-transport-ws');
  });

  it('N2: a refused connection rejects, and nothing is uncaught', async (t) => {
    const server = await streamServer(t);
    const proxy = await FaultProxy.start(server.url);
    t.after(() => proxy.stop());
    proxy.refuse();
    const uncaught: unknown[] = [];
    const note = (reason: unknown) => void uncaught.push(reason);
    process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note);
    t.after(() => process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note));
    const { transport } = incidentTransport(t, proxy.url);
    assert.equal((await rejection(transport.connect())).code, 'network');
    await new Promise(setImmediate);
    assert.deepEqual(uncaught, []);
  });

  it('N3: a lost connection is made again', async (t) => {
    const { server, transport, reconnected } = await retrying(t);
    await transport.connect();
    last(server).cut();
    await reconnected(2);
    assert.equal(server.open.length, 1);
  });
});

describe('the graphql-ws sample of the guide would fail here', () => {
  it('G1: a first connection that is refused is tried again', async (t) => {
    const { server, time, transport } = await retrying(t, { opens: () => false });
    assert.equal((await rejection(transport.connect())).code, 'network');
    for (let attempt = 2; attempt <= 6; attempt++) {
      assert.equal(transport.state, 'waiting');
      time.advance(MINUTE);
      await waitFor(
        () => server.asked.length === 2 * attempt && transport.state === 'waiting',
        'the attempt',
      );
    }
    server.script = {};
    time.advance(MINUTE);
    await waitFor(() => transport.state === 'open', 'the connection');
  });

  it('G2: a listener that throws is told of, and stops no other', async (t) => {
    const server = await streamServer(t);
    const { transport, record } = incidentTransport(t, server.url);
    const own = results();
    transport.subscribe(ALERTS, {
      next: ({ data }) => {
        throw new Error((data as { alerts: { id: string } }).alerts.id);
      },
    });
    transport.subscribe({ query: 'subscription { criticalIncidents { id } }' }, own);
    await transport.connect();
    last(server).send({ id: idOf(last(server), 'alerts'), type: 'next', payload: { data: null } });
    const id = idOf(last(server), 'criticalIncidents');
    last(server).send({ id, type: 'next', payload: { data: { criticalIncidents: { id: ID } } } });
    await waitFor(() => own.list.length === 1, 'the other result');
    assert.deepEqual(
      record.errors.map(({ code }) => code),
      ['bug'],
    );
    await transport.ping();
    assert.equal(transport.state, 'open');
    assert.equal(server.connections.length, 1);
  });

  it('G3: a token that cannot be had rejects, and hangs nothing', async (t) => {
    let fails = true;
    const getToken = async () => {
      if (fails) throw new Error('no network');
      return 't2';
    };
    const { server, time, transport } = await retrying(t, {}, { getToken });
    assert.equal((await rejection(transport.connect())).code, 'unauthorized');
    assert.equal(server.asked.length, 0);
    fails = false;
    assert.equal(transport.state, 'waiting');
    time.advance(MINUTE);
    await waitFor(() => transport.state === 'open', 'the connection');
    assert.deepEqual(last(server).frames[0]?.payload, { Authorization: 'Bearer t2' });
  });

  it('G4: a token that takes longer than a server waits for its greeting is no failure', async (t) => {
    let give = (_token: string) => {};
    const getToken = () => new Promise<string>((resolve) => (give = resolve));
    const { server, transport } = await retrying(t, {}, { getToken });
    const opened = transport.connect();
    await new Promise(setImmediate);
    assert.equal(server.asked.length, 0, 'no socket waits for the token');
    give('t1');
    await opened;
  });

  it('G5: 4401 brings a new token, and the end when that is refused too', async (t) => {
    let count = 0;
    const refused: string[] = [];
    const options = {
      getToken: () => `t${++count}`,
      onRefused: (token: string) => void refused.push(token),
    };
    const { server, time, transport, record, reconnected } = await retrying(t, {}, options);
    await transport.connect();
    last(server).close(4401, 'Unauthorized');
    await reconnected(2);
    assert.deepEqual(refused, ['t1']);
    server.script = { onFrame: (connection) => connection.close(4403, 'Forbidden') };
    last(server).close(4401, 'Unauthorized');
    await waitFor(() => transport.state === 'waiting', 'one more try');
    time.advance(MINUTE);
    await waitFor(() => transport.state === 'closed', 'the end');
    assert.deepEqual(refused, ['t1', 't2', 't3']);
    assert.deepEqual(
      record.errors.map(({ code }) => code),
      ['unauthorized', 'unauthorized', 'unauthorized'],
    );
    server.script = {};
    await transport.updateToken('t9');
    assert.deepEqual(last(server).frames[0]?.payload, { Authorization: 'Bearer t9' });
  });

  for (const [code, expected] of [
    [1000, 'network'],
    [1001, 'network'],
    [1002, 'protocol'],
    [1011, 'server'],
    [1012, 'server'],
    [1013, 'server'],
    [3008, 'network'],
    [4400, 'protocol'],
    [4406, 'protocol'],
    [4408, 'network'],
    [4409, 'protocol'],
    [4429, 'protocol'],
    [4500, 'server'],
    [4999, 'network'],
  ] as const) {
    it(`G6: a close with ${code} is survived, after a wait`, async (t) => {
      const { server, time, transport, record, reconnected } = await retrying(t);
      await transport.connect();
      last(server).close(code);
      await waitFor(() => transport.state === 'waiting', 'the wait');
      assert.equal(record.errors[0]?.code, expected);
      // 1012 and 1013 ask to come back after 5 to 30 s.
      const least = code === 1012 || code === 1013 ? 5_000 : 1_000;
      assert.ok(Math.max(...time.pending) >= least);
      await reconnected(2);
    });
  }

  for (const code of [1002, 4401, 4403]) {
    it(`G6: a greeting that is refused with ${code} asks for another credential`, async (t) => {
      const server = await streamServer(t, { onFrame: (connection) => connection.close(code) });
      const { transport } = incidentTransport(t, server.url, { token: 't1' });
      assert.equal((await rejection(transport.connect())).code, 'unauthorized');
    });
  }

  it('G7: a peer that died without a word is noticed, and cut', async (t) => {
    const server = await streamServer(t);
    const proxy = await FaultProxy.start(server.url);
    t.after(() => proxy.stop());
    const { time, environment } = stoppedClock();
    const { transport, record } = incidentTransport(t, proxy.url, { environment });
    await transport.connect();
    assert.equal(proxy.halfOpen('client'), 1);
    time.advance(10_000);
    time.advance(5_000);
    assert.equal(transport.state, 'closed');
    assert.equal(record.errors[0]?.code, 'timeout');
    await waitFor(() => proxy.sockets.open === 0, 'the end of the socket');
    assert.deepEqual(time.pending, []);
  });

  it('G7: on demand within the time that the caller gives', async (t) => {
    const server = await streamServer(t);
    const { time, environment } = stoppedClock();
    const { transport } = incidentTransport(t, server.url, { environment });
    await transport.connect();
    assert.equal(await transport.ping(3_000), 0);
    server.script = { onFrame: () => {} };
    const answer = rejection(transport.ping(3_000));
    time.advance(3_000);
    assert.equal((await answer).code, 'timeout');
    assert.equal(transport.state, 'closed');
    assert.equal((await rejection(transport.ping())).code, 'network');
  });
});
