import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import type { DevServer } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';
import {
  call,
  chat,
  client,
  connected,
  ECHO,
  history,
  JANE,
  serve,
  SILENT,
  stream,
  SUPPORT,
  type Client,
  type WireMessage,
} from './fixture.ts';
import { END, rawSocket } from './socket.ts';

const TO_JANE = { workflow: ECHO, participantId: JANE };
const publish = (server: DevServer, text: string) => server.control({ fault: 'publish', ...TO_JANE, text });
const read = (server: DevServer) => call(server, 'history', TO_JANE);
const sendOver = ({ connection }: Client, text: string) =>
  connection.invoke('SendInboundMessage', { ...TO_JANE, text, requestId: text }, 'Chat');
const incoming = (server: DevServer) =>
  server.report().stored.filter(({ direction }) => direction === 'Incoming');

async function subscribed(t: Parameters<typeof connected>[0], server: DevServer): Promise<Client> {
  const jane = await connected(t, server);
  await jane.connection.invoke('SubscribeToAgent', ECHO, JANE, 'acme');
  return jane;
}

describe('A cut network', () => {
  it('drops requests, waiting calls, sockets and streams; control and static files go on', async (t) => {
    const server = await serve(t, { staticRoot: { '/': 'demo/server' } });
    const raw = await rawSocket(t, server);
    const events = await stream(t, server);
    const waiting = assert.rejects(call(server, 'converse', chat('x', SILENT)));
    await waitFor(() => incoming(server).length === 1, 'the waiting call');
    await server.control({ fault: 'down' });
    await waiting;
    assert.equal(await raw.closed, 1_006);
    await waitFor(() => events.ended(), 'the end of the stream');
    await assert.rejects(read(server));
    await assert.rejects(fetch(`${server.url}/health`));
    await assert.rejects(client(server).connection.start());
    assert.equal((await fetch(`${server.url}/__control`)).status, 200);
    assert.equal((await fetch(`${server.url}/main.ts`)).status, 200);
    await server.control({ fault: 'up' });
    assert.equal((await read(server)).status, 200);
  });

  it('can be had for one connection', async (t) => {
    const server = await serve(t);
    const [first, second] = [await rawSocket(t, server), await rawSocket(t, server)];
    const events = await stream(t, server);
    assert.deepEqual(
      await server
        .control({ fault: 'drop-sockets', which: 'one' })
        .then(({ sockets, streams }) => [sockets, streams]),
      [1, 0],
    );
    await first.closed;
    await server.control({ fault: 'drop-sockets', kind: 'sse' });
    await waitFor(() => events.ended(), 'the end of the stream');
    assert.deepEqual(server.report().connections, { hub: 1, sse: 0 });
    assert.equal(second.socket.readyState, second.socket.OPEN);
  });
});

describe('Refusals', () => {
  it('hit what they name, as often as they say', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'refuse', what: ['rest', 'sse'], count: 2 });
    assert.equal((await read(server)).status, 401);
    assert.equal((await stream(t, server)).response.status, 401);
    assert.equal((await read(server)).status, 200);
    await server.control({ fault: 'refuse', what: 'upgrade', status: 403 });
    await assert.rejects(client(server).connection.start());
    await server.control({ fault: 'reset' });
    await server.control({ fault: 'refuse', what: ['negotiate'], status: 503 });
    await assert.rejects(client(server, { skipNegotiation: false }).connection.start(), /'503'/);
    await connected(t, server);
  });

  it('can be failures instead, before anything is stored', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'fail', what: ['send', 'history'], count: 2 });
    assert.equal((await call(server, 'send', chat('x', SILENT))).status, 500);
    assert.equal((await read(server)).status, 500);
    assert.deepEqual(incoming(server), []);
    await server.control({ fault: 'fail', what: 'hub', count: 1 });
    const jane = await connected(t, server);
    await assert.rejects(sendOver(jane, 'x'), /An unexpected error occurred invoking 'SendInboundMessage'/);
    await sendOver(jane, 'x');
    assert.equal(incoming(server).length, 1);
  });

  it('can be 429 with any Retry-After', async (t) => {
    const server = await serve(t);
    for (const [retryAfter, expected] of [
      [7, '7'],
      ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ]) {
      await server.control({ fault: 'rate-limit', retryAfter, count: 1 });
      const response = await read(server);
      assert.deepEqual([response.status, response.headers.get('retry-after')], [429, expected]);
      assert.equal(((await response.json()) as { retryAfter: unknown }).retryAfter, expected);
    }
    assert.equal((await read(server)).status, 200);
  });

  it('can be Error events that store nothing', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await server.control({ fault: 'hub-error', message: 'Request timeout - please try again' });
    await sendOver(jane, 'lost');
    await sendOver(jane, 'kept');
    assert.deepEqual(jane.of('Error'), ['Request timeout - please try again']);
    assert.deepEqual(
      incoming(server).map(({ text }) => text),
      ['kept'],
    );
  });
});

