import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventSource } from 'eventsource';
import { mintToken } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';
import {
  call,
  chat,
  ECHO,
  JANE,
  KEY,
  query,
  serve,
  SILENT,
  stream,
  SUPPORT,
  type WireMessage,
} from './fixture.ts';

const FIELDS = [
  'id',
  'threadId',
  'workflowId',
  'workflowType',
  'participantId',
  'direction',
  'messageType',
  'text',
  'data',
  'hint',
  'scope',
  'requestId',
  'createdAt',
  'createdBy',
];

describe('SSE stream', () => {
  it('has the right headers and begins with connected', async (t) => {
    const server = await serve(t);
    const events = await stream(t, server, { participantId: 'JANE@example.com' });
    assert.equal(events.response.status, 200);
    assert.equal(events.response.headers.get('content-type'), 'text/event-stream');
    assert.equal(events.response.headers.get('cache-control'), 'no-cache');
    const [frame] = await events.have('connected');
    const { timestamp, ...rest } = JSON.parse(frame?.data ?? '') as Record<string, string>;
    assert.deepEqual(rest, {
      message: 'Connected to message stream',
      workflowId: `acme:${SUPPORT}`,
      participantId: JANE,
      tenantId: 'acme',
    });
    assert.match(timestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
    assert.equal(events.frames[0]?.event, 'connected');
  });

  it('names events after their type, with exactly 14 fields and nulls', async (t) => {
    const server = await serve(t);
    const events = await stream(t, server, { workflow: ECHO });
    await call(server, 'send', chat('Hi', ECHO, 'r1'));
    const [frame] = await events.have('Chat');
    const message = JSON.parse(frame?.data ?? '') as WireMessage;
    assert.deepEqual(Object.keys(message), FIELDS);
    assert.deepEqual([message.text, message.requestId, message['scope']], ['Echo: Hi', 'r1', null]);
  });

  it('carries every type, and nothing that the participant wrote', async (t) => {
    const server = await serve(t);
    const events = await stream(t, server, { workflow: SILENT });
    const types = ['Chat', 'Data', 'Handoff', 'File', 'Webhook', 'Reasoning', 'Tool', 'Heartbeat'];
    for (const type of types) {
      await call(server, 'send', chat('mine', SILENT));
      await server.control({ fault: 'publish', workflow: SILENT, participantId: JANE, type, text: 'x' });
    }
    await events.have('Heartbeat');
    assert.deepEqual(
      events.frames.map(({ event }) => event),
      ['connected', ...types],
    );
  });

  it('has frames of two lines only: no id, retry, comment or default event', async (t) => {
    const server = await serve(t, { secondMs: 10 });
    const events = await stream(t, server, { workflow: SILENT, heartbeatSeconds: 1 });
    await server.control({ fault: 'publish', workflow: SILENT, participantId: JANE, text: 'two\nlines\r\n' });
    await events.have('Chat');
    await events.have('heartbeat', 2);
    assert.match(events.text(), /^(event: \w+\ndata: \{.*\}\n\n)+$/);
  });

  it('escapes what is not ASCII and <>&\'"+', async (t) => {
    const server = await serve(t);
    const events = await stream(t, server, { workflow: SILENT });
    const text = '<b>&\'"+` é 漢 🦉 \\ \n tab\t\u007f';
    await server.control({ fault: 'publish', workflow: SILENT, participantId: JANE, text });
    const [frame] = await events.have('Chat');
    const escaped = /"text":"(.*?)","data"/.exec(frame?.data ?? '')?.[1];
    assert.equal(
      escaped,
      String.raw`\u003Cb\u003E\u0026\u0027\u0022\u002B\u0060 \u00E9 \u6F22 \uD83E\uDD89 \\ \n tab\t\u007F`,
    );
    assert.equal((JSON.parse(frame?.data ?? '') as WireMessage).text, text);
  });

  it("shows other participants' messages, as the real server does", async (t) => {
    const server = await serve(t);
    const events = await stream(t, server, { workflow: ECHO });
    await call(server, 'send', { ...chat('secret', ECHO), participantId: 'bob' });
    const [frame] = await events.have('Chat');
    assert.equal((JSON.parse(frame?.data ?? '') as WireMessage).participantId, 'bob');
  });

  it('hides them in strict mode, which is an option and a switch', async (t) => {
    const server = await serve(t, { strictSse: true });
    const events = await stream(t, server, { workflow: SILENT });
    await server.control({ fault: 'stranger', workflow: SILENT });
    await server.control({ fault: 'publish', workflow: SILENT, participantId: JANE, text: 'mine' });
    await events.have('Chat');
    await server.control({ fault: 'strict-sse', on: false });
    await server.control({ fault: 'stranger', workflow: SILENT, text: 'theirs' });
    const frames = await events.have('Chat', 2);
    assert.deepEqual(
      frames.map(({ data }) => (JSON.parse(data) as WireMessage).text),
      ['mine', 'theirs'],
    );
  });

  it('keeps workflows apart, and topics when it names one', async (t) => {
    const server = await serve(t);
    const all = await stream(t, server, { workflow: SILENT });
    const billing = await stream(t, server, { workflow: `acme:${SILENT}`, scope: 'billing' });
    const publish = (workflow: string, text: string, scope?: string) =>
      server.control({ fault: 'publish', workflow, participantId: JANE, text, ...(scope ? { scope } : {}) });
    await publish(ECHO, 'elsewhere');
    await publish(SILENT, 'default');
    await publish(SILENT, 'other', 'other');
    await publish(SILENT, 'billing', 'billing');
    const texts = (frames: { data: string }[]) =>
      frames.map(({ data }) => (JSON.parse(data) as WireMessage).text);
    assert.deepEqual(texts(await all.have('Chat', 3)), ['default', 'other', 'billing']);
    assert.deepEqual(texts(await billing.have('Chat')), ['billing']);
  });

  it('beats every heartbeatSeconds, clamped to 1 to 300, and not at once', async (t) => {
    const server = await serve(t, { secondMs: 20 });
    const fast = await stream(t, server, { heartbeatSeconds: 0 });
    const slow = await stream(t, server, { heartbeatSeconds: 9_999 });
    const before = fast.frames.length;
    const beats = await fast.have('heartbeat', before + 3);
    const { timestamp, subscriberCount } = JSON.parse(beats.at(-1)?.data ?? '') as Record<string, unknown>;
    assert.match(String(timestamp), /\.\d{7}Z$/);
    assert.equal(subscriberCount, 2);
    assert.equal(slow.frames.length, 1);
  });

  it('answers 400, 401 and 500 like REST', async (t) => {
    const server = await serve(t);
    const text = 'Workflow and participantId are required parameters';
    const open = async (parameters: Record<string, string | undefined>) => {
      const { response } = await stream(t, server, parameters);
      return response.status;
    };
    const get = (parameters: Record<string, string>) =>
      fetch(`${server.url}/api/user/sse/events?${query({ apikey: KEY, ...parameters })}`);
    const empty = await get({ workflow: SUPPORT, participantId: '' });
    assert.deepEqual([empty.status, await empty.json()], [400, text]);
    const absent = await get({ workflow: SUPPORT });
    assert.deepEqual([absent.status, await absent.text()], [400, '']);
    assert.equal(await open({ apikey: 'sk-Xnai-bad' }), 401);
    assert.equal(await open({ workflow: 'globex:Support Agent:Chat Flow' }), 500);
    assert.equal(await open({ heartbeatSeconds: 'often' }), 400);
  });

  it('forgets a stream whose client has gone', async (t) => {
    const server = await serve(t);
    const abort = new AbortController();
    const url = `${server.url}/api/user/sse/events?${query({ apikey: KEY, workflow: SUPPORT, participantId: JANE })}`;
    await fetch(url, { signal: abort.signal });
    assert.equal(server.report().connections.sse, 1);
    abort.abort();
    await waitFor(() => server.report().connections.sse === 0, 'no stream');
  });
});

describe('EventSource of the eventsource package', () => {
  const open = (url: string) => {
    const source = new EventSource(url);
    const seen: [string, WireMessage][] = [];
    for (const name of ['connected', 'Chat', 'Reasoning', 'Tool', 'Data', 'message']) {
      source.addEventListener(name, (event) => seen.push([name, JSON.parse(event.data) as WireMessage]));
    }
    return { source, seen };
  };

  it('receives connected, Reasoning, Tool and Chat under their names', async (t) => {
    const server = await serve(t);
    const workflow = 'Research Agent:Deep Flow';
    const { source, seen } = open(
      `${server.url}/api/user/sse/events?${query({ apikey: KEY, workflow, participantId: JANE })}`,
    );
    t.after(() => source.close());
    await waitFor(() => seen.length === 1, 'connected');
    await call(server, 'send', chat('limits', workflow));
    await waitFor(() => seen.some(([name]) => name === 'Chat'), 'the answer');
    assert.deepEqual(
      seen.map(([name]) => name),
      ['connected', 'Reasoning', 'Tool', 'Tool', 'Reasoning', 'Chat'],
    );
  });

  it('is refused with 401 when its JWT cannot be in a header, and does not retry by itself', async (t) => {
    const server = await serve(t);
    const parameters = { tenantId: 'acme', workflow: SUPPORT, participantId: JANE };
    const { source } = open(`${server.url}/api/user/sse/events?${query(parameters)}`);
    t.after(() => source.close());
    const error = await new Promise<{ code?: number | undefined }>((resolve) =>
      source.addEventListener('error', resolve),
    );
    assert.equal(error.code, 401);
    assert.equal(source.readyState, EventSource.CLOSED);
    assert.deepEqual(
      server.report().received.map(({ credential, status }) => [credential, status]),
      [['none', 401]],
    );
  });

  it('is let in with the JWT as access_token', async (t) => {
    const server = await serve(t);
    const parameters = {
      tenantId: 'acme',
      workflow: SUPPORT,
      participantId: JANE,
      access_token: mintToken(JANE),
    };
    const { source, seen } = open(`${server.url}/api/user/sse/events?${query(parameters)}`);
    t.after(() => source.close());
    await waitFor(() => seen.length === 1, 'connected');
  });
});
