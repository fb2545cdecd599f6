import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startServer } from '../support/node-server.ts';
import { waitFor } from '../support/wait.ts';

/** One end of a connection and what it has heard. */
class End {
  text = '';
  ended = false;
  error: string | undefined;
  closed = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => (this.text += bytes.toString()));
    socket.on('end', () => (this.ended = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code));
    socket.on('close', () => (this.closed = true));
  }

  hears(text: string): Promise<unknown> {
    return waitFor(() => this.text === text, `"${text}", not "${this.text}"`);
  }
}

describe('the fault proxy', () => {
  let server: Server;
  /** The server's ends, in the order in which they were accepted. */
  let accepted: End[];
  let clients: End[];
  let proxy: FaultProxy;

  beforeEach(async () => {
    accepted = [];
    clients = [];
    server = createServer((socket) => accepted.push(new End(socket)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await FaultProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    for (const { socket } of [...clients, ...accepted]) socket.destroy();
    proxy.stop();
    server.close();
  });

  /** Both ends of a new connection. */
  async function open(): Promise<[client: End, server: End]> {
    const before = accepted.length;
    const client = new End(connect(Number(new URL(proxy.url).port), '127.0.0.1'));
    clients.push(client);
    const end = await waitFor(() => accepted[before], 'the server accepts');
    return [client, end];
  }

  it('carries both directions and passes the end on', async () => {
    const [client, end] = await open();
    client.socket.write('question');
    await end.hears('question');
    end.socket.write('answer');
    await client.hears('answer');
    client.socket.end('bye');
    await end.hears('questionbye');
    await waitFor(() => client.closed && end.closed, 'both are closed');
    assert.equal(client.error ?? end.error, undefined);
  });

  it('counts what is open, was open at once, and ever was', async () => {
    const [first] = await open();
    await open();
    first.socket.end();
    await waitFor(() => proxy.sockets.open === 1, 'one is left');
    await open();
    assert.deepEqual(proxy.sockets, { open: 2, most: 2, ever: 3 });
    assert.deepEqual(proxy.webSockets, { open: 0, most: 0, ever: 0 });
  });

  it('adds latency to one direction, in order', async () => {
    const [client, end] = await open();
    proxy.latency(60, 'up');
    const startedAt = performance.now();
    client.socket.write('slow ');
    client.socket.write('lane');
    end.socket.write('fast');
    await client.hears('fast');
    assert.equal(end.text, '');
    await end.hears('slow lane');
    // Timers may fire a millisecond early.
    assert.ok(performance.now() - startedAt >= 58);
  });

  it('accepts and forwards nothing while it stalls, and everything afterwards', async () => {
    proxy.stall('up');
    const [client, end] = await open();
    client.socket.write('held ');
    client.socket.end('back');
    end.socket.write('passes');
    await client.hears('passes');
    assert.equal(end.text, '');
    assert.equal(end.ended, false);
    await proxy.heal();
    await end.hears('held back');
    await waitFor(() => end.ended, 'the end arrives too');
  });

  it('resets both ends', async () => {
    const [client, end] = await open();
    assert.equal(proxy.reset(), 1);
    await waitFor(() => client.closed && end.closed, 'both are closed');
    assert.equal(client.error, 'ECONNRESET');
    assert.equal(end.error, 'ECONNRESET');
    assert.equal(proxy.sockets.open, 0);
  });

  for (const direction of ['up', 'down'] as const) {
    it(`cuts every connection after so many bytes ${direction}, and those arrive`, async () => {
      proxy.cutAfter(7, direction);
      for (let round = 0; round < 2; round++) {
        const [client, end] = await open();
        const [from, to] = direction === 'up' ? [client, end] : [end, client];
        from.socket.write('1234');
        await to.hears('1234');
        from.socket.write('567890');
        await waitFor(() => client.closed && end.closed, 'both are closed');
        // Node reports a reset that comes with the last bytes as an end.
        assert.equal(from.error, 'ECONNRESET');
        assert.equal(to.text, '1234567');
      }
      await proxy.heal();
      const [client, end] = await open();
      client.socket.write('12345678');
      await end.hears('12345678');
    });
  }

  it('refuses, leaves open connections alone, and accepts again at the same address', async () => {
    const [client, end] = await open();
    const { url } = proxy;
    proxy.refuse();
    const refused = new End(connect(Number(new URL(url).port), '127.0.0.1'));
    await waitFor(() => refused.error === 'ECONNREFUSED', 'a refusal');
    client.socket.write('still here');
    await end.hears('still here');
    await proxy.accept();
    assert.equal(proxy.url, url);
    await open();
  });

  for (const survivor of ['client', 'server'] as const) {
    it(`leaves the ${survivor} with half a connection`, async () => {
      const [client, end] = await open();
      proxy.halfOpen(survivor);
      const [alive, dead] = survivor === 'client' ? [client, end] : [end, client];
      await waitFor(() => dead.closed, 'the other end is gone');
      alive.socket.write('Is anybody there?');
      const [other, otherEnd] = await open();
      other.socket.write('new');
      await otherEnd.hears('new');
      assert.equal(dead.text, '');
      assert.equal(alive.closed || alive.ended, false);
    });
  }

  it('resets clients when there is no server', async () => {
    server.close();
    const client = new End(connect(Number(new URL(proxy.url).port), '127.0.0.1'));
    await waitFor(() => client.closed, 'the client is closed');
    assert.equal(client.error, 'ECONNRESET');
  });
});

describe('the fault proxy in front of a development server', () => {
  it('tells hub sockets from requests', async () => {
    const server = await startServer();
    const proxy = await FaultProxy.start(server.url);
    const seen: number[] = [];
    proxy.onWebSockets = ({ open }) => void seen.push(open);
    try {
      assert.equal((await fetch(`${proxy.url}/health`)).status, 200);
      assert.equal(proxy.webSockets.ever, 0);
      const { WebSocket } = await import('ws');
      const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/ws/chat?apikey=sk-Xnai-dev`);
      await once(socket, 'open');
      assert.deepEqual(proxy.webSockets, { open: 1, most: 1, ever: 1 });
      await waitFor(async () => (await server.report()).connections.hub === 1, 'the hub has one');
      socket.close();
      await waitFor(() => proxy.webSockets.open === 0, 'it is gone');
      assert.deepEqual(seen, [1, 0]);
    } finally {
      proxy.stop();
      await server.stop();
    }
  });

  it('spoils the one kind and leaves the other alone', async () => {
    const server = await startServer();
    const proxy = await FaultProxy.start(server.url);
    try {
      const { WebSocket } = await import('ws');
      const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/ws/chat?apikey=sk-Xnai-dev`);
      await once(socket, 'open');
      await fetch(`${proxy.url}/health`).then((answer) => answer.text()); // kept alive by the client
      assert.equal(proxy.reset('others'), 1);
      assert.equal(proxy.halfOpen('client', 'web-sockets'), 1);
      await waitFor(async () => (await server.report()).connections.hub === 0, 'the server has lost it');
      assert.equal(socket.readyState, socket.OPEN);
      assert.equal((await fetch(`${proxy.url}/health`)).status, 200);
      socket.terminate();
    } finally {
      proxy.stop();
      await server.stop();
    }
  });
});