describe('Ambiguous failures', () => {
  it('store, then answer 500 or an Error event, and the agent never hears of it', async (t) => {
    const server = await serve(t);
    const jane = await subscribed(t, server);
    await server.control({ fault: 'store-then-500', count: 3 });
    assert.equal((await call(server, 'send', chat('rest', ECHO))).status, 500);
    const conversed = await call(server, 'converse', chat('converse', ECHO));
    assert.equal(conversed.headers.get('content-type'), 'application/problem+json');
    assert.equal(conversed.status, 500);
    await sendOver(jane, 'hub');
    assert.deepEqual(jane.of('Error'), ['An unexpected error occurred']);
    await sendOver(jane, 'last');
    await jane.have('ReceiveChat');
    assert.deepEqual(
      server.report().stored.map(({ text }) => text),
      ['rest', 'converse', 'hub', 'last', 'Echo: last'],
    );
  });

  it('store, then cut the connection; the agent answers', async (t) => {
    const server = await serve(t);
    const witness = await subscribed(t, server);
    const jane = await connected(t, server);
    await server.control({ fault: 'store-then-drop', count: 2 });
    await assert.rejects(call(server, 'send', chat('rest', ECHO)));
    await assert.rejects(sendOver(jane, 'hub'));
    await witness.have('ReceiveChat', 2);
    assert.deepEqual(jane.of('InboundProcessed'), []);
    assert.equal(incoming(server).length, 2);
    const [sent, invoked] = server
      .report()
      .received.filter(({ requestId, target, path }) => requestId ?? (target || path.endsWith('send')))
      .slice(-2);
    assert.deepEqual([sent?.status, invoked?.status], [0, 'dropped']);
  });

  it('cut the connection before storing', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await server.control({ fault: 'drop-before-store', count: 2 });
    await assert.rejects(call(server, 'send', chat('rest', ECHO)));
    await assert.rejects(sendOver(jane, 'hub'));
    assert.deepEqual(incoming(server), []);
  });
});

describe('Broadcast faults', () => {
  it('suspend live events on healthy connections; what is missed is in history only', async (t) => {
    const server = await serve(t, { secondMs: 30 });
    const jane = await subscribed(t, server);
    const events = await stream(t, server, TO_JANE);
    await server.control({ fault: 'suspend-broadcasts', on: true });
    await publish(server, 'missed');
    assert.equal((await call(server, 'converse', { ...chat('x', ECHO), timeoutSeconds: 2 })).status, 408);
    await server.control({ fault: 'suspend-broadcasts', on: false });
    await publish(server, 'heard');
    await jane.have('ReceiveChat');
    await events.have('Chat');
    assert.deepEqual(
      jane.of('ReceiveChat').map(({ text }) => text),
      ['heard'],
    );
    assert.equal((await history(server, ECHO)).length, 4);
  });

  it('can suspend for a while', async (t) => {
    const server = await serve(t);
    const jane = await subscribed(t, server);
    await server.control({ fault: 'suspend-broadcasts', on: 30 });
    await publish(server, 'missed');
    await waitFor(() => !('suspend-broadcasts' in server.report().faults), 'the end of the suspension');
    await publish(server, 'heard');
    const replies = await jane.have('ReceiveChat');
    assert.deepEqual(
      replies.map(({ text }) => text),
      ['heard'],
    );
  });

  it('repeat a message with the same id and a later change', async (t) => {
    const server = await serve(t);
    const jane = await subscribed(t, server);
    await server.control({ fault: 'repeat-broadcast', times: 2, count: 1 });
    await publish(server, 'again');
    await publish(server, 'once');
    const copies = (await jane.have('ReceiveChat', 4)).slice(0, 3);
    assert.equal(new Set(copies.map(({ id }) => id)).size, 1);
    assert.equal(new Set(copies.map(({ updatedAt }) => updatedAt)).size, 3);
    assert.equal(server.report().stored.length, 2);
  });

  it('send the reply before InboundProcessed', async (t) => {
    const server = await serve(t);
    const jane = await subscribed(t, server);
    await server.control({ fault: 'reply-before-processed', on: true });
    await sendOver(jane, 'x');
    assert.deepEqual(
      jane.events.map(([event]) => event),
      ['ReceiveMessage', 'ReceiveChat', 'InboundProcessed'],
    );
    await jane.connection.invoke('SendInboundMessage', { workflow: SILENT, participantId: JANE }, 'Chat');
    assert.equal(jane.of('InboundProcessed').length, 2);
  });

  it('bring strangers, bursts, handoffs and huge replies', async (t) => {
    const server = await serve(t);
    const jane = await subscribed(t, server);
    await server.control({ fault: 'burst', ...TO_JANE, count: 300 });
    await server.control({ fault: 'handoff', from: SUPPORT, to: ECHO, participantId: JANE });
    await server.control({ fault: 'huge-reply', ...TO_JANE, bytes: 2_000_000 });
    await server.control({ fault: 'stranger', workflow: ECHO });
    const messages = await jane.have('ReceiveChat', 301);
    assert.deepEqual(
      messages.slice(0, 300).map(({ text }) => text),
      Array.from({ length: 300 }, (_, index) => `Burst message ${index + 1}`),
    );
    assert.equal(messages[300]?.text?.length, 2_000_000);
    assert.equal((await jane.have('ReceiveHandoff'))[0]?.text, `${SUPPORT} -> ${ECHO}`);
    assert.equal(
      messages.some(({ participantId }) => participantId !== JANE),
      false,
    );
  });
});

