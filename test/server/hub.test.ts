import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HubConnectionState } from '@microsoft/signalr';
import { mintToken } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';
import {
  call,
  chat,
  client,
  connected,
  ECHO,
  history,
  JANE,
  KEY,
  query,
  serve,
  SILENT,
  SUPPORT,
  type Client,
  type WireMessage,
} from './fixture.ts';

const subscribe = ({ connection }: Client, workflow = ECHO, participantId = JANE) =>
  connection.invoke('SubscribeToAgent', workflow, participantId, 'acme');
const sendTo = ({ connection }: Client, workflow: string, text: string, more: object = {}, type = 'Chat') =>
  connection.invoke('SendInboundMessage', { workflow, participantId: JANE, text, ...more }, type);

describe('Hub', () => {
  for (const skipNegotiation of [true, false]) {
    it(`talks to the official client ${skipNegotiation ? 'without' : 'with'} negotiation`, async (t) => {
      const server = await serve(t);
      const jane = await connected(t, server, { skipNegotiation });
      await subscribe(jane);
      await sendTo(jane, ECHO, 'Hi', { requestId: 'r1', scope: 'billing', hint: 'short' });
      const [message] = await jane.have('ReceiveChat');
      assert.deepEqual(
        [message?.text, message?.requestId, message?.['scope'], message?.['hint']],
        ['Echo: Hi', 'r1', 'billing', 'short'],
      );
      assert.deepEqual(jane.of('InboundProcessed'), [message?.threadId]);
      assert.equal(typeof jane.connection.connectionId, skipNegotiation ? 'object' : 'string');
    });
  }

  it('pushes a message without null members, with its expiry, and a legacy twin', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await subscribe(jane);
    await sendTo(jane, ECHO, 'Hi', { requestId: 'r1' });
    const [message] = await jane.have('ReceiveChat');
    assert.deepEqual(Object.keys(message ?? {}).sort(), [
      'createdAt',
      'createdBy',
      'direction',
      'expiresAt',
      'id',
      'messageType',
      'participantId',
      'requestId',
      'tenantId',
      'text',
      'threadId',
      'updatedAt',
      'workflowId',
      'workflowType',
    ]);
    assert.deepEqual(jane.of('ReceiveMessage'), [message]);
    await server.control({
      fault: 'publish',
      workflow: ECHO,
      participantId: JANE,
      type: 'Data',
      data: { a: null },
    });
    const [data] = await jane.have('ReceiveData');
    assert.deepEqual(data?.data, { a: null });
    assert.deepEqual(jane.of('ReceiveMetadata'), [data]);
  });

  it('sends Reasoning, Tool, File, Webhook and Heartbeat as ReceiveChat, and Handoff by itself', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await subscribe(jane);
    const types = ['Reasoning', 'Tool', 'File', 'Webhook', 'Heartbeat', 'Handoff'];
    for (const type of types) {
      await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, type, text: 'x' });
    }
    await jane.have('ReceiveHandoff');
    assert.deepEqual(
      jane.of('ReceiveChat').map(({ messageType }) => messageType),
      types.slice(0, -1),
    );
  });

  it('never pushes what the participant wrote, except a Handoff', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await subscribe(jane, SILENT);
    for (const type of ['Chat', 'Data', 'Handoff']) await sendTo(jane, SILENT, 'x', {}, type);
    const [echo] = await jane.have('ReceiveHandoff');
    assert.equal(echo?.direction, 'Incoming');
    assert.deepEqual(jane.of('ReceiveChat'), []);
    assert.equal(jane.of('InboundProcessed').length, 3);
  });

  it('delivers to the participant that subscribed in lower case, and to nobody else', async (t) => {
    const server = await serve(t);
    const [lower, mixed, bob] = [
      await connected(t, server),
      await connected(t, server),
      await connected(t, server),
    ];
    await subscribe(lower, ECHO, 'user-1');
    await subscribe(mixed, ECHO, 'User-1');
    await subscribe(bob, ECHO, 'bob');
    await sendTo(mixed, ECHO, 'Hi', { participantId: 'User-1' });
    await lower.have('ReceiveChat');
    assert.equal(mixed.of('InboundProcessed').length, 1);
    assert.deepEqual([mixed.of('ReceiveChat'), bob.of('ReceiveChat'), mixed.of('Error')], [[], [], []]);
  });

  it('stops delivering after unsubscribing, and takes a second subscription for the first', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await subscribe(jane);
    await subscribe(jane, `acme:${ECHO}`);
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'one' });
    await jane.have('ReceiveChat');
    await jane.connection.invoke('UnsubscribeFromAgent', ECHO, JANE, 'acme');
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'two' });
    await subscribe(jane);
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'three' });
    await jane.have('ReceiveChat', 2);
    assert.deepEqual(
      jane.of('ReceiveChat').map(({ text }) => text),
      ['one', 'three'],
    );
  });

  it('does not deduplicate either: one request id, two messages, two replies', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await subscribe(jane);
    await sendTo(jane, ECHO, 'x', { requestId: 'same' });
    await sendTo(jane, ECHO, 'x', { requestId: 'same' });
    const replies = await jane.have('ReceiveChat', 2);
    assert.equal(new Set(replies.map(({ id }) => id)).size, 2);
    assert.equal(server.report().stored.length, 4);
  });

  it('reads history newest first without nulls; page 0 is null, topics are apart', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    for (const [text, scope] of [['a'], ['b'], ['c', 'billing']]) {
      const topic = scope === undefined ? {} : { scope };
      await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text, ...topic });
    }
    await jane.connection.invoke('GetThreadHistory', ECHO, 'JANE@example.com', 1, 50);
    await jane.connection.invoke('GetThreadHistory', ECHO, JANE, 0, 50);
    await jane.connection.invoke('GetScopedThreadHistory', ECHO, JANE, 1, 50, 'billing');
    await jane.connection.invoke('GetScopedThreadHistory', ECHO, JANE, 1, 50, null);
    await jane.connection.invoke('GetThreadHistory', ECHO, JANE, 2, 50);
    const pages = jane.of<WireMessage[] | null>('ThreadHistory');
    assert.deepEqual(
      pages.map((page) => page?.map(({ text }) => text) ?? null),
      [['b', 'a'], null, ['c'], ['b', 'a'], []],
    );
    const fields = Object.keys(pages[0]?.[0] ?? {});
    assert.ok(!fields.includes('expiresAt') && !fields.includes('data') && fields.includes('updatedAt'));
  });

  it('refuses pages and sizes out of range with an Error event, although the call resolves', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    for (const [page, size] of [
      [-1, 50],
      [1, 1],
      [1, 1_001],
    ]) {
      await jane.connection.invoke('GetThreadHistory', ECHO, JANE, page, size);
    }
    for (const size of [2, 1_000]) await jane.connection.invoke('GetThreadHistory', ECHO, JANE, 1, size);
    const tooSmall = 'PageSize must be between 1 and 1000';
    assert.deepEqual(jane.of('Error'), ['Page must be non-negative', tooSmall, tooSmall]);
    assert.equal(jane.of('ThreadHistory').length, 2);
  });

  it('deletes a thread for the exact participant only', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await sendTo(jane, SILENT, 'x');
    await jane.connection.invoke('DeleteThread', SILENT, 'Jane@example.com');
    await jane.connection.invoke('DeleteThread', 'globex:Silent Agent:Silent Flow', JANE);
    await jane.connection.invoke('DeleteThread', SILENT, JANE);
    assert.deepEqual(jane.of('Error'), ['Thread not found', 'An unexpected error occurred']);
    assert.deepEqual(jane.of('ThreadDeleted'), [true]);
    assert.deepEqual(await history(server, SILENT), []);
  });

  it('names what is missing in an Error event', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    const calls: [text: string, method: string, ...args: unknown[]][] = [
      ['Workflow parameter is required', 'SubscribeToAgent', '', JANE, 'acme'],
      ['Workflow parameter is required', 'SubscribeToAgent', null, JANE, 'acme'],
      ['ParticipantId parameter is required', 'UnsubscribeFromAgent', ECHO, ' ', 'acme'],
      ['TenantId parameter is required', 'SubscribeToAgent', ECHO, JANE, ''],
      ['Access denied - invalid tenant', 'SubscribeToAgent', ECHO, JANE, 'globex'],
      ['Request cannot be null', 'SendInboundMessage', null, 'Chat'],
      ['MessageType is required', 'SendInboundMessage', { workflow: ECHO, participantId: JANE }, ''],
      [
        'Invalid message type. Valid types are: Chat, Data',
        'SendInboundMessage',
        { workflow: ECHO, participantId: JANE },
        'chat',
      ],
    ];
    for (const [text, method, ...args] of calls) {
      await jane.connection.invoke(method, ...args);
      assert.equal(jane.of('Error').at(-1), text);
    }
    assert.equal(jane.of('Error').length, calls.length);
    assert.deepEqual(server.report().stored, []);
  });

  it('fails the invocation for what cannot be bound or run', async (t) => {
    const server = await serve(t);
    const { connection, events } = await connected(t, server);
    const request = { workflow: ECHO, participantId: JANE };
    const unbound = (method: string) => `Failed to invoke '${method}' due to an error on the server.`;
    const failed = (method: string) => `An unexpected error occurred invoking '${method}' on the server.`;
    const calls: [text: string, method: string, ...args: unknown[]][] = [
      ["Unknown hub method 'Nothing'", 'Nothing'],
      [unbound('SubscribeToAgent'), 'SubscribeToAgent', ECHO, JANE],
      [unbound('GetThreadHistory'), 'GetThreadHistory', ECHO, JANE, 1, 50, null],
      [unbound('GetThreadHistory'), 'GetThreadHistory', ECHO, JANE, '1', 50],
      [unbound('SubscribeToAgent'), 'SubscribeToAgent', 7, JANE, 'acme'],
      [unbound('SendInboundMessage'), 'SendInboundMessage', { workflow: ECHO }, 'Chat'],
      [unbound('SendInboundMessage'), 'SendInboundMessage', { ...request, type: 'Poem' }, 'Chat'],
      [unbound('SendInboundMessage'), 'SendInboundMessage', { ...request, text: 7 }, 'Chat'],
      [unbound('SendInboundMessage'), 'SendInboundMessage', { ...request, metadata: { a: 1 } }, 'Chat'],
      [failed('SendInboundMessage'), 'SendInboundMessage', { participantId: JANE }, 'Chat'],
      [failed('SendInboundMessage'), 'SendInboundMessage', { ...request, workflow: 'globex:A:B' }, 'Chat'],
    ];
    for (const [text, method, ...args] of calls) {
      await assert.rejects(
        connection.invoke(method, ...args),
        (error: Error) => error.message.includes(text),
        text,
      );
    }
    assert.deepEqual(events, []);
    assert.deepEqual(server.report().stored, []);
  });

  it('takes method and member names in any case, and the type from the argument', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    const request = {
      Workflow: SILENT,
      PARTICIPANTID: JANE,
      Text: 'x',
      type: 'chat',
      agent: 'a',
      threadId: 'b',
    };
    await jane.connection.invoke('sendinboundmessage', request, 'Data');
    await jane.connection.invoke('SendInboundMessage', { ...request, type: 3 }, '0');
    assert.deepEqual(
      (await history(server, SILENT)).map(({ messageType, text }) => [messageType, text]),
      [
        ['Chat', 'x'],
        ['Data', 'x'],
      ],
    );
  });

  it('lets File, Reasoning and Tool in, which REST refuses, and agents ignore the latter two', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await subscribe(jane, SUPPORT);
    for (const type of ['Reasoning', 'Tool']) await sendTo(jane, SUPPORT, 'x', {}, type);
    await sendTo(jane, SUPPORT, '', { data: { files: [{ fileName: 'a.pdf' }] } }, 'File');
    const [reply] = await jane.have('ReceiveChat');
    assert.match(reply?.text ?? '', /a\.pdf/);
    assert.deepEqual(jane.of('Error'), []);
  });

  it('stores all eight types under the names it was given', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    const types = ['Chat', 'Data', 'File', 'Handoff', 'Webhook', 'Reasoning', 'Tool', 'Heartbeat'];
    for (const type of types) await sendTo(jane, 'No Agent:No Flow', 'x', {}, type);
    assert.deepEqual(
      server.report().stored.map(({ messageType }) => messageType),
      types,
    );
  });

  it('tells REST and hub messages in one thread', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await subscribe(jane);
    const threadId = await (await call(server, 'send', chat('over REST', ECHO))).json();
    await sendTo(jane, ECHO, 'over the hub');
    assert.deepEqual(await jane.have('InboundProcessed'), [threadId]);
    await jane.have('ReceiveChat', 2);
  });

  it('forgets groups with the connection: after a reconnect replies come only once resubscribed', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server, { reconnect: [0, 0, 10, 10, 10] });
    let reconnects = 0;
    jane.connection.onreconnected(() => (reconnects += 1));
    await subscribe(jane);
    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => reconnects === 1, 'a reconnect');
    const witness = await connected(t, server);
    await subscribe(witness);
    await sendTo(jane, ECHO, 'unheard');
    await witness.have('ReceiveChat');
    await subscribe(jane);
    await sendTo(jane, ECHO, 'heard');
    const replies = await jane.have('ReceiveChat');
    assert.deepEqual(
      replies.map(({ text }) => text),
      ['Echo: heard'],
    );
  });

  const closes: [frame: object, outcome: 'stays away' | 'comes back', error: string | undefined][] = [
    [{}, 'stays away', undefined],
    [{ allowReconnect: true }, 'comes back', undefined],
    [{ error: 'Connection closed with an error.' }, 'stays away', 'Connection closed with an error.'],
    [{ error: 'Connection closed with an error.', allowReconnect: true }, 'comes back', undefined],
  ];
  for (const [frame, outcome, text] of closes) {
    it(`closes with ${JSON.stringify(frame)}: the official client ${outcome}`, async (t) => {
      const server = await serve(t);
      const { connection } = await connected(t, server, { reconnect: [0, 0, 10, 10] });
      const ends: (Error | undefined)[] = [];
      let reconnected = false;
      connection.onclose((error) => ends.push(error));
      connection.onreconnected(() => (reconnected = true));
      await server.control({ fault: 'close-hub', ...frame });
      if (outcome === 'comes back') return waitFor(() => reconnected, 'a reconnect').then(() => undefined);
      await waitFor(() => ends.length > 0, 'the end');
      assert.equal(connection.state, HubConnectionState.Disconnected);
      if (text === undefined) assert.equal(ends[0], undefined);
      else assert.match(ends[0]?.message ?? '', new RegExp(text));
    });
  }

  it('closes with an error on a text of 40 KB, and the invocation rejects', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await assert.rejects(sendTo(jane, SILENT, 'a'.repeat(40_000)), /Connection closed with an error/);
    assert.deepEqual(server.report().stored, []);
  });

  it('resolves the four forms of workflow names in both of its ways', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    const stored = async (request: object) => {
      await jane.connection.invoke(
        'SendInboundMessage',
        { participantId: JANE, text: 'x', ...request },
        'Chat',
      );
      const { workflowId, workflowType } = server.report().stored.at(-1)!;
      return [workflowId, workflowType];
    };
    assert.deepEqual(await stored({ workflow: 'A:B' }), ['acme:A:B', 'A:B']);
    assert.deepEqual(await stored({ workflow: 'acme:A:B' }), ['acme:A:B', 'A:B']);
    assert.deepEqual(await stored({ workflow: 'acme:A:B:Mine' }), ['acme:A:B:Mine', 'A:B']);
    assert.deepEqual(await stored({ workflow: 'name' }), ['acme:name', 'name']);
    assert.deepEqual(await stored({ workflow: 'acme:support' }), ['acme:acme:support', 'acme:support']);
    assert.deepEqual(await stored({ workflowId: 'acme:A:B' }), ['acme:A:B', 'A:B']);
    assert.deepEqual(await stored({ workflowType: 'A:B' }), ['acme:A:B', 'A:B']);
    assert.deepEqual(await stored({ workflowType: 'A:B', workflowId: 'Mine' }), ['acme:A:B:Mine', 'A:B']);
    await call(server, 'send', chat('x', 'name'));
    const overRest = server.report().stored.at(-1);
    assert.deepEqual([overRest?.workflowId, overRest?.workflowType], ['acme:name', 'acme:name']);
    // Subscribe and history prefix the tenant unless it is there: "acme:support" misses what was sent to it.
    await jane.connection.invoke('GetThreadHistory', 'acme:support', JANE, 1, 50);
    await jane.connection.invoke('GetThreadHistory', 'A:B', JANE, 1, 50);
    assert.deepEqual(
      jane.of<unknown[]>('ThreadHistory').map(({ length }) => length),
      [0, 4],
    );
    assert.equal((await call(server, 'send', chat('x', 'globex:A:B'))).status, 500);
  });
});

