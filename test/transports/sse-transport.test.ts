import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import {
  bench,
  fastEnvironment,
  JANE,
  mintToken,
  ManualTime,
  nodeEnvironment,
  PATIENT,
  record,
  rejection,
  waitFor,
  WORKFLOW,
  WORKFLOW_ID,
} from './support.ts';

const BILLING = 'Billing Agent:Billing Flow';

/** A server that answers every request with `answer`. */
async function strangeServer(
  t: TestContext,
  answer: (response: ServerResponse, request: IncomingMessage) => void,
) {
  const server = createServer((request, response) => answer(response, request));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const CONNECTED = 'event: connected\ndata: {"message":"Connected to message stream"}\n\n';

function frame(text: string): string {
  const data = {
    id: '66b1f0d9a4d7e9f1b2c3d4f0',
    workflowId: WORKFLOW_ID,
    participantId: JANE,
    direction: 'Outgoing',
    messageType: 'Chat',
    text,
    createdAt: '2026-07-01T09:14:57.123Z',
  };
  return `event: Chat\ndata: ${JSON.stringify(data)}\n\n`;
}

describe('SseTransport', () => {
  it('gives every HTTP failure its class', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse({ reconnect: false });
    await live.subscribe(WORKFLOW);
    const expected = [
      [400, 'input'],
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [404, 'not-found'],
      [429, 'rate-limited'],
      [500, 'server'],
      [503, 'server'],
    ] as const;
    for (const [status, code] of expected) {
      await server.control({ fault: 'fail', what: ['sse'], status, count: 1 });
      const error = await rejection(live.connect());
      assert.deepEqual([error.code, error.status, live.state], [code, status, 'closed']);
    }
    await server.control({ fault: 'captive-portal', on: true });
    assert.equal((await rejection(live.connect())).code, 'protocol');
    await server.control({ fault: 'down' });
    assert.equal((await rejection(live.connect())).code, 'network');
  });

  it('is not open before the server has said so, whatever else arrives', async (t) => {
    const serverUrl = await strangeServer(t, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: heartbeat\ndata: {"subscriberCount":1}\n\n');
    });
    const { sse } = await bench(t);
    const live = sse({ serverUrl, connectTimeoutMs: 60, reconnect: false });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    assert.equal((await rejection(live.connect())).code, 'timeout');
    assert.deepEqual([heard.heartbeats, heard.states], [1, ['connecting', 'closed']]);
  });

  it('waits for a new credential after a refusal, and keeps its subscriptions', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse({ apiKey: 'sk-Xnai-wrong' });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    assert.equal((await rejection(live.connect())).code, 'unauthorized');
    assert.equal(live.state, 'closed');
    await live.updateApiKey('sk-Xnai-dev');
    assert.equal(live.state, 'open');
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'for you' });
    await waitFor(() => heard.texts.includes('for you'), 'the message');
  });

  it('reads characters and frames that are split anywhere', async (t) => {
    const text = 'Grüße 🎉 文字';
    const bytes = Buffer.from(CONNECTED + frame(text), 'utf8');
    const serverUrl = await strangeServer(t, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.socket?.setNoDelay(true);
      let at = 0;
      const next = () => {
        response.write(bytes.subarray(at, ++at));
        if (at < bytes.length) setImmediate(next);
      };
      next();
    });
    const { sse } = await bench(t);
    const live = sse({ serverUrl, reconnect: false });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await waitFor(() => heard.messages.length > 0, 'the message');
    assert.deepEqual(heard.texts, [text]);
  });

  it('carries on after frames that are no JSON, and reads types it does not know', async (t) => {
    const serverUrl = await strangeServer(t, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        CONNECTED + 'event: Chat\ndata: {"id":"torn\n\n' + ': comment\n\nretry: x\nodd: field\n\n',
      );
      response.write(
        frame('known').replace('event: Chat', 'event: Hologram').replace('"Chat"', '"Hologram"'),
      );
    });
    const { sse } = await bench(t);
    const live = sse({ serverUrl, reconnect: false });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await waitFor(() => heard.messages.length > 0, 'the message');
    assert.deepEqual([heard.messages[0]?.type, live.state], ['Hologram', 'open']);
    assert.deepEqual(
      heard.errors.map(({ code }) => code),
      ['protocol'],
    );
  });

  it('takes a message of 20 MB, and ends a stream whose event never does', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse();
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await server.control({ fault: 'huge-reply', bytes: 20_000_000, workflow: WORKFLOW, participantId: JANE });
    await waitFor(() => heard.messages.length > 0, 'the message');
    assert.equal(heard.messages[0]?.text?.length, 20_000_000);

    const serverUrl = await strangeServer(t, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`${CONNECTED}event: Chat\ndata: `);
      const piece = 'x'.repeat(4 * 1024 * 1024);
      const more = () => {
        if (!response.destroyed) response.write(piece, () => setImmediate(more));
      };
      more();
    });
    const flooded = sse({ serverUrl, reconnect: false });
    const flood = record(flooded);
    await flooded.subscribe(WORKFLOW);
    await flooded.connect();
    await waitFor(() => flooded.state === 'closed', 'closed');
    assert.equal(flood.errors[0]?.code, 'protocol');
  });

  it('sends no header that the server’s CORS policy refuses, and names what it asks for', async (t) => {
    const requests: IncomingMessage[] = [];
    const serverUrl = await strangeServer(t, (response, request) => {
      requests.push(request);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(CONNECTED);
    });
    const { sse } = await bench(t);
    const live = sse({ serverUrl, heartbeatSeconds: 7 });
    await live.subscribe(WORKFLOW, undefined, 'billing');
    await live.connect();
    const { headers, url } = requests[0]!;
    // Headers that a page's fetch adds by itself are not the policy's business.
    const ours = Object.keys(headers).filter(
      (name) => !/^(host|connection|user-agent|accept-(encoding|language)|sec-fetch-mode)$/.test(name),
    );
    assert.deepEqual(ours.sort(), ['accept', 'authorization']);
    const query = Object.fromEntries(new URL(url!, serverUrl).searchParams);
    assert.deepEqual(query, {
      workflow: WORKFLOW_ID,
      participantId: JANE,
      tenantId: 'acme',
      heartbeatSeconds: '7',
      scope: 'billing',
    });
  });

  it('hears one topic, or all', async (t) => {
    const { server, sse } = await bench(t);
    const [one, all] = [sse(), sse()];
    const [heardOne, heardAll] = [record(one), record(all)];
    await one.subscribe(WORKFLOW, undefined, 'billing');
    await all.subscribe(WORKFLOW);
    await Promise.all([one.connect(), all.connect()]);
    for (const scope of [undefined, 'billing', 'other']) {
      const text = scope ?? 'default';
      const topic = scope ? { scope } : {};
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text, ...topic });
    }
    await waitFor(() => heardAll.messages.length === 3 && heardOne.messages.length > 0, 'the messages');
    assert.deepEqual(heardOne.texts, ['billing']);
    assert.deepEqual(
      heardAll.messages.map(({ topic }) => topic),
      [undefined, 'billing', 'other'],
    );
  });

  it('has one stream for each subscription, whenever it was made, and ends it alone', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse();
    const streams = async () => (await server.report()).connections.sse;
    await live.connect();
    assert.equal(live.state, 'open', 'nothing to open is nothing to wait for');
    await live.subscribe(WORKFLOW);
    await live.subscribe(WORKFLOW);
    await live.subscribe(BILLING);
    assert.equal(await streams(), 2);
    await live.unsubscribe(WORKFLOW);
    await waitFor(async () => (await streams()) === 1, 'one stream');
    await server.control({ fault: 'refuse', what: ['sse'], status: 403, count: 1 });
    assert.equal((await rejection(live.subscribe(WORKFLOW))).code, 'forbidden');
    assert.deepEqual([live.state, await streams()], ['open', 1]);
  });

  for (const mode of ['fetch', 'eventsource'] as const) {
    it(`opens without a workflow that was unsubscribed while connecting, through ${mode}`, async (t) => {
      const { server, sse } = await bench(t);
      await server.control({ fault: 'latency', ms: 100 });
      const live = sse({ mode, reconnect: false });
      const heard = record(live);
      await live.subscribe(WORKFLOW);
      await live.subscribe(BILLING);
      const connected = live.connect();
      const asked = async () =>
        (await server.report()).received.filter(({ path }) => path === '/api/user/sse/events').length;
      await waitFor(async () => (await asked()) === 2, 'both streams');
      await live.unsubscribe(WORKFLOW);
      await connected;
      assert.deepEqual([live.state, heard.errors], ['open', []]);
      await waitFor(async () => (await server.report()).connections.sse === 1, 'one stream');
      await server.control({ fault: 'publish', workflow: BILLING, participantId: JANE, text: 'heard' });
      await waitFor(() => heard.texts.includes('heard'), 'a message');
    });
  }

  it('opens no stream for what was unsubscribed while the token was fetched, but one for what came back', async (t) => {
    const { server, sse } = await bench(t);
    const asked: ((token: string) => void)[] = [];
    const getToken = () => new Promise<string>((resolve) => asked.push(resolve));
    const answer = () => asked.splice(0).forEach((resolve) => resolve(mintToken(JANE)));
    const live = sse({ getToken, reconnect: false });
    await live.subscribe(WORKFLOW);
    await live.subscribe(BILLING);
    const connected = live.connect();
    await waitFor(() => asked.length === 2, 'two questions for a token');
    await live.unsubscribe(WORKFLOW);
    await live.unsubscribe(BILLING);
    await live.subscribe(BILLING);
    answer();
    await waitFor(() => asked.length === 1, 'the question of the one that came back');
    answer();
    await connected;
    const { connections, received } = await server.report();
    const streams = received.filter(({ path }) => path === '/api/user/sse/events');
    assert.deepEqual([connections.sse, streams.length], [1, 1]);
  });

  it('opens all streams anew when one is lost', async (t) => {
    const { server, sse } = await bench(t);
    const live = sse({ ...PATIENT, environment: fastEnvironment(100) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.subscribe(BILLING);
    await live.connect();
    await server.control({ fault: 'drop-sockets', which: 'one', kind: 'sse' });
    await waitFor(() => heard.states.filter((state) => state === 'open').length >= 2, 'open again');
    assert.deepEqual(
      heard.errors.map(({ code }) => code),
      ['network'],
    );
    await waitFor(async () => (await server.report()).connections.sse === 2, 'two streams');
  });

  it('through EventSource too: reconnects, notices silence, and says that it cannot know why', async (t) => {
    const { server, sse } = await bench(t, { secondMs: 50 });
    const environment = fastEnvironment(20);
    const live = sse({ ...PATIENT, idleFactor: 3, mode: 'eventsource', heartbeatSeconds: 1, environment });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => heard.states.filter((state) => state === 'open').length >= 2, 'open again');
    await server.control({ fault: 'stall-sse', on: true });
    await waitFor(() => heard.errors.some(({ code }) => code === 'timeout'), 'the silence');
    await live.disconnect();
    await server.control({ fault: 'reset' });
    await server.control({ fault: 'refuse', what: ['sse'] });
    const refused = await rejection(live.connect());
    assert.deepEqual([refused.code, refused.status], ['network', undefined]);
  });

  it('disposed of, it leaves no stream and no timer', async (t) => {
    const { server, sse } = await bench(t);
    for (const mode of ['fetch', 'eventsource'] as const) {
      const time = new ManualTime();
      const environment = nodeEnvironment({ setTimer: time.setTimer, monotonicNow: time.monotonicNow });
      const live = sse({ mode, environment });
      await live.subscribe(WORKFLOW);
      await live.connect();
      assert.equal(time.pending.length, 1);
      await live.dispose();
      assert.deepEqual(time.pending, []);
      await waitFor(async () => (await server.report()).connections.sse === 0, 'no stream left');
    }
  });
});