describe('Slow and stuck connections', () => {
  it('delay every answer', async (t) => {
    const server = await serve(t);
    const jane = await subscribed(t, server);
    await server.control({ fault: 'latency', ms: 60 });
    const slowest = async (work: Promise<unknown>) => {
      const started = performance.now();
      await work;
      assert.ok(performance.now() - started >= 55);
    };
    await slowest(read(server));
    await slowest(jane.connection.invoke('GetThreadHistory', ECHO, JANE, 1, 50));
    await slowest(publish(server, 'x').then(() => jane.have('ReceiveChat')));
  });

  it('keep order when the delay ends', async (t) => {
    const server = await serve(t);
    const jane = await subscribed(t, server);
    await server.control({ fault: 'latency', ms: 50 });
    await publish(server, 'first');
    await new Promise(setImmediate);
    await server.control({ fault: 'latency', ms: 0 });
    await publish(server, 'second');
    const texts = (await jane.have('ReceiveChat', 2)).map(({ text }) => text);
    assert.deepEqual(texts, ['first', 'second']);
  });

  it('write nothing while stalled, stay open, and catch up', async (t) => {
    // Each channel's beat is the clock by which the other one's silence is measured.
    const server = await serve(t, { hubPingMs: 20, secondMs: 20 });
    const jane = await subscribed(t, server);
    const raw = await rawSocket(t, server);
    const events = await stream(t, server, { ...TO_JANE, heartbeatSeconds: 1 });
    const count = (name: string) => events.frames.filter(({ event }) => event === name).length;
    const pings = () => raw.records().filter(({ type }) => type === 6).length;

    await server.control({ fault: 'stall-hub', on: true });
    // What was on its way already arrives first.
    await events.have('heartbeat', count('heartbeat') + 1);
    const records = raw.records().length;
    await publish(server, 'held');
    await events.have('Chat');
    await events.have('heartbeat', count('heartbeat') + 5);
    assert.deepEqual([raw.records().length, jane.of('ReceiveChat').length], [records, 0]);
    await server.control({ fault: 'stall-hub', on: false });
    await jane.have('ReceiveChat');

    await server.control({ fault: 'stall-sse', on: true });
    const stalled = pings();
    await waitFor(() => pings() >= stalled + 1, 'a ping');
    const frames = events.frames.length;
    await publish(server, 'held too');
    const before = pings();
    await waitFor(() => pings() >= before + 5, 'five pings');
    assert.equal(events.frames.length, frames);
    await server.control({ fault: 'stall-sse', on: false });
    await events.have('Chat', 2);
  });

  it('let invocations through while the answers are stuck', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await server.control({ fault: 'stall-hub', on: true });
    const sending = sendOver(jane, 'x');
    await waitFor(() => incoming(server).length === 1, 'the message');
    await server.control({ fault: 'stall-hub', on: false });
    await sending;
  });
});

