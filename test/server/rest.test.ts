import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitFor } from '../support/wait.ts';
import {
  call,
  chat,
  ECHO,
  history,
  JANE,
  KEY,
  serve,
  SILENT,
  stream,
  SUPPORT,
  type WireMessage,
} from './fixture.ts';

const HEX_24 = /^[0-9a-f]{24}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SERVER_ERROR = {
  error: 'Internal server error',
  message: 'An error occurred while processing your request',
};

describe('REST send', () => {
  it('answers with the thread id as a bare JSON string', async (t) => {
    const server = await serve(t);
    const response = await call(server, 'send', chat('Hello'));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.match((await response.json()) as string, HEX_24);
  });

  it('keeps one thread per workflow and participant', async (t) => {
    const server = await serve(t);
    const ids = [];
    for (const [workflow, participantId] of [
      [SILENT, JANE],
      [SILENT, JANE],
      [SILENT, 'bob'],
      [ECHO, JANE],
    ]) {
      ids.push(await (await call(server, 'send', { ...chat('x', workflow), participantId })).json());
    }
    assert.equal(ids[0], ids[1]);
    assert.equal(new Set(ids).size, 3);
  });

  it('stores the whole body as data and the text from the query', async (t) => {
    const server = await serve(t);
    const data = { page: '/pricing', CamelCase: { inner: [1, null] } };
    await call(server, 'send', chat('Hello', SILENT), { json: data });
    const [message] = await history(server, SILENT);
    assert.deepEqual([message?.text, message?.data], ['Hello', data]);
  });

  it('lower-cases the participant', async (t) => {
    const server = await serve(t);
    await call(server, 'send', { ...chat('Hello', SILENT), participantId: 'JANE@Example.com' });
    assert.equal((await history(server, SILENT))[0]?.participantId, JANE);
  });

  it("takes an empty participant for the credential's own user", async (t) => {
    const server = await serve(t);
    await call(server, 'send', { ...chat('Hello', SILENT), participantId: '' });
    assert.equal(server.report().stored[0]?.participantId, 'dev-user');
  });

  it('makes a UUID when there is no request id, and echoes a given one', async (t) => {
    const server = await serve(t);
    await call(server, 'send', chat('a', SILENT));
    await call(server, 'send', chat('b', SILENT, 'mine'));
    const [b, a] = await history(server, SILENT);
    assert.match(a?.requestId ?? '', UUID);
    assert.equal(b?.requestId, 'mine');
  });

  it('does not deduplicate: the same request id twice is two messages and two replies', async (t) => {
    const server = await serve(t);
    await call(server, 'send', chat('a', ECHO, 'same'));
    await call(server, 'send', chat('a', ECHO, 'same'));
    await waitFor(() => server.report().stored.length === 4, 'two requests and two replies');
    const stored = server.report().stored;
    assert.equal(new Set(stored.map(({ id }) => id)).size, 4);
    assert.ok(stored.every(({ requestId }) => requestId === 'same'));
  });

  it('ignores scope and hint, which only the hub can carry', async (t) => {
    const server = await serve(t);
    await call(server, 'send', { ...chat('a', SILENT), scope: 'billing', hint: 'short' });
    const [message] = await history(server, SILENT);
    assert.deepEqual([message?.['scope'], message?.['hint']], [null, null]);
  });

  it('accepts type numbers, and ignores the body of a heartbeat', async (t) => {
    const server = await serve(t);
    const types = { '0': 'Chat', '1': 'Data', '4': 'Webhook', '7': 'Heartbeat' };
    for (const [type, name] of Object.entries(types)) {
      const response = await call(server, 'send', { ...chat('x', SILENT), type }, { json: { a: 1 } });
      assert.equal(response.status, 200, name);
      const message = server.report().stored.findLast(({ direction }) => direction === 'Incoming');
      assert.equal(message?.messageType, name);
      assert.deepEqual(message?.data, name === 'Heartbeat' ? null : { a: 1 });
    }
  });

  for (const type of ['File', 'Handoff', 'Reasoning', 'Tool', '3']) {
    it(`answers 500 to type ${type} and stores nothing`, async (t) => {
      const server = await serve(t);
      const response = await call(server, 'send', { ...chat('x'), type });
      assert.equal(response.status, 500);
      assert.deepEqual(await response.json(), SERVER_ERROR);
      assert.deepEqual(server.report().stored, []);
    });
  }

  const refusals: [string, Record<string, string | undefined>, string][] = [
    ['type chat, since names are case-sensitive', { type: 'chat' }, 'Invalid message type specified.'],
    ['an empty type', { type: '' }, 'Message type is required.'],
    ['an empty workflow', { workflow: '' }, 'WorkflowId is required.'],
  ];
  for (const [name, change, text] of refusals) {
    it(`answers 400 with a bare JSON string to ${name}`, async (t) => {
      const server = await serve(t);
      const response = await call(server, 'send', { ...chat('x'), ...change });
      assert.equal(response.status, 400);
      assert.equal(await response.json(), text);
    });
  }

  for (const missing of ['workflow', 'type', 'participantId']) {
    it(`answers 400 with an empty body when ${missing} is absent`, async (t) => {
      const server = await serve(t);
      const response = await call(server, 'send', { ...chat('x'), [missing]: undefined });
      assert.equal(response.status, 400);
      assert.equal(await response.text(), '');
    });
  }

  it('answers 400 with an empty body to malformed JSON, and 415 to another content type', async (t) => {
    const server = await serve(t);
    const malformed = await call(server, 'send', chat('x'), {
      body: '{"a":',
      headers: { 'Content-Type': 'application/json' },
    });
    assert.deepEqual([malformed.status, await malformed.text()], [400, '']);
    const text = await call(server, 'send', chat('x'), {
      body: 'hello',
      headers: { 'Content-Type': 'text/plain' },
    });
    assert.deepEqual([text.status, await text.text()], [415, '']);
    assert.deepEqual(server.report().stored, []);
  });

  it('changes data that is no object the way the real database does', async (t) => {
    const server = await serve(t);
    const cases: [sent: unknown, live: unknown, later: unknown][] = [
      [{ a: 1 }, { a: 1 }, { a: 1 }],
      [
        [1, 'b'],
        [1, 'b'],
        [1, 'b'],
      ],
      ['hi', '"hi"', '"hi"'],
      [7, '7', '7'],
      [true, 'true', 'true'],
      [{ value: 'only' }, 'only', 'only'],
      [{ value: { deep: 1 } }, { deep: 1 }, { value: { deep: 1 } }],
    ];
    const events = await stream(t, server, { workflow: SILENT });
    for (const [index, [sent, live, later]] of cases.entries()) {
      const message = { workflow: SILENT, participantId: JANE, type: 'Data', data: sent };
      await server.control({ fault: 'publish', ...message });
      const frame = (await events.have('Data', index + 1))[index];
      assert.deepEqual((JSON.parse(frame?.data ?? '') as WireMessage).data, live, JSON.stringify(sent));
      const stored = (await history(server, SILENT, { pageSize: 100 })).find(
        ({ id }) => id === JSON.parse(frame?.data ?? '').id,
      );
      assert.deepEqual(stored?.data, later, JSON.stringify(sent));
    }
  });
});

