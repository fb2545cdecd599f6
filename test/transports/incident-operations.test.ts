import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { GraphqlResult } from '../../src/transports/incident-source.ts';
import type { IncidentTransportOptions } from '../../src/transports/incident-transport.ts';
import { incidentTransport, update } from './incident-bench.ts';
import { streamServer, type Frame, type StreamScript } from './stream-server.ts';
import { ManualTime, nodeEnvironment, rejection, waitFor } from './support.ts';

const ID = '7b3d1c52-6f0e-4a55-9d0a-2f4d5a1f9c01';
const MINUTE = 60_000;

const coded = (code?: string, more = {}) => [
  { message: 'First.', path: ['x'], extensions: { code: 'OF_NO_MEANING' } },
  { message: 'Second.', path: ['x'], ...(code && { extensions: { code, ...more } }) },
];

/** How servers say that a subscription failed. */
const STYLES = {
  'an error message': (id: string, errors: unknown): Frame[] => [
    { id, type: 'error', payload: errors as never },
  ],
  'a result and the end': (id: string, errors: unknown): Frame[] => [
    { id, type: 'next', payload: { data: null, errors } },
    { id, type: 'complete' },
  ],
} as const;

/** A transport on a clock that stands still, whose server answers subscriptions for `field` with `answer`. */
async function bench(
  t: TestContext,
  field: string,
  answer: (id: string) => readonly Frame[],
  options: Partial<IncidentTransportOptions> = {},
) {
  const script: StreamScript = {
    onFrame: (connection, { type, id = '', payload }, faithful) => {
      faithful();
      if (type !== 'subscribe' || !payload?.query?.includes(field)) return;
      for (const frame of answer(id)) connection.send(frame);
    },
  };
  const server = await streamServer(t, script);
  const time = new ManualTime();
  const environment = nodeEnvironment({
    setTimer: time.setTimer,
    monotonicNow: time.monotonicNow,
    random: () => 0.5,
  });
  const asked = () =>
    server.connections.flatMap((each) =>
      each.of('subscribe').filter(({ payload }) => payload?.query?.includes(field)),
    );
  return { server, time, asked, ...incidentTransport(t, server.url, { environment, ...options }) };
}

for (const [style, failing] of Object.entries(STYLES)) {
  describe(`a subscription that fails by ${style}`, () => {
    it('for want of a credential ends the connection, after the one that was refused was told', async (t) => {
      for (const code of ['UNAUTHENTICATED', 'Unauthorized', 'TOKEN_EXPIRED']) {
        const refused: string[] = [];
        const options = { token: 't1', onRefused: (token: string) => void refused.push(token) };
        const { transport, server } = await bench(
          t,
          'incidentUpdates',
          (id) => failing(id, coded(code)),
          options,
        );
        assert.equal((await rejection(transport.connect())).code, 'unauthorized');
        assert.deepEqual(refused, ['t1']);
        assert.equal(transport.state, 'closed');
        await waitFor(() => server.open.length === 0, 'the end of the socket');
      }
    });

    it('because of too many is asked for again after the time that the server names', async (t) => {
      const errors = coded('RATE_LIMITED', { retryAfter: 20 });
      let fails = true;
      const answer = (id: string) => (fails ? failing(id, errors) : []);
      const { transport, time, record, asked } = await bench(t, 'newIncidents', answer);
      await transport.connect();
      await waitFor(() => record.errors.length === 1, 'the failure');
      assert.equal(record.errors[0]?.code, 'rate-limited');
      fails = false;
      await transport.ping();
      while (asked().length === 1) {
        time.advance(1_000);
        await transport.ping();
      }
      // At least what was asked for, and up to the longest first wait of ours on top.
      assert.ok(time.now >= 20_000 && time.now <= 26_000, String(time.now));
      assert.equal(transport.state, 'open');
    });

    it('with a failure of the server is asked for again, each time later', async (t) => {
      const { transport, time, asked, record } = await bench(t, 'newIncidents', (id) => failing(id, coded()));
      await transport.connect();
      const waits: number[] = [];
      for (let count = 1; count <= 5; count++) {
        await waitFor(() => record.errors.length === count, `failure ${count}`);
        await transport.ping();
        assert.equal(asked().length, count);
        const startedAt = time.now;
        while (asked().length === count) {
          time.advance(500);
          await transport.ping();
        }
        waits.push(time.now - startedAt);
      }
      assert.deepEqual(waits, [4_000, 8_000, 16_000, 30_000, 30_000]);
      assert.ok(record.errors.every(({ code }) => code === 'server'));
    });

    it('since the server does not know it is given up, while the other goes on', async (t) => {
      const errors = [{ message: 'Unknown field "newIncidents".', locations: [{ line: 1, column: 2 }] }];
      const { transport, time, server, record, asked } = await bench(t, 'newIncidents', (id) =>
        failing(id, errors),
      );
      await transport.connect();
      time.advance(5_000);
      await transport.ping();
      assert.equal(asked().length, 1);
      const connection = server.connections[0]!;
      const id = connection
        .of('subscribe')
        .find(({ payload }) => payload?.query?.includes('incidentUpdates'))?.id;
      connection.send({ id, type: 'next', payload: update(ID) });
      await waitFor(() => record.events.length === 1, 'the other');
      assert.deepEqual(record.errors, []);
      // Another version of the server may know it.
      await transport.disconnect();
      await transport.connect();
      assert.equal(asked().length, 2);
    });

    it('where both do, there is no live stream', async (t) => {
      const refused = [{ message: 'No.', extensions: { code: 'BAD_USER_INPUT' } }];
      const { transport } = await bench(t, 'subscription', (id) => failing(id, refused));
      const error = await rejection(transport.connect());
      assert.equal(error.code, 'not-found');
      assert.equal(transport.state, 'closed');
    });
  });
}