describe('Negotiation', () => {
  const negotiate = async (url: string, path: string, parameters: Record<string, string>) =>
    (await (
      await fetch(`${url}${path}/negotiate?${query({ tenantId: 'acme', apikey: KEY, ...parameters })}`, {
        method: 'POST',
      })
    ).json()) as Record<string, unknown>;

  it('offers three transports, and a token in version 1 only', async (t) => {
    const server = await serve(t);
    const one = await negotiate(server.url, '/ws/chat', { negotiateVersion: '1' });
    assert.deepEqual(Object.keys(one), [
      'negotiateVersion',
      'connectionId',
      'connectionToken',
      'availableTransports',
    ]);
    assert.deepEqual(one['availableTransports'], [
      { transport: 'WebSockets', transferFormats: ['Text', 'Binary'] },
      { transport: 'ServerSentEvents', transferFormats: ['Text'] },
      { transport: 'LongPolling', transferFormats: ['Text', 'Binary'] },
    ]);
    const zero = await negotiate(server.url, '/ws/chat', {});
    assert.deepEqual(Object.keys(zero), ['negotiateVersion', 'connectionId', 'availableTransports']);
    assert.equal(zero['negotiateVersion'], 0);
  });

  it('gives a token that opens one connection of its own hub', async (t) => {
    const server = await serve(t);
    const open = (id: unknown, path = '/ws/chat') =>
      client(server, { path, parameters: { tenantId: 'acme', apikey: KEY, id: String(id) } }).connection;
    const { connectionToken } = await negotiate(server.url, '/ws/chat', { negotiateVersion: '1' });
    await assert.rejects(open(connectionToken, '/ws/tenant/chat').start());
    const first = open(connectionToken);
    await first.start();
    t.after(() => first.stop());
    await assert.rejects(open(connectionToken).start());
    await assert.rejects(open('unknown').start());
    const { connectionId } = await negotiate(server.url, '/ws/chat', {});
    const second = open(connectionId);
    await second.start();
    t.after(() => second.stop());
    const statuses = server
      .report()
      .received.flatMap(({ method, status }) => (method === 'CONNECT' ? [status] : []));
    assert.deepEqual(statuses, [404, 101, 404, 404, 101]);
  });
});