describe('REST converse', () => {
  it('answers with one object of nine members, nulls included', async (t) => {
    const server = await serve(t);
    const response = await call(server, 'converse', chat('Hi', ECHO, 'r1'));
    assert.equal(response.status, 200);
    const { threadId, createdAt, ...rest } = (await response.json()) as WireMessage;
    assert.match(threadId, HEX_24);
    assert.ok(Number.isFinite(Date.parse(createdAt)));
    assert.deepEqual(rest, {
      text: 'Echo: Hi',
      participantId: JANE,
      data: null,
      messageType: 'Chat',
      scope: null,
      requestId: 'r1',
      hint: null,
    });
  });

  it('waits for the type that was sent, skipping Reasoning and Tool', async (t) => {
    const server = await serve(t);
    const response = await call(server, 'converse', chat('limits', 'Research Agent:Deep Flow'));
    assert.equal(((await response.json()) as WireMessage).messageType, 'Chat');
  });

  it('tells by a heartbeat whether an agent is alive', async (t) => {
    const server = await serve(t, { secondMs: 30 });
    const beat = { workflow: SILENT, type: 'Heartbeat', participantId: JANE, timeoutSeconds: 600 };
    const alive = (await (await call(server, 'converse', beat)).json()) as WireMessage;
    assert.deepEqual([alive.messageType, alive.data], ['Data', { available: true }]);
    await server.control({ fault: 'agents', on: false });
    assert.equal((await call(server, 'converse', { ...beat, timeoutSeconds: 1 })).status, 408);
  });

  it('answers 408 as problem+json when nobody replies, and keeps the message', async (t) => {
    const server = await serve(t, { secondMs: 20 });
    const response = await call(server, 'converse', { ...chat('x', SILENT), timeoutSeconds: 1 });
    assert.equal(response.status, 408);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    const problem = (await response.json()) as Record<string, unknown>;
    assert.deepEqual(
      [problem['status'], problem['title'], problem['detail']],
      [408, 'Request Timeout', 'Request timed out waiting for response'],
    );
    assert.equal(server.report().stored.length, 1);
  });

  it('stores a second wait for the same request, and refuses it at once', async (t) => {
    const server = await serve(t, { secondMs: 100 });
    const first = call(server, 'converse', { ...chat('x', SILENT, 'same'), timeoutSeconds: 600 });
    await waitFor(() => server.report().stored.length === 1, 'the first message');
    const second = await call(server, 'converse', { ...chat('x', SILENT, 'same'), timeoutSeconds: 600 });
    assert.equal(second.status, 408);
    assert.equal(
      ((await second.json()) as { detail: string }).detail,
      'No response received within timeout period',
    );
    assert.equal(server.report().stored.length, 2);
    await server.control({
      fault: 'publish',
      workflow: SILENT,
      participantId: JANE,
      requestId: 'same',
      text: 'At last',
    });
    assert.equal(((await (await first).json()) as WireMessage).text, 'At last');
  });

  it('accepts 1 to 600 seconds', async (t) => {
    const server = await serve(t);
    for (const timeoutSeconds of [0, 601, -1]) {
      const response = await call(server, 'converse', { ...chat('x'), timeoutSeconds });
      assert.equal(response.status, 400);
      assert.equal(await response.json(), 'Timeout must be between 1 and 600 seconds.');
    }
    const unparsable = await call(server, 'converse', { ...chat('x'), timeoutSeconds: 'ten' });
    assert.deepEqual([unparsable.status, await unparsable.text()], [400, '']);
    assert.equal((await call(server, 'converse', { ...chat('x', ECHO), timeoutSeconds: 600 })).status, 200);
  });
});

