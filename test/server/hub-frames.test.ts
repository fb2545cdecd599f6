import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { withDefaults } from '../../demo/server/options.ts';
import { waitFor } from '../support/wait.ts';
import { ECHO, JANE, KEY, query, serve, SILENT } from './fixture.ts';
import { END, HANDSHAKE, invocation, rawSocket } from './socket.ts';

const CLOSED_WITH_ERROR = { type: 7, error: 'Connection closed with an error.', allowReconnect: true };

describe('Hub handshake', () => {
  it('is answered with an empty object', async (t) => {
    const { messages } = await rawSocket(t, await serve(t));
    assert.deepEqual(messages, [`{}${END}`]);
  });

  it('refuses other protocols and versions, then closes', async (t) => {
    const server = await serve(t);
    const cases = {
      [`{"protocol":"messagepack","version":1}${END}`]: "The protocol 'messagepack' is not supported.",
      [`{"protocol":"json","version":2}${END}`]:
        "The server does not support version 2 of the 'json' protocol.",
    };
    for (const [handshake, error] of Object.entries(cases)) {
      const { records, closed } = await rawSocket(t, server, { handshake });
      await closed;
      assert.deepEqual(records(), [{ error }]);
    }
  });

  it('must come in time', async (t) => {
    const server = await serve(t, { hubHandshakeTimeoutMs: 30 });
    const { closed, messages } = await rawSocket(t, server, { handshake: '' });
    await closed;
    assert.deepEqual(messages, []);
  });

  it('selects no subprotocol and does not look at the origin', async (t) => {
    const server = await serve(t);
    const url = `${server.url.replace('http', 'ws')}/ws/chat?${query({ apikey: KEY })}`;
    const socket = new WebSocket(url, { headers: { Origin: 'https://shop.example.com' } });
    t.after(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    assert.equal(socket.protocol, '');
    assert.equal(server.report().received[0]?.pageOrigin, 'https://shop.example.com');
  });
});

describe('Hub framing', () => {
  it('takes several records from one socket message, and one record from several', async (t) => {
    const server = await serve(t);
    const raw = await rawSocket(t, server, { handshake: '' });
    const subscribe = invocation('1', 'SubscribeToAgent', ECHO, JANE, 'acme');
    raw.send(HANDSHAKE + `{"type":6}${END}` + invocation('0', 'GetThreadHistory', ECHO, JANE, 1, 50));
    for (const part of [subscribe.slice(0, 10), subscribe.slice(10, 40), subscribe.slice(40)]) raw.send(part);
    await raw.record({ type: 3, invocationId: '1' });
    assert.deepEqual(
      raw.records().map(({ type, invocationId, target }) => [type, target ?? invocationId]),
      [
        [undefined, undefined],
        [1, 'ThreadHistory'],
        [3, '0'],
        [3, '1'],
      ],
    );
  });

  it('ends every socket message with the separator, and puts the twins into one', async (t) => {
    const server = await serve(t);
    const raw = await rawSocket(t, server);
    raw.invoke('0', 'SubscribeToAgent', ECHO, JANE, 'acme');
    await raw.record({ invocationId: '0' });
    await server.control({ fault: 'publish', workflow: ECHO, participantId: JANE, text: 'é 漢 <b>' });
    await raw.record({ target: 'ReceiveChat' });
    assert.ok(raw.messages.every((message) => message.endsWith(END)));
    const twins = raw.messages.find((message) => message.includes('ReceiveChat'));
    assert.match(twins ?? '', /^\{"type":1,"target":"ReceiveMessage".*\x1e\{"type":1,"target":"ReceiveChat"/);
    assert.ok(twins?.includes('é 漢 <b>') && !twins.includes('invocationId'));
  });

  it('completes with a null result or an error, never both, and not at all without an id', async (t) => {
    const server = await serve(t);
    const raw = await rawSocket(t, server);
    raw.invoke(undefined, 'Nothing');
    raw.invoke('0', 'Nothing');
    raw.invoke('1', 'SubscribeToAgent', ECHO, JANE, 'acme');
    await raw.record({ invocationId: '1' });
    assert.deepEqual(raw.records().slice(1), [
      { type: 3, invocationId: '0', error: "Unknown hub method 'Nothing'" },
      { type: 3, invocationId: '1', result: null },
    ]);
  });

  it('runs invocations one after another, answers before each completion', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'delay-processed', ms: 40 });
    const raw = await rawSocket(t, server);
    raw.invoke('0', 'SendInboundMessage', { workflow: SILENT, participantId: JANE, text: 'x' }, 'Chat');
    raw.invoke('1', 'GetThreadHistory', SILENT, JANE, 1, 50);
    raw.invoke('2', 'DeleteThread', SILENT, JANE);
    await raw.record({ invocationId: '2' });
    assert.deepEqual(
      raw
        .records()
        .slice(1)
        .map(({ target, invocationId }) => target ?? invocationId),
      ['InboundProcessed', '0', 'ThreadHistory', '1', 'ThreadDeleted', '2'],
    );
  });

  it('ignores pings, streams and stateful reconnect', async (t) => {
    const raw = await rawSocket(t, await serve(t));
    for (const type of [2, 4, 5, 6, 8, 9]) raw.send(`{"type":${type}}${END}`);
    raw.invoke('0', 'SubscribeToAgent', ECHO, JANE, 'acme');
    await raw.record({ invocationId: '0' });
    assert.equal(raw.records().length, 2);
  });

  it("closes with 1000 on the client's Close", async (t) => {
    const raw = await rawSocket(t, await serve(t));
    raw.send(`{"type":7}${END}`);
    assert.equal(await raw.closed, 1_000);
    assert.equal(raw.records().length, 1);
  });

  for (const [name, text] of Object.entries({
    'a record that is not JSON': `nonsense${END}`,
    'a record that is no object': `[]${END}`,
    'an invocation without arguments': `{"type":1,"target":"SubscribeToAgent"}${END}`,
  })) {
    it(`closes with an error on ${name}`, async (t) => {
      const raw = await rawSocket(t, await serve(t));
      raw.send(text);
      await raw.closed;
      assert.deepEqual(raw.records()[1], CLOSED_WITH_ERROR);
    });
  }

  it('takes a record of 32,768 bytes with its separator, and closes on one byte more, whole or not', async (t) => {
    const server = await serve(t);
    const record = (bytes: number) => {
      const make = (text: string) =>
        invocation('0', 'SendInboundMessage', { workflow: SILENT, participantId: JANE, text }, 'Chat');
      const rest = bytes - Buffer.byteLength(make('é'));
      return make('é' + 'a'.repeat(rest));
    };
    assert.equal(Buffer.byteLength(record(32_768)), 32_768);
    const fits = await rawSocket(t, server);
    fits.send(record(32_768));
    await fits.record({ invocationId: '0' });
    const over = await rawSocket(t, server);
    over.send(record(32_769));
    await over.closed;
    assert.deepEqual(over.records()[1], CLOSED_WITH_ERROR);
    const endless = await rawSocket(t, server);
    endless.send('a'.repeat(20_000));
    endless.send('a'.repeat(12_769));
    await endless.closed;
    assert.deepEqual(endless.records()[1], CLOSED_WITH_ERROR);
    assert.equal(server.report().stored.length, 1);
  });
});