describe('subscriptions', () => {
  it('that the server ends are asked for again after a pause, not in a loop', async (t) => {
    const ends = (id: string): Frame[] => [{ id, type: 'complete' }];
    const { transport, time, asked, record } = await bench(t, 'incidentUpdates', ends);
    await transport.connect();
    assert.equal(asked().length, 1);
    for (let second = 0; second < 60; second++) {
      time.advance(1_000);
      await transport.ping();
    }
    assert.ok(asked().length >= 3 && asked().length <= 5, String(asked().length));
    assert.deepEqual(record.errors, []);
  });

  it('are followed while somebody listens', async (t) => {
    const { transport, server } = await bench(t, 'none', () => []);
    await transport.connect();
    const connection = server.connections[0]!;
    const undo = transport.on('event', () => undefined);
    undo();
    await transport.ping();
    assert.equal(connection.of('subscribe').length, 2);
    assert.equal(connection.of('complete').length, 0, 'another listener is left');
  });

  it('to nothing are none, until somebody listens', async (t) => {
    const server = await streamServer(t);
    const { transport } = incidentTransport(t, server.url);
    // Alone, without the listener of the bench.
    const alone = new (transport.constructor as new (options: IncidentTransportOptions) => typeof transport)({
      incidentsUrl: server.url,
      environment: nodeEnvironment(),
    });
    t.after(() => alone.dispose());
    await alone.connect();
    const connection = server.connections[0]!;
    assert.equal(connection.of('subscribe').length, 0);
    const undo = alone.on('event', () => undefined);
    await waitFor(() => connection.of('subscribe').length === 2, 'both');
    undo();
    await waitFor(() => connection.of('complete').length === 2, 'the end of both');
    undo();
  });

  it('are the only thing that can be subscribed to', async (t) => {
    const { transport } = await bench(t, 'none', () => []);
    const sink = { next: () => undefined };
    for (const query of [
      '{ health { status } }',
      'mutation { addComment(incidentId: "1", comment: "subscriptions") { id } }',
    ]) {
      assert.throws(() => transport.subscribe({ query }, sink), { code: 'input' });
    }
  });

  it('leave nothing behind when the transport goes', async (t) => {
    const { transport, time, server, record } = await bench(t, 'newIncidents', (id) =>
      STYLES['an error message'](id, coded()),
    );
    await transport.connect();
    await waitFor(() => record.errors.length === 1, 'the failure whose wait goes too');
    const lost = rejection(transport.ping(MINUTE));
    server.script = { onFrame: () => {} };
    await transport.dispose();
    await transport.dispose();
    await lost.catch(() => undefined);
    assert.deepEqual(time.pending, []);
    assert.equal(server.open.length, 0);
    assert.equal((await rejection(transport.connect())).code, 'closed');
  });
});

describe('frames', () => {
  const big = (characters: number): GraphqlResult => ({ data: { alerts: { id: 'x'.repeat(characters) } } });

  it('of 10 MB are read, and the stream goes on', async (t) => {
    const list: GraphqlResult[] = [];
    const { transport, server } = await bench(t, 'alerts', (id) => [
      { id, type: 'next', payload: big(10_000_000) as never },
      { id, type: 'next', payload: big(1) as never },
    ]);
    transport.subscribe(
      { query: 'subscription { alerts { id } }' },
      { next: (result) => void list.push(result) },
    );
    await transport.connect();
    await waitFor(() => list.length === 2, 'both');
    assert.equal(transport.state, 'open');
    assert.equal(server.connections.length, 1);
  });

  it('of more than 32 MB are refused unread', async (t) => {
    const { transport, server, record } = await bench(t, 'none', () => []);
    await transport.connect();
    server.connections[0]!.raw(`{"type":"ping","payload":{"text":"${'x'.repeat(33 * 1024 * 1024)}"}}`);
    await waitFor(() => transport.state === 'closed', 'the end');
    assert.equal(record.errors[0]?.code, 'protocol');
    assert.equal(transport.malformedFrames, 1);
  });

  it('with an event that nobody understands are told of, and survived', async (t) => {
    const hostile = [
      null,
      5,
      [],
      {},
      { incidentUpdates: 'no' },
      { incidentUpdates: { incidentId: 7, updateType: 'X' } },
    ];
    const { transport, record } = await bench(t, 'incidentUpdates', (id) =>
      [...hostile, update(ID, 'SOMETHING_NEW', 'soon').data].map((data) => ({
        id,
        type: 'next',
        payload: { data },
      })),
    );
    await transport.connect();
    await waitFor(() => record.events.length === 1, 'the last one');
    assert.deepEqual(record.events, [
      { kind: 'changed', incidentId: ID, updateType: 'SOMETHING_NEW', timestamp: undefined },
    ]);
    assert.deepEqual(
      record.errors.map(({ code }) => code),
      hostile.map(() => 'protocol'),
    );
  });
});
