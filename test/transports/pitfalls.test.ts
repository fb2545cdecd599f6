import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RealtimeError } from '../../src/protocol/errors.ts';
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
  storedCount,
  waitFor,
  WORKFLOW,
  WORKFLOW_ID,
} from './support.ts';

/** Records the requests made through `fetch`, with what a server would see of them. */
function watchedFetch() {
  const requests: { url: URL; headers: Headers; body: unknown }[] = [];
  const environment = nodeEnvironment({
    fetch: (input, init) => {
      requests.push({ url: new URL(String(input)), headers: new Headers(init?.headers), body: init?.body });
      return globalThis.fetch(input, init);
    },
  });
  return { requests, environment };
}

describe('hub transport, pitfalls of the published SDK', () => {
  it('S1: tells when it is connected and when it is not', async (t) => {
    const { server, hub, sse } = await bench(t);
    for (const live of [hub({ reconnect: false }), sse({ reconnect: false })]) {
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      await live.connect();
      await server.control({ fault: 'drop-sockets' });
      await waitFor(() => live.state === 'closed', 'closed');
      assert.deepEqual(heard.states, ['connecting', 'open', 'closed']);
      assert.equal(heard.errors[0]?.code, 'network');
    }
  });

  it('S2: subscribes again after every reconnect', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ ...PATIENT, environment: fastEnvironment(100) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.subscribe('Billing Agent:Billing Flow');
    await live.connect();
    for (let round = 1; round <= 3; round++) {
      await server.control({ fault: 'drop-sockets' });
      await waitFor(() => heard.states.filter((state) => state === 'open').length > round, 'reconnected');
      const text = `round ${round}`;
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text });
      await waitFor(() => heard.texts.includes(text), text);
    }
    const { received } = await server.report();
    assert.equal(received.filter(({ target }) => target === 'SubscribeToAgent').length, 8);
  });

  it('S3: spreads its attempts, and goes on as long as it is wanted', async (t) => {
    const { server, hub } = await bench(t);
    await server.control({ fault: 'down' });
    const waits = async (random: number) => {
      const time = new ManualTime();
      const live = hub({
        environment: nodeEnvironment({
          setTimer: time.setTimer,
          monotonicNow: time.monotonicNow,
          random: () => random,
        }),
      });
      const heard = record(live);
      const seen: number[] = [];
      await rejection(live.connect());
      for (let attempt = 1; attempt <= 8; attempt++) {
        const failures = () => heard.states.filter((state) => state === 'waiting').length;
        await waitFor(() => failures() === attempt, `failure ${attempt}`);
        seen.push(Math.round(time.pending[0]!));
        time.advance(time.pending[0]!);
      }
      await live.dispose();
      return seen;
    };
    const [low, high] = [await waits(0), await waits(0.999)];
    assert.deepEqual(low, [0, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
    assert.ok(
      high.every((wait, attempt) => wait > low[attempt]! && wait <= 45_000),
      high.join(),
    );
  });

  it('S4: a send rejects on the server’s Error, and confirms only what the server confirmed', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub();
    await live.connect();
    await server.control({ fault: 'reply-before-processed', on: true });
    const { threadId, requestId } = await live.send({ workflow: WORKFLOW, text: 'Hello' });
    const { stored } = await server.report();
    assert.equal(stored.find((message) => message.requestId === requestId)?.threadId, threadId);
    await server.control({ fault: 'hub-error', message: 'Invalid request data' });
    assert.ok((await rejection(live.send({ workflow: WORKFLOW, text: 'Hello' }))) instanceof RealtimeError);
  });

  it('S5: a first failure is retried like a later one', async (t) => {
    const { server, hub } = await bench(t);
    await server.control({ fault: 'down' });
    const live = hub({ ...PATIENT, environment: fastEnvironment(100) });
    assert.equal((await rejection(live.connect())).code, 'network');
    await server.control({ fault: 'up' });
    await waitFor(() => live.state === 'open', 'open');
  });
});