describe('Hub timers', () => {
  it('ping after silence only', async (t) => {
    const server = await serve(t, { hubPingMs: 40 });
    const raw = await rawSocket(t, server);
    await raw.record({ type: 6 });
    await waitFor(() => raw.records().filter(({ type }) => type === 6).length >= 3, 'three pings');
  });

  it('close with allowReconnect when the client is silent too long; any record counts as life', async (t) => {
    const server = await serve(t, { hubClientTimeoutMs: 500 });
    const quiet = await rawSocket(t, server);
    const lively = await rawSocket(t, server);
    const beat = setInterval(() => lively.send(`{"type":6}${END}`), 20);
    t.after(() => clearInterval(beat));
    await quiet.closed;
    assert.deepEqual(quiet.records()[1], { type: 7, allowReconnect: true });
    lively.invoke('0', 'SubscribeToAgent', ECHO, JANE, 'acme');
    await lively.record({ invocationId: '0' });
  });

  it('are 15 and 30 seconds by default', () => {
    const { hubPingMs, hubClientTimeoutMs, hubHandshakeTimeoutMs } = withDefaults({});
    assert.deepEqual([hubPingMs, hubClientTimeoutMs, hubHandshakeTimeoutMs], [15_000, 30_000, 15_000]);
  });
});
