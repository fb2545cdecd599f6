import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import type { Environment } from '../../src/client/environment.ts';
import type { ConnectionState, HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { TabWorld } from '../support/tabs.ts';
import { waitFor } from '../support/wait.ts';
import { clientOf, ECHO, isLive, shows, testEnvironment, type TestEnvironment, texts } from './support.ts';

const JANE = 'jane@example.com';
const OTHER = 'Support Agent:Chat Flow';

/** A page whose every timer, listener, lock, channel and request is counted. */
function countedPage(speed = 20) {
  const base = testEnvironment(speed);
  const tab = new TabWorld().open();
  const listeners = new Set<() => void>();
  let requests = 0;
  const own: Partial<Environment> = {
    indexedDB: new IDBFactory(),
    locks: tab.locks,
    BroadcastChannel: tab.BroadcastChannel,
    onLifecycle: (listener) => {
      const undo = base.onLifecycle(listener);
      listeners.add(undo);
      return () => {
        undo();
        listeners.delete(undo);
      };
    },
    fetch: (input, init) => {
      requests++;
      return globalThis.fetch(input, init).finally(() => requests--);
    },
  };
  const environment = Object.create(base, Object.getOwnPropertyDescriptors(own)) as TestEnvironment;
  const held = () => ({
    timers: base.pendingTimers,
    listeners: listeners.size,
    locksAndChannels: tab.uses,
    requests,
  });
  return { environment, held };
}

const NOTHING = { timers: 0, listeners: 0, locksAndChannels: 0, requests: 0 };

describe('pitfalls of the sample connection, in the client', () => {
  let server: TestServer;
  const clients: HybridClient[] = [];
  const open = (options: Partial<HybridClientOptions> = {}) => {
    const client = clientOf(server, { environment: testEnvironment(20), ...options });
    clients.push(client);
    return client;
  };
  const publish = (workflow: string, text: string) =>
    server.control({ fault: 'publish', workflow, participantId: JANE, text });
  const upgrades = async () =>
    (await server.report()).received.filter(({ method }) => method === 'CONNECT').length;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 5 });
  });
  afterEach(async () => {
    await Promise.allSettled(clients.splice(0).map((client) => client.dispose()));
    await server.stop();
  });

  /** How a client gets into each of its states. */
  const ways: Record<
    Exclude<ConnectionState, 'closed'>,
    (client: HybridClient, page: TestEnvironment) => unknown
  > = {
    idle: () => undefined,
    connecting: async (client) => {
      await server.control({ fault: 'hang', what: ['upgrade'] });
      client.conversation(ECHO).open();
    },
    syncing: async (client) => {
      await server.control({ fault: 'latency', ms: 300 });
      client.conversation(ECHO).open();
    },
    live: (client) => client.conversation(ECHO).open(),
    degraded: async (client) => {
      await server.control({ fault: 'block-websockets', on: true });
      client.conversation(ECHO).open();
    },
    waiting: async (client) => {
      await server.control({ fault: 'down' });
      client.conversation(ECHO).open();
    },
    offline: async (client, page) => {
      await server.control({ fault: 'down' });
      page.online = false;
      client.conversation(ECHO).open();
    },
    unauthorized: async (client) => {
      await server.control({ fault: 'refuse', what: ['negotiate', 'upgrade', 'sse', 'rest'] });
      client.conversation(ECHO).open();
    },
    suspended: async (client, page) => {
      client.conversation(ECHO).open();
      await isLive(client);
      page.play('frozen');
    },
  };

  for (const [state, way] of Object.entries(ways)) {
    it(`W1: disconnect() while ${state} leaves nothing that could connect again`, async () => {
      const { environment } = countedPage(state === 'connecting' ? 1 : 20);
      const client = open({ environment });
      await way(client, environment);
      await waitFor(() => client.state === state, `${state}, it is ${client.state}`);
      await client.disconnect();
      await server.control({ fault: 'reset' });
      environment.online = true;
      const before = await upgrades();
      assert.equal(client.state, 'idle');
      for (const event of ['online', 'visible', 'resumed', 'hidden'] as const) environment.play(event);
      // A clock that runs 20 times faster: 10 s of it.
      await new Promise<void>((resolve) => void testEnvironment(20).setTimer(resolve, 10_000));
      assert.deepEqual([client.state, await upgrades()], ['idle', before]);
      await waitFor(async () => (await server.report()).connections.hub === 0, 'no socket');
    });

    it(`leaves no timer, listener, lock, channel, request or socket when disposed of while ${state}`, async () => {
      const { environment, held } = countedPage(state === 'connecting' ? 1 : 20);
      const client = open({ environment });
      await way(client, environment);
      await waitFor(() => client.state === state, `${state}, it is ${client.state}`);
      await client.dispose();
      assert.equal(client.state, 'closed');
      await waitFor(() => held().requests === 0 && held().locksAndChannels === 0, 'the last ends');
      assert.deepEqual(held(), NOTHING);
      const none = async () => {
        const { hub, sse } = (await server.report()).connections;
        return hub + sse === 0;
      };
      await waitFor(none, 'no connection');
      for (const event of ['online', 'visible', 'resumed'] as const) environment.play(event);
      assert.deepEqual([client.state, held()], ['closed', NOTHING]);
    });
  }

  it('leaves nothing when disposed of with messages that wait and a token on its way', async () => {
    const { environment, held } = countedPage();
    const client = open({ environment, getToken: () => new Promise<string>(() => undefined) });
    const conversation = client.conversation(ECHO);
    conversation.open();
    conversation.setDraft('Unfinished');
    await conversation.send('Waiting');
    await client.dispose();
    await waitFor(() => held().locksAndChannels === 0, `the last ends: ${JSON.stringify(held())}`, 3_000);
    assert.deepEqual(held(), NOTHING);
  });

  it('leaves nothing when disposed of just before it becomes the tab that sends', async () => {
    // How many steps before is a matter of the code: every one in reach is tried.
    for (let steps = 0; steps < 25; steps++) {
      const { environment, held } = countedPage();
      const { locks } = environment;
      let isAsked = false;
      let grant = () => {};
      const granted = new Promise<void>((resolve) => (grant = resolve));
      const request = async (...given: Parameters<LockManager['request']>) => {
        isAsked = true;
        await granted;
        return locks!.request(...given);
      };
      const client = open({ environment: Object.create(environment, { locks: { value: { request } } }) });
      client.conversation(ECHO).open();
      await waitFor(() => isAsked, 'it wants the lock');
      const disposed = client.dispose();
      for (let step = 0; step < steps; step++) await Promise.resolve();
      grant();
      await disposed;
      const isOver = () => Object.values(held()).every((count) => count === 0);
      await waitFor(isOver, `nothing is left, ${steps} steps before`, 3_000);
    }
  });

  it('W2: every open conversation hears on after every reconnect', async () => {
    const client = open();
    const conversations = [ECHO, OTHER].map((workflow) => [workflow, client.conversation(workflow)] as const);
    for (const [, conversation] of conversations) conversation.open();
    await isLive(client);
    for (let round = 1; round <= 3; round++) {
      await server.control({ fault: 'drop-sockets' });
      await waitFor(() => client.state !== 'live', 'noticed');
      await isLive(client);
      for (const [workflow, conversation] of conversations) {
        await publish(workflow, `Round ${round}`);
        await shows(conversation, `Round ${round}`);
      }
    }
  });

  it('W3: a server that lets everybody in and throws them out is not hit at the base rate for ever', async () => {
    await server.control({ fault: 'short-lives', ms: 100 });
    const client = open({ environment: testEnvironment(50) });
    const waits: number[] = [];
    client.on('state', ({ status }) => {
      if (status.state === 'waiting') waits.push(Math.round((status.until ?? 0) - status.since));
    });
    client.conversation(ECHO).open();
    await waitFor(() => waits.length >= 6, 'six losses', 30_000);
    assert.ok(client.status.attempt >= 5, `attempt ${client.status.attempt}: none of them lasted`);
    assert.ok(Math.min(...waits.slice(3)) > 2_000, waits.join());
    assert.ok(Math.max(...waits.slice(3)) > 8_000, waits.join());
  });

  it('W4: an attempt at a server that never answers ends, and the client goes on another way', async () => {
    await server.control({ fault: 'block-websockets', on: true, how: 'hang' });
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await conversation.send('Anybody?');
    await waitFor(() => client.status.channel === 'sse', 'SSE');
    await shows(conversation, 'Echo: Anybody?');
  });

  it('W5: what is opened before there is a connection is heard once there is one', async () => {
    await server.control({ fault: 'down' });
    const client = open();
    const early = client.conversation(ECHO);
    early.open();
    await waitFor(() => client.state === 'waiting', 'waiting');
    const later = client.conversation(OTHER);
    later.open();
    await server.control({ fault: 'up' });
    client.retryNow();
    await isLive(client);
    await publish(ECHO, 'For the early one');
    await publish(OTHER, 'For the later one');
    await shows(early, 'For the early one');
    await shows(later, 'For the later one');
  });

  it('W7: what fails without a caller is told by the error event, in our words', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'close-hub', error: 'Stack trace at Secret.Class' });
    await waitFor(() => (client as unknown as { errors: Error[] }).errors.length > 0, 'an error');
    const told = (client as unknown as { errors: Error[] }).errors.map(({ message }) => message).join();
    assert.doesNotMatch(told, /Secret/);
    await isLive(client);
  });

  it('W8: what nobody can read is told, survived, and costs no message', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    for (const kind of ['hub-garbage', 'hub-incomplete', 'hub-wrong-shape']) {
      await server.control({ fault: 'malformed', kind });
      await publish(ECHO, `After ${kind}`);
      await shows(conversation, `After ${kind}`);
    }
    assert.ok(clients.length > 0 && (client as unknown as { errors: unknown[] }).errors.length >= 3);
    assert.equal(texts(conversation).length, 3);
  });

  it('W9: holds one socket, however often it is asked to connect', async () => {
    const client = open();
    for (let call = 0; call < 50; call++) {
      client.connect();
      client.retryNow();
      client.conversation(ECHO).open();
    }
    await isLive(client);
    assert.deepEqual([(await server.report()).connections.hub, await upgrades()], [1, 1]);
  });

  it('W10: comes back with a new token when the old one has ended meanwhile', async () => {
    const client = open({ tokenUrl: `${server.url}/demo/token?participant=${JANE}` });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    for (let round = 1; round <= 3; round++) {
      await server.control({ fault: 'expire-tokens' });
      await server.control({ fault: 'drop-sockets' });
      await waitFor(() => client.state !== 'live', 'noticed');
      await conversation.send(`Round ${round}`);
      await shows(conversation, `Echo: Round ${round}`);
      await isLive(client);
    }
    const { received } = await server.report();
    assert.equal(received.filter(({ transport }) => transport === 'token').length, 4);
  });

  it('W11: never gives up while it is wanted', async () => {
    await server.control({ fault: 'down' });
    const client = open({ environment: testEnvironment(2_000) });
    client.conversation(ECHO).open();
    await waitFor(() => client.status.attempt >= 20, 'twenty attempts', 30_000);
    await server.control({ fault: 'up' });
    await isLive(client);
  });

  it('W12: notices a server that has gone silent, and goes on when it speaks again', async () => {
    const environment = testEnvironment(10);
    const client = open({ environment });
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'stall-hub', on: true });
    await conversation.send('Are you there?'); // the answer that does not come is what gives it away
    await waitFor(() => client.state !== 'live', 'noticed');
    await server.control({ fault: 'stall-hub', on: false });
    await shows(conversation, 'Echo: Are you there?');
    const { stored } = await server.report();
    assert.equal(stored.filter(({ text }) => text === 'Are you there?').length, 1);
  });

  it('W13: gives every message an id of its own, which it keeps over every attempt', async () => {
    const client = open();
    const conversation = client.conversation(ECHO);
    conversation.open();
    await isLive(client);
    await server.control({ fault: 'drop-before-store', count: 1 });
    const sent = await Promise.all(Array.from({ length: 10 }, () => conversation.send('The same words')));
    assert.equal(new Set(sent.map(({ requestId }) => requestId)).size, 10);
    await waitFor(
      async () =>
        (await server.report()).stored.filter(({ direction }) => direction === 'Incoming').length === 10,
      'all ten',
    );
    const { stored } = await server.report();
    const ids = stored.flatMap(({ direction, requestId }) => (direction === 'Incoming' ? [requestId] : []));
    assert.deepEqual(new Set(ids), new Set(sent.map(({ requestId }) => requestId)));
  });
});