describe('REST history', () => {
  it('has 21 fields, with nulls, newest message first', async (t) => {
    const server = await serve(t);
    await call(server, 'converse', chat('Hi', ECHO, 'r1'));
    const messages = await history(server, ECHO);
    assert.deepEqual(
      messages.map(({ direction }) => direction),
      ['Outgoing', 'Incoming'],
    );
    const { id, threadId, createdAt, updatedAt, ...rest } = messages[0]!;
    assert.match(id, HEX_24);
    assert.match(threadId, HEX_24);
    assert.equal(createdAt, updatedAt);
    assert.equal(Object.keys(messages[0]!).length, 21);
    assert.deepEqual(rest, {
      feedback: null,
      requestId: 'r1',
      tenantId: 'acme',
      createdBy: 'echo-agent-cert',
      direction: 'Outgoing',
      text: 'Echo: Hi',
      status: null,
      data: null,
      participantId: JANE,
      scope: null,
      hint: null,
      taskId: null,
      workflowId: `acme:${ECHO}`,
      workflowType: ECHO,
      messageType: 'Chat',
      origin: null,
      expiresAt: null,
    });
  });

  it('trims the zeros of a fraction of a second', async (t) => {
    const server = await serve(t);
    for (const createdAt of [
      '2026-07-01T09:14:57.120Z',
      '2026-07-01T09:14:57.000Z',
      '2026-07-01T09:14:50.123Z',
    ]) {
      await server.control({ fault: 'publish', workflow: SILENT, participantId: JANE, text: 'x', createdAt });
    }
    assert.deepEqual(
      (await history(server, SILENT)).map(({ createdAt }) => createdAt),
      ['2026-07-01T09:14:57.12Z', '2026-07-01T09:14:57Z', '2026-07-01T09:14:50.123Z'],
    );
  });

  it('is paged from 1, and a page past the end is empty', async (t) => {
    const server = await serve(t);
    for (let second = 1; second <= 5; second += 1) {
      const createdAt = second * 1_000;
      await server.control({
        fault: 'publish',
        workflow: SILENT,
        participantId: JANE,
        text: `${second}`,
        createdAt,
      });
    }
    const page = async (page: number) =>
      (await history(server, SILENT, { page, pageSize: 2 })).map(({ text }) => text);
    assert.deepEqual(await page(1), ['5', '4']);
    assert.deepEqual(await page(3), ['1']);
    assert.deepEqual(await page(4), []);
    assert.equal((await history(server, SILENT, { pageSize: 1 })).length, 1);
    assert.equal((await history(server, SILENT, { pageSize: 100_000 })).length, 5);
  });

  it('answers 400 to page or pageSize below 1', async (t) => {
    const server = await serve(t);
    for (const change of [{ page: 0 }, { pageSize: 0 }, { page: -1 }]) {
      const response = await call(server, 'history', { workflow: SUPPORT, participantId: JANE, ...change });
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), { error: 'Page and PageSize must be greater than 0' });
    }
    const response = await call(server, 'history', { workflow: SUPPORT, participantId: JANE, page: 'x' });
    assert.deepEqual([response.status, await response.text()], [400, '']);
  });

  it('shows one topic at a time', async (t) => {
    const server = await serve(t);
    for (const scope of [undefined, 'billing', ' billing ', '']) {
      const text = `in ${scope}`;
      await server.control({
        fault: 'publish',
        workflow: SILENT,
        participantId: JANE,
        text,
        ...(scope === undefined ? {} : { scope }),
      });
    }
    assert.equal((await history(server, SILENT)).length, 2);
    assert.equal((await history(server, SILENT, { scope: '' })).length, 2);
    assert.equal((await history(server, SILENT, { scope: 'billing' })).length, 2);
    assert.equal((await history(server, SILENT, { scope: 'other' })).length, 0);
  });

  it('of an unknown thread is empty', async (t) => {
    const server = await serve(t);
    assert.deepEqual(await history(server, 'No Agent:No Flow'), []);
  });

  it('finds parameters whatever their case, and routes too', async (t) => {
    const server = await serve(t);
    const url = `${server.url}/API/user/Rest/History?APIKEY=${KEY}&WorkFlow=${encodeURIComponent(SUPPORT)}&participantID=jane`;
    assert.equal((await fetch(url)).status, 200);
  });
});