describe('REST transport, pitfalls of the published SDK', () => {
  it('S6: no credential is in any address, neither a key nor a token', async (t) => {
    const { rest, sse } = await bench(t);
    for (const credential of [{ apiKey: API_KEY }, { token: mintToken(JANE) }]) {
      const { requests, environment } = watchedFetch();
      const transport = rest({ ...credential, environment });
      await transport.send({ workflow: WORKFLOW, text: 'Hello' });
      await transport.converse({ workflow: WORKFLOW, text: 'Hello' });
      await transport.history({ workflow: WORKFLOW });
      await transport.heartbeat(WORKFLOW);
      await transport.deleteThread({ workflow: WORKFLOW });
      const stream = sse({ ...credential, environment });
      await stream.subscribe(WORKFLOW);
      await stream.connect();
      assert.equal(requests.length, 6);
      for (const { url, headers } of requests) {
        const [value = ''] = Object.values(credential);
        assert.ok(!url.href.includes(value), url.pathname);
        assert.equal(headers.get('authorization'), `Bearer ${value}`);
      }
    }
  });

  it('S6: the hub gets a key in its address, where it looks for one, and a token never as one', async (t) => {
    const { server, hub } = await bench(t);
    for (const credential of [{ apiKey: API_KEY }, { token: mintToken(JANE) }]) {
      await hub(credential).connect();
    }
    const { received } = await server.report();
    const [first, second] = received.map(({ credential }) => credential);
    assert.equal(first, 'query-key');
    assert.ok(second === 'header-jwt' || second === 'query-token', second);
  });

  it('S7: a text that the address cannot hold is refused before it is sent', async (t) => {
    const { server, rest } = await bench(t);
    const transport = rest();
    for (const text of ['x'.repeat(8_100), '文'.repeat(900), 'a b'.repeat(3_000)]) {
      const error = await rejection(transport.send({ workflow: WORKFLOW, text }));
      assert.deepEqual([error.code, error.stored], ['too-large', 'no']);
    }
    assert.equal((await server.report()).counts.received, 0);
  });

  it('S8: the body is the data, and the credential is not stored with it', async (t) => {
    const { server, rest } = await bench(t);
    const token = mintToken(JANE);
    const data = { cart: [{ sku: 'A-1' }], total: 12.5 };
    const { requestId } = await rest({ token }).send({ workflow: WORKFLOW, data });
    const { stored } = await server.report();
    const message = stored.find((candidate) => candidate.requestId === requestId);
    assert.deepEqual([message?.messageType, message?.data], ['Data', data]);
    assert.ok(!JSON.stringify(stored).includes(token));
  });

  it('S9: topic and hint are refused over REST and kept over the hub', async (t) => {
    const { server, rest, hub } = await bench(t);
    const message = { workflow: WORKFLOW, text: 'Hello', topic: 'billing', hint: 'short' };
    assert.equal((await rejection(rest().send(message))).code, 'unsupported');
    const live = hub();
    await live.connect();
    const { requestId } = await live.send(message);
    const stored = (await server.report()).stored.find((candidate) => candidate.requestId === requestId);
    assert.deepEqual([stored?.scope, stored?.hint], ['billing', 'short']);
    const page = await live.history({ workflow: WORKFLOW, topic: 'billing' });
    assert.equal(page.messages[0]?.topic, 'billing');
    assert.equal((await live.history({ workflow: WORKFLOW })).messages.length, 0);
    assert.equal(
      (await rest().history({ workflow: WORKFLOW, topic: 'billing' })).messages[0]?.topic,
      'billing',
    );
  });

  it('S10: the address is not logged', async (t) => {
    const { rest } = await bench(t);
    const log: string[] = [];
    const transport = rest({ logger: (_level, message) => log.push(message) });
    await transport.send({ workflow: WORKFLOW, text: 'my secret question' });
    await rejection(transport.send({ workflow: WORKFLOW, type: 'chat', text: 'my secret question' }));
    assert.ok(log.length > 0);
    assert.doesNotMatch(log.join('\n'), /secret|question|\?|jane/);
  });

  it('S11: the wait that the server asks for is in the error', async (t) => {
    const { server, rest, sse } = await bench(t);
    await server.control({ fault: 'rate-limit', retryAfter: '37' });
    const error = await rejection(rest().history({ workflow: WORKFLOW }));
    assert.deepEqual([error.code, error.retryAfterMs, error.retryable], ['rate-limited', 37_000, true]);
    const time = new ManualTime();
    const live = sse({ environment: nodeEnvironment({ setTimer: time.setTimer, random: () => 0 }) });
    await live.subscribe(WORKFLOW);
    assert.equal((await rejection(live.connect())).retryAfterMs, 37_000);
    assert.deepEqual(time.pending, [37_000]);
  });

  it('S12: every failure has a class and a code, the network’s too', async (t) => {
    const { server, rest, hub, sse } = await bench(t);
    await server.stop();
    const stream = sse();
    await stream.subscribe(WORKFLOW);
    const errors = await Promise.all([
      rejection(rest().send({ workflow: WORKFLOW, text: 'Hello' })),
      rejection(rest().history({ workflow: WORKFLOW })),
      rejection(hub().connect()),
      rejection(stream.connect()),
    ]);
    for (const error of errors) {
      assert.ok(error instanceof RealtimeError);
      assert.deepEqual([error.code, error.retryable], ['network', true]);
    }
    assert.deepEqual(
      errors.map(({ stored }) => stored),
      ['maybe', 'no', 'no', 'no'],
    );
  });

  it('S13: the same request means the same on both transports, also without a type', async (t) => {
    const { server, rest, hub } = await bench(t);
    const live = hub();
    await live.connect();
    for (const transport of [rest(), live]) {
      const { requestId } = await transport.send({ workflow: WORKFLOW, text: 'Hello' });
      const data = await transport.send({ workflow: WORKFLOW, data: { a: 1 } });
      const { stored } = await server.report();
      const typeOf = (id: string) => stored.find((message) => message.requestId === id)?.messageType;
      assert.deepEqual([typeOf(requestId), typeOf(data.requestId)], ['Chat', 'Data']);
      for (const wrong of [
        { text: undefined },
        { data: [1] as never },
        { data: { value: 1 } },
        { workflow: 'x' },
      ]) {
        const request = { workflow: WORKFLOW, text: 'Hello', ...wrong };
        assert.equal((await rejection(transport.send(request))).code, 'input', JSON.stringify(wrong));
      }
    }
  });
});

