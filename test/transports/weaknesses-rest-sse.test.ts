import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  API_KEY,
  bench,
  fastEnvironment,
  JANE,
  ManualTime,
  mintToken,
  nodeEnvironment,
  record,
  rejection,
  storedCount,
  waitFor,
  WORKFLOW,
} from './support.ts';

/** One test for each proven weakness of the published SDK's REST and SSE classes. */
describe('REST transport, against the weaknesses of the published SDK', () => {
  it('W7.2-9: the body is the data alone, and the credential is in the header alone', async (t) => {
    const { server, rest } = await bench(t);
    const requests: { url: string; body: unknown; headers: Headers }[] = [];
    const environment = nodeEnvironment({
      fetch: (input, init) => {
        requests.push({ url: String(input), body: init?.body, headers: new Headers(init?.headers) });
        return globalThis.fetch(input, init);
      },
    });
    const token = mintToken(JANE);
    const transport = rest({ token, environment });
    const { requestId } = await transport.send({
      workflow: WORKFLOW,
      text: 'Hi',
      data: { page: '/pricing' },
    });
    const { url, body, headers } = requests[0]!;
    assert.equal(body, '{"page":"/pricing"}');
    assert.equal(headers.get('authorization'), `Bearer ${token}`);
    assert.ok(!url.includes(token) && !/apikey|access_token/.test(url), url);
    const { stored } = await server.report();
    assert.deepEqual(stored.find((message) => message.requestId === requestId)?.data, { page: '/pricing' });
  });

  it('W7.2-9: what REST would lose is refused before anything is sent', async (t) => {
    const { server, rest } = await bench(t);
    const transport = rest();
    const lost = [
      { topic: 'billing' },
      { hint: 'short' },
      { taskId: 't1' },
      { metadata: { a: 'b' } },
      { authorization: 'user-token' },
      { type: 'Handoff' },
      { type: 'File' },
    ];
    for (const fields of lost) {
      const error = await rejection(transport.send({ workflow: WORKFLOW, text: 'Hi', ...fields }));
      assert.deepEqual([error.code, error.stored, error.retryable], ['unsupported', 'no', false]);
    }
    assert.equal((await server.report()).counts.received, 0);
  });

  it('W7.2-10: converse gives one message and waits longer than the server does', async (t) => {
    const { server, rest } = await bench(t, { secondMs: 50 });
    const waits: number[] = [];
    const environment = nodeEnvironment({
      setTimer: (callback, delayMs) => {
        waits.push(delayMs);
        return nodeEnvironment().setTimer(callback, delayMs);
      },
    });
    const transport = rest({ environment });
    const reply = await transport.converse({ workflow: WORKFLOW, text: 'Hello', timeoutSeconds: 60 });
    assert.deepEqual([reply.author, reply.type], ['agent', 'Chat']);
    assert.ok(waits[0]! > 60_000, String(waits[0]));

    await server.control({ fault: 'agents', on: false });
    const error = await rejection(
      transport.converse({ workflow: WORKFLOW, text: 'Hello', timeoutSeconds: 1, requestId: 'silent' }),
    );
    assert.deepEqual(
      [error.code, error.status, error.stored, error.retryable],
      ['timeout', 408, 'yes', false],
    );
    assert.equal(await storedCount(server, 'silent'), 1);
  });

  it('W7.2-12: REST can delete a thread, and tells when there was none', async (t) => {
    const { rest } = await bench(t);
    const transport = rest({ participantId: 'Jane@Example.com' });
    assert.equal(await transport.deleteThread({ workflow: WORKFLOW }), false);
    await transport.send({ workflow: WORKFLOW, text: 'Hello' });
    assert.equal(await transport.deleteThread({ workflow: WORKFLOW }), true);
  });
});