describe('Console hub', () => {
  const path = '/ws/tenant/chat';

  it('receives every participant of a workflow, without legacy twins', async (t) => {
    const server = await serve(t);
    const console = await connected(t, server, { path });
    await console.connection.invoke('SubscribeToAgent', ECHO, 'acme');
    for (const participantId of [JANE, 'bob'])
      await call(server, 'send', { ...chat('x', ECHO), participantId });
    await console.have('ReceiveChat', 2);
    assert.deepEqual(console.of('ReceiveMessage'), []);
    await console.connection.invoke('UnsubscribeFromAgent', ECHO, 'acme');
    await console.connection.invoke('GetThreadHistory', ECHO, JANE, 1, 50);
    await console.connection.invoke('GetThreadHistory', ECHO, JANE.toUpperCase(), 1, 50);
    assert.deepEqual(
      console.of<unknown[]>('ThreadHistory').map(({ length }) => length),
      [2, 0],
    );
  });

  it('loses the fourth segment of workflow, keeps it in workflowId, and words failures its own way', async (t) => {
    const server = await serve(t);
    const console = await connected(t, server, { path });
    const sendAs = (workflow: object) =>
      console.connection.invoke('SendInboundMessage', { participantId: JANE, ...workflow }, 'Chat');
    await sendAs({ workflow: 'acme:A:B:Mine' });
    await sendAs({ workflowId: 'acme:A:B:Mine' });
    await sendAs({ workflow: 'globex:A:B' });
    assert.deepEqual(
      server.report().stored.map(({ workflowId }) => workflowId),
      ['acme:A:B', 'acme:A:B:Mine'],
    );
    assert.match(console.of<string>('Error')[0] ?? '', /^Failed to process message: /);
  });

  it('has no delete and no scoped history, and is closed to JWTs', async (t) => {
    const server = await serve(t);
    const { connection } = await connected(t, server, { path });
    await assert.rejects(connection.invoke('DeleteThread', ECHO, JANE), /Unknown hub method 'DeleteThread'/);
    for (const skipNegotiation of [true, false]) {
      const options = { path, parameters: { tenantId: 'acme' }, token: mintToken(JANE), skipNegotiation };
      await assert.rejects(client(server, options).connection.start());
    }
    const { received } = server.report();
    assert.deepEqual(
      received.slice(-2).map(({ status }) => status),
      [401, 401],
    );
  });
});