describe('REST delete', () => {
  it('answers true once, then 404, and starts a new thread afterwards', async (t) => {
    const server = await serve(t);
    const thread = { workflow: SILENT, participantId: 'JANE@example.com' };
    const first = await (await call(server, 'send', chat('x', SILENT))).json();
    const deleted = await call(server, 'thread', thread);
    assert.deepEqual([deleted.status, await deleted.json()], [200, true]);
    assert.deepEqual(await history(server, SILENT), []);
    const again = await call(server, 'thread', thread);
    assert.deepEqual([again.status, await again.json()], [404, { error: 'Thread not found' }]);
    assert.notEqual(await (await call(server, 'send', chat('x', SILENT))).json(), first);
  });

  it('answers 400 with a bare string to an empty workflow', async (t) => {
    const server = await serve(t);
    const response = await call(server, 'thread', { workflow: '', participantId: JANE });
    assert.deepEqual([response.status, await response.json()], [400, 'Workflow is required parameter']);
  });
});

describe('Routes', () => {
  it('are answered with an empty 404 when unknown and 405 for another method', async (t) => {
    const server = await serve(t);
    const unknown = await fetch(`${server.url}/api/user/rest/topics`);
    assert.deepEqual([unknown.status, await unknown.text()], [404, '']);
    const doubled = await fetch(`${server.url}//api/user/rest/history`);
    assert.deepEqual([doubled.status, await doubled.text()], [404, '']);
    assert.equal((await fetch(`${server.url}/api/user/rest/send`)).status, 405);
  });

  it('report health as text', async (t) => {
    const server = await serve(t);
    const response = await fetch(`${server.url}/health`);
    assert.deepEqual([response.status, await response.text()], [200, 'Healthy']);
  });
});