describe('SSE transport, against the weaknesses of the published SDK', () => {
  it('W7.2-6: a JWT works: in the header through fetch, in the address through EventSource', async (t) => {
    const { server, sse } = await bench(t);
    for (const mode of ['fetch', 'eventsource'] as const) {
      const live = sse({ token: mintToken(JANE), mode });
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      await live.connect();
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: mode });
      await waitFor(() => heard.texts.includes(mode), `a message through ${mode}`);
      await live.dispose();
    }
    const { received } = await server.report();
    assert.deepEqual(
      received.map(({ transport, credential }) => [transport, credential]),
      [
        ['sse', 'header-jwt'],
        ['sse', 'query-token'],
      ],
    );
  });

  it('W7.2-7: every type of message arrives, with its type', async (t) => {
    const { server, sse } = await bench(t);
    const types = ['Chat', 'Data', 'File', 'Handoff', 'Webhook', 'Reasoning', 'Tool', 'Heartbeat'];
    for (const mode of ['fetch', 'eventsource'] as const) {
      const live = sse({ mode });
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      await live.connect();
      for (const type of types) {
        await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, type, text: type });
      }
      await waitFor(() => heard.messages.length === types.length, `one message of each type through ${mode}`);
      assert.deepEqual(
        heard.messages.map(({ type }) => type),
        types,
      );
      await live.dispose();
    }
  });

  it('W7.2-8: other participants’ messages are neither told nor logged, unless asked for', async (t) => {
    const { server, sse } = await bench(t);
    const log: string[] = [];
    const live = sse({ logger: (_level, message) => log.push(message) });
    const open = sse({ ownMessagesOnly: false });
    const [heard, heardOpen] = [record(live), record(open)];
    for (const transport of [live, open]) {
      await transport.subscribe(WORKFLOW, 'Jane@Example.com');
      await transport.connect();
    }
    await server.control({ fault: 'stranger', workflow: WORKFLOW, text: 'private matter' });
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'for you' });
    await waitFor(() => heard.messages.length > 0 && heardOpen.messages.length > 1, 'the messages');
    assert.deepEqual(heard.texts, ['for you']);
    assert.deepEqual(heardOpen.texts, ['private matter', 'for you']);
    assert.deepEqual(heard.errors, []);
    assert.doesNotMatch(log.join('\n'), /private|stranger/);
  });

  it('W7.2-14: connect() rejects when refused, joins a running one, and never opens a second stream', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse({ environment: fastEnvironment(1, { random: () => 0.99 }) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await server.control({ fault: 'refuse', what: ['sse'], status: 503, count: 1 });
    assert.equal((await rejection(live.connect())).code, 'server');
    assert.equal(live.state, 'waiting');
    await Promise.all([live.connect(), live.connect()]);
    await live.connect();
    assert.equal((await server.report()).connections.sse, 1);
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'once' });
    await waitFor(() => heard.messages.length > 0, 'the message');
    await live.dispose();
    await waitFor(async () => (await server.report()).connections.sse === 0, 'no stream left');
    assert.deepEqual(heard.texts, ['once']);
  });

  it('W7.2-15: disposed of while the token is being fetched, it opens nothing', async (t) => {
    const { server, sse, hub } = await bench(t);
    for (const make of [sse, hub]) {
      let deliver: (token: string) => void = () => {};
      const asked = new Promise<void>((resolveAsked) => {
        const live = make({
          getToken: () =>
            new Promise<string>((resolve) => {
              deliver = resolve;
              resolveAsked();
            }),
        });
        t.after(() => live.dispose());
        void live.subscribe(WORKFLOW).then(async () => {
          const failed = rejection(live.connect());
          await asked;
          const disposed = live.dispose();
          deliver(mintToken(JANE));
          await disposed;
          assert.equal((await failed).code, 'closed');
        });
      });
      await asked;
    }
    await sse().connect(); // nothing subscribed: only gives the server a turn
    const { received, connections } = await server.report();
    assert.deepEqual([received.length, connections], [0, { hub: 0, sse: 0 }]);
  });

  it('W7.2-15: a stale connect timer does not end a later attempt', async (t) => {
    const { server, sse } = await bench(t);
    const time = new ManualTime();
    const live = sse({ environment: nodeEnvironment({ setTimer: time.setTimer }), connectTimeoutMs: 1_000 });
    await live.subscribe(WORKFLOW);
    await server.control({ fault: 'refuse', what: ['sse'], status: 503, count: 1 });
    await rejection(live.connect());
    await live.connect();
    const before = time.pending;
    time.advance(1_000);
    assert.equal(live.state, 'open');
    assert.equal(before.length, 1, `only the watch for silence: ${before.join()}`);
  });

  it('W7.2-16: the server’s greeting is told once', async (t) => {
    const { sse } = await bench(t);
    const live = sse();
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    assert.equal(heard.heartbeats, 1);
    assert.deepEqual(heard.states, ['connecting', 'open']);
  });

  it('W7.2-18: waits with jitter, notices silence, and can fill a gap from history', async (t) => {
    const { server, sse, rest } = await bench(t, { secondMs: 10 });
    const live = sse({ connectTimeoutMs: 1e8, environment: fastEnvironment(100) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await server.control({ fault: 'stall-sse', on: true });
    await waitFor(() => heard.errors.length > 0, 'the silence is noticed');
    assert.equal(heard.errors[0]?.code, 'timeout');
    await server.control({ fault: 'down' });
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'missed' });
    await server.control({ fault: 'stall-sse', on: false });
    await server.control({ fault: 'up' });
    await waitFor(() => live.state === 'open', 'open again');
    const { messages } = await rest().history({ workflow: WORKFLOW });
    assert.ok(messages.some(({ text }) => text === 'missed'));
  });

  it('W7.2-22: loads where there is no WebSocket and no EventSource, and says what is missing', async (t) => {
    const { hub, sse } = await bench(t);
    const environment = nodeEnvironment({ WebSocket: undefined, EventSource: undefined });
    assert.equal((await rejection(hub({ environment }).connect())).code, 'unsupported');
    const live = sse({ environment, mode: 'eventsource', apiKey: API_KEY });
    await live.subscribe(WORKFLOW);
    assert.equal((await rejection(live.connect())).code, 'unsupported');
    const streaming = sse({ environment });
    await streaming.subscribe(WORKFLOW);
    await streaming.connect();
  });
});