describe('Bad proxies', () => {
  it('refuse upgrades or leave them hanging, while REST and streams work', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'block-websockets', on: true });
    await assert.rejects(client(server).connection.start());
    assert.equal(server.report().received.at(-1)?.status, 502);
    await server.control({ fault: 'block-websockets', on: true, how: 'hang' });
    const starting = assert.rejects(client(server).connection.start());
    await waitFor(() => server.report().received.length === 2, 'the second upgrade');
    await (await stream(t, server)).have('connected');
    await server.control({ fault: 'down' });
    await starting;
    await server.control({ fault: 'reset' });
    await connected(t, server);
  });

  it('answer everything with a page', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'captive-portal', on: true });
    for (const response of [await read(server), (await stream(t, server)).response]) {
      assert.deepEqual(
        [response.status, response.headers.get('content-type')],
        [200, 'text/html; charset=utf-8'],
      );
    }
    await assert.rejects(client(server).connection.start());
    await server.control({ fault: 'captive-portal', on: false });
    assert.deepEqual(await (await read(server)).json(), []);
  });

  it('spoil hub messages, streams and history', async (t) => {
    const server = await serve(t);
    await publish(server, 'kept');
    for (const kind of ['hub-garbage', 'hub-incomplete']) {
      const jane = await subscribed(t, server);
      let ended = false;
      jane.connection.onclose(() => (ended = true));
      await server.control({ fault: 'malformed', kind });
      await waitFor(() => ended, `the end after ${kind}`);
    }
    const raw = await rawSocket(t, server);
    await server.control({ fault: 'malformed', kind: 'hub-wrong-shape' });
    await raw.record({ target: 'InboundProcessed' });
    const events = await stream(t, server);
    await server.control({ fault: 'malformed', kind: 'sse-garbage' });
    await events.have('mystery');
    await server.control({ fault: 'malformed', kind: 'history-garbage' });
    const spoilt = (await (await read(server)).json()) as (WireMessage | null)[];
    assert.ok(spoilt.includes(null) && spoilt.some((item) => item?.text === 'kept'));
    await server.control({ fault: 'malformed', kind: 'history-html' });
    assert.match(await (await read(server)).text(), /<!doctype html>/);
    assert.equal(((await (await read(server)).json()) as unknown[]).length, 1);
    assert.ok(raw.messages.every((message) => message.endsWith(END)));
  });
});