describe('SSE transport, pitfalls of the published SDK', () => {
  it('S14: connect() resolves with the server’s greeting, not before', async (t) => {
    const { server, sse } = await bench(t);
    await server.control({ fault: 'stall-sse', on: true });
    const live = sse({ connectTimeoutMs: 60, reconnect: false });
    await live.subscribe(WORKFLOW);
    assert.equal((await rejection(live.connect())).code, 'timeout');
    await server.control({ fault: 'stall-sse', on: false });
    await live.connect();
    assert.equal(live.state, 'open');
  });

  it('S15: the server sees the JWT', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse({ getToken: async () => mintToken(JANE) });
    await live.subscribe(WORKFLOW);
    await live.connect();
    const { received } = await server.report();
    assert.equal(received.find(({ transport }) => transport === 'sse')?.credential, 'header-jwt');
  });

  it('S16: does not give up after any number of failures', async (t) => {
    const { server, sse } = await bench(t);
    await server.control({ fault: 'fail', what: ['sse'], count: 12 });
    const live = sse({ ...PATIENT, environment: fastEnvironment(2_000) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await rejection(live.connect());
    await waitFor(() => live.state === 'open', 'open');
    assert.equal(heard.errors.length, 11, 'the first failure was the caller’s');
  });

  it('S17: what was missed can be read from history and merged by id', async (t) => {
    const { server, sse, rest } = await bench(t);
    const live = sse({ ...PATIENT, environment: fastEnvironment(100) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    const publish = (text: string) =>
      server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text });
    await publish('before');
    await waitFor(() => heard.messages.length === 1, 'the first message');
    await server.control({ fault: 'down' });
    await publish('between');
    await server.control({ fault: 'up' });
    await waitFor(() => heard.states.includes('waiting') && live.state === 'open', 'open again');
    await publish('after');
    await waitFor(() => heard.messages.length === 2, 'the last message');
    const { messages } = await rest().history({ workflow: WORKFLOW });
    const byId = new Map([...heard.messages, ...messages].map((message) => [message.id, message.text]));
    assert.deepEqual([...byId.values()].sort(), ['after', 'before', 'between']);
  });

  it('S18: silence on an open stream is noticed within three heartbeats', async (t) => {
    const { server, sse } = await bench(t, { secondMs: 100 });
    const live = sse({ heartbeatSeconds: 1, reconnect: false, environment: fastEnvironment(10) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await waitFor(() => heard.heartbeats > 4, 'heartbeats keep it open');
    assert.equal(live.state, 'open');
    await server.control({ fault: 'stall-sse', on: true });
    await waitFor(() => live.state === 'closed', 'closed');
    assert.equal(heard.errors[0]?.code, 'timeout');
  });
});

describe('facts about the real server', () => {
  it('srv: a participant in mixed case hears replies on both live channels', async (t) => {
    const { hub, sse } = await bench(t);
    const [live, stream] = [
      hub({ participantId: ' JANE@example.com ' }),
      sse({ participantId: 'Jane@Example.com' }),
    ];
    const heard = [record(live), record(stream)];
    for (const transport of [live, stream]) {
      await transport.subscribe(WORKFLOW);
      await transport.connect();
    }
    await live.send({ workflow: WORKFLOW, text: 'Hello' });
    await waitFor(() => heard.every(({ messages }) => messages.length === 1), 'the reply on both');
  });

  it('srv: an Error after storing and a lost answer are both left open', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ ...PATIENT, environment: fastEnvironment(100) });
    await live.connect();
    for (const fault of ['store-then-500', 'store-then-drop']) {
      await waitFor(() => live.state === 'open', 'open');
      await server.control({ fault });
      const error = await rejection(live.send({ workflow: WORKFLOW, text: 'Hello', requestId: fault }));
      assert.equal(error.stored, 'maybe');
      assert.equal(await storedCount(server, fault), 1);
    }
  });

  it('srv: a frame torn by a heartbeat costs that frame only', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse();
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await server.control({ fault: 'malformed', kind: 'sse-garbage' });
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'after' });
    await waitFor(() => heard.texts.includes('after'), 'the message after the garbage');
    assert.equal(live.state, 'open');
    assert.ok(heard.errors.every(({ code }) => code === 'protocol'));
  });

  it('srv: a full workflow id and its short form are the same conversation', async (t) => {
    const { hub, rest } = await bench(t);
    const live = hub();
    const heard = record(live);
    await live.subscribe(WORKFLOW_ID);
    await live.connect();
    await rest().send({ workflow: WORKFLOW, text: 'Hello' });
    await waitFor(() => heard.messages.length === 1, 'the reply');
    assert.deepEqual(
      (await live.history({ workflow: WORKFLOW })).messages,
      (await rest().history({ workflow: WORKFLOW_ID })).messages,
    );
  });
});