describe('Faults that tell requests apart', () => {
  it('hit one tenant and leave the other alone, however its credential is sent', async (t) => {
    const server = await serve(t);
    const other = { apikey: 'sk-Xnai-dev-globex' };
    await server.control({ fault: 'fail', what: ['rest', 'upgrade'], status: 503, tenantId: 'acme' });
    assert.equal((await read(server)).status, 503);
    assert.equal((await call(server, 'history', TO_JANE, { credential: other })).status, 200);
    await assert.rejects(connected(t, server));
    await connected(t, server, { parameters: { ...other, tenantId: 'globex' } });
  });

  it('leave requests hanging, upgrades too', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'hang', what: ['history', 'upgrade'], count: 2 });
    const abort = new AbortController();
    const url = `${server.url}/api/user/rest/history?workflow=${ECHO}&participantId=${JANE}&apikey=sk-Xnai-dev`;
    const reading = assert.rejects(fetch(url, { signal: abort.signal }), { name: 'AbortError' });
    await waitFor(() => server.report().received.length === 1, 'the request');
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/chat?apikey=sk-Xnai-dev`);
    socket.on('error', () => undefined); // it is closed before it has opened
    await waitFor(() => server.report().received.length === 2, 'the upgrade');
    assert.equal(socket.readyState, socket.CONNECTING);
    assert.equal(server.report().received[0]?.status, undefined);
    socket.terminate();
    abort.abort();
    await reading;
    assert.equal((await read(server)).status, 200);
  });

  it('cut live connections some time after they were opened, again and again', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'short-lives', ms: 20 });
    for (let round = 0; round < 3; round += 1) {
      const socket = await rawSocket(t, server);
      assert.equal(await socket.closed, 1_006);
    }
    const events = await stream(t, server);
    await waitFor(() => events.ended(), 'the end of the stream');
    await server.control({ fault: 'short-lives', ms: false });
    const lasting = await subscribed(t, server);
    await publish(server, 'Still here');
    await lasting.have('ReceiveChat');
  });

  it('tell when to come back as seconds, as a date, or as nonsense', async (t) => {
    const server = await serve(t);
    const told = async (fault: { fault: string; [name: string]: unknown }) => {
      await server.control({ ...fault, count: 1 });
      return (await read(server)).headers.get('retry-after');
    };
    assert.equal(await told({ fault: 'rate-limit', retryAfter: -3 }), '-3');
    assert.equal(await told({ fault: 'rate-limit', retryAfter: 'later' }), 'later');
    const date = await told({ fault: 'rate-limit', retryAfter: 30, asDate: true });
    assert.ok(Math.abs(Date.parse(date ?? '') - Date.now() - 30_000) < 5_000, String(date));
    assert.equal(await told({ fault: 'fail', what: 'history', status: 503, retryAfter: '2' }), '2');
  });
});

describe('A system alert', () => {
  const alert = { fault: 'alert', workflow: 'Ops Agent:Alerts', text: 'Back at noon' };

  it('goes to everybody who is known, stored and streamed as an agent would', async (t) => {
    const server = await serve(t);
    await publish(server, 'Jane is known by this');
    const bob = await stream(t, server, { workflow: alert.workflow, participantId: 'bob' });
    await server.control({ ...alert, severity: 'critical', title: 'Maintenance' });
    const [frame] = await bob.have('Data');
    const seen = server.report().stored.filter(({ messageType }) => messageType === 'Data');
    assert.deepEqual(seen.map(({ participantId }) => participantId).sort(), ['bob', JANE]);
    assert.deepEqual((JSON.parse(frame?.data ?? '{}') as WireMessage).data, {
      type: 'system_alert',
      severity: 'critical',
      title: 'Maintenance',
      text: 'Back at noon',
    });
    assert.deepEqual((await history(server, alert.workflow)).length, 1);
  });

  it('goes to one participant and one topic if told so', async (t) => {
    const server = await serve(t);
    await server.control({ ...alert, participantId: JANE, topic: 'status' });
    assert.deepEqual((await history(server, alert.workflow)).length, 0);
    const [stored] = await history(server, alert.workflow, { scope: 'status' });
    assert.deepEqual(stored?.data, { type: 'system_alert', severity: 'info', text: 'Back at noon' });
  });
});

describe('The report', () => {
  it('has the trace header of what was received, which CORS lets through only where it was allowed', async (t) => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const server = await serve(t, { allowHeaders: ['traceparent'] });
    await call(server, 'history', TO_JANE, { headers: { traceparent } });
    assert.equal(server.report().received[0]?.traceparent, traceparent);
    const preflight = (url: string) =>
      fetch(`${url}/api/user/rest/history`, {
        method: 'OPTIONS',
        headers: { Origin: 'http://localhost:1', 'Access-Control-Request-Method': 'GET' },
      }).then((answer) => answer.headers.get('access-control-allow-headers') ?? '');
    assert.match(await preflight(server.url), /,traceparent$/);
    assert.doesNotMatch(await preflight((await serve(t)).url), /traceparent/);
  });
});

describe('What is stored', () => {
  it('outlives the process in a file, threads too, and half a line does no harm', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'store-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const storeFile = join(folder, 'messages.jsonl');
    const first = await serve(t, { storeFile });
    await publish(first, 'Before');
    const [before] = await history(first, ECHO);
    appendFileSync(storeFile, '{"id":"6a');
    appendFileSync(storeFile, '\n');
    const second = await serve(t, { storeFile });
    await publish(second, 'After');
    const after = await history(second, ECHO);
    assert.deepEqual(
      after.map(({ text }) => text),
      ['After', 'Before'],
    );
    assert.equal(after[0]?.threadId, before?.threadId);
    assert.notEqual(after[0]?.id, before?.id);
    await call(second, 'thread', TO_JANE);
    assert.deepEqual(await history(await serve(t, { storeFile }), ECHO), []);
  });

  it('is bounded where asked', async (t) => {
    const server = await serve(t, { storeLimit: 10 });
    await server.control({ fault: 'burst', ...TO_JANE, count: 1_000 });
    const { stored } = server.report();
    assert.ok(stored.length >= 10 && stored.length <= 15, String(stored.length));
    assert.equal(stored.at(-1)?.text, 'Burst message 1000');
  });
});
